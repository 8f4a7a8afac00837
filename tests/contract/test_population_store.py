"""What every store of the register does, whatever engine keeps it."""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import aiosqlite
import pytest

from gateway.core.decision import decide, keys_to_verify
from gateway.core.model import Claim
from mock_population_db.citizen import (
    Citizen,
    Conversion,
    DocumentStatus,
    Keys,
    NumberStatus,
    NumberStep,
    PartialDate,
    Relation,
    ResidenceKind,
    VitalStatus,
)
from mock_population_db.generate.build import build_population
from mock_population_db.personas import PERSONAS, Persona, rows_of
from mock_population_db.store import sql
from mock_population_db.store.errors import PopulationError, PopulationUnavailable
from mock_population_db.store.install import install_personas
from mock_population_db.store.records import (
    SCHEMA_VERSION,
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
META = {
    "schema_version": str(SCHEMA_VERSION),
    "seed": "42",
    "size": "0",
    "as_of": AS_OF.isoformat(),
    "revision": "7",
    "digest": "d1",
}


def make_register(path: Path, rows: Rows, **meta: str) -> Path:
    """A register with these rows and nobody else."""
    schema = files("mock_population_db") / "store" / "schema" / "0001_register.sql"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(schema.read_text(encoding="utf-8"))
        connection.executemany("INSERT INTO meta VALUES (?, ?)", {**META, **meta}.items())
    install_personas(path, rows)
    return path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of the personas, made once."""
    return make_register(tmp_path_factory.mktemp("register") / "population.db", rows_of(PERSONAS))


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """A register of the personas that a test may spoil."""
    return Path(shutil.copy(template, tmp_path / "population.db"))


@pytest.fixture
async def population(path: Path) -> AsyncIterator[SqlitePopulation]:
    """An open register of the personas."""
    async with SqlitePopulation.open(path) as opened:
        yield opened


async def test_every_persona_is_found_by_its_number(population: SqlitePopulation) -> None:
    """A known number's entry is that person's identity."""
    snapshot = await population.read(Keys(numbers=tuple(PEOPLE)))
    assert snapshot.identities == {number: who.identity for number, who in PEOPLE.items()}
    assert (snapshot.revision, snapshot.as_of) == (7, AS_OF)


async def test_every_persona_is_read_whole(population: SqlitePopulation) -> None:
    """What the personas say of themselves is what the register answers."""
    snapshot = await population.read(Keys(details=tuple(PEOPLE)))
    assert snapshot.citizens == {number: (who,) for number, who in PEOPLE.items()}


@pytest.mark.parametrize("persona", PERSONAS, ids=SLUGS)
async def test_every_persona_gets_its_answer(
    population: SqlitePopulation, persona: Persona
) -> None:
    """What the gateway decides about a persona's claim is what the persona expects."""
    told = persona.claim
    birth = PartialDate.parse(told.birth_date)
    claim = Claim(told.personal_id, told.old_id_number, told.full_name, birth)
    snapshot = await population.read(keys_to_verify(claim, explain=False))
    assert decide(claim, snapshot, explain=False).outcome.name == persona.expect


async def test_a_generated_population_is_read_whole(tmp_path: Path) -> None:
    """Whatever the generator writes, the store reads, and the personas are among it."""
    path = tmp_path / "generated.db"
    build_population(path, size=2000, seed=7, as_of=AS_OF, extra_rows=rows_of(PERSONAS))
    with closing(sqlite3.connect(path)) as connection:
        numbers = [f"{row[0]:012d}" for row in connection.execute("SELECT id FROM citizen")]
        homes = [row[0] for row in connection.execute("SELECT id FROM household")]
    async with SqlitePopulation.open(path) as population:
        snapshot = await population.read(Keys(tuple(numbers), details=tuple(numbers)))
        households = [await population.read_household(home) for home in homes[:50]]
    assert len(numbers) == 2000 + len(PEOPLE)
    for number in numbers:
        (who,) = snapshot.citizens[number]
        assert who.identity == snapshot.identities[number]
        assert who.identity.personal_id == number
    assert {number: snapshot.citizens[number] for number in PEOPLE} == {
        number: (who,) for number, who in PEOPLE.items()
    }
    assert all(home and home.members for home in households)


async def test_an_unknown_number_leads_to_its_neighbour(population: SqlitePopulation) -> None:
    """The seek rests on the next number above, in identities and in details."""
    asked = "079088000000"
    snapshot = await population.read(Keys(numbers=(asked,), details=(asked,)))
    assert snapshot.identities[asked].personal_id == "079088000001"
    assert snapshot.citizens[asked][0].identity.personal_id == "079088000001"


async def test_above_the_last_number_the_first_one_answers(population: SqlitePopulation) -> None:
    """There is an entry even where nobody has a higher number."""
    asked, first = "999999999999", PEOPLE[min(PEOPLE)]
    keys = Keys(numbers=(asked,), former=(asked,), details=(asked, "999999999"))
    snapshot = await population.read(keys)
    assert snapshot.identities[asked] == first.identity
    assert snapshot.chains[asked].current == first.identity
    assert snapshot.citizens[asked] == (first,)
    assert snapshot.citizens["999999999"] == (PEOPLE["079088000001"],)


async def test_a_shared_old_number_finds_both(population: SqlitePopulation) -> None:
    """Two people who share a 9-digit number are both in its entry."""
    snapshot = await population.read(Keys(old_numbers=("000000033",), details=("000000033",)))
    found = [who.personal_id for who in snapshot.by_old_number["000000033"]]
    assert found == ["001070000033", "040070000034"]
    assert [who.identity.personal_id for who in snapshot.citizens["000000033"]] == found


async def test_an_unknown_old_number_leads_to_its_neighbour(population: SqlitePopulation) -> None:
    """Old numbers are sought as personal numbers are, and wrap as they do."""
    snapshot = await population.read(Keys(old_numbers=("000000015", "999999999", "000000014")))
    owners = {asked: who[0].old_id_number for asked, who in snapshot.by_old_number.items()}
    assert owners == {
        "000000015": "000000018",
        "999999999": "000000001",
        "000000014": "000000014",
    }


@pytest.mark.parametrize("number", ["001080000027", "001081000028", "001181000029"])
async def test_every_number_of_a_chain_leads_to_the_present_one(
    population: SqlitePopulation, number: str
) -> None:
    """From the first, the second or the present number: the same steps, the same person."""
    chain = (await population.read(Keys(former=(number,)))).chains[number]
    assert chain.current == PEOPLE["001181000029"].identity
    assert chain.steps == PEOPLE["001181000029"].number_history


async def test_a_chain_of_a_number_that_never_changed_tells_the_old_card(
    population: SqlitePopulation,
) -> None:
    """The 9-digit number is the only step; without one there is none."""
    keys = Keys(former=("079088000001", "079216000003"))
    chains = (await population.read(keys)).chains
    step = NumberStep("000000001", "079088000001", None, "TWELVE_DIGITS")
    assert chains["079088000001"].steps == (step,)
    assert chains["079216000003"].steps == ()


async def test_steps_in_a_circle_come_to_an_end(path: Path) -> None:
    """A register whose steps contradict each other still answers."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO number_step VALUES (1181000029, 1080000027, NULL, 'X')")
    async with asyncio.timeout(5), SqlitePopulation.open(path) as population:
        await population.read(Keys(former=("001080000027",), details=("001181000029",)))


async def test_one_read_serves_all_kinds_of_keys(population: SqlitePopulation) -> None:
    """Repeated keys and keys of every kind come back in one snapshot."""
    number = "079088000001"
    keys = Keys((number, number), ("000000001",) * 2, (number,) * 2, (number, "000000001", number))
    snapshot = await population.read(keys)
    person = PEOPLE[number]
    assert snapshot.identities == {number: person.identity}
    assert snapshot.by_old_number == {"000000001": (person.identity,)}
    assert snapshot.chains[number].current == person.identity
    assert snapshot.citizens == {number: (person,), "000000001": (person,)}


async def test_a_thousand_keys_are_one_read(population: SqlitePopulation) -> None:
    """There is no limit of the engine's parameters to meet."""
    numbers = tuple(f"{number:012d}" for number in range(79_088_000_000, 79_088_005_000))
    snapshot = await population.read(Keys(numbers=numbers))
    assert snapshot.identities.keys() == set(numbers)


async def test_nothing_asked_nothing_found(population: SqlitePopulation) -> None:
    """A read without keys still tells revision and day."""
    snapshot = await population.read(Keys())
    assert (snapshot.revision, snapshot.identities, snapshot.citizens) == (7, {}, {})


async def test_an_empty_register_has_no_entries(tmp_path: Path) -> None:
    """Where nobody is, there is no neighbour either."""
    async with SqlitePopulation.open(make_register(tmp_path / "empty.db", Rows())) as population:
        keys = Keys(("001000000001",), ("000000001",), ("001000000001",), ("001000000001",))
        snapshot = await population.read(keys)
    assert (snapshot.identities, snapshot.chains) == ({}, {})
    assert snapshot.by_old_number == {"000000001": ()}
    assert snapshot.citizens == {"001000000001": ()}


@pytest.mark.parametrize("number", ["07908800000a", "٠٧٩٠٨٨٠٠٠٠٠١", "079 88000001", "-1"])
async def test_keys_are_digits(population: SqlitePopulation, number: str) -> None:
    """Other keys are a mistake of the caller's, and the register stays open."""
    with pytest.raises(ValueError, match="digits only"):
        await population.read(Keys(numbers=(number,)))
    await population.ping()


async def test_a_household_lists_its_members(population: SqlitePopulation) -> None:
    """Head, address and members come with their relations, the dead among them."""
    home = await population.read_household(28)
    assert home is not None
    assert (home.head, home.kind) == ("052050000036", ResidenceKind.PERMANENT)
    assert home.address.conversion is Conversion.WHOLE
    members = [(one.personal_id, one.relation, one.vital_status) for one in home.members]
    assert members == [
        ("052050000036", Relation.HEAD, VitalStatus.DEAD),
        ("052155000037", Relation.SPOUSE, VitalStatus.ALIVE),
    ]


async def test_a_temporary_household_lists_who_stays_there(population: SqlitePopulation) -> None:
    """Members of a temporary household come from their stays."""
    home = await population.read_household(32)
    assert home is not None
    assert [one.personal_id for one in home.members] == ["062098000045"]
    assert await population.read_household(999) is None


async def test_documents_expire_by_the_register_s_day(path: Path) -> None:
    """A valid card whose term is over is told as expired."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '2029-01-01' WHERE key = 'as_of'")
    number = "079088000001"
    async with SqlitePopulation.open(path) as population:
        found = (await population.read(Keys(details=(number,)))).citizens[number][0]
    (stored,) = PEOPLE[number].documents
    assert found.documents == (replace(stored, status=DocumentStatus.EXPIRED),)


async def test_info_tells_what_meta_holds(population: SqlitePopulation) -> None:
    """Size, seed, day, revision, version and digest."""
    info = await population.info()
    assert (info.size, info.seed, info.as_of, info.revision) == (0, 42, AS_OF, 7)
    assert (info.schema_version, info.digest) == (SCHEMA_VERSION, "d1")


async def test_a_snapshot_is_of_one_revision(path: Path) -> None:
    """Whatever a writer commits meanwhile, revision and data of a read belong together."""
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        async with SqlitePopulation.open(path) as population:

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


async def test_reads_do_not_disturb_each_other(population: SqlitePopulation) -> None:
    """Many tasks may read at once, and a cancelled one leaves nothing open."""
    reads = [asyncio.ensure_future(population.read(Keys((one,)))) for one in PEOPLE for _ in "abc"]
    await asyncio.sleep(0)
    for cancelled in reads[::3]:
        cancelled.cancel()
    outcomes = await asyncio.gather(*reads, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in outcomes[::3])
    assert not any(isinstance(one, BaseException) for one in outcomes[1::3] + outcomes[2::3])
    await population.ping()


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


async def test_a_file_cut_short_is_refused(path: Path) -> None:
    """Half a register does not open."""
    os.truncate(path, 8192)
    with pytest.raises(PopulationError, match="not a readable population"):
        async with SqlitePopulation.open(path):
            pass


async def test_another_schema_version_is_refused(tmp_path: Path) -> None:
    """The message tells both versions."""
    path = make_register(tmp_path / "population.db", Rows())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    with pytest.raises(PopulationError, match="schema version 99, this program reads 1"):
        async with SqlitePopulation.open(path):
            pass


async def test_a_register_without_meta_is_refused(tmp_path: Path) -> None:
    """A build that did not finish is not taken for a register."""
    path = make_register(tmp_path / "population.db", Rows())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM meta WHERE key = 'as_of'")
    with pytest.raises(PopulationError, match="no 'as_of' in meta"):
        async with SqlitePopulation.open(path):
            pass


async def test_reads_recover_by_themselves(path: Path, tmp_path: Path) -> None:
    """While the file is away reads fail as unavailable; when it is back they succeed."""
    async with SqlitePopulation.open(path) as population:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("ALTER TABLE citizen RENAME TO hidden")
        with pytest.raises(PopulationUnavailable, match="cannot be read"):
            await population.read(Keys(numbers=("079088000001",)))
        away = tmp_path / "away.db"
        shutil.move(path, away)
        with pytest.raises(PopulationUnavailable, match="no population here"):
            await population.ping()
        with closing(sqlite3.connect(away)) as connection, connection:
            connection.execute("ALTER TABLE hidden RENAME TO citizen")
        shutil.move(away, path)
        snapshot = await population.read(Keys(numbers=("079088000001",)))
    assert "079088000001" in snapshot.identities


async def test_a_row_that_contradicts_the_schema_is_unavailable(path: Path) -> None:
    """An enum value that does not exist is damage, not a crash; other people still answer."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE citizen SET vital = 77 WHERE id = 79088000001")
    async with SqlitePopulation.open(path) as population:
        with pytest.raises(PopulationUnavailable):
            await population.read(Keys(numbers=("079088000001",)))
        snapshot = await population.read(Keys(numbers=("079190000002",)))
    assert snapshot.identities["079190000002"].vital_status is VitalStatus.ALIVE


