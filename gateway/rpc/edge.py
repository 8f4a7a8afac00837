"""One wrapper around every call: authenticate, digest, parse, serve, map errors.

grpc.aio's interceptors see only method and metadata, and a generated deserialiser turns
bad UTF-8 into UNKNOWN; so handlers take bytes, and this one wrapper does it all in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.core import quota
from gateway.core.caller import Caller
from gateway.core.errors import CallError, Internal, Overloaded, TooSlow, Unauthenticated
from gateway.core.trail import Check
from gateway.rpc import status, wire
from gateway.rpc.deadline import DeadlineCap
from gateway.rpc.explained import TRACE_KEY, Asked, Explainer
from gateway.rpc.streaming import Arrival, Incoming, OpenStreams, incoming

REMAINING_KEY = "dancu-quota-remaining"  # records
RESET_KEY = "dancu-quota-reset"  # when a new day begins, RFC 3339
QUIET_SECONDS = 0.05  # without a new call: none is on its way any more

_log = structlog.get_logger(__name__)

ServicerContext = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the edge lets through."""

    concurrent_calls: int = 2000
    seconds: float = 30.0  # no call takes longer, whatever its client allows
    message_bytes: int = 4 * 1024 * 1024
    streams: int = 500  # open at once; they do not count as calls
    streams_per_caller: int = 200
    stream_seconds: float = 900.0  # no stream lives longer: its caller comes back


Story = Callable[[Arrival, Any], Awaitable[Message]]
StreamStory = Callable[[Any], AsyncGenerator[Message]]
"""Takes one ``Incoming``, or an iterator of them where the caller streams."""
Authenticate = Callable[[ServicerContext], Caller]
Remaining = Callable[[str, str], quota.Remaining | None]
"""What is left of the day's quota, by caller and procedure."""


