"""Sessions of chunks: in order, once and for good, whatever happens to streams and stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from gateway.core.comparison import Others
from gateway.core.errors import (
    CallError,
    Conflict,
    MalformedRequest,
    Obstructed,
    OutOfRange,
    QuotaExceeded,
    Refused,
    Unavailable,
)
from gateway.core.items import digests as item_digests
from gateway.core.policy import Grant
from gateway.core.pool import Quota
from gateway.core.reconciled import NO_STATEMENT
from gateway.flows import reconcile_sitting
from gateway.flows.ports import Certify, Committed, Entry
from gateway.flows.reconcile_chunk import Answer, Chunk
from gateway.flows.reconcile_sitting import KEPT_SECONDS, Outcome
from gateway.flows.reconciliation import IDLE_SECONDS
from tests.support.policies import policy
from tests.support.records import audited, names, query
from tests.support.sessions import (
    RECONCILE,
    House,
    Talk,
    chunk,
    items_of,
    number_of,
    row,
    statement_of,
    verdicts,
)

FIRST = chunk(0, [row(2), row(3), row(4, "Lê Văn Bình")])
SECOND = chunk(1, [row(6), row(2), row(8)])
THIRD = chunk(2, [row(10)])
SEX = Grant(frozenset({"sex"}))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house at work, whose log must hold in the end."""
    async with House.new(tmp_path / "gateway.db") as made:
        yield made
    assert names(audited(made.path, revision=made.register.revision)) == set()


def count(house: House, table: str) -> int:
    """Rows of a table."""
    ((rows,),) = query(house.path, f"SELECT count(*) FROM {table}")  # noqa: S608 - names of the schema
    return int(rows)


def used(house: House) -> tuple[int, int]:
    """Answers and records that were charged."""
    ((answers, records),) = query(house.path, "SELECT sum(answers), sum(records) FROM usage")
    return answers, records


async def until_asked(house: House, talk: Talk) -> asyncio.Task[Outcome]:
    """Wait for an answer, as far as the register being asked for it."""
    waiting = asyncio.create_task(talk.next())
    await house.register.begun.wait()
    return waiting


async def test_chunks_are_answered_in_order_and_chained(house: House) -> None:
    """One statement each over its items; each names the one before; the closing counts them."""
    async with house.talk() as talk:
        talk.send(FIRST, SECOND, THIRD)
        answers = [await talk.next() for _ in range(3)]
        closed = await talk.close()
    assert (closed.chunk_count, closed.record_count) == (3, 7)
    assert closed.kept_until.timestamp() == int(house.seconds) + KEPT_SECONDS
    previous = NO_STATEMENT
    for number, answer in enumerate(answers):
        assert isinstance(answer, Answer)
        said = statement_of(answer)
        assert (said.session_id, said.chunk_number) == ("s1", number)
        assert said.previous_digest == previous
        assert list(said.item_digests) == item_digests(answer.seed, answer.items)
        previous = answer.receipt.statement.digest
    assert [verdicts(one) for one in answers if isinstance(one, Answer)] == [
        [1, 3, 3],
        [1] * 3,
        [1],
    ]
    assert used(house) == (3, 7)


async def test_a_chunk_sent_again_gets_the_same_bytes(house: House) -> None:
    """In the same stream or another, also after the closing; once recorded, once charged."""
    async with house.talk() as talk:
        first = await talk.answer(FIRST)
        assert await talk.answer(FIRST) == first
        second = await talk.answer(SECOND)
        assert await talk.answer(FIRST) == first
        await talk.close()
    async with house.talk() as talk:
        assert talk.sitting.session.closed
        assert await talk.answer(SECOND) == second
        assert await talk.answer(FIRST) == first
    assert (used(house), count(house, "window")) == ((2, 6), 2)


