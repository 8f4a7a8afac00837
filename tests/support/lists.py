"""Callers' lists in memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from gateway.flows.ports import WatchList


@dataclass
class MemoryLists:
    """See ``WatchLists``."""

    lists: dict[str, WatchList] = field(default_factory=dict)

    async def load(self, caller: str) -> WatchList:
        """A caller's list."""
        return self.lists.get(caller, WatchList(frozenset(), 0, 0))

    async def version(self, caller: str) -> int:
        """Of a caller's list."""
        return (await self.load(caller)).version

    async def change(
        self, caller: str, add: Collection[str], remove: Collection[str], revision: int
    ) -> int:
        """Take numbers off a list, then put others on it."""
        numbers, known, version = await self.load(caller)
        after = (numbers - frozenset(remove)) | frozenset(add)
        self.lists[caller] = WatchList(after, max(known, revision), version + 1)
        return version + 1
