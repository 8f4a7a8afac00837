"""The one who writes: events that wait at the same time share a transaction.

A commit costs the disk some milliseconds however much is in it; so whatever comes while one
is under way is taken together by the next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from mock_population_db.events import Submission
from mock_population_db.store import history
from mock_population_db.store.applying import Outcome, Rules, apply_group
from mock_population_db.store.asking import Session
from mock_population_db.store.confirming import confirm_pending
from mock_population_db.store.errors import PopulationUnavailable

_P = ParamSpec("_P")
_T = TypeVar("_T")

GROUP = 512  # events in one transaction: what readers of other processes wait for is short
_SLACK = 100  # compaction begins when a hundredth more than asked for is kept


@dataclass(frozen=True, slots=True)
class _Waiting:
    submission: Submission
    outcome: asyncio.Future[Outcome]


class Connection(Protocol):
    """Where functions run that are given a session."""

    async def run(
        self, job: Callable[Concatenate[Session, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Run one to its end, whoever still waits for it. Raises PopulationUnavailable."""
        ...

    async def close(self) -> None:
        """Close for good."""
        ...


class Writer:
    """Writes to one register.

    Args:
        connection: for writing.
        rules: by type of event.
        keep: how many revisions of the history are kept.
        reached: told the register's revision after each commit.
        compact: forgets changes up to a revision, or the first of them, and returns the latest
            that is no longer kept.
    """

    def __init__(
        self,
        connection: Connection,
        rules: Rules,
        keep: int,
        reached: Callable[[int], None],
        compact: Callable[[Session, int], int] = history.compact,
    ) -> None:
        self._connection = connection
        self._rules = rules
        self._keep = keep
        self._reached = reached
        self._compact = compact
        self._waiting: deque[_Waiting] = deque()
        self._work: asyncio.Task[None] | None = None
        self._compacted = 0  # as far as known

    async def apply(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """What became of each, in order.

        Whoever stops waiting takes back what was not begun; the rest is written all the same.
        """
        loop = asyncio.get_running_loop()
        mine = [_Waiting(one, loop.create_future()) for one in submissions]
        self._waiting.extend(mine)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._write_all())
        try:
            return [await one.outcome for one in mine]
        finally:
            for one in mine:
                one.outcome.cancel()  # nothing happens to those that are done

    async def confirm_pending(self, before: datetime, at: datetime) -> int:
        """Confirm the numbers of births recorded before a moment; return how many."""
        total = 0
        while True:
            looked_at, confirmed, head = await self._connection.run(confirm_pending, before, at)
            total += confirmed
            self._reached(head)
            if not looked_at:
                return total

    async def compact(self, before: int) -> int:
        """Forget the changes before a revision; return the latest that is no longer kept."""
        compacted = -1
        while True:
            further = await self._connection.run(self._compact, before - 1)
            if further == compacted:
                return compacted
            compacted = further

    async def close(self) -> None:
        """Write what waits, then close."""
        if self._work is not None:
            await self._work
        await self._connection.close()

    async def _write_all(self) -> None:
        while self._waiting:
            group = self._next_group()
            try:
                head = await self._write(group)
                await self._forget(head)
            except Exception as error:  # noqa: BLE001 - those who wait shall see it
                for one in group:
                    _tell(one, PopulationUnavailable(str(error)))

    def _next_group(self) -> list[_Waiting]:
        taken = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
        return [one for one in taken if not one.outcome.cancelled()]

    async def _write(self, group: Sequence[_Waiting]) -> int:
        submissions = [one.submission for one in group]
        outcomes, head = await self._connection.run(apply_group, self._rules, submissions)
        for one, outcome in zip(group, outcomes, strict=True):
            _tell(one, outcome)
        self._reached(head)
        return head

    async def _forget(self, head: int) -> None:
        """One small step, now and then: nobody shall wait for it."""
        kept = head - self._compacted
        if kept > self._keep + self._keep // _SLACK:
            self._compacted = await self._connection.run(self._compact, head - self._keep)


def _tell(one: _Waiting, outcome: Outcome) -> None:
    if not one.outcome.done():
        one.outcome.set_result(outcome)
