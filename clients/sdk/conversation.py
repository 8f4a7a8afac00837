"""One stream of ReconcileCitizens, from its opening until it is cut: bytes out, messages back."""

from __future__ import annotations

import asyncio

import grpc
from google.protobuf.message import DecodeError

from clients.receipts import Refusal
from clients.sdk.errors import Unreachable, UntrustedAnswer, from_rpc_error
from clients.sdk.reconciled import Standing
from clients.sdk.transport import Transport
from dancu.v1 import sync_service_pb2

RPC = "dancu.v1.SyncService/ReconcileCitizens"

_STATUS_LOST = "Internal error from Core"
"""What grpcio makes of a stream that ended while it was being written to: the status that the
gateway sent is overwritten (grpc/grpc#36066). Whoever asks again is told again."""


class Conversation:
    """A stream that was opened: where the session stood then, and what is said after."""

    def __init__(self, call: grpc.aio.StreamStreamCall[bytes, bytes], target: str) -> None:
        self._call = call
        self._target = target
        self.standing = Standing(0, 0, 1, closed=False, first_kept_chunk_number=0)

    @classmethod
    async def begin(
        cls, transport: Transport, opening: sync_service_pb2.OpenReconciliation, patience: float
    ) -> Conversation:
        """Open a session, or go on with it.

        Args:
            transport: The channel.
            opening: The first message.
            patience: Seconds to wait for where the session stands.

        Raises:
            Refused, Unreachable: The gateway said no, or nothing.
            UntrustedAnswer: It answered something else.
        """
        said = cls(transport.converse(f"/{RPC}"), transport.target)
        request = sync_service_pb2.ReconcileCitizensRequest(open=opening)
        try:
            await said.send(request.SerializeToString())
            async with asyncio.timeout(patience):
                response = await said.receive()
            said.standing = _standing(response, opening.session_id)
        except TimeoutError:
            said.end()
            raise said.silent() from None
        except BaseException:
            said.end()
            raise
        return said

    async def send(self, request: bytes) -> bool:
        """Send a message; False when the stream is over, and ``receive`` tells why."""
        try:
            await self._call.write(request)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            return False
        return True

    async def receive(self) -> sync_service_pb2.ReconcileCitizensResponse:
        """The next message; raises Refused or Unreachable when the stream has ended."""
        try:
            raw = await self._call.read()
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.INTERNAL and error.details() == _STATUS_LOST:
                raise self._ended() from error
            raise from_rpc_error(error, self._target) from error
        if not isinstance(raw, bytes):
            raise self._ended()
        try:
            return sync_service_pb2.ReconcileCitizensResponse.FromString(raw)
        except DecodeError as error:
            raise UntrustedAnswer(Refusal.ENVELOPE_MALFORMED, str(error), raw) from error

    def silent(self) -> Unreachable:
        """The error when nothing has come for too long."""
        return Unreachable(self._target, grpc.StatusCode.DEADLINE_EXCEEDED, "no answer in time")

    def _ended(self) -> Unreachable:
        return Unreachable(self._target, grpc.StatusCode.UNAVAILABLE, "the stream ended early")

    def end(self) -> None:
        """Cut the stream; the session stays."""
        self._call.cancel()


def _standing(response: sync_service_pb2.ReconcileCitizensResponse, session_id: str) -> Standing:
    if response.standing.session_id != session_id:
        raise UntrustedAnswer(Refusal.CONTEXT_MISMATCH, "another session's standing", b"")
    return Standing.of(response.standing)
