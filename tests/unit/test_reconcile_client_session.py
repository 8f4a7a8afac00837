"""The SDK's Reconciler: nothing is lost, nothing unverified is handed over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.sdk import (
    ChunkResult,
    Gateway,
    Parked,
    Record,
    RecordFlag,
    RecordVerdict,
    Refused,
    Sex,
    Trust,
    Unreachable,
    UntrustedAnswer,
)
from clients.sdk.reconciler import Reconciler
from dancu.v1 import reconciliation_pb2 as r
from dancu.v1 import statement_pb2 as s
from dancu.v1 import sync_service_pb2 as sync
from tests.support.scripted_sync import ScriptedSync, name_of, number_of, serving_sync
from tests.unit.client_fake_gateway import CONTEXT

SIZE = 3  # records a chunk
Spoil = Callable[[sync.ReconciledChunkResult], object]


@pytest.fixture
async def fake() -> AsyncIterator[ScriptedSync]:
    """A scripted gateway that serves."""
    async with serving_sync(ScriptedSync()) as fake:
        yield fake


@pytest.fixture
async def gateway(fake: ScriptedSync) -> AsyncIterator[Gateway]:
    """A connection that pins its root."""
    trust = Trust.pinned([fake.root.key_id])
    async with Gateway.connect(fake.target, trust=trust, context=CONTEXT, timeout=2.0) as gateway:
        yield gateway


def _chunk(number: int) -> list[Record]:
    return [
        Record(
            row_key=str(citizen + 1),
            personal_id=number_of(citizen),
            full_name=name_of(citizen),
            birth_date="1990-05-12",
        )
        for citizen in range(number * SIZE, (number + 1) * SIZE)
    ]


def _chunks(count: int, first: int = 0) -> list[list[Record]]:
    return [_chunk(number) for number in range(first, count)]


async def _run(reconciler: Reconciler, chunks: list[list[Record]]) -> list[ChunkResult]:
    return [result async for result in reconciler.run(chunks)]


async def _collect(
    gateway: Gateway,
    chunks: Iterable[list[Record]] | AsyncIterable[list[Record]],
    into: list[ChunkResult],
    then: Callable[[ChunkResult], object] = lambda _: None,
    patience: float = 5.0,
) -> None:
    """Run a session; what came before an error stays in ``into``."""
    async with gateway.reconciler("s-1", patience=patience) as reconciler:
        async for result in reconciler.run(chunks):
            into.append(result)
            then(result)


def _require_all(results: list[ChunkResult], count: int) -> None:
    """Each chunk once and in order, every record matched."""
    assert [result.chunk_number for result in results] == list(range(count))
    keys = [record.row_key for result in results for record in result.records]
    assert keys == [str(row) for row in range(1, count * SIZE + 1)]
    verdicts = {record.verdict for result in results for record in result.records}
    assert verdicts == {RecordVerdict.MATCHED}


async def test_chunks_and_their_results(gateway: Gateway, fake: ScriptedSync) -> None:
    """Results come in order, the session is closed, and as many chunks wait as are allowed."""
    async with gateway.reconciler("s-1") as reconciler:
        assert reconciler.standing.next_chunk_number == 0
        results = await _run(reconciler, _chunks(20))
    _require_all(results, 20)
    assert reconciler.closed is not None
    assert (reconciler.closed.chunk_count, reconciler.closed.record_count) == (20, 60)
    assert (fake.sessions["s-1"].closed, fake.streams) == (True, 1)
    assert fake.most_waiting <= fake.in_flight


async def test_what_a_record_says(gateway: Gateway) -> None:
    """Verdict, flags, fields and violations come in the SDK's words."""
    dead = Record(
        row_key="dead",
        personal_id=number_of(1000).removeprefix("0"),
        full_name=name_of(1000),
        birth_date="1990-05-12",
        sex=Sex.FEMALE,
    )
    wrong = Record(row_key="wrong", personal_id="12", full_name="An", birth_date="12/5/90")
    async with gateway.reconciler("s-1") as reconciler:
        (result,) = await _run(reconciler, [[dead, wrong]])
    first, second = result.records
    assert first.verdict is RecordVerdict.CORRECTED
    assert first.flags == (RecordFlag.DECEASED, RecordFlag.REPAIRED)
    assert first.claim is not None
    assert first.claim.personal_id == number_of(1000)
    assert [(each.field, each.register_value) for each in first.fields] == [("sex", "MALE")]
    assert first.death_date == "2020"
    assert (second.verdict, second.claim) == (RecordVerdict.INVALID, None)
    assert second.violations[0].rule == "PERSONAL_ID"