async def test_a_chunk_with_other_records_is_refused(house: House) -> None:
    """What was answered stands."""
    async with house.talk() as talk:
        first = await talk.answer(FIRST)
        talk.send(chunk(0, [row(2), row(3)]))
        with pytest.raises(Conflict) as caught:
            await talk.next()
    assert caught.value.reason == "CHUNK_CHANGED"
    async with house.talk() as talk:
        assert await talk.answer(FIRST) == first


@pytest.mark.parametrize("sent", [SECOND, chunk(7, [row(2)])])
async def test_chunks_come_without_gaps(house: House, sent: Chunk) -> None:
    """Or not at all; the session goes on from where it stood."""
    async with house.talk() as talk:
        talk.send(sent)
        with pytest.raises(Obstructed) as caught:
            await talk.next()
    assert caught.value.reason == "CHUNK_OUT_OF_ORDER"
    async with house.talk() as talk:
        assert talk.sitting.session.next_chunk == 0
        await talk.answer(FIRST)


async def test_a_closed_session_takes_no_more(house: House) -> None:
    """Closing it once more tells the same."""
    async with house.talk() as talk:
        await talk.answer(FIRST)
        closed = await talk.close()
    house.seconds += 60
    async with house.talk() as talk:
        assert await talk.close() == closed
    async with house.talk() as talk:
        talk.send(SECOND)
        with pytest.raises(Obstructed) as caught:
            await talk.next()
    assert caught.value.reason == "SESSION_CLOSED"


async def test_answers_are_kept_for_a_week_after_the_closing(house: House) -> None:
    """Then they are gone, and the session still knows that they were."""
    async with house.talk() as talk:
        first = await talk.answer(FIRST)
        await talk.close()
    house.seconds += KEPT_SECONDS - 2
    async with house.talk() as talk:
        assert talk.sitting.first_kept == 0
        assert await talk.answer(FIRST) == first
    house.seconds += 3
    async with house.talk() as talk:
        assert talk.sitting.first_kept == 1
        talk.send(FIRST)
        with pytest.raises(OutOfRange) as caught:
            await talk.next()
    assert caught.value.reason == "CHUNK_EXPIRED"


async def test_what_has_expired_is_deleted(house: House) -> None:
    """Hashes of numbers at the closing, answers a week later, nothing of other sessions."""
    for name in ("s1", "s2"):
        async with house.talk(name) as talk:
            await talk.answer(FIRST)
            await talk.answer(SECOND)
    async with house.talk() as talk:
        await talk.close()
    assert query(house.path, "SELECT name FROM session WHERE length(salt) = 0") == [("s1",)]
    await house.reconciliation.purge_once()
    assert (count(house, "seen"), count(house, "kept")) == (2, 4)
    house.seconds += KEPT_SECONDS + 1
    await house.reconciliation.purge_once()
    assert (count(house, "seen"), count(house, "kept"), count(house, "session")) == (2, 2, 2)


async def test_a_session_that_nobody_uses_is_closed(house: House) -> None:
    """After 30 days; its answers are kept for a week more."""
    async with house.talk() as talk:
        first = await talk.answer(FIRST)
    house.seconds += IDLE_SECONDS + 3
    await house.reconciliation.purge_once()
    async with house.talk() as talk:
        assert talk.sitting.session.closed
        assert await talk.answer(FIRST) == first


async def test_a_session_goes_on_after_the_gateway_was_stopped(house: House) -> None:
    """From where it stood, chained, and numbers seen before are still known."""
    async with house.talk() as talk:
        first = await talk.answer(FIRST)
    async with House(house.path) as other, other.talk() as talk:
        session = talk.sitting.session
        assert (session.next_chunk, session.record_count) == (1, 3)
        second = await talk.answer(SECOND)
    assert statement_of(second).previous_digest == first.receipt.statement.digest
    assert [list(item.flags) for item in items_of(second)] == [[], [3], []]


