"""Whatever is killed, cut or damaged: whole events are in the register, and nothing else."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mock_population_db.changes import ChangeQuery
from mock_population_db.events import Applied, Marriage
from mock_population_db.rules.registry import RULES
from mock_population_db.snapshot import Keys
from mock_population_db.store import book
from mock_population_db.store.errors import PopulationUnavailable
from mock_population_db.store.population import Population
from mock_population_db.store.sqlite import SqlitePopulation
from tests.support.population_stores import Place, opened, query
from tests.support.reporter import BRIDE, FATHER, GROOM, MOTHER, Reporter, birth, citizen

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "support" / "killed_population.py"


@pytest.fixture
def reporter() -> Reporter:
    """An office."""
    return Reporter()


@contextmanager
def _writer(place: Place, name: str) -> Iterator[subprocess.Popen[str]]:
    """A process that submits births; killed in the end."""
    command = [sys.executable, "-m", "tests.support.killed_population", str(place), name]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        try:
            yield process
        finally:
            process.kill()


def _answers(process: subprocess.Popen[str], at_least: int) -> dict[str, str]:
    """What a writer was answered until it was killed, by request id."""
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(at_least)]
    process.kill()
    lines += process.stdout.read().splitlines()
    whole = [line.split() for line in lines]
    return {pair[0]: pair[1] for pair in whole if len(pair) == 2}


async def _check_whole(place: Place, answers: dict[tuple[str, str], str]) -> None:
    """Every answered birth is there, and revisions, changes, events and records agree."""
    async with opened(place) as population:
        head = (await population.info()).revision
        page = await population.find_changes(ChangeQuery(1, limit=100_000, scan=100_000))
        events = await population.events_after("", limit=100_000)
        children = [one.personal_id for one in events]
        assert [one.revision for one in page.changes] == list(range(8, head + 1))
        assert [one.personal_id for one in page.changes] == children
        known = {(one.reporter, one.request_id): one.personal_id for one in events}
        assert known.items() >= answers.items()
        found = (await population.read(Keys(numbers=tuple(children)))).identities
        assert {one.personal_id for one in found.values()} == set(children)
    if isinstance(place, Path):
        assert query(place, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("answered", [1, 35])
async def test_a_killed_writer_leaves_whole_events(place: Place, answered: int) -> None:
    """A kill -9 in the midst of writing: all that was answered is there, and nothing is half."""
    with _writer(place, "one") as process:
        told = await asyncio.to_thread(_answers, process, answered)
    assert len(told) >= answered
    await _check_whole(place, {("one", request): number for request, number in told.items()})


async def test_two_processes_write_one_register(place: Place, reporter: Reporter) -> None:
    """Each has its turn, and a third one reads meanwhile."""
    with _writer(place, "one") as first, _writer(place, "two") as second:
        async with opened(place) as population:
            mine = [await population.apply(reporter.reports(birth())) for _ in range(5)]
        told = await asyncio.gather(
            asyncio.to_thread(_answers, first, 20), asyncio.to_thread(_answers, second, 20)
        )
    answers = {
        (name, request): number
        for name, answered in zip(("one", "two"), told, strict=True)
        for request, number in answered.items()
    }
    answers |= {(one.reporter, one.request_id): one.personal_id for one in mine}
    await _check_whole(place, answers)


async def test_reads_do_not_wait_for_writes(register: Path, reporter: Reporter) -> None:
    """While another process holds the register for writing, reads answer; then writes go on."""
    async with SqlitePopulation.open(register) as population:
        await population.apply(reporter.reports(birth()))
        with closing(sqlite3.connect(register, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.ensure_future(population.apply(reporter.reports(birth("Lan"))))
            await asyncio.sleep(0.1)
            async with asyncio.timeout(1):
                assert (await population.read(Keys(numbers=(FATHER,)))).revision == 8
                await population.find_changes(ChangeQuery(1, limit=10))
            assert not writing.done()
            other.execute("ROLLBACK")
        assert (await writing).first_revision == 9


@pytest.mark.parametrize("table", ["changes", "event", "touched", "meta"])
async def test_a_failed_write_is_taken_back_and_the_next_one_succeeds(
    register: Path, reporter: Reporter, table: str
) -> None:
    """Whichever table refuses: nothing of the event stays, and its request may come again."""
    submission = reporter.reports(Marriage(BRIDE, GROOM))
    async with SqlitePopulation.open(register) as population:
        before = await citizen(population, BRIDE)
        with closing(sqlite3.connect(register)) as connection, connection:
            connection.execute(
                f"CREATE TRIGGER no BEFORE INSERT ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        with pytest.raises(PopulationUnavailable, match="disk full"):
            await population.apply(submission)
        assert await citizen(population, BRIDE) == before
        assert (await population.info()).revision == 7
        with closing(sqlite3.connect(register)) as connection, connection:
            connection.execute("DROP TRIGGER no")
        assert not (await population.apply(submission)).repeated


async def test_everybody_in_a_failed_transaction_hears_of_it(
    population: Population, reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that nobody foresaw takes all of it back, and does not stop the writer."""

    def broken(*_: object) -> None:
        raise RuntimeError("unforeseen")

    with monkeypatch.context() as patch:
        patch.setattr(book.Book, "save", broken)
        outcomes = await population.apply_many([reporter.reports(birth()) for _ in range(3)])
    assert all(isinstance(one, PopulationUnavailable) for one in outcomes)
    assert (await population.info()).revision == 7
    assert (await population.apply(reporter.reports(birth()))).first_revision == 8


