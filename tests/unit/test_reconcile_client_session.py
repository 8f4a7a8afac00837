"""The SDK's Reconciler: whatever is cut, lost or refused, each record is answered once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
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
)
from tests.support.scripted_sync import ScriptedSync, name_of, number_of, serving_sync
from tests.unit.client_fake_gateway import CONTEXT
from tests.unit.client_reconciling import SIZE, chunk_of, chunks_of, collect, require_all, run_all


@pytest.fixture
async def fake() -> AsyncIterator[ScriptedSync]:
    """A scripted gateway that serves."""
    async with serving_sync(ScriptedSync()) as fake:
        yield fake


async def test_chunks_and_their_results(gateway: Gateway, fake: ScriptedSync) -> None:
    """Results come in order, the session is closed, and as many chunks wait as are allowed."""
    async with gateway.reconciler("s-1") as reconciler:
        assert reconciler.standing.next_chunk_number == 0
        results = await run_all(reconciler, chunks_of(20))
    require_all(results, 20)
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
        (result,) = await run_all(reconciler, [[dead, wrong]])
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
        results = await run_all(reconciler, chunks_of(15))
    require_all(results, 15)
    assert fake.charged == 15 * SIZE
    assert 1 <= len(cuts) < fake.streams
    assert fake.streams >= 6


async def test_chunks_that_come_slowly(gateway: Gateway, fake: ScriptedSync) -> None:
    """Chunks may come from an asynchronous source, and slowly; no cut loses one."""

    async def slowly() -> AsyncIterator[list[Record]]:
        for number in range(6):
            await asyncio.sleep(0.02)
            yield chunk_of(number)

    fake.cuts = [1, 0, 2]
    results: list[ChunkResult] = []
    await collect(gateway, slowly(), results)
    require_all(results, 6)
    assert fake.streams == 4


async def test_nobody_answers_any_more(fake: ScriptedSync, gateway: Gateway) -> None:
    """After ``patience`` without an answer the last error is raised; what came stays."""
    results: list[ChunkResult] = []
    fake.cuts = [4, *[0] * 100]
    with pytest.raises(Refused, match="STREAM_TOO_OLD"):
        await collect(gateway, chunks_of(50), results, patience=0.3)
    require_all(results, 4)


async def test_a_gateway_that_falls_silent(gateway: Gateway, fake: ScriptedSync) -> None:
    """A chunk that is not answered in time is asked for again over another stream."""
    told: list[Refused | Unreachable] = []
    fake.holds = {1: asyncio.Event()}
    async with gateway.reconciler("s-1", patience=0.2, on_cut=told.append) as reconciler:
        require_all(await run_all(reconciler, chunks_of(3)), 3)
    (silence,) = told
    assert isinstance(silence, Unreachable)
    assert silence.code is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_parked_for_want_of_quota(gateway: Gateway, fake: ScriptedSync) -> None:
    """A parked session is told, is no silence, and goes on by itself."""
    fake.parks = {1: 0.5, 2: 0.1}
    told: list[Parked] = []
    async with gateway.reconciler("s-1", patience=0.2, on_parked=told.append) as reconciler:
        require_all(await run_all(reconciler, chunks_of(4)), 4)
    assert [(parked.chunk_number, parked.reason) for parked in told] == [
        (1, "RATE_LIMITED"), (2, "RATE_LIMITED"),
    ]  # fmt: skip
    assert fake.streams == 1


async def test_going_on_in_another_process(gateway: Gateway, fake: ScriptedSync) -> None:
    """What was answered and not kept comes again, the same bytes; the chain goes on."""
    kept = []
    async with gateway.reconciler("s-1") as reconciler:
        async for result in reconciler.run(chunks_of(8)):
            kept.append(result)
            if result.chunk_number == 3:
                break
    async with gateway.reconciler("s-1") as reconciler:
        assert reconciler.standing.next_chunk_number >= 4
        again = [
            result
            async for result in reconciler.run(
                chunks_of(8, 2), first_chunk=2, previous_digest=kept[1].digest
            )
        ]
    assert [result.response for result in again[:2]] == [result.response for result in kept[2:]]
    require_all([*kept[:2], *again], 8)
    assert fake.charged == 8 * SIZE


async def test_a_closed_session_is_read_once_more(gateway: Gateway, fake: ScriptedSync) -> None:
    """All answers of a closed session can be fetched; it is not closed a second time."""
    async with gateway.reconciler("s-1") as reconciler:
        first = await run_all(reconciler, chunks_of(5))
    async with gateway.reconciler("s-1") as reconciler:
        second = await run_all(reconciler, chunks_of(5))
    assert [result.response for result in first] == [result.response for result in second]
    assert (reconciler.closed, fake.charged) == (None, 5 * SIZE)


async def test_no_chunks_at_all(gateway: Gateway, fake: ScriptedSync) -> None:
    """A session without chunks is opened and closed."""
    async with gateway.reconciler("s-1") as reconciler:
        assert await run_all(reconciler, []) == []
    assert fake.sessions["s-1"].closed


async def test_a_stream_that_outlived_its_token(gateway: Gateway, fake: ScriptedSync) -> None:
    """A stream that ends for want of a valid token is opened again with a new one."""
    fake.refusals = {2: (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED")}
    told: list[Refused | Unreachable] = []

    def cut(error: Refused | Unreachable) -> None:
        told.append(error)
        fake.refusals = {}

    async with gateway.reconciler("s-1", on_cut=cut) as reconciler:
        require_all(await run_all(reconciler, chunks_of(4)), 4)
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
            require_all(results, 12)
            assert fake.charged == 12 * SIZE
            assert fake.sessions["s-1"].closed

    asyncio.run(story())


async def _go_on(gateway: Gateway, results: list[ChunkResult], stop: int) -> None:
    """A client that keeps so many results more, and is gone."""
    done = len(results)
    async with gateway.reconciler("s-1") as reconciler:
        running = reconciler.run(
            chunks_of(12, done),
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
        await collect(gateway, chunks_of(3), results)
    require_all(results, 1)
    assert fake.streams <= 2


async def test_a_chunk_that_changed(gateway: Gateway) -> None:
    """Other records under the number of an answered chunk are refused."""
    async with gateway.reconciler("s-1") as reconciler:
        await run_all(reconciler, chunks_of(1))
    async with gateway.reconciler("s-1") as reconciler:
        with pytest.raises(Refused, match="CHUNK_CONFLICT"):
            await run_all(reconciler, [chunk_of(1)])


async def test_an_error_of_whoever_makes_the_chunks(gateway: Gateway, fake: ScriptedSync) -> None:
    """It comes through as it is; the session is not closed and can be gone on with."""

    def chunks() -> Iterator[list[Record]]:
        yield chunk_of(0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await collect(gateway, chunks(), [])
    assert not fake.sessions["s-1"].closed
