"""Waiting for the register's revision to grow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Waiting:
    """Wakes those who wait; however many they are, the register is asked once for all.

    Args:
        read_head: asks the register for its revision.
        look_every: seconds after which it is asked for what other processes committed.
    """

    def __init__(self, read_head: Callable[[], Awaitable[int]], look_every: float) -> None:
        self._read_head = read_head
        self._look_every = look_every
        self._head = -1  # the latest that is known
        self._woken = asyncio.Event()
        self._look: asyncio.Task[int] | None = None
        self._waiters = 0

    def reached(self, head: int) -> None:
        """Note up to where changes were committed."""
        self._head = max(self._head, head)
        self._woken.set()

    async def beyond(self, revision: int) -> int:
        """Come back with the register's revision once it is greater.

        Raises:
            PopulationUnavailable: the register cannot be read now.
        """
        self._waiters += 1
        try:
            if self._head < 0:
                self._head = await self._read_head()
            while self._head <= revision:
                await asyncio.shield(self._next_look())
            return self._head
        finally:
            self._waiters -= 1
            if not self._waiters and self._look is not None:
                self._look.cancel()
                self._look = None

    def _next_look(self) -> asyncio.Task[int]:
        if self._look is None or self._look.done():
            self._woken.clear()
            self._look = asyncio.create_task(self._looked())
        return self._look

    async def _looked(self) -> int:
        """Sleep until this process commits, or it is time to look what others did."""
        try:
            await asyncio.wait_for(self._woken.wait(), self._look_every)
        except TimeoutError:
            self._head = await self._read_head()
        return self._head
