"""What is PostgreSQL's own about the register there: the server goes, and comes back."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest

from mock_population_db.changes import ChangeQuery, Compacted
from mock_population_db.citizen import PersonName
from mock_population_db.events import Correction, Marriage
from mock_population_db.generate.build_postgres import build_in_postgres
from mock_population_db.personas import PERSONAS, rows_of
from mock_population_db.snapshot import Keys
from mock_population_db.store import history, sql
from mock_population_db.store.errors import PopulationError, PopulationUnavailable
from mock_population_db.store.postgres import at_once, partitions
from mock_population_db.store.postgres.dialect import translated
from mock_population_db.store.postgres.install import install_personas
from mock_population_db.store.postgres.opening import (
    open_for_reading,
    open_for_writing,
)
from mock_population_db.store.postgres.population import PostgresPopulation
from mock_population_db.store.postgres.session import PostgresSession
from mock_population_db.store.records import (
    ChangeRow,
    CitizenRow,
    EventRow,
    HouseholdRow,
    StayRow,
    StepRow,
)
from mock_population_db.store.rows import Rows
from tests.support.population_stores import dump, query
from tests.support.postgres import Cluster
from tests.support.reporter import BRIDE, FATHER, GROOM, Reporter, birth, citizen

NUMBERS = tuple(who.identity.personal_id for one in PERSONAS for who in one.citizens)


@pytest.fixture
def reporter() -> Reporter:
    """An office."""
    return Reporter()


@pytest.fixture
def url(postgres: Cluster, register_template_url: str) -> Iterator[str]:
    """A register of the personas in a database of the test's own."""
    with postgres.database(register_template_url) as made:
        yield made


async def test_a_snapshot_is_of_one_revision(url: str) -> None:
    """Whatever a writer commits meanwhile, revision and data of a read belong together."""

    def write() -> None:
        with closing(open_for_writing(url)) as session:
            for revision in range(100, 140):
                session.execute("BEGIN IMMEDIATE")
                session.execute("UPDATE citizen SET given = ?", (str(revision),))
                session.execute(
                    "UPDATE meta SET value = ? WHERE key = 'revision'", (str(revision),)
                )
                session.execute("COMMIT")

    seen = set()
    async with PostgresPopulation.open(url) as population:
        writing = asyncio.ensure_future(asyncio.to_thread(write))
        while not writing.done():
            snapshot = await population.read(Keys(numbers=NUMBERS))
            given = {who.name.given for who in snapshot.identities.values()}
            assert given == {str(snapshot.revision)} or snapshot.revision == 7
            seen.add(snapshot.revision)
        await writing
    assert len(seen) > 2


async def test_a_connection_that_was_cut_comes_back(
    postgres: Cluster, url: str, reporter: Reporter
) -> None:
    """Reads go on as if nothing had been; what was to be written is told, and may come again."""
    async with PostgresPopulation.open(url) as population:
        await population.apply(reporter.reports(birth()))
        await asyncio.to_thread(postgres.cut_off, url)
        assert (await population.read(Keys(numbers=(FATHER,)))).revision == 8
        submission = reporter.reports(Marriage(BRIDE, GROOM))
        with pytest.raises(PopulationUnavailable, match="cannot be used"):
            await population.apply(submission)
        assert not (await population.apply(submission)).repeated


async def test_commits_of_others_are_heard_of_at_once(url: str, reporter: Reporter) -> None:
    """The server tells: it is asked only once a second."""
    async with PostgresPopulation.open(url) as reader, PostgresPopulation.open(url) as writer:
        assert await reader.wait_beyond(0) == 7
        for revision in range(8, 13):
            waiting = asyncio.ensure_future(reader.wait_beyond(revision - 1))
            await asyncio.sleep(0.05)
            await writer.apply(reporter.reports(birth()))
            async with asyncio.timeout(0.4):
                assert await waiting == revision


async def test_commits_of_others_are_heard_of_after_a_cut(
    postgres: Cluster, url: str, reporter: Reporter
) -> None:
    """Whoever waits is woken, also by what happened while nobody listened."""
    async with PostgresPopulation.open(url) as reader, PostgresPopulation.open(url) as writer:
        waiting = asyncio.ensure_future(reader.wait_beyond(7))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(postgres.cut_off, url)
        await writer.apply(reporter.reports(birth()))
        async with asyncio.timeout(5):
            assert await waiting == 8


