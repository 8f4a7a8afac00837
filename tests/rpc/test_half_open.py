"""Connections that are only half there: nothing comes through, and nobody says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from clients.sdk import Gateway, Record
from clients.sdk import transport as sdk_transport
from dancu.v1 import population_event_service_pb2 as service
from tests.rpc.gateways import CONTEXT, Running, audited
from tests.rpc.raw import RawClient, claim, request_context
from tests.support.events import SUBMIT, birth, submitting
from tests.torture.proxy import Line, Network
from tests.torture.schedule import SERVER

MOTHER = claim("079190000002", "Hồ Thị Bích Thuỷ", (1990, 9, 2))
RECORD = Record(
    row_key="1", personal_id="079088000001", full_name="Trần Minh Khôi", birth_date="1988-03-14"
)

_PINGS = ("grpc.keepalive_time_ms", "grpc.keepalive_timeout_ms", "grpc.http2.ping_timeout_ms")
_HURRY = 20


@pytest.fixture
async def line(running: Running) -> AsyncIterator[Line]:
    """A way to the gateway that can be broken."""
    async with Network() as network:
        host, _, port = running.grpc.rpartition(":")
        network.servers[SERVER].connect_to((host, int(port)))
        yield await network.line("client", 0, SERVER)


@pytest.fixture
async def far(
    running: Running, line: Line, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gateway]:
    """The SDK at the far end of it, which looks 20 times as often whether anybody is there."""
    hurried = [
        (name, value // _HURRY if isinstance(value, int) and name in _PINGS else value)
        for name, value in sdk_transport._OPTIONS
    ]
    monkeypatch.setattr(sdk_transport, "_OPTIONS", hurried)
    gateway = Gateway.connect(
        f"127.0.0.1:{line.port}",
        trust=running.trust,
        context=CONTEXT,
        audience="plain",
        timeout=1.0,
    )
    async with gateway:
        yield gateway


async def test_a_follower_finds_out_and_goes_on(far: Gateway, line: Line, raw: RawClient) -> None:
    """It hears no progress marks, opens another stream, and misses nothing."""
    found: list[int] = []
    batches = far.follower(2, progress_seconds=1).batches()
    async with asyncio.timeout(30), aclosing(batches):
        await anext(batches)  # a progress mark: the stream is there
        line.lose()
        reported = [
            await raw.send(SUBMIT, submitting(birth(MOTHER, not_a_duplicate=True), context))
            for context in map(request_context, ("E-1", "E-2"))
        ]
        async for batch in batches:
            found += [change.revision for change in batch.changes]
            if len(found) == len(reported):
                break
    assert found == [2, 3]
    assert line.connections >= 2


async def test_a_reconciler_finds_out_and_goes_on(far: Gateway, line: Line) -> None:
    """The chunk whose answer was lost is sent again, and charged once."""
    async with asyncio.timeout(30), far.reconciler("s1", patience=5.0) as reconciler:
        results = reconciler.run([[RECORD]] * 4)
        async with aclosing(results):
            first = await anext(results)
            line.lose()
            rest = [result async for result in results]
    assert [one.chunk_number for one in (first, *rest)] == [0, 1, 2, 3]
    assert reconciler.closed is not None


async def test_an_event_is_reported_once(
    far: Gateway, line: Line, running: Running, raw: RawClient
) -> None:
    """Though the answer to it was lost, and it was sent again."""
    await far.checkpoint()
    line.deaf = True
    # what was said on this connection is lost for good, so it ends; the next one hears again
    asyncio.get_running_loop().call_later(0.5, line.mend)
    asyncio.get_running_loop().call_later(0.5, line.cut)
    answer = await far.submit_event(birth(MOTHER), request_id="E-1", patience=20)
    sent = submitting(birth(MOTHER), request_context("E-1"))
    again = service.SubmitPopulationEventResponse.FromString(await raw.send(SUBMIT, sent)).signed
    assert again.SerializeToString(deterministic=True) == answer.evidence.receipt
    assert audited(running.data_dir).leaves == 1