async def test_a_number_that_came_before_is_flagged(house: House) -> None:
    """In the same chunk or an earlier one, mended or not, known or not; not in other sessions."""
    again = chunk(1, [row(3), row(12), row(12, "Lê Văn Bình"), row(14)])
    mended = row(14)._replace(claim=row(14).claim._replace(personal_id=number_of(14).lstrip("0")))
    async with house.talk() as talk:
        await talk.answer(FIRST)
        second = await talk.answer(again)
        third = await talk.answer(chunk(2, [mended]))
    assert [list(item.flags) for item in items_of(second)] == [[3], [], [3], []]
    assert [list(item.flags) for item in items_of(third)] == [[3, 4]]
    async with house.talk("s2") as talk:
        assert not any(item.flags for item in items_of(await talk.answer(FIRST)))


async def test_the_context_is_fixed(house: House) -> None:
    """Another officer, or another request id, is another session; so is another caller."""
    async with house.talk() as talk:
        await talk.answer(FIRST)
    context = RECONCILE.context._replace(officer_id="officer-2")
    with pytest.raises(Conflict) as caught:
        async with house.talk(call=RECONCILE._replace(context=context)):
            pass
    assert caught.value.reason == "SESSION_CHANGED"
    async with house.talk(call=RECONCILE._replace(caller="full")) as talk:
        assert talk.sitting.session.next_chunk == 0


@pytest.mark.parametrize("name", ["", "a b", "x" * 41, "s/1", "sé"])
async def test_a_session_needs_a_name(house: House, name: str) -> None:
    """Of few characters, because it goes into statements and names of files."""
    with pytest.raises(MalformedRequest) as caught:
        async with house.talk(name):
            pass
    assert [one.field for one in caught.value.violations] == ["open.session_id"]
    assert count(house, "session") == 0


@pytest.mark.parametrize("sent", [chunk(0, []), chunk(0, [row(2)] * 1001), chunk(-1, [row(2)])])
async def test_a_chunk_has_a_number_and_up_to_a_thousand_records(house: House, sent: Chunk) -> None:
    """Else it is malformed, and nothing is recorded."""
    async with house.talk() as talk:
        talk.send(sent)
        with pytest.raises(MalformedRequest):
            await talk.next()
    assert count(house, "window") == 0


async def test_a_chunk_of_nothing_that_can_be_asked_is_answered(house: House) -> None:
    """It touches nobody, and is not charged."""
    async with house.talk() as talk:
        answer = await talk.answer(chunk(0, [row(2, "")] * 5))
        closed = await talk.close()
    assert verdicts(answer) == [5] * 5
    assert (used(house), closed.record_count) == ((1, 0), 5)


async def test_a_stranger_is_refused_and_recorded(house: House) -> None:
    """Before any session is made."""
    with pytest.raises(Refused):
        async with house.talk(call=RECONCILE._replace(caller="nobody")):
            pass
    assert (count(house, "session"), count(house, "window")) == (0, 1)


async def test_a_grant_revoked_in_mid_stream_ends_it(house: House) -> None:
    """The next chunk is refused and recorded; so are kept answers."""
    async with house.talk() as talk:
        await talk.answer(FIRST)
        house.gate.adopt(policy())
        talk.send(FIRST)
        with pytest.raises(Refused):
            await talk.next()
    assert (used(house), count(house, "window")) == ((2, 3), 2)


async def test_fields_are_shown_by_the_grant_of_each_chunk(house: House) -> None:
    """A grant that was narrowed shows less from the next chunk on."""
    others = row(2)._replace(others=Others(sex=1))
    async with house.talk() as talk:
        before = await talk.answer(chunk(0, [others]))
        house.gate.adopt(policy(plain=Grant(frozenset())))
        after = await talk.answer(chunk(1, [others]))
    assert [[int(f.agreement) for f in items_of(one)[0].fields] for one in (before, after)] == [
        [3],
        [4],
    ]


