"""Life and the rearrangement of 2025 come to the same in every kind of store."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from mock_population_db.life.account import lived
from mock_population_db.personas import personas_for, rows_of
from tests.support.population_stores import ENGINES, Place

FIRST = date(2025, 6, 29)  # two days before the rearrangement


def _clock(_: date) -> datetime:
    return datetime(2026, 3, 2, 9, tzinfo=UTC)


async def test_the_same_days_come_to_the_same_register(tmp_path: Path, postgres_url: str) -> None:
    """Built, lived for six days and rearranged: every row is the same."""
    places: list[tuple[str, Place]] = [
        ("sqlite", tmp_path / "population.db"),
        ("postgres", postgres_url),
    ]
    accounts = []
    for engine, place in places:
        rows = rows_of(personas_for(FIRST).personas)
        ENGINES[engine].build(place, size=2_000, seed=3, as_of=FIRST, extra_rows=rows, workers=0)
        accounts.append(await lived(place, 6, _clock, lambda _: None))
    sqlite, postgres = accounts
    assert sqlite.events > 0
    assert sqlite.rearranged is not None
    assert sqlite.rearranged.people > 1_500
    assert postgres.rearranged == sqlite.rearranged
    assert (postgres.events, postgres.last) == (sqlite.events, sqlite.last)
    assert postgres.digest == sqlite.digest
