"""The randomised crash test: exit 0 when all holds, 1 when something does not."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tests.rpc.gateways import SIZE, build
from tests.torture.checker import first_findings
from tests.torture.database import own_database
from tests.torture.run import SHORT, SHORT_OF_TWO, Extent, Outcome, Run
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

    tell(f"seed {asked.seed}, {_extent(asked).seconds:g} s, in {folder}")
    with ExitStack() as stack:
        database = stack.enter_context(own_database()) if asked.postgres else None
        build(folder / "data", SIZE, database.url if database else "")
        run = Run(folder, asked.seed, _extent(asked), tell, database)
        outcome = _outcome(run)
        if database and asked.keep:
            database.save(folder)
    for what, count in outcome.figures.items():
        tell(f"{count:8,} {what}")
    for finding in first_findings(outcome.findings):
        tell(f"FAILED: {finding}")
    if outcome.findings:
        again = f"python -m tests.torture --seed {asked.seed} {_options(asked)}"
        tell(f"{len(outcome.findings)} findings; everything is in {folder}; again: {again}")
        return 1
    tell(f"all holds; seed {asked.seed}")
    if asked.keep is None:
        shutil.rmtree(folder)
    return 0


def _outcome(run: Run) -> Outcome:
    try:
        return asyncio.run(run.run())
    except* ServerFailure as failures:
        outcome = Outcome([f"server: {one}" for one in failures.exceptions])
    return outcome


def _extent(asked: argparse.Namespace) -> Extent:
    servers: int = asked.gateways or (2 if asked.postgres else 1)
    short = SHORT if servers == 1 else SHORT_OF_TWO
    return replace(short if asked.short else Extent(asked.seconds), servers=servers)


def _options(asked: argparse.Namespace) -> str:
    """Those of the same run again."""
    chosen = ["--short" if asked.short else f"--seconds {asked.seconds:g}"]
    chosen += ["--postgres"] if asked.postgres else []
    chosen += [f"--gateways {asked.gateways}"] if asked.gateways else []
    return " ".join(chosen)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--seconds", type=float, default=Extent().seconds, help="of faults")
    parser.add_argument("--short", action="store_true", help="the run of `make test`")
    parser.add_argument("--postgres", action="store_true", help="in a database, which fails, too")
    parser.add_argument("--gateways", type=int, help="on the same stores; 2 with --postgres")
    parser.add_argument("--keep", type=Path, help="a new directory for everything; is kept")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
