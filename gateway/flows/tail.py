"""The end of the register's history, where readers wait: one wait and one read for all.

A hundred readers that wait for the next change cost one question to the register when it comes;
each then takes of the page what it asked for.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gateway.flows.ports import ChangeFeed
from mock_population_db.changes import ChangePage, ChangeQuery


@dataclass(slots=True)
class _Read:
    """A read under way, and how many wait for it."""

    task: asyncio.Task[ChangePage]
    waiting: int = 0


class Tail:
    """Everybody's next changes."""

    def __init__(self, feed: ChangeFeed, limit: int) -> None:
        self._feed = feed
        self._limit = limit
        self._reads: dict[int, _Read] = {}  # by the revision that they wait beyond

    async def after(self, revision: int, seconds: float) -> ChangePage | None:
        """The changes after a revision, as soon as there are any; None when time is up.

        Raises:
            PopulationUnavailable, Compacted, NotReached: as ``ChangeFeed``.
        """
        read = self._reads.get(revision)
        if read is None:
            read = self._reads[revision] = _Read(asyncio.create_task(self._next(revision)))
        read.waiting += 1
        try:
            done, _ = await asyncio.wait({read.task}, timeout=seconds)
            return read.task.result() if done else None
        finally:
            read.waiting -= 1
            if not read.waiting:
                read.task.cancel()
                self._forget(revision, read)

    async def _next(self, revision: int) -> ChangePage:
        try:
            await self._feed.wait_beyond(revision)
            return await self._feed.find_changes(ChangeQuery(revision + 1, self._limit))
        finally:
            self._reads.pop(revision, None)  # who comes now waits anew

    def _forget(self, revision: int, read: _Read) -> None:
        if self._reads.get(revision) is read:
            del self._reads[revision]
