"""Streams that are open: how many there may be, and how they end.

A stream outlives what its caller proved when it opened it. So every message is authenticated
anew, what the gateway sends unasked is, too (``Incoming.again``), and no stream lives longer
than its limit: its caller comes back and goes on from where it stood.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any, NamedTuple

from gateway.core.caller import Caller
from gateway.core.errors import CallError, Overloaded, Unavailable
from gateway.core.model import Effect
from gateway.core.trail import Check

Metadata = Iterable[tuple[str, str | bytes]]


class Arrival(NamedTuple):
    """What is known of a call before its message is read."""

    caller: Caller
    rpc: str
    request_digest: bytes
    trail: list[Check]  # of what must be explained; empty when all goes well
    raw: bytes = b""  # as received
    metadata: Callable[[], Metadata | None] = tuple
    effects: tuple[Effect, ...] = ()  # of its simulation, on its answers


class Incoming(NamedTuple):
    """One message of a stream."""

    arrival: Arrival
    request: Any
    again: Callable[[], Caller]
    """Authenticates once more, before something is sent unasked. Raises Unauthenticated."""


class OpenStreams:
    """The streams that are open."""

    def __init__(self, limit: int, limit_per_caller: int, seconds: float) -> None:
        self._limit = limit
        self._limit_per_caller = limit_per_caller
        self._seconds = seconds
        self._by_caller: Counter[str] = Counter()
        self._ends: dict[asyncio.Task[object], CallError | None] = {}

    def end_all(self) -> None:
        """End every stream: the gateway stops."""
        for task in list(self._ends):
            self._end(task, _stopping())

    @contextlib.contextmanager
    def enter(self, caller: str) -> Iterator[None]:
        """Count the current task as a stream of this caller for the length of the block.

        Raises:
            Overloaded: there are too many.
            Unavailable: the stream was ended.
        """
        if len(self._ends) >= self._limit or self._by_caller[caller] >= self._limit_per_caller:
            raise _too_many_streams()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a handler runs in a task; tells mypy so
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._seconds, self._end, task, _too_old())
        self._ends[task] = None
        self._by_caller[caller] += 1
        try:
            yield
        except asyncio.CancelledError:
            error = self._ends[task]
            if error is None:
                raise
            task.uncancel()
            raise error from None
        finally:
            timer.cancel()
            del self._ends[task]
            self._by_caller[caller] -= 1
            if not self._by_caller[caller]:
                del self._by_caller[caller]

    def _end(self, task: asyncio.Task[object], error: CallError) -> None:
        if task in self._ends and self._ends[task] is None:
            self._ends[task] = error
            task.cancel()


async def incoming(
    sent: AsyncIterator[bytes], read: Callable[[bytes], Incoming]
) -> AsyncIterator[Incoming]:
    """The messages of a caller's stream, each authenticated and parsed when it is asked for."""
    async for raw in sent:
        yield read(raw)


def _too_many_streams() -> Overloaded:
    return Overloaded(
        "TOO_MANY_STREAMS",
        "too many streams are open; close some, or try again after the delay given",
        "quá nhiều luồng đang mở; hãy đóng bớt hoặc thử lại sau thời gian đã nêu",
    )


def _too_old() -> Unavailable:
    return Unavailable(
        "STREAM_TOO_OLD",
        "streams end after a while; open another and go on from where this one stood",
        "luồng kết thúc sau một thời gian; hãy mở luồng mới và tiếp tục từ vị trí đã nhận",
    )


def _stopping() -> Unavailable:
    return Unavailable(
        "STOPPING",
        "the gateway is stopping; open another stream and go on from where this one stood",
        "hệ thống đang dừng; hãy mở luồng mới và tiếp tục từ vị trí đã nhận",
    )