async def test_readers_do_not_wait_for_a_writer(url: str, reporter: Reporter) -> None:
    """While another process writes, reads answer; then writes go on."""
    async with PostgresPopulation.open(url) as population:
        await population.apply(reporter.reports(birth()))
        other = await asyncio.to_thread(open_for_writing, url)
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        writing = asyncio.ensure_future(population.apply(reporter.reports(birth("Lan"))))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(2):
            assert (await population.read(Keys(numbers=(FATHER,)))).revision == 8
            await population.find_changes(ChangeQuery(1, limit=10))
        assert not writing.done()
        await asyncio.to_thread(other.close)
        assert (await writing).first_revision == 9


@pytest.mark.parametrize("table", ["changes", "event", "touched", "meta"])
async def test_a_failed_write_is_taken_back_and_the_next_one_succeeds(
    postgres: Cluster, url: str, reporter: Reporter, table: str
) -> None:
    """Whichever table refuses: nothing of the event stays, and its request may come again."""
    submission = reporter.reports(Marriage(BRIDE, GROOM))
    refusing = (
        "CREATE FUNCTION population.no() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE 'disk full'; END $$;"
        f"CREATE TRIGGER no BEFORE INSERT ON population.{table} "
        "FOR EACH ROW EXECUTE FUNCTION population.no()"
    )
    async with PostgresPopulation.open(url) as population:
        before = await citizen(population, BRIDE)
        await asyncio.to_thread(postgres.query, url, refusing)
        with pytest.raises(PopulationUnavailable, match="disk full"):
            await population.apply(submission)
        assert await citizen(population, BRIDE) == before
        assert (await population.info()).revision == 7
        await asyncio.to_thread(postgres.query, url, "DROP FUNCTION population.no CASCADE")
        assert not (await population.apply(submission)).repeated