class Edge:
    """Makes gRPC handlers of servicers."""

    def __init__(
        self,
        authenticate: Authenticate,
        limits: Limits,
        explainer: Explainer,
        remaining: Remaining = lambda _caller, _procedure: None,
    ) -> None:
        self._authenticate = authenticate
        self._explainer = explainer
        self._remaining = remaining
        self._limits = limits
        self._cap = DeadlineCap(limits.seconds)
        self._streams = OpenStreams(
            limits.streams, limits.streams_per_caller, limits.stream_seconds
        )
        self._arrived = 0
        self._strangers: Counter[str] = Counter()

    @property
    def strangers(self) -> Mapping[str, int]:
        """How many calls were turned away unauthenticated, by reason."""
        return self._strangers

    def service(self, descriptor: ServiceDescriptor, servicer: object) -> grpc.GenericRpcHandler:
        """A handler for every method; ``servicer`` has them under their snake_case names."""
        handlers = {
            method.name: self._handler(method, getattr(servicer, _snake_case(method.name)))
            for method in descriptor.methods
        }
        return grpc.method_handlers_generic_handler(descriptor.full_name, handlers)

    def end_streams(self) -> None:
        """End every stream that is open: the gateway stops."""
        self._streams.end_all()

    async def quiet(self, seconds: float) -> None:
        """Wait until no call has arrived for a moment, at most so many seconds."""
        deadline = time.monotonic() + seconds
        arrived = -1
        while arrived != self._arrived and time.monotonic() < deadline:
            arrived = self._arrived
            await asyncio.sleep(QUIET_SECONDS)

    def _handler(self, method: MethodDescriptor, story: Any) -> grpc.RpcMethodHandler[Any, Any]:
        if not method.server_streaming:
            return self._unary(method, story)
        handle = self._streamed(method, story)
        if method.client_streaming:
            return grpc.stream_stream_rpc_method_handler(handle)
        return grpc.unary_stream_rpc_method_handler(handle)

    def _streamed(self, method: MethodDescriptor, story: StreamStory) -> Callable[..., Any]:
        kind = GetMessageClass(method.input_type)
        rpc = _name_of(method)

        async def handle(sent: Any, context: ServicerContext) -> None:
            self._arrived += 1
            trail: list[Check] = []
            caller: Caller | None = None
            request: Any = None

            def again() -> Caller:
                return self._authenticate(context)

            def read(raw: bytes) -> Incoming:
                nonlocal request
                arrival = Arrival(again(), rpc, hashlib.sha256(raw).digest(), trail)
                request = wire.parse(kind, raw)
                return Incoming(arrival, request, again)

            try:
                caller = again()
                with self._streams.enter(caller.id):
                    told = incoming(sent, read) if method.client_streaming else read(sent)
                    async with contextlib.aclosing(story(told)) as answers:
                        async for message in answers:
                            await context.write(message.SerializeToString())
            except CallError as error:
                asked = _asked(rpc, caller, request, trail)
                await status.abort(context, error, self._ended(asked, error))
            except Exception:  # noqa: BLE001 - grpc.aio would send the exception's text
                asked = _asked(rpc, caller, request, trail)
                await status.abort(context, _defect(), self._failed(asked))

        return handle

    def _unary(self, method: MethodDescriptor, story: Story) -> grpc.RpcMethodHandler[Any, Any]:
        kind = GetMessageClass(method.input_type)
        rpc = _name_of(method)
        metered = "context" in kind.DESCRIPTOR.fields_by_name

        async def handle(raw: bytes, context: ServicerContext) -> bytes:
            self._arrived += 1
            left: tuple[tuple[str, str], ...] = ()
            trail: list[Check] = []
            caller: Caller | None = None
            request: Any = None

            try:
                caller = self._authenticate(context)
                digest = hashlib.sha256(raw).digest()
                request = wire.parse(kind, raw)
                arrival = Arrival(caller, rpc, digest, trail, raw, context.invocation_metadata)
                try:
                    answer = await self._within_limits(story, arrival, request)
                finally:
                    if metered:
                        left = self._left(caller.id, request.context.procedure_code)
            except CallError as error:
                asked = _asked(rpc, caller, request, trail)
                await status.abort(context, error, self._ended(asked, error), left)
            except Exception:  # noqa: BLE001 - grpc.aio would send the exception's text
                asked = _asked(rpc, caller, request, trail)
                await status.abort(context, _defect(), self._failed(asked))
            if trail:
                asked = _asked(rpc, caller, request, trail)
                left = (*left, (TRACE_KEY, self._explainer.not_verified(asked)))
            if left:
                context.set_trailing_metadata(left)
            return answer.SerializeToString()

        return grpc.unary_unary_rpc_method_handler(handle)

    def _ended(self, asked: Asked, error: CallError) -> Mapping[str, str]:
        """Count or log a call that was refused, and say what the caller is told with it."""
        told = self._explainer.refused(asked, error)
        if isinstance(error, Unauthenticated):
            self._strangers[error.reason] += 1  # no line: anybody could fill the disk
        else:
            who = asked.caller.id if asked.caller else ""
            _log.info(
                "call_ended",
                rpc=asked.rpc,
                reason=error.reason,
                caller=who,
                rule=error.rule,
                trace=told["trace"],
            )
        return told

    def _failed(self, asked: Asked) -> Mapping[str, str]:
        """Log the exception that is being handled."""
        told = self._explainer.refused(asked, _defect())
        _log.exception("call_failed", rpc=asked.rpc, trace=told["trace"])
        return told

    def _left(self, caller: str, procedure: str) -> tuple[tuple[str, str], ...]:
        """What is left of the day's quota, as trailing metadata; nothing if there is none."""
        left = self._remaining(caller, procedure)
        if left is None:
            return ()
        return (REMAINING_KEY, str(left.records)), (RESET_KEY, left.reset.isoformat())

    async def _within_limits(self, story: Story, arrival: Arrival, request: Message) -> Message:
        if self._cap.running >= self._limits.concurrent_calls:
            raise _too_many_calls()
        task = self._cap.enter()
        try:
            return await story(arrival, request)
        except asyncio.CancelledError:
            if not self._cap.is_overdue(task):
                raise
            task.uncancel()
            raise _too_slow() from None
        finally:
            self._cap.leave(task)


def _name_of(method: MethodDescriptor) -> str:
    return f"{method.containing_service.full_name}/{method.name}"


def _asked(rpc: str, caller: Caller | None, request: Any, trail: list[Check]) -> Asked:
    """``request`` is None when it was not read."""
    return Asked(rpc, caller, getattr(request, "context", None), trail)


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
