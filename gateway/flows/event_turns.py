"""What keeps an idempotent request whole: one at a time, and to its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from gateway.flows.ports import KeptKey

_T = TypeVar("_T")


class Turns:
    """Lets one holder of a key in at a time; the others wait."""

    def __init__(self) -> None:
        self._locks: dict[KeptKey, tuple[asyncio.Lock, int]] = {}

    @contextlib.asynccontextmanager
    async def hold(self, key: KeptKey) -> AsyncIterator[None]:
        """Hold a key for the length of the block."""
        lock, holders = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = lock, holders + 1
        try:
            async with lock:
                yield
        finally:
            lock, holders = self._locks.pop(key)
            if holders > 1:
                self._locks[key] = lock, holders - 1


class Unstoppable:
    """Tells stories to their end, whoever still listens.

    Between the register's commit and the log's a story must not stop because a caller hung up.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        """How many stories are being told."""
        return len(self._tasks)

    async def tell(self, story: Coroutine[Any, Any, _T]) -> _T:
        """Wait for a story; it goes on when the waiting is cancelled."""
        task = asyncio.create_task(story)
        self._tasks.add(task)
        task.add_done_callback(self._told)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait until every story has ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _told(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # asyncio logs those that nobody asked for
