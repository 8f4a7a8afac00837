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
from gateway.core.errors import CallError, Internal, Unauthenticated
from gateway.core.trail import Check
from gateway.rpc import status, wire
from gateway.rpc.deadline import DeadlineCap, too_slow
from gateway.rpc.explained import TRACE_KEY, Asked, Explainer
from gateway.rpc.figures import CallFigures, Handle, Watch
from gateway.rpc.overload import TOO_MANY_CALLS, Overload, too_many_calls
from gateway.rpc.simulating import Met, Simulating
from gateway.rpc.streaming import Arrival, Incoming, OpenStreams, incoming

REMAINING_KEY = "dancu-quota-remaining"  # records
RESET_KEY = "dancu-quota-reset"  # when a new day begins, RFC 3339

_log = structlog.get_logger(__name__)

ServicerContext = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the edge lets through."""

    concurrent_calls: int = 2000  # at most; above capacity fewer, see ``overload.py``
    calls_per_connection: int = 32  # with its streams; further ones wait at the client
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
        figures: CallFigures | None = None,
        watch: Watch | None = None,
        simulating: Simulating | None = None,
    ) -> None:
        self._simulating = simulating
        self._figures = figures or CallFigures()
        self._watch = watch
        self._authenticate = authenticate
        self._explainer = explainer
        self._remaining = remaining
        self._limits = limits
        self._cap = DeadlineCap(limits.seconds)
        self._overload = Overload(limits.concurrent_calls)
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
        """End every stream that is open, and every call that waits for ever: the gateway stops."""
        self._streams.end_all()
        if self._simulating is not None:
            self._simulating.close()

    async def quiet(self, seconds: float) -> None:
        """Wait until no call has arrived for a fifth of so many seconds, which is the limit."""
        deadline = time.monotonic() + seconds
        arrived = -1
        while arrived != self._arrived and time.monotonic() < deadline:
            arrived = self._arrived
            await asyncio.sleep(seconds / 5)

    def _handler(self, method: MethodDescriptor, story: Any) -> grpc.RpcMethodHandler[Any, Any]:
        if not method.server_streaming:
            return self._unary(method, story)
        handle = self._watched(method, self._streamed(method, story))
        if method.client_streaming:
            return grpc.stream_stream_rpc_method_handler(handle)
        return grpc.unary_stream_rpc_method_handler(handle)

    def _watched(self, method: MethodDescriptor, handle: Handle) -> Handle:
        counted = self._figures.watched(method, handle)
        return counted if self._watch is None else self._watch.watched(method, counted)

    def _streamed(self, method: MethodDescriptor, story: StreamStory) -> Handle:
        kind = GetMessageClass(method.input_type)
        rpc = _name_of(method)
        figures = self._figures.of(method)

        async def handle(sent: Any, context: ServicerContext) -> None:
            self._arrived += 1
            trail: list[Check] = []
            caller: Caller | None = None
            request: Any = None
            met: Met | None = None

            def again() -> Caller:
                return self._authenticate(context)

            def read(raw: bytes) -> Incoming:
                nonlocal request
                figures.received += 1
                effects = met.effects if met else ()
                digest = hashlib.sha256(raw).digest()
                arrival = Arrival(again(), rpc, digest, trail, effects=effects)
                request = wire.parse(kind, raw)
                return Incoming(arrival, request, again)

            try:
                caller = again()
                with self._streams.enter(caller.id):
                    if self._simulating is not None:
                        met = await self._simulating.meet(caller.id, rpc, streams=True)
                    told = incoming(sent, read) if method.client_streaming else read(sent)
                    async with contextlib.aclosing(story(told)) as answers:
                        async for message in answers:
                            if met:
                                await met.answered()
                            await context.write(message.SerializeToString())
                            figures.sent += 1
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
            if self._overload.full:
                self._figures.refused[TOO_MANY_CALLS] += 1
                await self._overload.refuse(context)
            left: tuple[tuple[str, str], ...] = ()
            trail: list[Check] = []
            caller: Caller | None = None
            request: Any = None
            met: Met | None = None

            try:
                caller = self._authenticate(context)
                if self._simulating is not None:
                    met = await self._simulating.meet(caller.id, rpc)
                digest = hashlib.sha256(raw).digest()
                request = wire.parse(kind, raw)
                effects = met.effects if met else ()
                arrival = Arrival(
                    caller, rpc, digest, trail, raw, context.invocation_metadata, effects
                )
                try:
                    answer = await self._within_limits(story, arrival, request)
                    if met:
                        await met.answered()
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

        return grpc.unary_unary_rpc_method_handler(self._watched(method, handle))

    def _ended(self, asked: Asked, error: CallError) -> Mapping[str, str]:
        """Count or log a call that was refused, and say what the caller is told with it."""
        told = self._explainer.refused(asked, error)
        self._count(error)
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
        self._count(_defect())
        _log.exception("call_failed", rpc=asked.rpc, trace=told["trace"])
        return told

    def _count(self, error: CallError) -> None:
        self._figures.refused[error.reason] += 1
        if self._watch is not None:
            self._watch.refused(error.reason)

    def _left(self, caller: str, procedure: str) -> tuple[tuple[str, str], ...]:
        """What is left of the day's quota, as trailing metadata; nothing if there is none."""
        left = self._remaining(caller, procedure)
        if left is None:
            return ()
        return (REMAINING_KEY, str(left.records)), (RESET_KEY, left.reset.isoformat())

    async def _within_limits(self, story: Story, arrival: Arrival, request: Message) -> Message:
        if self._overload.full:  # others came while a profile held this one back
            raise too_many_calls()
        began = self._overload.enter()
        task = self._cap.enter()
        try:
            return await story(arrival, request)
        except asyncio.CancelledError:
            if not self._cap.is_overdue(task):
                raise
            task.uncancel()
            raise too_slow() from None
        finally:
            self._cap.leave(task)
            self._overload.leave(began)


def _name_of(method: MethodDescriptor) -> str:
    return f"{method.containing_service.full_name}/{method.name}"


def _asked(rpc: str, caller: Caller | None, request: Any, trail: list[Check]) -> Asked:
    """``request`` is None when it was not read."""
    return Asked(rpc, caller, getattr(request, "context", None), trail)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _defect() -> Internal:
    return Internal(
        "INTERNAL",
        "a defect of the gateway; its log has the details",
        "lỗi nội bộ của hệ thống; chi tiết nằm trong nhật ký",
    )
