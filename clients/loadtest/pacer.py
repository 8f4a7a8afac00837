"""Waiting for a moment to within some microseconds.

Event loops count in milliseconds: half a millisecond late on average, which would stand in every
latency. Linux has a clock that counts finer and wakes a loop like a socket does.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import time
from types import TracebackType
from typing import Self

_CLOCK_MONOTONIC, _ABSOLUTE = 1, 1
_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_NANOSECONDS = 1_000_000_000
_EXPIRATIONS = 8  # bytes


class _Times(ctypes.Structure):
    """``struct itimerspec``."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class Pacer:
    """Wakes one task at moments of ``time.monotonic``; to be used with ``with``, in a loop.

    Attributes:
        released: Whether nobody is to wait any more.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self.released = False
        self._clock = -1
        if sys.platform == "linux":
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._clock = self._libc.timerfd_create(_CLOCK_MONOTONIC, _FLAGS)

    def __enter__(self) -> Self:
        if self._clock >= 0:
            self._loop.add_reader(self._clock, self._ring)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._clock >= 0:
            self._loop.remove_reader(self._clock)
            os.close(self._clock)

    async def until(self, moment: float) -> None:
        """Wait for a moment; where it has passed, or nobody is to wait, let others run once."""
        wait = moment - time.monotonic()
        if wait <= 0 or self.released:
            await asyncio.sleep(0)
            return
        self._waiter = self._loop.create_future()
        if self._clock < 0:
            self._loop.call_later(wait, self._wake)
        else:
            whole, part = divmod(int(moment * _NANOSECONDS), _NANOSECONDS)
            times = _Times(0, 0, whole, part)
            self._libc.timerfd_settime(self._clock, _ABSOLUTE, ctypes.byref(times), None)
        await self._waiter

    def release(self) -> None:
        """Whoever waits goes on at once, and from now on nobody waits."""
        self.released = True
        self._wake()

    def _ring(self) -> None:
        os.read(self._clock, _EXPIRATIONS)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
