"""The callers' lists, kept in step with the register: whoever is renumbered stays on them.

A list is read once and followed by the register's own history. Lists that another gateway
changes are read again within a second.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from gateway.flows.ports import ChangeFeed, Register, WatchList, WatchLists
from mock_population_db.changes import ChangeKind, ChangeQuery, Compacted
from mock_population_db.snapshot import Keys, NumberChain

FRESH_SECONDS = 1.0  # for so long nobody looks whether another gateway changed a list
_STEP = 1_000  # numbers, or changes, that are read at a time
_MOVES = frozenset({ChangeKind.RENUMBERED, ChangeKind.ANNULMENT})


class _Known(NamedTuple):
    """A list as it was last seen, and when, on the loop's clock."""

    watched: WatchList
    at: float


class Watching:
    """Keeps the lists. Raises PopulationUnavailable, and ``Unavailable``, as its stores do."""

    def __init__(self, lists: WatchLists, feed: ChangeFeed, register: Register) -> None:
        self._lists = lists
        self._feed = feed
        self._register = register
        self._known: dict[str, _Known] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def numbers(self, caller: str, revision: int = 0) -> frozenset[str]:
        """Who is on a caller's list, by the numbers of this revision of the register or later.

        The same object again as long as nothing changed.
        """
        async with self._locks[caller]:
            return (await self._followed(caller, revision)).numbers

    async def present(self, caller: str) -> frozenset[str]:
        """Who is on a caller's list, by the numbers of this moment."""
        async with self._locks[caller]:
            watched, head = await self._seen(caller), -1
            while watched.numbers and watched.revision != head:
                watched, head = await self._step(caller, watched)
            return self._keep(caller, watched).numbers

    async def change(
        self, caller: str, add: Collection[str], remove: Collection[str], revision: int
    ) -> None:
        """Take numbers off a list, then put others on it, as they are at this revision."""
        async with self._locks[caller]:
            watched = await self._seen(caller)
            # those who were there are followed from where they were
            since = watched.revision if watched.numbers else revision
            numbers = (watched.numbers - frozenset(remove)) | frozenset(add)
            version = await self._lists.change(caller, add, remove, since)
            self._keep(caller, WatchList(numbers, since, version))

    async def _followed(self, caller: str, revision: int) -> WatchList:
        watched = await self._seen(caller)
        while watched.numbers and watched.revision < revision:
            watched, _ = await self._step(caller, watched)
            self._keep(caller, watched)
        return watched

    async def _seen(self, caller: str) -> WatchList:
        """The list as it stands in the store."""
        known = self._known.get(caller)
        if known is not None and asyncio.get_running_loop().time() < known.at + FRESH_SECONDS:
            return known.watched
        if known is not None and known.watched.version == await self._lists.version(caller):
            return self._keep(caller, known.watched)
        return self._keep(caller, await self._lists.load(caller))

    def _keep(self, caller: str, watched: WatchList) -> WatchList:
        self._known[caller] = _Known(watched, asyncio.get_running_loop().time())
        return watched

    async def _step(self, caller: str, watched: WatchList) -> tuple[WatchList, int]:
        """Follow renumberings a part of the way; returns the register's revision, too."""
        query = ChangeQuery(watched.revision + 1, _STEP, kinds=_MOVES)
        try:
            page = await self._feed.find_changes(query)
        except Compacted:
            return await self._sought(caller, watched), -1
        moves = [(change.former_personal_id, change.personal_id) for change in page.changes]
        return await self._move(caller, watched, moves, page.through), page.head

    async def _sought(self, caller: str, watched: WatchList) -> WatchList:
        """Find everybody anew: the history that would tell is no longer kept."""
        numbers, revisions = sorted(watched.numbers), []
        moves: list[tuple[str, str]] = []
        for at in range(0, len(numbers), _STEP):
            asked = tuple(numbers[at : at + _STEP])
            snapshot = await self._register.read(Keys(former=asked))
            revisions.append(snapshot.revision)
            moves += _moves(asked, snapshot.chains)
        return await self._move(caller, watched, moves, min(revisions))

    async def _move(
        self, caller: str, watched: WatchList, moves: Iterable[tuple[str, str]], revision: int
    ) -> WatchList:
        """Put those who were renumbered on the list by their new numbers; in order."""
        numbers = watched.numbers
        for former, number in moves:
            if former in numbers:
                numbers = (numbers - {former}) | {number}
        if numbers is watched.numbers:
            return watched._replace(revision=revision)
        add, remove = numbers - watched.numbers, watched.numbers - numbers
        version = await self._lists.change(caller, add, remove, revision)
        return WatchList(numbers, revision, version)


def _moves(asked: Iterable[str], chains: dict[str, NumberChain]) -> Iterator[tuple[str, str]]:
    """The numbers that became others; chains may be of neighbours, see ``Snapshot``."""
    for number in asked:
        chain = chains.get(number)
        if chain and any(step.former == number for step in chain.steps):
            yield number, chain.current.personal_id
