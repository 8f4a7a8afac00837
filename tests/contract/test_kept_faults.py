"""Answers that are kept, when the disk fails: with their leaf and their session, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.core.errors import Unavailable
from gateway.store.sessions import SqliteSessions
from gateway.store.sqlite import SqliteRecords, create_records, open_records
from tests.support.disk import files_no_larger_than, size_of_log
from tests.support.faults import Faults, inject
from tests.support.kept_answers import Answers
from tests.support.records import audited, certify
from tests.support.scene import ORIGIN

PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new record store."""
    create_records(tmp_path / "gateway.db", ORIGIN, certify)
    return tmp_path / "gateway.db"


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What goes wrong with the connections that are opened from now on."""
    with inject(told := Faults()):
        yield told


@pytest.fixture
async def records(faults: Faults, path: Path) -> AsyncIterator[SqliteRecords]:
    """A store whose connections obey ``faults``."""
    async with open_records(path) as opened:
        yield opened


async def test_every_statement_of_a_commit_may_fail(
    records: SqliteRecords, path: Path, faults: Faults
) -> None:
    """Before or after it did its work: all of an answer or nothing, and sent again it is there."""
    answers = Answers(records, SqliteSessions(records))
    first = await answers.pair()
    faults.disarm()
    await records.commit(first, certify)
    steps = faults.executed.index("COMMIT") + 1
    answers.sent += 1
    outcomes = []
    for step in range(2 * steps):
        pair = await answers.pair()
        faults.arm(step // 2, after=step % 2 == 1)
        with pytest.raises(Unavailable):
            await records.commit(pair, certify)
        faults.disarm()
        outcomes.append(await answers.check(pair))
        await answers.commit(pair)
    assert outcomes == [False] * (2 * steps - 1) + [True]  # an error after COMMIT: it is there
    report = audited(path)
    assert (report.leaves, report.findings) == (2 * answers.sent, [])


async def test_a_full_disk_keeps_all_of_an_answer_or_nothing(path: Path) -> None:
    """At many sizes of the write-ahead log, within its pages and between them."""
    failed = 0
    async with open_records(path) as records:
        answers = Answers(records, SqliteSessions(records))
        await answers.commit(await answers.pair())
        for more in range(0, 9 * PAGE, 1_777):
            pair = await answers.pair()
            try:
                with files_no_larger_than(size_of_log(path) + more):
                    await records.commit(pair, certify)
            except Unavailable:
                failed += 1
                assert not await answers.check(pair)
            await answers.commit(pair)
        assert failed > 3
    report = audited(path)
    assert (report.leaves, report.findings) == (2 * answers.sent, [])
