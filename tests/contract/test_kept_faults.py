"""Answers that are kept, when the disk fails: with their leaf and their session, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.core.access import access_root
from gateway.core.errors import Unavailable
from gateway.core.signing import pre_authentication_encoding
from gateway.core.statement import Statement
from gateway.flows.ports import AlreadyKept, Entry, KeptKey, SessionStep, ToKeep
from gateway.store.sessions import SqliteSessions
from gateway.store.sqlite import SqliteRecords, create_records, open_records
from tests.support.disk import files_no_larger_than, size_of_log
from tests.support.faults import Faults, inject
from tests.support.records import ANYBODY, COMMON, audited, certify
from tests.support.scene import ORIGIN

PAGE = 4096
TYPE = "type.googleapis.com/dancu.v1.Test"


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


def entry_of(key: KeptKey, step: SessionStep | None = None) -> Entry:
    """An entry whose answer is kept: one of each key."""
    value = repr(key).encode()
    digest = hashlib.sha256(pre_authentication_encoding(TYPE, value)).digest()
    statement = Statement(TYPE, value, (("key", b"signature"),), digest)
    keep = ToKeep(key, digest, statement, b"beside " + value, step)
    return Entry(digest, access_root(COMMON, (ANYBODY,)), COMMON, (ANYBODY,), keep)


class Answers:
    """An event and a chunk at a time, each pair in one commit, sent again until it is stored."""

    def __init__(self, records: SqliteRecords) -> None:
        self._records = records
        self._sessions = SqliteSessions(records)
        self.sent = 0

    async def pair(self) -> list[Entry]:
        """The next event, and the session's next chunk."""
        session = await self._sessions.open("plain", "s1", "{}", bytes(32), 0)
        number = self.sent
        step = SessionStep(session.key, number, session.tip, 1, b"8 bytes.", 0)
        return [
            entry_of(KeptKey("plain", "Submit", f"r{number}")),
            entry_of(KeptKey("plain", "Reconcile", "s1", number), step),
        ]

    async def commit(self, pair: list[Entry]) -> None:
        """Send a pair, which must be stored, now or before; it is stored once."""
        with contextlib.suppress(AlreadyKept):
            await self._records.commit(pair, certify)
        self.sent += 1
        await self.check(pair, stored=True)

    async def check(self, pair: list[Entry], *, stored: bool | None = None) -> bool:
        """Both answers are kept, or neither, and the session stands accordingly."""
        kept = [await self._records.kept(one.keep.key) for one in pair if one.keep]
        assert [one is None for one in kept] in ([True] * 2, [False] * 2)
        there = kept[0] is not None
        session = await self._sessions.open("plain", "s1", "{}", bytes(32), 0)
        assert session.next_chunk == self.sent + (there and stored is None)
        assert stored in (None, there)
        return there


async def test_every_statement_of_a_commit_may_fail(
    records: SqliteRecords, path: Path, faults: Faults
) -> None:
    """Before or after it did its work: all of an answer or nothing, and sent again it is there."""
    answers = Answers(records)
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
        answers = Answers(records)
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
