"""Answers that are kept, sessions of chunks, watch lists, the mark: whatever store has them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import pytest

from gateway.flows.ports import (
    AlreadyKept,
    Entry,
    KeptKey,
    Session,
    Sessions,
    SessionStep,
    WatchList,
    WatchLists,
)
from tests.support.kept_answers import Answers, entry_of
from tests.support.record_stores import Place, Store, audited, engine_of, opened, query
from tests.support.records import certify, entry

ANNA, BERT = "001090000013", "001090000026"
CHUNK = "Reconcile"


@pytest.fixture
async def records(record_place: Place) -> AsyncIterator[Store]:
    """A new store."""
    async with opened(record_place) as store:
        yield store


@pytest.fixture
def sessions(records: Store, record_place: Place) -> Sessions:
    """Its sessions."""
    return engine_of(record_place).sessions(records)


@pytest.fixture
def lists(records: Store, record_place: Place) -> WatchLists:
    """Its watch lists."""
    return engine_of(record_place).watch_lists(records)


def chunk(session: Session, seen: bytes = b"8 bytes.", at: int = 5) -> Entry:
    """The next chunk of a session of this name."""
    step = SessionStep(session.key, session.next_chunk, session.tip, 3, seen, at)
    return entry_of(KeptKey("plain", CHUNK, "s1", session.next_chunk), step)


async def reopened(sessions: Sessions) -> Session:
    """The session as it stands."""
    return await sessions.open("plain", "s1", "another", b"other", 99)


async def test_a_kept_answer_comes_back_as_it_went_in(records: Store, record_place: Place) -> None:
    """With the proof that its caller got; and another request has none."""
    one = entry_of(KeptKey("plain", "Submit", "r1"))
    committed = await records.commit([entry(0), one], certify)
    assert one.keep is not None
    kept = await records.kept(one.keep.key)
    assert kept is not None
    assert kept.statement == one.keep.statement
    assert (kept.fingerprint, kept.beside) == (one.keep.fingerprint, one.keep.beside)
    assert kept.access_root == one.access_root
    assert kept.tlog_proof == await records.prove(1)
    assert committed.first_index == 0
    for other in (("full", "Submit", "r1"), ("plain", "Annul", "r1"), ("plain", "Submit", "r2")):
        assert await records.kept(KeptKey(*other)) is None
    assert not audited(record_place).findings


async def test_a_request_is_answered_once(records: Store, record_place: Place) -> None:
    """The entries at fault are told by position, and nothing of the commit is there."""
    first, second = (entry_of(KeptKey("plain", "Submit", name)) for name in ("r1", "r2"))
    await records.commit([first], certify)
    with pytest.raises(AlreadyKept) as caught:
        await records.commit([entry(0), second, first], certify)
    assert caught.value.positions == {2}
    assert second.keep is not None
    assert await records.kept(second.keep.key) is None
    await records.commit([entry(0), second], certify)
    assert audited(record_place).leaves == 3


async def test_a_hundred_at_once_have_one_effect(records: Store, record_place: Place) -> None:
    """The same request from all sides, by two gateways."""
    async with opened(record_place) as other:
        tries = (
            store.commit([entry_of(KeptKey("plain", "Submit", "r1"))], certify)
            for store in (records, other) * 50
        )
        done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(one, AlreadyKept) for one in done) == 1
    assert audited(record_place).leaves == 1


async def test_a_session_moves_on_with_its_chunks(records: Store, sessions: Sessions) -> None:
    """From where it stands; also two in one commit; and what it has seen comes back in order."""
    opened_first = await sessions.open("plain", "s1", "{}", b"salt", 1)
    assert opened_first[1:] == ("{}", b"salt", 0, 0, bytes(32), None)
    assert await reopened(sessions) == opened_first
    first = chunk(opened_first, b"seen 000")
    assert first.keep is not None
    moved = opened_first._replace(next_chunk=1, tip=first.keep.statement.digest)
    second = chunk(moved, b"seen 001")
    await records.commit([first, second], certify)
    session = await reopened(sessions)
    assert second.keep is not None
    assert (session.next_chunk, session.record_count) == (2, 6)
    assert session.tip == second.keep.statement.digest
    assert list(await sessions.seen(session.key, 0)) == [b"seen 000", b"seen 001"]
    assert list(await sessions.seen(session.key, 1)) == [b"seen 001"]
    assert list(await sessions.seen(session.key, 2)) == []
    assert (await sessions.open("full", "s1", "{}", b"salt", 1)).key != session.key


async def test_a_chunk_goes_in_only_where_its_session_stands(
    records: Store, sessions: Sessions
) -> None:
    """Not twice, not out of turn, not behind another answer, not once it is closed."""
    session = await sessions.open("plain", "s1", "{}", b"salt", 1)
    late = chunk(session._replace(next_chunk=1))
    astray = chunk(session._replace(tip=hashlib.sha256(b"other").digest()))
    for wrong in (late, astray):
        with pytest.raises(AlreadyKept) as caught:
            await records.commit([entry(0), wrong], certify)
        assert caught.value.positions == {1}
    await records.commit([chunk(session)], certify)
    session = await sessions.close(session.key, 7)
    assert (session.salt, session.next_chunk, session.closed) == (b"", 1, 7)
    assert (await sessions.close(session.key, 9)).closed == 7
    with pytest.raises(AlreadyKept):
        await records.commit([chunk(session)], certify)
    assert await reopened(sessions) == session


async def test_what_has_expired_is_purged_little_by_little(
    records: Store, sessions: Sessions
) -> None:
    """Idle ones are closed, what a closed one saw goes, and its answers when they expired."""
    for _ in range(3):
        await records.commit([chunk(await sessions.open("plain", "s1", "{}", b"salt", 1))], certify)
    event = entry_of(KeptKey("plain", "Submit", "s1"))
    await records.commit([event], certify)
    key = KeptKey("plain", CHUNK, "s1", 2)
    session = await reopened(sessions)
    assert not await sessions.purge(CHUNK, 5, 0, 100)
    assert (await reopened(sessions)).closed is None
    assert await sessions.purge(CHUNK, 6, 0, 100)
    assert ((await reopened(sessions)).closed, (await reopened(sessions)).salt) == (100, b"")
    assert list(await sessions.seen(session.key, 0)) == []
    assert await records.kept(key) is not None
    assert await sessions.purge(CHUNK, 6, 101, 102)
    assert await records.kept(key) is None
    assert not await sessions.purge(CHUNK, 6, 101, 102)
    assert event.keep is not None
    assert await records.kept(event.keep.key) is not None


async def test_events_and_chunks_go_on_side_by_side(records: Store, sessions: Sessions) -> None:
    """Answers of both kinds in one commit, again and again."""
    answers = Answers(records, sessions)
    for _ in range(5):
        pair = await answers.pair()
        await answers.commit(pair)
        with pytest.raises(AlreadyKept) as caught:
            await records.commit(pair, certify)
        assert caught.value.positions == {0, 1}


async def test_a_list_has_whom_it_was_told(lists: WatchLists) -> None:
    """Taken off first, then put on; every change has a version, and revisions only grow."""
    assert await lists.load("plain") == WatchList(frozenset(), 0, 0)
    assert await lists.version("plain") == 0
    assert await lists.change("plain", [ANNA, BERT, ANNA], [], 7) == 1
    assert await lists.load("plain") == WatchList(frozenset({ANNA, BERT}), 7, 1)
    assert await lists.change("plain", [BERT], [ANNA, BERT, "001090000039"], 5) == 2
    assert await lists.load("plain") == WatchList(frozenset({BERT}), 7, 2)
    assert await lists.version("plain") == 2
    assert await lists.load("full") == WatchList(frozenset(), 0, 0)


async def test_lists_that_change_at_once_lose_nothing(
    record_place: Place, lists: WatchLists
) -> None:
    """Two gateways put different people on one list."""
    people = [f"{number:012d}" for number in range(40)]
    async with opened(record_place) as other:
        both = (lists, engine_of(record_place).watch_lists(other))
        changes = [both[at % 2].change("plain", [one], [], at) for at, one in enumerate(people)]
        versions = await asyncio.gather(*changes)
    assert sorted(versions) == list(range(1, 41))
    assert await lists.load("plain") == WatchList(frozenset(people), 39, 40)


async def test_the_mark_is_what_was_noted_last(records: Store, record_place: Place) -> None:
    """Nothing at first; and durable."""
    assert await records.event_mark() == ""
    await records.set_event_mark("BD-1")
    await records.set_event_mark("BD-2")
    async with opened(record_place) as other:
        assert await other.event_mark() == "BD-2"
    assert query(record_place, "SELECT value FROM meta WHERE key = 'event_mark'") == [("BD-2",)]
