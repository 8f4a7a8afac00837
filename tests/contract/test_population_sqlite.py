"""The register on SQLite: opening, damage, recovery, and personas put in later."""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import aiosqlite
import pytest

from mock_population_db.citizen import Citizen, DocumentStatus, NumberStatus, VitalStatus
from mock_population_db.personas import PERSONAS, rows_of
from mock_population_db.snapshot import Keys
from mock_population_db.store import sql
from mock_population_db.store.errors import PopulationError, PopulationUnavailable
from mock_population_db.store.install import install_personas
from mock_population_db.store.opening import open_file
from mock_population_db.store.records import (
    CitizenRow,
    HouseholdRow,
    StayRow,
    StepRow,
)
from mock_population_db.store.rows import (
    CITIZEN_COLUMNS,
    HOUSEHOLD_COLUMNS,
    STAY_COLUMNS,
    STEP_COLUMNS,
    Rows,
)
from mock_population_db.store.sqlite import SqlitePopulation

AS_OF = date(2026, 1, 1)
SLUGS = {one.slug: one for one in PERSONAS}
PEOPLE = {who.identity.personal_id: who for one in PERSONAS for who in one.citizens}
MakeRegister = Callable[[Path, Rows], Path]


async def test_a_snapshot_is_of_one_revision(register: Path) -> None:
    """Whatever a writer commits meanwhile, revision and data of a read belong together."""
    with closing(sqlite3.connect(register, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        async with SqlitePopulation.open(register) as population:

            def write(revision: int) -> None:
                writer.execute("BEGIN IMMEDIATE")
                writer.execute("UPDATE meta SET value = ? WHERE key = 'revision'", (revision,))
                writer.execute("UPDATE citizen SET given = ?", (str(revision),))
                writer.execute("COMMIT")

            write(100)
            for revision in range(101, 120):
                reading = asyncio.ensure_future(population.read(Keys(numbers=tuple(PEOPLE))))
                await asyncio.sleep(0)
                write(revision)
                snapshot = await reading
                given = {who.name.given for who in snapshot.identities.values()}
                assert given == {str(snapshot.revision)}


async def test_steps_in_a_circle_come_to_an_end(register: Path) -> None:
    """A register whose steps contradict each other still answers."""
    with closing(sqlite3.connect(register)) as connection, connection:
        connection.execute("INSERT INTO number_step VALUES (1181000029, 1080000027, NULL, 'X')")
    async with asyncio.timeout(5), SqlitePopulation.open(register) as population:
        await population.read(Keys(former=("001080000027",), details=("001181000029",)))


async def test_documents_expire_by_the_register_s_day(register: Path) -> None:
    """A valid card whose term is over is told as expired."""
    with closing(sqlite3.connect(register)) as connection, connection:
        connection.execute("UPDATE meta SET value = '2029-01-01' WHERE key = 'as_of'")
    number = "079088000001"
    async with SqlitePopulation.open(register) as population:
        found = (await population.read(Keys(details=(number,)))).citizens[number][0]
    (stored,) = PEOPLE[number].documents
    assert found.documents == (replace(stored, status=DocumentStatus.EXPIRED),)


async def test_a_missing_file_is_told_in_one_line(tmp_path: Path) -> None:
    """The message names the path and what to do, and no file is made."""
    path = tmp_path / "no where.db"
    with pytest.raises(PopulationError, match="no population here; build one") as caught:
        async with SqlitePopulation.open(path):
            pass
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not path.exists()


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all, but long enough to look" * 40, b"SQLite format 3\0"]
)
async def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    """An empty, foreign or damaged file is no register."""
    path = tmp_path / "population.db"
    path.write_bytes(content)
    with pytest.raises(PopulationError, match="not a readable population") as caught:
        async with SqlitePopulation.open(path):
            pass
    assert "\n" not in str(caught.value)


async def test_a_file_cut_short_is_refused(register: Path) -> None:
    """Half a register does not open."""
    os.truncate(register, 8192)
    with pytest.raises(PopulationError, match="not a readable population"):
        async with SqlitePopulation.open(register):
            pass


async def test_another_schema_version_is_refused(
    tmp_path: Path, make_register: MakeRegister
) -> None:
    """The message tells both versions."""
    path = make_register(tmp_path / "population.db", Rows())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    with pytest.raises(PopulationError, match="schema version 99, this program reads 1"):
        async with SqlitePopulation.open(path):
            pass


async def test_a_register_without_meta_is_refused(
    tmp_path: Path, make_register: MakeRegister
) -> None:
    """A build that did not finish is not taken for a register."""
    path = make_register(tmp_path / "population.db", Rows())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM meta WHERE key = 'as_of'")
    with pytest.raises(PopulationError, match="no 'as_of' in meta"):
        async with SqlitePopulation.open(path):
            pass


async def test_reads_recover_by_themselves(register: Path, tmp_path: Path) -> None:
    """While the file is away reads fail as unavailable; when it is back they succeed."""
    async with SqlitePopulation.open(register) as population:
        with closing(sqlite3.connect(register)) as connection, connection:
            connection.execute("ALTER TABLE citizen RENAME TO hidden")
        with pytest.raises(PopulationUnavailable, match="cannot be used"):
            await population.read(Keys(numbers=("079088000001",)))
        away = tmp_path / "away.db"
        shutil.move(register, away)
        with pytest.raises(PopulationUnavailable, match="no population here"):
            await population.ping()
        with closing(sqlite3.connect(away)) as connection, connection:
            connection.execute("ALTER TABLE hidden RENAME TO citizen")
        shutil.move(away, register)
        snapshot = await population.read(Keys(numbers=("079088000001",)))
    assert "079088000001" in snapshot.identities


async def test_a_row_that_contradicts_the_schema_is_unavailable(register: Path) -> None:
    """An enum value that does not exist is damage, not a crash; other people still answer."""
    with closing(sqlite3.connect(register)) as connection, connection:
        connection.execute("UPDATE citizen SET vital = 77 WHERE id = 79088000001")
    async with SqlitePopulation.open(register) as population:
        with pytest.raises(PopulationUnavailable):
            await population.read(Keys(numbers=("079088000001",)))
        snapshot = await population.read(Keys(numbers=("079190000002",)))
    assert snapshot.identities["079190000002"].vital_status is VitalStatus.ALIVE


async def test_a_closed_register_is_unavailable(register: Path) -> None:
    """After its block a population does not open again."""
    async with SqlitePopulation.open(register) as population:
        pass
    with pytest.raises(PopulationUnavailable, match="is closed"):
        await population.ping()


def test_the_register_is_opened_for_reading(register: Path) -> None:
    """The connection refuses to write."""
    with (
        closing(open_file(register)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("DELETE FROM citizen")


async def test_aiosqlite_still_runs_a_function_in_its_thread(tmp_path: Path) -> None:
    """`_execute(fn, *args)` runs in one thread that is not ours; `_conn` is sqlite3's own."""
    assert list(inspect.signature(aiosqlite.Connection._execute).parameters) == [
        "self",
        "fn",
        "args",
        "kwargs",
    ]
    connector = lambda: sqlite3.connect(tmp_path / "x.db")  # noqa: E731 - as the store passes one
    async with aiosqlite.Connection(connector, iter_chunk_size=64) as connection:
        raw = connection._conn
        assert type(raw) is sqlite3.Connection
        run: Callable[..., Awaitable[tuple[bool, int]]] = connection._execute
        first = await run(lambda it: (it is raw, threading.get_ident()), raw)
        second = await run(lambda it: (it is raw, threading.get_ident()), raw)
    assert first == second
    assert first[1] != threading.get_ident()


@pytest.mark.parametrize("question", ["IDENTITIES", "BY_OLD_NUMBER", "CITIZENS", "STAYS", "KIN"])
def test_every_question_is_a_seek(register_template: Path, question: str) -> None:
    """No question scans a table, except the keys it is given."""
    with closing(sqlite3.connect(register_template)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {getattr(sql, question)}", ("[]",))
        steps = [row[3] for row in plan]
    scans = [step for step in steps if step.startswith("SCAN")]
    assert scans == ["SCAN k VIRTUAL TABLE INDEX 1:"]


def test_records_have_the_schema_s_columns(register_template: Path) -> None:
    """Named rows, plain rows and tables list the same columns in the same order."""
    with closing(sqlite3.connect(register_template)) as connection:
        for table, row, columns in (
            ("citizen", CitizenRow, CITIZEN_COLUMNS),
            ("household", HouseholdRow, HOUSEHOLD_COLUMNS),
            ("stay", StayRow, STAY_COLUMNS),
            ("number_step", StepRow, STEP_COLUMNS),
        ):
            info = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
            assert tuple(name for (name,) in info) == row._fields == columns


async def test_installing_personas_again_changes_nothing(register: Path) -> None:
    """The same personas twice are the same register."""
    with closing(sqlite3.connect(register)) as connection:
        before = list(connection.iterdump())
    install_personas(register, rows_of(PERSONAS))
    with closing(sqlite3.connect(register)) as connection:
        assert list(connection.iterdump()) == before


async def test_a_persona_is_replaced_with_all_that_was_his(register: Path) -> None:
    """Stays and steps of the former version do not linger."""
    changed = tuple(_plain(SLUGS[slug].citizens[0]) for slug in ("no-permanent-residence",))
    persona = replace(SLUGS["no-permanent-residence"], citizens=changed)
    install_personas(register, rows_of([persona]))
    async with SqlitePopulation.open(register) as population:
        number = changed[0].identity.personal_id
        found = (await population.read(Keys(details=(number,)))).citizens[number]
    assert found == changed


def _plain(who: Citizen) -> Citizen:
    identity = who.identity._replace(number_status=NumberStatus.UNDER_CORRECTION)
    return replace(who, current_residence=None, identity=identity)


def test_a_generated_citizen_is_not_overwritten(register: Path) -> None:
    """All or nothing: a clash names the number and leaves the register as it was."""
    with closing(sqlite3.connect(register)) as connection, connection:
        connection.execute("UPDATE citizen SET extra = NULL WHERE id = 79088000001")
    with closing(sqlite3.connect(register)) as connection:
        before = list(connection.iterdump())
    with pytest.raises(PopulationError, match="079088000001 belong to generated people"):
        install_personas(register, rows_of(PERSONAS))
    with closing(sqlite3.connect(register)) as connection:
        assert list(connection.iterdump()) == before


def test_personas_need_a_population(tmp_path: Path) -> None:
    """There must be a register to put them into."""
    with pytest.raises(PopulationError, match="no population here"):
        install_personas(tmp_path / "none.db", rows_of(PERSONAS))
    (tmp_path / "odd.db").write_bytes(b"x" * 5000)
    with pytest.raises(PopulationError, match="not a readable population"):
        install_personas(tmp_path / "odd.db", rows_of(PERSONAS))
