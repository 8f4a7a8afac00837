"""Reconciliation under load: streams that take one chunk at a time, as many as are needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import NamedTuple

import grpc

from clients.loadtest.requests import numbered
from clients.sdk.requests import CallContext, new_request_id
from dancu.v1.sync_service_pb2 import (
    CloseReconciliation,
    OpenReconciliation,
    ReconcileCitizensRequest,
)

_METHOD = "/dancu.v1.SyncService/ReconcileCitizens"
_RESULT = 0x12  # the tag of a response that holds a chunk's result
_MOST = 64  # streams of one caller from one worker; more chunks wait for one of them
_PARTING = 2.0  # seconds for the answer to a close


class Answered(NamedTuple):
    """A chunk's answer."""

    request: bytes
    session: str
    raw: bytes


class Cut(Exception):
    """A stream ended. The arguments are the status's name and what was said with it."""


class _Lane:
    """One session on one stream."""

    def __init__(self, call: grpc.aio.StreamStreamCall[bytes, bytes], session: str) -> None:
        self._call = call
        self._session = session
        self._next = 0

    async def open(self, context: CallContext) -> None:
        asked = OpenReconciliation(
            context=context.to_message(self._session), session_id=self._session
        )
        await self._call.write(ReconcileCitizensRequest(open=asked).SerializeToString())
        await self._read()

    async def chunk(self, records: bytes) -> Answered:
        request = numbered(records, self._next)
        await self._call.write(request)
        while (raw := await self._read())[0] != _RESULT:  # parked: the quota is used up
            pass
        self._next += 1
        return Answered(request, self._session, raw)

    async def close(self) -> None:
        closing = ReconcileCitizensRequest(close=CloseReconciliation())
        await self._call.write(closing.SerializeToString())
        await self._read()
        self._call.cancel()

    def ended(self) -> bool:
        return self._call.done()

    def cancel(self) -> None:
        self._call.cancel()

    async def _read(self) -> bytes:
        raw = await self._call.read()
        if isinstance(raw, bytes) and raw:
            return raw
        code = await self._call.code()
        raise Cut(code.name, await self._call.details() or "the stream ended early")


class Lanes:
    """The streams of one caller.

    Args:
        channels: On which they are opened, in turn.
        context: Of every session.
        metadata: What to send along at the moment.
        timeout: Seconds that a chunk may take.
    """

    def __init__(
        self,
        channels: Iterator[grpc.aio.Channel],
        context: CallContext,
        metadata: Callable[[], tuple[tuple[str, str], ...]],
        timeout: float,
    ) -> None:
        self._channels = channels
        self._context = context
        self._metadata = metadata
        self._timeout = timeout
        self._idle: list[_Lane] = []
        self._room = asyncio.Semaphore(_MOST)

    async def chunk(self, records: bytes) -> Answered:
        """Send a chunk on a stream that has nothing to do, or on a new one; raises Cut."""
        try:
            async with asyncio.timeout(self._timeout), self._room:
                return await self._on_some_lane(records)
        except TimeoutError:
            raise Cut("DEADLINE_EXCEEDED", "no answer to a chunk in time") from None

    async def close(self) -> None:
        """Close the sessions; what does not answer is cut off."""
        lanes, self._idle = self._idle, []
        await asyncio.gather(*(self._part(lane) for lane in lanes))

    async def _on_some_lane(self, records: bytes) -> Answered:
        lane = self._rested()
        try:
            if lane is None:
                lane = self._new()
                await lane.open(self._context)
            answered = await lane.chunk(records)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise _cut(error) from error
        except asyncio.CancelledError:
            if lane is not None:
                lane.cancel()
            raise
        self._idle.append(lane)
        return answered

    def _rested(self) -> _Lane | None:
        """One that has nothing to do, and was not ended meanwhile: a gateway ends old streams."""
        while self._idle:
            lane = self._idle.pop()
            if not lane.ended():
                return lane
        return None

    def _new(self) -> _Lane:
        open_stream: grpc.aio.StreamStreamMultiCallable[bytes, bytes]
        open_stream = next(self._channels).stream_stream(_METHOD)
        return _Lane(open_stream(metadata=self._metadata()), new_request_id())

    @staticmethod
    async def _part(lane: _Lane) -> None:
        try:
            async with asyncio.timeout(_PARTING):
                await lane.close()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError, Cut, TimeoutError):
            lane.cancel()


def _cut(error: Exception) -> Cut:
    if isinstance(error, grpc.aio.AioRpcError):
        return Cut(error.code().name, error.details() or "")
    return Cut("UNAVAILABLE", "the stream ended while it was written to")