async def test_a_rule_that_fails_concerns_its_event_only(place: Place, reporter: Reporter) -> None:
    """Its error is handed to whoever submitted it; the others are applied."""

    class Broken:
        """A rule with a mistake in it."""

        def needs(self, *_: object) -> object:
            """Anything."""
            raise RuntimeError("a mistake")

        plan: Any = needs

    rules: dict[type, Any] = {**RULES, Marriage: Broken()}
    async with opened(place, rules=rules) as population:
        wedding, child = await population.apply_many(
            [reporter.reports(Marriage(BRIDE, GROOM)), reporter.reports(birth())]
        )
    assert isinstance(wedding, RuntimeError)
    assert isinstance(child, Applied)


async def test_a_register_that_was_put_in_place_of_another_is_written_to(
    register: Path, register_template: Path, reporter: Reporter
) -> None:
    """Nothing goes to a file that lies no longer at the path."""
    async with SqlitePopulation.open(register) as population:
        await population.apply(reporter.reports(birth()))
        for path in register.parent.glob("population.db*"):
            path.unlink()
        with pytest.raises(PopulationUnavailable, match="no population here"):
            await population.apply(reporter.reports(birth("Lan")))
        shutil.copy(register_template, register)
        applied = await population.apply(reporter.reports(birth("Mai")))
        assert applied.first_revision == 8
        assert (await population.info()).revision == 8


async def test_a_cancelled_caller_disturbs_nobody(
    population: Population, reporter: Reporter
) -> None:
    """What it submitted is there or not; sent again it is there once."""
    submissions = [reporter.reports(birth(f"Bé {turn}")) for turn in range(20)]
    calls = [asyncio.ensure_future(population.apply(one)) for one in submissions]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(one, Applied) for one in outcomes[1::2])
    again = [await population.apply(one) for one in submissions]
    assert len({one.personal_id for one in again}) == 20
    assert (await population.info()).revision == 7 + 20


async def test_closing_writes_what_waits(place: Place, reporter: Reporter) -> None:
    """Who submitted before the end is answered."""
    async with opened(place) as population:
        writing = asyncio.ensure_future(population.apply(reporter.reports(birth())))
        await asyncio.sleep(0)
    assert (await writing).first_revision == 8
    with pytest.raises(PopulationUnavailable, match="is closed"):
        await population.apply(reporter.reports(birth("Lan")))


async def test_what_is_read_only_is_not_written_to(register: Path) -> None:
    """Before the first event the file stays as it was, and nothing lies beside it."""
    before = await asyncio.to_thread(register.read_bytes)
    async with SqlitePopulation.open(register) as population:
        await population.read(Keys(details=(MOTHER,)))
        await population.find_changes(ChangeQuery(1, limit=1))
    assert await asyncio.to_thread(register.read_bytes) == before
    assert [one.name for one in register.parent.glob("population.db*")] == [register.name]
