"""The chunks of a reconciliation on their way out: each numbered and serialised once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from clients.sdk.records import Record, record_chunk
from dancu.v1 import sync_service_pb2

Chunk = sync_service_pb2.RecordChunk | Sequence[Record]
"""Up to 1,000 records: as the contract's message, whose number is set here, or as the SDK's."""


@dataclass(frozen=True, slots=True)
class SentChunk:
    """A chunk that has no answer yet: the bytes to send, the same each time."""

    number: int
    request: bytes
    row_keys: Sequence[str]


class ChunkSource:
    """The chunks that are still to be sent."""

    def __init__(self, chunks: Iterable[Chunk] | AsyncIterable[Chunk], first: int) -> None:
        self._chunks = aiter(chunks if isinstance(chunks, AsyncIterable) else _each(chunks))
        self._number = first
        self._pulling: asyncio.Future[Chunk | None] | None = None

    async def next(self) -> SentChunk | None:
        """The next chunk; None at the end. May be cancelled without losing one."""
        if self._pulling is None:
            self._pulling = asyncio.ensure_future(self._pull())
        chunk = await asyncio.shield(self._pulling)
        if chunk is None:
            return None
        self._pulling = None
        message = chunk if isinstance(chunk, sync_service_pb2.RecordChunk) else record_chunk(chunk)
        message.chunk_number = self._number
        request = sync_service_pb2.ReconcileCitizensRequest(chunk=message)
        row_keys = [record.row_key for record in message.records]
        self._number += 1
        return SentChunk(message.chunk_number, request.SerializeToString(), row_keys)

    async def _pull(self) -> Chunk | None:
        return await anext(self._chunks, None)


async def _each(chunks: Iterable[Chunk]) -> AsyncIterator[Chunk]:
    for chunk in chunks:
        yield chunk
