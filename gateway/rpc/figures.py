"""What is counted of calls: how long, how they ended, how many are under way.

Plain numbers, kept per RPC and read when somebody asks for them; a call pays about a
microsecond. Nothing here tells of callers: RPCs, status codes and reasons are all there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol

import grpc
from google.protobuf.descriptor import MethodDescriptor

from gateway.core.histogram import Histogram

# seconds; the goals for a single answer (15 and 60 ms) are among them
CALL_SECONDS = (
    *(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.06, 0.1),
    *(0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
_OK = grpc.StatusCode.OK.name
# seconds: callers count from when they sent, the gateway from when it had the call
_ON_THE_WAY = 0.1

Handle = Callable[[Any, grpc.aio.ServicerContext[Any, Any]], Awaitable[Any]]
"""A handler as gRPC calls it, with what was sent and the call's context."""


class Watch(Protocol):
    """Looks on at every call, beside the figures: a tracer."""

    def watched(self, method: MethodDescriptor, handle: Handle) -> Handle:
        """The same handler, looked on at."""
        ...

    def refused(self, reason: str) -> None:
        """The call of the current task ends with this reason."""
        ...


@dataclass(slots=True)
class RpcFigures:
    """What is known of one RPC."""

    service: str
    method: str
    streams: bool
    under_way: int = 0
    received: int = 0  # messages of streams
    sent: int = 0
    seconds: dict[str, Histogram] = field(default_factory=dict)  # by name of the status code

    def ended(self, code: str, seconds: float) -> None:
        """Count a call that ended."""
        found = self.seconds.get(code)
        if found is None:
            found = self.seconds[code] = Histogram(CALL_SECONDS)
        found.observe(seconds)


class CallFigures:
    """What is known of all calls.

    Attributes:
        rpcs: by full name.
        refused: calls that ended with an error, by its reason.
    """

    def __init__(self) -> None:
        self.rpcs: dict[str, RpcFigures] = {}
        self.refused: Counter[str] = Counter()

    def of(self, method: MethodDescriptor) -> RpcFigures:
        """The figures of one RPC."""
        service = method.containing_service.full_name
        made = RpcFigures(service, method.name, streams=method.server_streaming)
        return self.rpcs.setdefault(f"{service}/{method.name}", made)

    def watched(self, method: MethodDescriptor, handle: Handle) -> Handle:
        """The same handler, counted."""
        figures = self.of(method)
        answered = figures.seconds.setdefault(_OK, Histogram(CALL_SECONDS))

        async def counted(sent: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            figures.under_way += 1
            began = perf_counter()
            try:
                answer = await handle(sent, context)
            except BaseException:
                figures.ended(ending(context).name, perf_counter() - began)
                raise
            else:
                answered.observe(perf_counter() - began)
                return answer
            finally:
                figures.under_way -= 1

        return counted


def ending(context: grpc.aio.ServicerContext[Any, Any]) -> grpc.StatusCode:
    """With which status a call ends that raises something."""
    code: grpc.StatusCode | None = context.code()
    if code is not None:
        return code  # it was aborted
    # cancelled by gRPC: the time that its caller allowed is over, or the caller went away
    left = context.time_remaining()
    late = left is not None and left < _ON_THE_WAY
    return grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED
