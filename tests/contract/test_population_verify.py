"""``dancu population verify``: whatever is wrong with a register is found, in any store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from shutil import copy

import pytest
from typer.testing import CliRunner

from gateway.commands.tree import app
from mock_population_db.generate import build as build_module
from mock_population_db.generate.verify import verify_population
from mock_population_db.personas import personas_for, rows_of
from mock_population_db.store.errors import PopulationError
from tests.support.population_stores import ENGINES, Place, query
from tests.support.postgres import Cluster

AS_OF = date(2026, 1, 1)
PERSONAS = rows_of(personas_for(AS_OF).personas)
SIZE, CHUNK = 2000, 300
KEYS = "keys and indexes that are missing or invalid"
STORE = {"sqlite": "structure of the file", "postgres": KEYS}
OF_EVERYTHING = {"digest", "rows of citizen", "index of father", "references to nobody: stays"}
# who and what was generated
ONE = "(SELECT max(id) FROM citizen WHERE extra IS NULL AND blood > 0)"
STEP = "(SELECT max(former) FROM number_step)"


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven of them."""
    monkeypatch.setattr(build_module, "_CHUNK", CHUNK)


def _build(place: Place, engine: str) -> Place:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "_CHUNK", CHUNK)
        ENGINES[engine].build(place, size=SIZE, seed=42, as_of=AS_OF, extra_rows=PERSONAS)
    return place


@pytest.fixture(scope="module")
def template_file(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A population that nobody touched, in a file."""
    return _build(tmp_path_factory.mktemp("whole") / "p.db", "sqlite")


@pytest.fixture(scope="module")
def template_url(postgres: Cluster) -> Place:
    """The same in a database."""
    return _build(postgres.create_database(), "postgres")


@pytest.fixture
def whole(register_engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """One that a test may spoil, of each kind of store in turn."""
    if register_engine == "sqlite":
        return Path(copy(request.getfixturevalue("template_file"), tmp_path / "p.db"))
    database: str = request.getfixturevalue("database")
    return database


@pytest.fixture
def database(template_url: str, postgres: Cluster) -> Iterator[str]:
    """One in a database that a test may spoil."""
    with postgres.database(template_url) as url:
        yield url


def _wrong(place: Place) -> set[str]:
    checks = verify_population(place, extra_rows=PERSONAS, workers=0)
    return {one.what for one in checks if not one.holds}


@pytest.mark.parametrize("workers", [0, 2])
def test_what_was_built_verifies(whole: Place, register_engine: str, workers: int) -> None:
    """Everything is looked at, and holds; what is done is told from the beginning to the end."""
    told: list[int] = []
    checks = verify_population(whole, extra_rows=PERSONAS, progress=told.append, workers=workers)
    assert not [one for one in checks if not one.holds]
    assert OF_EVERYTHING | {STORE[register_engine]} <= {one.what for one in checks}
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, SIZE)


def _differ(*tables: str) -> set[str]:
    return {f"groups of {table} whose sums differ" for table in tables}


def _nobody(*what: str) -> set[str]:
    return {f"references to nobody: {one}" for one in what}


EVERY = ("citizen", "household", "stay", "number_step")
CHANGES: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "other values and rows that are gone": (
        (
            "UPDATE citizen SET blood = blood + 1 WHERE id = {one}",
            "UPDATE household SET detail = '' WHERE id = 1000",
            "DELETE FROM stay WHERE household = (SELECT max(household) FROM stay)",
            "DELETE FROM number_step WHERE former = {step}",
        ),
        _differ(*EVERY) | {"rows of stay", "rows of number_step"},
    ),
    "references to nobody": (
        (
            "UPDATE citizen SET father = 99000000001 WHERE id = {one}",
            "UPDATE household SET head = 99000000001 WHERE id = 1000",
            "UPDATE stay SET household = 999 WHERE household = (SELECT max(household) FROM stay)",
            "UPDATE number_step SET successor = 1 WHERE former = {step}",
        ),
        _differ(*EVERY) | _nobody("citizens", "heads of households", "stays", "cancelled numbers"),
    ),
    "a letter": (
        ("UPDATE citizen SET given = given || 'h' WHERE id = {one}",),
        _differ("citizen"),
    ),
    "a household of nobody": (
        ("UPDATE citizen SET household = 999 WHERE id = {one}",),
        _differ("citizen") | _nobody("citizens"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_found(whole: Place, change: str) -> None:
    """One value of one row is enough, in each table."""
    statements, wrong = CHANGES[change]
    for statement in statements:
        assert query(whole, f"{statement.format(one=ONE, step=STEP)} RETURNING 1")
    assert _wrong(whole) == wrong


def test_another_seed_is_another_population(whole: Place) -> None:
    """What it says it was built as is not what it holds."""
    query(whole, "UPDATE meta SET value = '41' WHERE key = 'seed' RETURNING 1")
    assert {"digest", "groups of citizen whose sums differ"} <= _wrong(whole)


def test_events_are_not_held_against_a_register(whole: Place) -> None:
    """Once something happened, content is not compared with the seed's; references are."""
    query(whole, "UPDATE meta SET value = '2' WHERE key = 'revision' RETURNING 1")
    query(whole, "UPDATE citizen SET blood = 1 RETURNING 1")
    assert _wrong(whole) == set()
    query(whole, f"UPDATE citizen SET mother = 99000000001 WHERE id = {ONE} RETURNING 1")  # noqa: S608 - our own
    assert _wrong(whole) == {"references to nobody: citizens"}


def test_where_no_register_is(new_place: Callable[[], Place]) -> None:
    """It is told in one line."""
    with pytest.raises(PopulationError, match="no population here; build one"):
        _wrong(new_place())


def test_what_does_not_say_what_it_was_built_as(whole: Place) -> None:
    """There is nothing to hold it against, and that is told in one line."""
    query(whole, "DELETE FROM meta WHERE key = 'shares' RETURNING 1")
    with pytest.raises(PopulationError, match="does not say what it was built as"):
        _wrong(whole)


def test_the_command_tells_and_fails(whole: Place) -> None:
    """Lines or JSON; exit code 0 when all holds and 1 when something does not."""
    command = ["population", "verify", "--file", str(whole)]
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, "WRONG" in done.stdout) == (0, False)
    query(whole, "DELETE FROM stay WHERE household = (SELECT max(household) FROM stay) RETURNING 1")
    done = CliRunner().invoke(app, command)
    (rows,) = [line for line in done.stdout.splitlines() if "rows of stay" in line]
    assert (done.exit_code, rows.startswith("WRONG  rows of stay: ")) == (1, True)
    told = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    assert [one["what"] for one in told if not one["holds"]] == [
        "rows of stay",
        "groups of stay whose sums differ",
    ]


def test_an_index_of_a_file_that_lacks_somebody(template_file: Path, tmp_path: Path) -> None:
    """As a build would leave it that made the index too early."""
    path = Path(copy(template_file, tmp_path / "p.db"))
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA writable_schema = ON")
        root = "SELECT rootpage FROM sqlite_master WHERE name = 'household'"
        database.execute(
            f"UPDATE sqlite_master SET rootpage = ({root}) WHERE name = 'citizen_father'"  # noqa: S608 - a constant
        )
    with pytest.raises(PopulationError, match="damaged"):
        _wrong(path)


_SPOILED = """
UPDATE pg_index SET indisready = false, indisvalid = false
  WHERE indexrelid = 'population.citizen_father'::regclass;
INSERT INTO population.citizen (id, father, vital, number_status, sex, extra)
  SELECT 99999999999, min(id), 1, 1, 1, '{}' FROM population.citizen;
UPDATE pg_index SET indisready = true, indisvalid = true
  WHERE indexrelid = 'population.citizen_father'::regclass;
"""


def test_an_index_of_a_database_that_lacks_somebody(database: str, postgres: Cluster) -> None:
    """Whoever is sought through it would not be found; with amcheck it is told whose row."""
    postgres.query(database, _SPOILED)
    assert _wrong(database) == {"index of father"}
    postgres.query(database, "CREATE SCHEMA elsewhere; CREATE EXTENSION amcheck SCHEMA elsewhere")
    assert _wrong(database) == {"index of father", "structure of the indexes"}


def test_keys_and_indexes_that_are_gone(database: str, postgres: Cluster) -> None:
    """Dropped by somebody, or left invalid by a failed ``CREATE INDEX CONCURRENTLY``."""
    postgres.query(database, "DROP INDEX population.citizen_mother")
    postgres.query(database, "ALTER TABLE population.household DROP CONSTRAINT household_pkey")
    invalid = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'population.{}'::regclass"
    postgres.query(database, invalid.format("stay_household"))
    checks = verify_population(database, extra_rows=PERSONAS, workers=0)
    assert {one.what: one.found for one in checks if not one.holds} == {
        KEYS: "invalid stay_household, no key of household",
        "index of mother": "no index",
    }


def test_what_happens_meanwhile_is_not_seen(database: str) -> None:
    """All that is looked at is of the moment at which it began."""

    def happen(_: int) -> None:
        query(database, "UPDATE citizen SET blood = blood + 1")
        query(database, "DELETE FROM stay")

    checks = verify_population(database, extra_rows=PERSONAS, progress=happen, workers=0)
    assert not [one for one in checks if not one.holds]
    assert "rows of stay" in _wrong(database)


def test_a_database_that_goes_away_meanwhile(database: str, postgres: Cluster) -> None:
    """What was found so far is no verdict: it is an error, in one line."""
    with pytest.raises(PopulationError, match=r"^the database cannot be read \(.+\)$"):
        verify_population(
            database, extra_rows=PERSONAS, progress=lambda _: postgres.cut_off(database), workers=0
        )
