"""Building a large population, in a process of its own.

``python -m tests.bench.building SIZE FILE`` prints seconds and the most memory (MB) that any
one of its processes had.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

from mock_population_db.generate.build import build_population
from mock_population_db.personas import personas_for, rows_of
from tests.bench import machine
from tests.bench.errors import BenchError
from tests.bench.figures import Figure, Target

MOST_SECONDS = 300
_AS_OF = date(2026, 1, 1)
_SEED = 42


def measure(size: int, file: Path) -> list[Figure]:
    """Build ``size`` citizens once."""
    command = [sys.executable, "-m", "tests.bench.building", str(size), str(file)]
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, timeout=MOST_SECONDS, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"building {size:,} citizens: {error}") from error
    told = json.loads(done.stdout)
    return [
        Figure(f"build {size:,} citizens", "s", [told["seconds"]], Target(40, 30)),
        Figure("  its largest process", "MB", [told["memory"]]),
    ]


def _build(size: int, file: Path) -> dict[str, float]:
    extra = rows_of(personas_for(_AS_OF).personas)
    result = build_population(file, size=size, seed=_SEED, as_of=_AS_OF, extra_rows=extra)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    return {"seconds": result.seconds, "memory": max(machine.peak_memory(os.getpid()), workers)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_build(int(sys.argv[1]), Path(sys.argv[2]))))
