"""The gateway's own time limit: no call takes longer, whatever its client allows."""

from __future__ import annotations

import asyncio

from gateway.core.errors import TooSlow


class DeadlineCap:
    """Cancels calls that are overdue.

    All calls have the same limit, so one timer looks after them in the order of their coming;
    a timeout object for each would cost as much as reading its request.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[asyncio.Task[object], float] = {}  # in order of arrival
        self._overdue: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # of the first call, and of all others

    def enter(self) -> asyncio.Task[object]:
        """Note that the current task's call has begun."""
        loop = self._loop
        if loop is None:  # asking for it is a system call
            loop = self._loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("calls run in tasks")
        self._since[task] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._sweep, loop)
        return task

    def leave(self, task: asyncio.Task[object]) -> None:
        """Note that a call has ended."""
        del self._since[task]
        self._overdue.discard(task)

    def is_overdue(self, task: asyncio.Task[object]) -> bool:
        """Whether it was this limit that cancelled the call."""
        return task in self._overdue

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self._timer = None
        for task, since in self._since.items():
            if task in self._overdue:
                continue
            left = since + self._seconds - now
            if left > 0:
                self._timer = loop.call_later(left, self._sweep, loop)
                return
            self._overdue.add(task)
            task.cancel()


def too_slow() -> TooSlow:
    """The error of a call that the limit has cancelled."""
    return TooSlow(
        "TOO_SLOW",
        "the call took longer than the gateway allows; it may have been recorded",
        "yêu cầu vượt quá thời gian cho phép; có thể đã được ghi nhật ký",
    )
