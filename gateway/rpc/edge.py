"""One wrapper around every call: authenticate, digest, parse, serve, map errors.

grpc.aio's interceptors see only method and metadata, and a generated deserialiser turns
bad UTF-8 into UNKNOWN; so handlers take bytes, and this one wrapper does it all in order.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import grpc
import structlog
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.core.errors import CallError, Internal, Overloaded, TooSlow
from gateway.rpc import status, wire

QUIET_SECONDS = 0.05  # without a new call: none is on its way any more

_log = structlog.get_logger(__name__)

ServicerContext = grpc.aio.ServicerContext[Any, Any]


class Arrival(NamedTuple):
    """What is known of a call before its message is read."""

    caller: str
    rpc: str
    request_digest: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What the edge lets through."""

    concurrent_calls: int = 2000
    seconds: float = 30.0  # no call takes longer, whatever its client allows
    message_bytes: int = 4 * 1024 * 1024


Story = Callable[[Arrival, Any], Awaitable[Message]]
Authenticate = Callable[[ServicerContext], str]


class Edge:
    """Makes gRPC handlers of servicers."""

    def __init__(self, authenticate: Authenticate, limits: Limits) -> None:
        self._authenticate = authenticate
        self._limits = limits
        self._calls = 0
        self._arrived = 0

    def service(self, descriptor: ServiceDescriptor, servicer: object) -> grpc.GenericRpcHandler:
        """A handler for every method; ``servicer`` has them under their snake_case names."""
        handlers = {
            method.name: self._unary(method, getattr(servicer, _snake_case(method.name)))
            for method in descriptor.methods
        }
        return grpc.method_handlers_generic_handler(descriptor.full_name, handlers)

    async def quiet(self, seconds: float) -> None:
        """Wait until no call has arrived for a moment, at most so many seconds."""
        deadline = time.monotonic() + seconds
        arrived = -1
        while arrived != self._arrived and time.monotonic() < deadline:
            arrived = self._arrived
            await asyncio.sleep(QUIET_SECONDS)

    def _unary(self, method: MethodDescriptor, story: Story) -> grpc.RpcMethodHandler[Any, Any]:
        kind = GetMessageClass(method.input_type)
        rpc = f"{method.containing_service.full_name}/{method.name}"

        async def handle(raw: bytes, context: ServicerContext) -> bytes:
            self._arrived += 1
            try:
                caller = self._authenticate(context)
                digest = hashlib.sha256(raw).digest()
                request = wire.parse(kind, raw)
                answer = await self._within_limits(story, Arrival(caller, rpc, digest), request)
            except CallError as error:
                _log.info("call_ended", rpc=rpc, reason=error.reason)
                await status.abort(context, error)
            except Exception:  # noqa: BLE001 - grpc.aio would send the exception's text
                _log.exception("call_failed", rpc=rpc)
                await status.abort(context, _defect())
            return answer.SerializeToString()

        return grpc.unary_unary_rpc_method_handler(handle)

    async def _within_limits(self, story: Story, arrival: Arrival, request: Message) -> Message:
        if self._calls >= self._limits.concurrent_calls:
            raise _too_many_calls()
        self._calls += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await story(arrival, request)
        except TimeoutError:
            raise _too_slow() from None
        finally:
            self._calls -= 1


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _too_many_calls() -> Overloaded:
    return Overloaded(
        "TOO_MANY_CALLS",
        "too many calls at once; try again after the delay given",
        "quá nhiều yêu cầu cùng lúc; hãy thử lại sau thời gian đã nêu",
    )


def _too_slow() -> TooSlow:
    return TooSlow(
        "TOO_SLOW",
        "the call took longer than the gateway allows; it may have been recorded",
        "yêu cầu vượt quá thời gian cho phép; có thể đã được ghi nhật ký",
    )


def _defect() -> Internal:
    return Internal(
        "INTERNAL",
        "a defect of the gateway; its log has the details",
        "lỗi nội bộ của hệ thống; chi tiết nằm trong nhật ký",
    )