async def test_a_closed_register_is_unavailable(path: Path) -> None:
    """After its block a population does not open again."""
    async with SqlitePopulation.open(path) as population:
        pass
    with pytest.raises(PopulationUnavailable, match="is closed"):
        await population.ping()


async def test_the_register_is_opened_for_reading(population: SqlitePopulation) -> None:
    """The connection refuses to write."""
    connection = await population._connected()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await connection.execute("DELETE FROM citizen")


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
def test_every_question_is_a_seek(template: Path, question: str) -> None:
    """No question scans a table, except the keys it is given."""
    with closing(sqlite3.connect(template)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {getattr(sql, question)}", ("[]",))
        steps = [row[3] for row in plan]
    scans = [step for step in steps if step.startswith("SCAN")]
    assert scans == ["SCAN k VIRTUAL TABLE INDEX 1:"]


def test_records_have_the_schema_s_columns(template: Path) -> None:
    """Named rows, plain rows and tables list the same columns in the same order."""
    with closing(sqlite3.connect(template)) as connection:
        for table, row, columns in (
            ("citizen", CitizenRow, CITIZEN_COLUMNS),
            ("household", HouseholdRow, HOUSEHOLD_COLUMNS),
            ("stay", StayRow, STAY_COLUMNS),
            ("number_step", StepRow, STEP_COLUMNS),
        ):
            info = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
            assert tuple(name for (name,) in info) == row._fields == columns


async def test_installing_personas_again_changes_nothing(path: Path) -> None:
    """The same personas twice are the same register."""
    with closing(sqlite3.connect(path)) as connection:
        before = list(connection.iterdump())
    install_personas(path, rows_of(PERSONAS))
    with closing(sqlite3.connect(path)) as connection:
        assert list(connection.iterdump()) == before


async def test_a_persona_is_replaced_with_all_that_was_his(path: Path) -> None:
    """Stays and steps of the former version do not linger."""
    changed = tuple(_plain(SLUGS[slug].citizens[0]) for slug in ("no-permanent-residence",))
    persona = replace(SLUGS["no-permanent-residence"], citizens=changed)
    install_personas(path, rows_of([persona]))
    async with SqlitePopulation.open(path) as population:
        number = changed[0].identity.personal_id
        found = (await population.read(Keys(details=(number,)))).citizens[number]
    assert found == changed


def _plain(who: Citizen) -> Citizen:
    identity = replace(who.identity, number_status=NumberStatus.UNDER_CORRECTION)
    return replace(who, current_residence=None, identity=identity)


def test_a_generated_citizen_is_not_overwritten(path: Path) -> None:
    """All or nothing: a clash names the number and leaves the register as it was."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE citizen SET extra = NULL WHERE id = 79088000001")
    with closing(sqlite3.connect(path)) as connection:
        before = list(connection.iterdump())
    with pytest.raises(PopulationError, match="079088000001 belong to generated people"):
        install_personas(path, rows_of(PERSONAS))
    with closing(sqlite3.connect(path)) as connection:
        assert list(connection.iterdump()) == before


def test_personas_need_a_population(tmp_path: Path) -> None:
    """There must be a register to put them into."""
    with pytest.raises(PopulationError, match="no population here"):
        install_personas(tmp_path / "none.db", rows_of(PERSONAS))
    (tmp_path / "odd.db").write_bytes(b"x" * 5000)
    with pytest.raises(PopulationError, match="not a readable population"):
        install_personas(tmp_path / "odd.db", rows_of(PERSONAS))
