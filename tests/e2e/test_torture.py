"""Short runs of the randomised crash test; ``make torture`` is the long one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rpc.gateways import SIZE, build, copy_of
from tests.torture.database import Database, own_database
from tests.torture.run import SHORT, SHORT_OF_TWO, Extent, Run


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A PostgreSQL that only this test breaks, with the stores of its data directory."""
    try:
        with own_database() as database:
            build(tmp_path / "data", SIZE, database.url)
            yield database
    except LookupError as reason:
        pytest.skip(str(reason))


async def test_whatever_is_killed_nothing_is_lost(built: Path, tmp_path: Path) -> None:
    """Kills, cuts and pauses at random moments: afterwards register, log and clients agree."""
    copy_of(built, tmp_path / "data")
    await survive(tmp_path, SHORT, "--short")


async def test_whichever_of_two_gateways_is_killed_nothing_is_lost(
    database: Database, tmp_path: Path
) -> None:
    """The same with two on one PostgreSQL, which is broken, too; clients move to the other one."""
    await survive(tmp_path, SHORT_OF_TWO, "--short --postgres", database)


async def survive(
    folder: Path, extent: Extent, options: str, database: Database | None = None
) -> None:
    """Run the crash test with any seed."""
    seed = secrets.randbelow(10**6)
    outcome = await Run(folder, seed, extent, database=database).run()
    again = f"python -m tests.torture {options} --seed {seed}"
    assert outcome.findings == [], again
    assert outcome.figures["events"], again
    assert outcome.figures["answers to chunks"] >= outcome.figures["chunks"] > 0, again
    starts = sum(outcome.figures[f"starts of {name}"] for name in extent.server_names())
    assert starts > extent.servers, again
