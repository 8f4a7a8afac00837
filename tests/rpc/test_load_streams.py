"""Reconciliation under load against a real gateway, which may end a stream that is at rest."""

from __future__ import annotations

import asyncio
from itertools import repeat
from pathlib import Path

import grpc

from clients.loadtest.lanes import Lanes
from clients.sdk import Record
from clients.sdk.records import record_chunk
from dancu.v1.sync_service_pb2 import (
    OpenReconciliation,
    ReconcileCitizensRequest,
    ReconcileCitizensResponse,
)
from tests.rpc.gateways import CONTEXT, serving

METHOD = "/dancu.v1.SyncService/ReconcileCitizens"
RECORD = Record(
    row_key="1", personal_id="079088000001", full_name="Trần Minh Khôi", birth_date="1988-03-14"
)


async def test_a_stream_that_was_ended_while_it_rested_is_not_used(data_dir: Path) -> None:
    """The next chunk goes over a new one, and is no failure of the gateway's."""
    records = record_chunk([RECORD]).SerializeToString()
    async with serving(data_dir) as running, grpc.aio.insecure_channel(running.grpc) as channel:
        lanes = Lanes(repeat(channel), CONTEXT, lambda: (), timeout=30)
        first = await lanes.chunk(records)
        resting = lanes._idle[0]  # nothing else tells when the client knows
        await take_over(channel, first.session)
        async with asyncio.timeout(30):
            while not resting.ended():  # noqa: ASYNC110 - gRPC has no event for it
                await asyncio.sleep(0.01)
        second = await lanes.chunk(records)
        await lanes.close()
    results = [ReconcileCitizensResponse.FromString(one.raw).result for one in (first, second)]
    assert all(len(one.items) == 1 for one in results)
    assert first.session != second.session


async def take_over(channel: grpc.aio.Channel, session: str) -> None:
    """Open a session on another stream: the gateway ends the one that it was on."""
    asked = OpenReconciliation(context=CONTEXT.to_message(session), session_id=session)
    stream: grpc.aio.StreamStreamCall[bytes, bytes] = channel.stream_stream(METHOD)()
    await stream.write(ReconcileCitizensRequest(open=asked).SerializeToString())
    assert await stream.read() != grpc.aio.EOF
    stream.cancel()
