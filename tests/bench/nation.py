"""A nation of citizens: what building and looking up cost, and whether size matters.

``python -m tests.bench.nation --size 10000000`` builds that many citizens and a small
population, prints what both cost, verifies the large one, and asks both for people at random.
``python -m tests.bench.nation --build SIZE FILE`` is what it starts to build one.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import quantiles
from typing import Annotated

import typer
from rich.console import Console

from mock_population_db.generate.build import build_population
from mock_population_db.generate.chunk import FIRST_HOUSEHOLD
from mock_population_db.generate.verify import verify_population
from mock_population_db.personas import personas_for, rows_of
from mock_population_db.snapshot import Keys
from mock_population_db.store.sqlite import SqlitePopulation
from tests.bench import machine, report
from tests.bench.errors import BenchError
from tests.bench.figures import Figure, Target, ratios

SMALL = 100_000
RATE = Target(must=60_000, goal=80_000, at_most=False)
BYTES = Target(must=300, goal=200)
SLOWER = Target(must=1.3, goal=1.15)
ROUNDS, ASKED = 7, 20_000  # look-ups a round
_AS_OF, _SEED = date(2026, 1, 1), 42
_LOOK_EVERY = 0.1  # seconds, at the memory of the processes


@dataclass(frozen=True, slots=True)
class Built:
    """What building one population took."""

    file: Path
    size: int
    seconds: float  # wall, of the build alone
    cpu: float  # seconds, of all its processes from their start
    memory: float  # MB, the most that all of them had resident at one time


def build(size: int, file: Path) -> Built:
    """Build in processes of their own, and watch them."""
    command = [sys.executable, "-m", "tests.bench.nation", "--build", str(size), str(file)]
    before = _children_cpu()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        memory = _most_memory(process)
        told = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise BenchError(f"building {size:,} citizens ended with {process.returncode}")
    return Built(file, size, float(json.loads(told)), _children_cpu() - before, memory)


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _most_memory(process: subprocess.Popen[str]) -> float:
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(map(_memory, _with_descendants(process.pid))))
        time.sleep(_LOOK_EVERY)
    return most


def _with_descendants(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):  # it may be over
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split():
            yield from _with_descendants(int(child))


def _memory(pid: int) -> float:
    """Its share of what is resident, in MB: pages that several have count once altogether."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _numbers(file: Path, count: int) -> list[str]:
    """Numbers of heads of households, evenly from everywhere."""
    chance = random.Random(_SEED)  # noqa: S311 - the same people in every run, not a secret
    head = "SELECT head FROM household WHERE id >= ? AND head IS NOT NULL LIMIT 1"
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        last = database.execute(
            "SELECT max(id) FROM household WHERE kind = 1 AND head IS NOT NULL"
        ).fetchone()[0]
        asked = (chance.randint(FIRST_HOUSEHOLD, last) for _ in range(count))
        return [f"{database.execute(head, (one,)).fetchone()[0]:012d}" for one in asked]


async def _look_up(population: SqlitePopulation, numbers: list[str]) -> list[float]:
    """Microseconds that each look-up took."""
    took = []
    for number in numbers:
        began = time.perf_counter_ns()
        snapshot = await population.read(Keys(numbers=(number,)))
        took.append((time.perf_counter_ns() - began) / 1000)
        if number not in snapshot.identities:
            raise BenchError(f"{number} was not found")
    return took


async def _percentiles(files: list[Path]) -> list[list[tuple[float, float]]]:
    """The 50th and 99th percentile of every round, for each file; rounds take turns."""
    found: list[list[tuple[float, float]]] = [[] for _ in files]
    numbers = [_numbers(file, ASKED) for file in files]
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(SqlitePopulation.open(file)) for file in files]
        for turn in range(-1, ROUNDS):  # the first one warms up
            for which, population in enumerate(opened):
                took = quantiles(await _look_up(population, numbers[which]), n=100)
                if turn >= 0:
                    found[which].append((took[49], took[98]))
    return found


def look_ups(small: Built, large: Built) -> list[Figure]:
    """How long it takes to find somebody by number, in a small register and in a large one."""
    found = asyncio.run(_percentiles([small.file, large.file]))
    figures = []
    for built, rounds in zip((small, large), found, strict=True):
        for name, values in zip(("p50", "p99"), zip(*rounds, strict=True), strict=True):
            figures.append(Figure(f"  look-up among {built.size:,}, {name}", "µs", values))
    (_, of_small), (_, of_large) = (tuple(zip(*rounds, strict=True)) for rounds in found)
    return [Figure("look-up p99, large / small", "×", ratios(of_large, of_small), SLOWER), *figures]


def costs(built: Built, *, judged: bool) -> list[Figure]:
    """What a build took; small ones, which use one process, are not held to the rate."""
    size = f"{built.size:,}"
    stored = built.file.stat().st_size / built.size
    rate = built.size / built.seconds
    return [
        Figure(f"build {size}: rate", "citizens/s", [rate], RATE if judged else None),
        Figure(f"build {size}: on disk", "bytes/citizen", [stored], BYTES if judged else None),
        Figure("  CPU of all processes", "ms/1000", [built.cpu / built.size * 1e6]),
        Figure("  wall time", "s", [built.seconds]),
        Figure("  most memory, all processes", "MB", [built.memory]),
    ]


def verification(built: Built) -> list[Figure]:
    """Verify a population. Raises BenchError when something is wrong with it."""
    began = time.monotonic()
    checks = verify_population(built.file, extra_rows=rows_of(personas_for(_AS_OF).personas))
    seconds = time.monotonic() - began
    if wrong := [one.what for one in checks if not one.holds]:
        raise BenchError(f"{built.file}: wrong {', '.join(wrong)}")
    return [Figure(f"  verifying {built.size:,}, {len(checks)} checks hold", "s", [seconds])]


def measure(size: int, folder: Path) -> list[Figure]:
    """Everything, with both populations in ``folder``."""
    small, large = build(SMALL, folder / "small.db"), build(size, folder / "large.db")
    figures = costs(small, judged=False) + costs(large, judged=True)
    return figures + verification(large) + look_ups(small, large)


def main(
    size: Annotated[int, typer.Option(min=SMALL, help="How many citizens.")] = 10_000_000,
    folder: Annotated[
        Path | None, typer.Option(help="For the files, 300 bytes a citizen; else a temporary one.")
    ] = None,
) -> None:
    """Build a nation, verify it, look people up, and print what falls short."""
    about = machine.description()
    with tempfile.TemporaryDirectory(prefix="dancu-nation-", dir=folder) as made:
        figures = measure(size, Path(made))
    console = Console()
    console.width = max(console.width, report.WIDTH)  # a pipe has no width, and is given 80
    report.show(console, figures, about)


def _build(size: int, file: Path) -> None:
    extra = rows_of(personas_for(_AS_OF).personas)
    built = build_population(file, size=size, seed=_SEED, as_of=_AS_OF, extra_rows=extra)
    sys.stdout.write(f"{built.seconds}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--build"]:
        _build(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        typer.run(main)