async def test_forgotten_partitions_are_dropped(
    url: str, reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And new ones are made before they are needed."""
    monkeypatch.setattr(partitions, "REVISIONS", 1_000)
    names = "SELECT relname FROM pg_class WHERE relname LIKE 'changes_%' AND relkind = 'r'"
    await asyncio.to_thread(_repartition, url)
    query(url, "UPDATE meta SET value = '999' WHERE key = 'revision'")
    async with PostgresPopulation.open(url) as population:
        for turn in range(3):
            name = PersonName("Lê", "Thị", "Mai" if turn % 2 else "Lan")
            await population.apply(reporter.reports(Correction(GROOM, name=name)))
        assert await population.compact(1_001) == 1_000
        with pytest.raises(Compacted):
            await population.find_changes(ChangeQuery(1_000, limit=10))
        page = await population.find_changes(ChangeQuery(1_001, limit=10))
        assert [one.revision for one in page.changes] == [1_001, 1_002]
    assert {name for (name,) in query(url, names)} == {f"changes_{n}" for n in (1, 2, 3)}


def _repartition(url: str) -> None:
    """Partitions of another size, in a register without a history."""
    with closing(open_for_writing(url)) as session:
        for number in range(partitions.AHEAD + 1):
            session.script(f"DROP TABLE changes_{number}")
        partitions.make_room(session)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP SCHEMA population CASCADE", "no population here; build one with"),
        (
            "INSERT INTO population.migration VALUES (99, 'x')",
            "at migration 99, this program knows",
        ),
        ("DELETE FROM population.migration", "at migration 0, this program needs 1"),
        ("UPDATE population.meta SET value = '9' WHERE key = 'schema_version'", "schema version 9"),
        ("DELETE FROM population.meta WHERE key = 'seed'", "no 'seed' in meta"),
        ("DROP TABLE population.meta CASCADE", "not a readable population"),
    ],
)
async def test_what_is_no_register_of_ours_is_refused(
    postgres: Cluster, url: str, statement: str, told: str
) -> None:
    """In one line that says what to do."""
    await asyncio.to_thread(postgres.query, url, statement)
    with pytest.raises(PopulationError, match=told) as caught:
        async with PostgresPopulation.open(url):
            pytest.fail("was opened")
    assert "\n" not in str(caught.value)


async def test_nobody_there_is_told_without_the_password(postgres: Cluster) -> None:
    """An address where no server, or no such database, is."""
    where = quote(str(postgres.directory), safe="")
    for url in (
        f"postgresql://dancu:secret@/nothing?host={where}",
        "postgresql://dancu:secret@127.0.0.1:1/x",
    ):
        with pytest.raises(PopulationError, match="cannot be reached") as caught:
            async with PostgresPopulation.open(url):
                pytest.fail("was opened")
        assert "secret" not in str(caught.value)


async def test_a_row_that_contradicts_the_schema_is_unavailable(url: str) -> None:
    """Damage is no crash, and what is not damaged can still be read."""
    query(url, "UPDATE citizen SET vital = 77 WHERE id = ?", int(FATHER))
    async with PostgresPopulation.open(url) as population:
        with pytest.raises(PopulationUnavailable, match="KeyError"):
            await population.read(Keys(numbers=(FATHER,)))
        assert (await population.read(Keys(numbers=(BRIDE,)))).identities


async def test_a_closed_register_is_unavailable(postgres: Cluster, url: str) -> None:
    """After the end of the block nothing is answered, and no connection is left."""
    async with PostgresPopulation.open(url) as population:
        await population.ping()
    with pytest.raises(PopulationUnavailable, match="is closed"):
        await population.ping()
    assert await asyncio.to_thread(_none_connected, postgres, url)


def _none_connected(postgres: Cluster, url: str) -> bool:
    """Whether the server has noticed, in a while, that all have gone."""
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'dancu%'"
    for _ in range(250):
        if postgres.query(url, left) == "0":
            return True
        time.sleep(0.02)
    return False


async def test_what_was_read_with_is_not_written_with(url: str) -> None:
    """The connections for reading refuse to write."""

    def write() -> None:
        with closing(open_for_reading(url)) as session:
            session.execute("DELETE FROM citizen")

    with pytest.raises(Exception, match="read-only"):
        await asyncio.to_thread(write)


_QUESTIONS = {
    name: text
    for module in (sql, history, at_once)
    for name, text in vars(module).items()
    if isinstance(text, str) and text.lstrip().startswith(("SELECT", "WITH")) and "k.value" in text
}


@pytest.mark.parametrize("name", _QUESTIONS)
def test_every_question_is_a_seek(url: str, name: str) -> None:
    """However small a table is, and without statistics: no question reads a whole one."""
    with closing(open_for_reading(url)) as session:
        session.script("SET plan_cache_mode = force_generic_plan")
        found = _plan(session, translated(_QUESTIONS[name]).text)
    assert "Seq Scan" not in found
    assert "Index" in found


def _plan(session: PostgresSession, text: str) -> str:
    arrays = ["bigint[]"] * (2 if "$2" in text else 1)
    session.script(f"PREPARE asked ({', '.join(arrays)}) AS {text}")
    told = session.ask(f"EXPLAIN EXECUTE asked({', '.join(['NULL'] * len(arrays))})")
    return "\n".join(line for (line,) in told)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("citizen", CitizenRow),
        ("household", HouseholdRow),
        ("stay", StayRow),
        ("number_step", StepRow),
        ("changes", ChangeRow),
        ("event", EventRow),
    ],
)
def test_records_have_the_schema_s_columns(
    register_template_url: str, table: str, row: Any
) -> None:
    """The same as in SQLite, whatever their order."""
    columns = (
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'population' AND table_name = ?"
    )
    assert {name for (name,) in query(register_template_url, columns, table)} == set(row._fields)


def test_an_interrupted_statement_is_given_up(postgres: Cluster, postgres_url: str) -> None:
    """Ctrl-C in the midst of one ends the connection, at once and without a word."""
    script = (
        "import signal, sys; from contextlib import closing\n"
        "from mock_population_db.store.postgres.session import open_session\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try:\n"
        "    with closing(open_session(sys.argv[1])) as session:\n"
        "        session.script('SELECT pg_sleep(300)')\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(3)\n"
    )
    command = [sys.executable, "-c", script, postgres_url]
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        while postgres.query(postgres_url, asleep) == "0":
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (3, "")


def test_the_driver_is_asked_for_by_the_name_of_its_extra() -> None:
    """Whoever has not installed it is told how, and SQLite does without it."""
    script = (
        "import sys; sys.modules['asyncpg'] = None\n"
        "import mock_population_db.store.sqlite\n"
        "import mock_population_db.store.postgres.population\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode
    assert done.stderr.rstrip().endswith("pip install -e '.[postgres]'")


def test_personas_are_replaced_and_generated_people_are_not(postgres_url: str) -> None:
    """As in a file: again the same, and nobody else's number."""
    rows = rows_of(PERSONAS)
    build_in_postgres(
        postgres_url, size=100, seed=5, as_of=date(2026, 1, 1), extra_rows=rows, workers=0
    )
    before = dump(postgres_url)
    install_personas(postgres_url, rows)
    assert dump(postgres_url) == before
    ((taken,),) = query(postgres_url, "SELECT min(id) FROM citizen WHERE extra IS NULL")
    with pytest.raises(PopulationError, match="belong to generated people"):
        install_personas(postgres_url, Rows(citizens=((taken, *rows.citizens[0][1:]),)))