async def test_streams_that_are_cut(gateway: Gateway, fake: ScriptedSync) -> None:
    """However often the stream is cut, each result comes once and each record is charged once."""
    fake.cuts = [0, 1, 3, 0, 2]
    fake.lost = {4, 9, 11}
    cuts: list[Refused | Unreachable] = []
    async with gateway.reconciler("s-1", on_cut=cuts.append) as reconciler:
        results = await _run(reconciler, _chunks(15))
    _require_all(results, 15)
    assert fake.charged == 15 * SIZE
    assert 1 <= len(cuts) < fake.streams
    assert fake.streams >= 6


async def test_chunks_that_come_slowly(gateway: Gateway, fake: ScriptedSync) -> None:
    """Chunks may come from an asynchronous source, and slowly; no cut loses one."""

    async def slowly() -> AsyncIterator[list[Record]]:
        for number in range(6):
            await asyncio.sleep(0.02)
            yield _chunk(number)

    fake.cuts = [1, 0, 2]
    results: list[ChunkResult] = []
    await _collect(gateway, slowly(), results)
    _require_all(results, 6)
    assert fake.streams == 4


async def test_nobody_answers_any_more(fake: ScriptedSync, gateway: Gateway) -> None:
    """After ``patience`` without an answer the last error is raised; what came stays."""
    results: list[ChunkResult] = []
    fake.cuts = [4, *[0] * 100]
    with pytest.raises(Refused, match="STREAM_TOO_OLD"):
        await _collect(gateway, _chunks(50), results, patience=0.3)
    _require_all(results, 4)


async def test_a_gateway_that_falls_silent(gateway: Gateway, fake: ScriptedSync) -> None:
    """A chunk that is not answered in time is asked for again over another stream."""
    told: list[Refused | Unreachable] = []
    fake.holds = {1: asyncio.Event()}
    async with gateway.reconciler("s-1", patience=0.2, on_cut=told.append) as reconciler:
        _require_all(await _run(reconciler, _chunks(3)), 3)
    (silence,) = told
    assert isinstance(silence, Unreachable)
    assert silence.code is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_parked_for_want_of_quota(gateway: Gateway, fake: ScriptedSync) -> None:
    """A parked session is told, is no silence, and goes on by itself."""
    fake.parks = {1: 0.5, 2: 0.1}
    told: list[Parked] = []
    async with gateway.reconciler("s-1", patience=0.2, on_parked=told.append) as reconciler:
        _require_all(await _run(reconciler, _chunks(4)), 4)
    assert [(parked.chunk_number, parked.reason) for parked in told] == [
        (1, "RATE_LIMITED"), (2, "RATE_LIMITED"),
    ]  # fmt: skip
    assert fake.streams == 1


async def test_going_on_in_another_process(gateway: Gateway, fake: ScriptedSync) -> None:
    """What was answered and not kept comes again, the same bytes; the chain goes on."""
    kept = []
    async with gateway.reconciler("s-1") as reconciler:
        async for result in reconciler.run(_chunks(8)):
            kept.append(result)
            if result.chunk_number == 3:
                break
    async with gateway.reconciler("s-1") as reconciler:
        assert reconciler.standing.next_chunk_number >= 4
        again = [
            result
            async for result in reconciler.run(
                _chunks(8, 2), first_chunk=2, previous_digest=kept[1].digest
            )
        ]
    assert [result.response for result in again[:2]] == [result.response for result in kept[2:]]
    _require_all([*kept[:2], *again], 8)
    assert fake.charged == 8 * SIZE


