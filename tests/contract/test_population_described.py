"""``dancu population info`` and ``export``: the same of a file and of a database."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest

from mock_population_db.events import Renumbering
from mock_population_db.generate.export import sample
from mock_population_db.generate.info import describe
from mock_population_db.personas import personas_for, rows_of
from mock_population_db.store.errors import PopulationError
from mock_population_db.store.places import Place
from tests.support.happening import submission
from tests.support.population_stores import ENGINES, opened, query
from tests.support.postgres import Cluster

AS_OF = date(2026, 1, 1)


@pytest.fixture
def both(postgres_url: str, tmp_path: Path) -> tuple[Path, str]:
    """One population in a file and in a database, to which the same happened."""
    path, extra = tmp_path / "population.db", rows_of(personas_for(AS_OF).personas)
    for name, place in (("sqlite", path), ("postgres", postgres_url)):
        ENGINES[name].build(place, size=3_000, seed=4, as_of=AS_OF, extra_rows=extra)
        asyncio.run(_renumber(place))
    return path, postgres_url


async def _renumber(place: Place) -> None:
    ((number,),) = query(place, "SELECT min(id) FROM citizen WHERE extra IS NULL AND vital = 1")
    async with opened(place) as register:
        await register.apply(submission(Renumbering(f"{number:012d}", "SEX_CORRECTED"), "re-1"))


def test_both_hold_the_same_shares(both: tuple[Path, str]) -> None:
    """Every table and line; and of themselves they say the same."""
    of_file, of_database = (describe(place) for place in both)
    assert of_database == of_file
    assert {row.label for table in of_file.tables for row in table.rows if row.built} >= {
        "0-4 female",
        "4",
        "of all citizens",
        "north Nguyễn",
        "number cancelled and set up again",
    }


@pytest.mark.parametrize(("limit", "seed"), [(7, 0), (500, 3), (10_000, 0)])
def test_both_give_the_same_sample(both: tuple[Path, str], limit: int, seed: int) -> None:
    """The same people in the same order, each once."""
    of_file, of_database = (list(sample(place, limit=limit, seed=seed)) for place in both)
    assert of_database == of_file
    assert len({row.personal_id for row in of_file}) == len(of_file) == min(limit, len(of_file))
    assert len(of_file) == limit or 2_900 < len(of_file) <= 3_000


def test_where_there_is_no_population(postgres: Cluster, tmp_path: Path) -> None:
    """Both say so, and what to do."""
    with postgres.database() as empty:
        for place in (empty, tmp_path / "none.db"):
            with pytest.raises(PopulationError, match="no population here; build one"):
                describe(place)
            with pytest.raises(PopulationError, match="no population here; build one"):
                next(sample(place, limit=1))