async def test_a_want_of_quota_parks_the_session(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so once, and until when; then it goes on, and who calls is proved anew."""
    monkeypatch.setattr(reconcile_sitting, "PARK_STEP", 0.01)
    house.gate.adopt(policy({("plain", "*"): Quota(per_second=10, burst=4)}, plain=SEX))
    async with house.talk() as talk:
        await talk.answer(FIRST)
        talk.send(SECOND)
        parked = await talk.parked()
        assert (parked.number, parked.reason) == (1, "QUOTA_RATE_EXCEEDED")
        assert parked.resumes_at.timestamp() == pytest.approx(house.seconds + 0.2, abs=0.01)
        house.seconds += 0.25
        assert (await talk.answer()).number == 1
        assert talk.again
    assert used(house) == (2, 6)


async def test_a_used_up_day_parks_until_midnight(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Viet Nam; an operator who raises the quota lets it go on at once."""
    monkeypatch.setattr(reconcile_sitting, "PARK_STEP", 0.01)
    house.gate.adopt(policy({("plain", "*"): Quota(per_day=4)}, plain=SEX))
    async with house.talk() as talk:
        await talk.answer(FIRST)
        talk.send(SECOND)
        parked = await talk.parked()
        assert parked.reason == "QUOTA_DAY_EXCEEDED"
        assert parked.resumes_at.isoformat().endswith("00:00:00+07:00")
        house.gate.adopt(policy({("plain", "*"): Quota(per_day=6)}, plain=SEX))
        assert (await talk.answer()).number == 1


@pytest.mark.parametrize(
    ("quota", "reason"),
    [
        (Quota(per_second=10, burst=2), "QUOTA_BATCH_TOO_LARGE"),
        (Quota(per_day=2), "QUOTA_DAY_EXCEEDED"),
        (Quota(mismatches_per_number_per_day=0), "QUOTA_MISMATCHES_EXCEEDED"),
    ],
)
async def test_what_never_fits_is_an_error(house: House, quota: Quota, reason: str) -> None:
    """Waiting would not help; nothing is charged."""
    house.gate.adopt(policy({("plain", "*"): quota}, plain=SEX))
    async with house.talk() as talk:
        talk.send(FIRST)
        with pytest.raises(QuotaExceeded) as caught:
            await talk.next()
    assert caught.value.reason == reason
    assert count(house, "kept") == 0


async def test_the_latest_stream_takes_over(house: House) -> None:
    """The one before ends, after what it had under way."""
    async with house.talk() as before:
        await before.answer(FIRST)
        async with house.talk() as after:
            with pytest.raises(Obstructed) as caught:
                await before.next()
            assert caught.value.reason == "SESSION_TAKEN_OVER"
            assert after.sitting.session.next_chunk == 1
            await after.answer(SECOND)


async def test_a_parked_stream_takes_nothing_in_once_it_was_taken_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its chunk is asked by the stream that goes on, and by nobody else."""
    monkeypatch.setattr(reconcile_sitting, "PARK_STEP", 0.01)
    house.gate.adopt(policy({("plain", "*"): Quota(per_second=10, burst=4)}, plain=SEX))
    async with house.talk() as before:
        await before.answer(FIRST)
        before.send(SECOND)
        await before.parked()
        async with house.talk() as after:
            house.seconds += 1
            await asyncio.sleep(0.05)
            assert (await after.answer(SECOND)).number == 1
    assert used(house) == (2, 6)


async def test_a_crowd_opens_one_session(house: House) -> None:
    """The latest goes on; every chunk has one answer."""

    async def reconcile() -> bytes | str:
        try:
            async with house.talk() as talk:
                return (await talk.answer(FIRST)).receipt.statement.value
        except CallError as error:
            return error.reason

    told = await asyncio.gather(*(reconcile() for _ in range(20)))
    assert len({one for one in told if isinstance(one, bytes)}) == 1
    assert {one for one in told if isinstance(one, str)} <= {"SESSION_TAKEN_OVER"}
    assert used(house) == (1, 3)


async def test_two_gateways_answer_a_chunk_once(house: House) -> None:
    """The second one to record it leaves nothing, and what hangs on it neither."""
    async with House(house.path) as other, other.talk() as theirs, house.talk() as ours:
        first = await theirs.answer(FIRST)
        ours.send(FIRST, SECOND)
        with pytest.raises(Unavailable) as caught:
            await ours.next()
        assert caught.value.reason == "ANSWERED_MEANWHILE"
        await theirs.answer(SECOND)
    async with house.talk() as talk:
        assert await talk.answer(FIRST) == first
    assert used(house) == (2, 6)


async def test_a_chunk_is_answered_though_its_stream_is_gone(house: House) -> None:
    """Whoever comes next waits until it is settled, and gets that answer."""
    async with house.talk() as talk:
        talk.send(FIRST, SECOND)
        waiting = await until_asked(house, talk)
        waiting.cancel()
        await asyncio.wait([waiting])
    async with house.talk() as talk:
        assert talk.sitting.session.next_chunk >= 1
        assert (await talk.answer(FIRST)).number == 0
        assert (await talk.answer(SECOND)).number == 1
    assert used(house) == (2, 6)


async def test_a_failure_ends_the_stream_and_not_the_session(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing after the failed chunk is recorded; then everything goes on."""
    commit, failing = house.records.commit, [True]

    async def fail(entries: Sequence[Entry], certify: Certify, _limits: object) -> Committed:
        if failing:
            failing.pop()
            raise Unavailable("RECORD_STORE_UNAVAILABLE", "down", "down")
        return await commit(entries, certify)

    monkeypatch.setattr(house.records, "commit", fail)
    async with house.talk() as talk:
        talk.send(FIRST, SECOND, THIRD)
        with pytest.raises(Unavailable):
            await talk.next()
    async with house.talk() as talk:
        talk.send(FIRST, SECOND, THIRD)
        answers = [await talk.next() for _ in range(3)]
    assert [one.number for one in answers if isinstance(one, Answer)] == [0, 1, 2]
    assert used(house) == (3, 7)


async def test_a_caller_that_does_not_read_is_not_read_from(house: House) -> None:
    """At most so many chunks wait for their answers."""
    async with house.talk() as talk:
        talk.send(*(chunk(number, [row(2 * number)]) for number in range(20)))
        await talk.next()
        await asyncio.sleep(0.1)
        assert talk.sent.qsize() >= 20 - reconcile_sitting.MAX_IN_FLIGHT - 1
        for _ in range(19):
            await talk.next()


async def test_a_number_reissued_while_a_chunk_is_in_flight(house: House) -> None:
    """Each chunk is of one revision: before, the number holds; after, it is superseded."""
    async with house.talk() as talk:
        talk.send(chunk(0, [row(2)]), chunk(1, [row(3)]))
        waiting = await until_asked(house, talk)
        house.register.successors[number_of(2)] = number_of(100)
        house.register.revision = 8
        before = await waiting
        await talk.next()
        after = await talk.answer(chunk(2, [row(2), row(100)]))
    assert isinstance(before, Answer)
    assert statement_of(before).header.register_revision == 7
    assert [list(item.flags) for item in items_of(before)] == [[]]
    assert statement_of(after).header.register_revision == 8
    superseded, current = items_of(after)
    assert (list(superseded.flags), superseded.current_personal_id) == ([1, 3], number_of(100))
    assert not current.flags


async def test_what_is_kept_names_nobody(house: House) -> None:
    """Only the chunk itself opens its answer."""
    async with house.talk() as talk:
        await talk.answer(chunk(0, [row(2, "Lê Văn An", "KEY-OF-A-ROW")] * 50))
    stored = b"".join(path.read_bytes() for path in house.path.parent.glob("gateway.db*"))
    for told in (number_of(2), "Lê Văn An", "KEY-OF-A-ROW"):
        assert told.encode() not in stored