async def test_a_closed_session_is_read_once_more(gateway: Gateway, fake: ScriptedSync) -> None:
    """All answers of a closed session can be fetched; it is not closed a second time."""
    async with gateway.reconciler("s-1") as reconciler:
        first = await _run(reconciler, _chunks(5))
    async with gateway.reconciler("s-1") as reconciler:
        second = await _run(reconciler, _chunks(5))
    assert [result.response for result in first] == [result.response for result in second]
    assert (reconciler.closed, fake.charged) == (None, 5 * SIZE)


async def test_no_chunks_at_all(gateway: Gateway, fake: ScriptedSync) -> None:
    """A session without chunks is opened and closed."""
    async with gateway.reconciler("s-1") as reconciler:
        assert await _run(reconciler, []) == []
    assert fake.sessions["s-1"].closed


async def test_a_stream_that_outlived_its_token(gateway: Gateway, fake: ScriptedSync) -> None:
    """A stream that ends for want of a valid token is opened again with a new one."""
    fake.refusals = {2: (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED")}
    told: list[Refused | Unreachable] = []

    def cut(error: Refused | Unreachable) -> None:
        told.append(error)
        fake.refusals = {}

    async with gateway.reconciler("s-1", on_cut=cut) as reconciler:
        _require_all(await _run(reconciler, _chunks(4)), 4)
    assert len(told) == 1


@settings(max_examples=15)
@given(
    cuts=st.lists(st.integers(0, 4), max_size=4),
    lost=st.sets(st.integers(0, 11), max_size=3),
    stops=st.lists(st.integers(1, 6), max_size=3),
    in_flight=st.integers(1, 5),
)
def test_whatever_is_cut_nothing_is_lost(
    cuts: list[int], lost: set[int], stops: list[int], in_flight: int
) -> None:
    """Streams cut, answers lost and clients started anew at any point: each record once."""

    async def story() -> None:
        script = ScriptedSync(cuts=[*cuts], lost=set(lost), in_flight=in_flight)
        async with serving_sync(script) as fake:
            trust = Trust.pinned([fake.root.key_id])
            results: list[ChunkResult] = []
            async with Gateway.connect(fake.target, trust=trust, context=CONTEXT) as gateway:
                for stop in [*stops, 99]:
                    await _go_on(gateway, results, stop)
            _require_all(results, 12)
            assert fake.charged == 12 * SIZE
            assert fake.sessions["s-1"].closed

    asyncio.run(story())


async def _go_on(gateway: Gateway, results: list[ChunkResult], stop: int) -> None:
    """A client that keeps so many results more, and is gone."""
    done = len(results)
    async with gateway.reconciler("s-1") as reconciler:
        running = reconciler.run(
            _chunks(12, done),
            first_chunk=done,
            previous_digest=results[-1].digest if results else None,
        )
        async with aclosing(running):
            async for result in running:
                results.append(result)
                if len(results) == done + stop:
                    break


async def test_refusals_end_it(gateway: Gateway, fake: ScriptedSync) -> None:
    """What asking again cannot mend is raised.

    Over one stream more at the most: grpcio loses the status of one that ends while it is
    written to, and the second sends nothing beside what was refused.
    """
    fake.refusals = {1: (grpc.StatusCode.PERMISSION_DENIED, "NOT_GRANTED")}
    results: list[ChunkResult] = []
    with pytest.raises(Refused, match="NOT_GRANTED"):
        await _collect(gateway, _chunks(3), results)
    _require_all(results, 1)
    assert fake.streams <= 2


async def test_a_chunk_that_changed(gateway: Gateway) -> None:
    """Other records under the number of an answered chunk are refused."""
    async with gateway.reconciler("s-1") as reconciler:
        await _run(reconciler, _chunks(1))
    async with gateway.reconciler("s-1") as reconciler:
        with pytest.raises(Refused, match="CHUNK_CONFLICT"):
            await _run(reconciler, [_chunk(1)])


async def test_an_error_of_whoever_makes_the_chunks(gateway: Gateway, fake: ScriptedSync) -> None:
    """It comes through as it is; the session is not closed and can be gone on with."""

    def chunks() -> Iterator[list[Record]]:
        yield _chunk(0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await _collect(gateway, chunks(), [])
    assert not fake.sessions["s-1"].closed


def _flip(value: bytes) -> bytes:
    return value[:-1] + bytes([value[-1] ^ 1])


def _other_record(result: sync.ReconciledChunkResult) -> None:
    record = r.ReconciledRecord.FromString(result.items[1].value)
    record.verdict = r.RECORD_VERDICT_CORRECTED
    result.items[1].value = record.SerializeToString()


def _other_chunk(result: sync.ReconciledChunkResult) -> None:
    result.chunk_number += 1


def _unsigned(result: sync.ReconciledChunkResult) -> None:
    result.signed.signatures[0].signature = _flip(result.signed.signatures[0].signature)


def _swapped(result: sync.ReconciledChunkResult) -> None:
    first, second = result.items[0].value, result.items[1].value
    result.items[0].value, result.items[1].value = second, first


def _other_seed(result: sync.ReconciledChunkResult) -> None:
    result.item_seed = _flip(result.item_seed)


def _short_seed(result: sync.ReconciledChunkResult) -> None:
    result.item_seed = result.item_seed[:-1]


def _one_less(result: sync.ReconciledChunkResult) -> None:
    del result.items[-1]


def _other_type(result: sync.ReconciledChunkResult) -> None:
    result.items[0].type_url = "type.googleapis.com/dancu.v1.ItemVerification"


def _no_proof(result: sync.ReconciledChunkResult) -> None:
    result.signed.ClearField("log_proof")


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (_other_record, "CONTEXT_MISMATCH - a record is not the one"),
        (_other_chunk, "CONTEXT_MISMATCH - an answer out of order"),
        (_unsigned, "SIGNATURE_INVALID"),
        (_swapped, "CONTEXT_MISMATCH - a record is not the one"),
        (_other_seed, "CONTEXT_MISMATCH - a record is not the one"),
        (_short_seed, "CONTEXT_MISMATCH - an item seed"),
        (_one_less, "CONTEXT_MISMATCH - not as many"),
        (_other_type, "CONTEXT_MISMATCH - not as many"),
        (_no_proof, "LOG_PROOF_MISSING"),
    ],
)
async def test_what_does_not_verify_is_not_handed_over(
    spoil: Spoil, refusal: str, gateway: Gateway, fake: ScriptedSync
) -> None:
    """Nothing of a spoilt chunk passes."""

    def second(result: sync.ReconciledChunkResult) -> None:
        if result.chunk_number == 1:
            spoil(result)

    fake.spoil_result = second
    results: list[ChunkResult] = []
    with pytest.raises(UntrustedAnswer, match=refusal):
        await _collect(gateway, _chunks(3), results)
    _require_all(results, 1)


async def test_a_broken_chain(gateway: Gateway, fake: ScriptedSync) -> None:
    """A chunk that does not follow the one before is refused, though it is signed."""

    def forget(_result: ChunkResult) -> None:
        fake.sessions["s-1"].digest = bytes([1]) * 32

    fake.in_flight = 1
    results: list[ChunkResult] = []
    with pytest.raises(UntrustedAnswer, match="does not follow"):
        await _collect(gateway, _chunks(3), results, forget)
    _require_all(results, 1)


async def test_answers_to_something_else(gateway: Gateway, fake: ScriptedSync) -> None:
    """A statement of another kind, or about other bytes than were sent, is none."""
    state = fake.state

    def about_other_bytes(rpc: str, _raw: bytes, message: s.ReconciledChunk) -> s.SignedStatement:
        return state(rpc, b"other", message)

    fake.state = about_other_bytes  # type: ignore[method-assign,assignment]
    async with gateway.reconciler("s-1") as reconciler:
        with pytest.raises(UntrustedAnswer, match="another request_digest"):
            await _run(reconciler, _chunks(1))


async def test_a_gateway_that_lost_answers(gateway: Gateway, fake: ScriptedSync) -> None:
    """A session that stands before what it answered is told, not silently begun again."""
    fake.cuts = [3]

    def lose(result: ChunkResult) -> None:
        if result.chunk_number == 2:
            del fake.sessions["s-1"].answers[1:]

    with pytest.raises(UntrustedAnswer, match="stands at chunk 1, but 3 were answered"):
        await _collect(gateway, _chunks(9), [], lose)
