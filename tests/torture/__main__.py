"""The randomised crash test: exit 0 when all holds, 1 when something does not."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.rpc.gateways import build
from tests.torture.checker import first_findings
from tests.torture.run import SHORT, Extent, Outcome, Run
from tests.torture.server import ServerFailure


def main() -> int:
    """Run once, and say what came of it."""
    asked = _arguments()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="dancu-torture-"))
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()

    def tell(line: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - begun:7.2f} s] {line}\n")
        sys.stdout.flush()

    extent = SHORT if asked.short else Extent(asked.seconds)
    tell(f"seed {asked.seed}, {extent.seconds:g} s, in {folder}")
    build(folder / "data")
    run = Run(folder, asked.seed, extent, tell=tell)
    try:
        outcome = asyncio.run(run.run())
    except* ServerFailure as failures:
        outcome = Outcome([f"server: {one}" for one in failures.exceptions])
    for what, count in outcome.figures.items():
        tell(f"{count:8,} {what}")
    for finding in first_findings(outcome.findings):
        tell(f"FAILED: {finding}")
    if outcome.findings:
        length = "--short" if asked.short else f"--seconds {asked.seconds:g}"
        again = f"python -m tests.torture --seed {asked.seed} {length}"
        tell(f"{len(outcome.findings)} findings; everything is in {folder}; again: {again}")
        return 1
    tell(f"all holds; seed {asked.seed}")
    if asked.keep is None:
        shutil.rmtree(folder)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--seconds", type=float, default=Extent().seconds, help="of faults")
    parser.add_argument("--short", action="store_true", help="the run of `make test`")
    parser.add_argument("--keep", type=Path, help="a new directory for everything; is kept")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
