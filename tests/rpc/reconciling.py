"""A client that reconciles, as bytes on the wire: it checks what it is given and mends nothing."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc

from dancu.v1 import citizen_pb2, context_pb2
from dancu.v1 import reconciliation_pb2 as records_pb2
from dancu.v1 import sync_service_pb2 as sync_pb2
from dancu.v1.statement_pb2 import ReconciledChunk
from gateway.core.signing import pre_authentication_encoding
from tests.rpc.raw import Failure, RawClient, failure_of, request_context

RECONCILE = "/dancu.v1.SyncService/ReconcileCitizens"

Request = sync_pb2.ReconcileCitizensRequest
Response = sync_pb2.ReconcileCitizensResponse
Records = Sequence[records_pb2.CitizenRecord]


def opening(name: str = "s1", context: context_pb2.RequestContext | None = None) -> Request:
    """The first message."""
    told = sync_pb2.OpenReconciliation(session_id=name, context=context or request_context())
    return Request(open=told)


def chunk(number: int, records: Iterable[records_pb2.CitizenRecord]) -> Request:
    """A chunk of records."""
    return Request(chunk=sync_pb2.RecordChunk(chunk_number=number, records=records))


def closing() -> Request:
    """The last message."""
    return Request(close=sync_pb2.CloseReconciliation())


def record(
    claim: citizen_pb2.CitizenClaim, key: str = "row-1", **others: Any
) -> records_pb2.CitizenRecord:
    """A record of a caller's own."""
    return records_pb2.CitizenRecord(row_key=key, claim=claim, **others)


@dataclass
class Stream:
    """One stream to a gateway."""

    client: RawClient
    call: grpc.aio.StreamStreamCall[bytes, bytes] = field(init=False)
    raw: list[bytes] = field(default_factory=list)  # every message that came

    def __post_init__(self) -> None:
        ask: grpc.aio.StreamStreamMultiCallable[bytes, bytes]
        ask = self.client.channel.stream_stream(RECONCILE)
        self.call = ask(timeout=30)

    async def send(self, *messages: Request) -> None:
        """Send messages, without waiting for anything."""
        for message in messages:
            await self.call.write(message.SerializeToString(deterministic=True))

    async def next(self) -> Response:
        """The next message that comes."""
        async with asyncio.timeout(20):
            raw = await self.call.read()
        assert isinstance(raw, bytes), "the stream has ended"
        self.raw.append(raw)
        return Response.FromString(raw)

    async def open(
        self, name: str = "s1", context: context_pb2.RequestContext | None = None
    ) -> sync_pb2.ReconciliationStanding:
        """Open a session; returns where it stands."""
        await self.send(opening(name, context))
        return (await self.next()).standing

    async def answer(
        self, number: int, records: Iterable[records_pb2.CitizenRecord]
    ) -> sync_pb2.ReconciledChunkResult:
        """Send a chunk and wait for its answer."""
        await self.send(chunk(number, records))
        return (await self.next()).result

    async def close(self) -> sync_pb2.ReconciliationClosed:
        """Close the session, and the stream with it."""
        await self.send(closing())
        closed = (await self.next()).closed
        assert await self.call.read() is grpc.aio.EOF
        return closed

    async def failure(self, *messages: Request) -> Failure:
        """Send messages, and read what the stream ends with, maybe before all are sent."""

        async def talk() -> None:
            await self.send(*messages)
            await self.next()

        return await failure_of(talk())


def items_of(result: sync_pb2.ReconciledChunkResult) -> list[records_pb2.ReconciledRecord]:
    """What became of each record."""
    return [records_pb2.ReconciledRecord.FromString(item.value) for item in result.items]


def stated(client: RawClient, result: sync_pb2.ReconciledChunkResult) -> ReconciledChunk:
    """What was signed, as the independent verifier accepts it."""
    said = client.checked(result.signed)
    assert isinstance(said, ReconciledChunk)
    return said


def digest_of(result: sync_pb2.ReconciledChunkResult) -> bytes:
    """SHA-256 of what was signed: what the next chunk names."""
    signed = result.signed.statement
    return hashlib.sha256(pre_authentication_encoding(signed.type_url, signed.value)).digest()
