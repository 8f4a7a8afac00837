"""Shedding: above capacity calls are refused at once, so that those let in are answered in time.

How many may be at work is learned from those that end. While even the fastest of an interval
took longer than the target, there is a queue that does not drain (the idea of CoDel): only as
many are let in as end within the target, by Little's law. Otherwise the bound rises again, by a
tenth an interval, so that a gateway is back to normal within seconds.

A refusal is made of bytes that are there already: nothing is authenticated, read, recorded,
charged, explained or logged. Health checks are never refused.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle
from typing import Any, NoReturn

import grpc

from gateway.core.errors import Overloaded
from gateway.rpc import status
from gateway.rpc.reasons import ABOUT

TOO_MANY_CALLS = "TOO_MANY_CALLS"
TARGET_SECONDS = 0.25  # the fastest call of an interval may take so long
INTERVAL_SECONDS = 0.1
FLOOR = 128  # let in whatever they take: who keeps to the limit of one connection, batches too
RETRY_SECONDS = tuple(1 + step / 10 for step in range(11))  # spread: a crowd must not come back


class Overload:
    """How many calls may be at work.

    Args:
        most: calls at once, however fast they are.
        clock: seconds, of any beginning.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self.limit = most
        self.running = 0
        self.refused = 0
        self._fastest = float("inf")
        self._ended = 0
        self._peak = 0
        self._since = clock()
        self._answers = cycle([_prepared(seconds) for seconds in RETRY_SECONDS])

    @property
    def full(self) -> bool:
        """Whether another call is too many."""
        return self.running >= self.limit

    def enter(self) -> float:
        """A call begins; returns when."""
        self.running += 1
        self._peak = max(self._peak, self.running)
        return self._clock()

    def leave(self, began: float) -> None:
        """A call that began then has ended."""
        now = self._clock()
        self.running -= 1
        self._ended += 1
        self._fastest = min(self._fastest, now - began)
        if now - self._since >= INTERVAL_SECONDS:
            self._settle(now)

    async def refuse(self, context: grpc.aio.ServicerContext[Any, Any]) -> NoReturn:
        """End a call that is too many."""
        self.refused += 1
        context.set_trailing_metadata(next(self._answers))
        await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, too_many_calls().message_en)

    def _settle(self, now: float) -> None:
        """Judge the interval that is over, and begin another."""
        if self._fastest > TARGET_SECONDS and self._peak > FLOOR:
            fitting = int(self._ended / (now - self._since) * TARGET_SECONDS)
            self.limit = max(FLOOR, min(self.limit, fitting))
        else:
            self.limit = min(self._most, self.limit + self.limit // 10)
        self._fastest, self._ended, self._since = float("inf"), 0, now
        self._peak = self.running


def too_many_calls(retry_after: float = RETRY_SECONDS[0]) -> Overloaded:
    """The error of a call that is too many."""
    return Overloaded(
        "TOO_MANY_CALLS",
        "too many calls at once; try again after the delay given",
        "quá nhiều yêu cầu cùng lúc; hãy thử lại sau thời gian đã nêu",
        retry_after,
    )


def _prepared(retry_after: float) -> tuple[tuple[str, bytes]]:
    """The trailing metadata of a refusal, made once."""
    error = too_many_calls(retry_after)
    about = ABOUT[error.reason]
    told = {"side": str(about.side), "officer_vi": about.officer_vi}
    return ((status.DETAILS_KEY, status.status_of(error, told).SerializeToString()),)
