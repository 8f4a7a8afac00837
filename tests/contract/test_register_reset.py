"""A register that is brought back: byte for byte what was built, but for what must not go back."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mock_population_db.changes import ChangeCause, ChangeQuery, Compacted
from mock_population_db.events import Annulment, EventRefused, Renumbering, Submission, What
from mock_population_db.generate.again import build_again
from mock_population_db.generate.build import build_population
from mock_population_db.personas import personas_for, rows_of
from mock_population_db.snapshot import Keys
from mock_population_db.store.errors import PopulationError
from mock_population_db.store.resetting import reset
from mock_population_db.store.rows import Rows, joined, rows_from_json, rows_to_json
from tests.support.happening import numbers_in, rename, submission
from tests.support.population_stores import ENGINES, Place, opened, query
from tests.support.postgres import Cluster

AS_OF = date(2026, 1, 1)
TABLES = ("citizen", "household", "stay", "number_step")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register that no test changes."""
    path = tmp_path_factory.mktemp("built") / "population.db"
    extra = rows_of(personas_for(AS_OF).personas)
    build_population(path, size=500, seed=3, as_of=AS_OF, extra_rows=extra)
    return path


@pytest.fixture
def path(built: Path, tmp_path: Path) -> Path:
    """One of the test's own."""
    copy = tmp_path / "population.db"
    copy.write_bytes(built.read_bytes())
    return copy


@pytest.fixture(scope="module")
def built_url(postgres: Cluster) -> str:
    """The same in a database that nobody changes."""
    url = postgres.create_database()
    extra = rows_of(personas_for(AS_OF).personas)
    ENGINES["postgres"].build(url, size=500, seed=3, as_of=AS_OF, extra_rows=extra)
    return url


@pytest.fixture
def place(register_engine: str, request: pytest.FixtureRequest) -> Iterator[Place]:
    """One of the test's own, of each kind of store in turn."""
    if register_engine == "sqlite":
        yield request.getfixturevalue("path")
        return
    template: str = request.getfixturevalue("built_url")
    cluster: Cluster = request.getfixturevalue("postgres")
    with cluster.database(template) as url:
        yield url


def content(place: Place) -> dict[str, list[tuple[object, ...]]]:
    """All that is said of people."""
    return {
        table: sorted(query(place, f"SELECT * FROM {table}"), key=repr)  # noqa: S608 - ours
        for table in TABLES
    }


def reported(what: What, request_id: str) -> Submission:
    """An event that somebody reported."""
    return replace(submission(what, request_id), cause=ChangeCause.SUBMITTED)


async def test_what_changed_is_as_it_was(built: Path, place: Place) -> None:
    """After renumberings and new names every row is that of the build; only they were written."""
    before = content(place)
    first, second = numbers_in(built, 2)
    async with opened(place) as register:
        await rename(register, [first, second], "X")
        renumbered = await register.apply(reported(Renumbering(first, "SEX_CORRECTED"), "re-1"))
        head = (await register.info()).revision
        assert content(place) != before
        done = await asyncio.to_thread(reset, place, built)
        assert content(place) == before
        assert done.revision == head + 1
        assert 2 <= done.changed_rows <= 5
        info = await register.info()
        assert (info.revision, info.compacted, info.day) == (head + 1, head + 1, AS_OF)
        with pytest.raises(Compacted):
            await register.find_changes(ChangeQuery(head + 1, 10))
        snapshot = await register.read(Keys(numbers=(first,)))
        assert snapshot.identities[first].personal_id == first
        # what was reported stays, and cannot be put back over what is there now
        assert await register.find_event(renumbered.event_id) is not None
        with pytest.raises(EventRefused) as caught:
            await register.apply(reported(Annulment(renumbered.event_id, "sai"), "re-2"))
        assert caught.value.code == "LATER_EVENT"


async def test_a_number_that_vanished_is_not_given_again(built: Path, place: Place) -> None:
    """It is withdrawn, and whoever follows finds nobody behind it."""
    (first,) = numbers_in(built, 1)
    async with opened(place) as register:
        applied = await register.apply(reported(Renumbering(first, "SEX_CORRECTED"), "re-1"))
    await asyncio.to_thread(reset, place, built)
    withdrawn = query(place, "SELECT number FROM withdrawn")
    assert [f"{number:012d}" for (number,) in withdrawn] == [applied.personal_id]


async def test_life_goes_on_after_a_reset(built: Path, place: Place) -> None:
    """Changes after it have their own revisions and are told."""
    (first,) = numbers_in(built, 1)
    done = await asyncio.to_thread(reset, place, built)
    assert done.changed_rows == 0
    async with opened(place) as register:
        (revision,) = await rename(register, [first], "Y")
        page = await register.find_changes(ChangeQuery(done.revision + 1, 10))
    assert revision == done.revision + 1
    assert [change.revision for change in page.changes] == [revision]


def test_the_same_register_is_built_again(built: Path, place: Place, tmp_path: Path) -> None:
    """From what it says of itself alone; with the people that were added since."""
    again = tmp_path / "again.db"
    build_again(place, again)
    assert content(again) == content(built)


def test_another_register_is_not_passed_off_as_it(path: Path, tmp_path: Path) -> None:
    """Where this program builds other people, there is no reset."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE meta SET value = 'of another version' WHERE key = 'digest'")
    with pytest.raises(PopulationError, match="another version"):
        build_again(path, tmp_path / "again.db")


def test_rows_survive_their_file() -> None:
    """What a user added comes back from JSON, each person once and as added last."""
    rows = rows_of(personas_for(AS_OF).personas[:3])
    back = rows_from_json(json.loads(json.dumps(rows_to_json(rows))))
    assert back == rows
    number, *rest = rows.citizens[0]
    renamed = Rows(citizens=((number, "Khác", *rest[1:]),))
    both = joined(rows, renamed)
    assert len(both.citizens) == len(rows.citizens)
    assert both.citizens[0][1] == "Khác"
    assert all(row[0] != number for row in both.stays)
    assert joined(both, both) == both
