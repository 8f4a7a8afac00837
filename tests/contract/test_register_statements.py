"""Events, when the disk fails under them: taken in whole or not at all, and once."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from mock_population_db.changes import ChangeQuery
from mock_population_db.events import Applied, Submission
from mock_population_db.store import opening
from mock_population_db.store.errors import PopulationUnavailable
from mock_population_db.store.sqlite import SqlitePopulation
from tests.support.disk import files_no_larger_than, size_of_log
from tests.support.faults import Faults, FaultyConnection
from tests.support.reporter import Reporter, birth

PAGE = 4096


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    """What goes wrong with the connections that are opened from now on."""
    told = Faults()
    kind = type("Faulty", (FaultyConnection,), {"faults": told})

    def connect(path: Path) -> sqlite3.Connection:
        where = f"{path.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(where, uri=True, isolation_level=None, factory=kind)

    monkeypatch.setattr(opening, "connect", connect)
    return told


class Office:
    """Reports births, each until it is taken in."""

    def __init__(self, population: SqlitePopulation) -> None:
        self._population = population
        self._reporter = Reporter()
        self.taken: list[Applied] = []

    def next(self) -> Submission:
        """The next report."""
        return self._reporter.reports(birth())

    async def insist(self, submission: Submission) -> Applied:
        """Report once more; it is in the register once afterwards."""
        applied = await self._population.apply(submission)
        self.taken.append(applied)
        return applied

    async def is_there(self, submission: Submission) -> bool:
        """Whether the register has the event, after an error."""
        key = (submission.reporter, submission.rpc, submission.request_id)
        return await self._population.find_request(*key) is not None

    async def check(self) -> None:
        """Every event is there once, with its changes, and nothing besides."""
        events = await self._population.events_after("", 10_000)
        assert [one.event_id for one in events] == [one.event_id for one in self.taken]
        page = await self._population.find_changes(ChangeQuery(8, limit=10_000))
        assert [one.event_id for one in page.changes] == [one.event_id for one in self.taken]
        assert [one.revision for one in page.changes] == [one.first_revision for one in self.taken]


async def test_every_statement_of_an_event_may_fail(register: Path, faults: Faults) -> None:
    """Before or after it did its work: the same report is taken in once, whole."""
    async with SqlitePopulation.open(register) as population:
        office = Office(population)
        await office.insist(office.next())
        faults.disarm()
        await office.insist(office.next())
        steps = faults.executed.index("COMMIT") + 1
        outcomes = []
        for step in range(2 * steps):
            submission = office.next()
            faults.arm(step // 2, after=step % 2 == 1)
            with pytest.raises(PopulationUnavailable):
                await population.apply(submission)
            faults.disarm()
            there = await office.is_there(submission)
            assert (await office.insist(submission)).repeated is there
            outcomes.append(there)
        assert outcomes == [False] * (2 * steps - 1) + [True]  # an error after COMMIT
        await office.check()


async def test_a_full_disk_takes_in_whole_events(register: Path) -> None:
    """At many sizes of the write-ahead log, within its pages and between them."""
    failed = 0
    async with SqlitePopulation.open(register) as population:
        office = Office(population)
        await office.insist(office.next())
        for more in range(0, 12 * PAGE, 1_777):
            submission = office.next()
            try:
                with files_no_larger_than(size_of_log(register) + more):
                    await population.apply(submission)
            except PopulationUnavailable:
                failed += 1
                assert not await office.is_there(submission)
            await office.insist(submission)
        await office.check()
    assert failed > 3
