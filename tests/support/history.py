"""A register in memory that has a history: people, changes, and those who wait for the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from mock_population_db.changes import (
    Change,
    ChangeCause,
    ChangeKind,
    ChangePage,
    ChangeQuery,
    Compacted,
    NotReached,
)
from mock_population_db.citizen import Citizen, NumberStep, Sex
from mock_population_db.snapshot import Keys, NumberChain, Part, Snapshot
from mock_population_db.store.errors import PopulationUnavailable
from tests.support.scene import AS_OF, NOW, person

FIRST = 2  # the revision of the first change: a register is built at 1
HOME = "00004"


def number_of(index: int) -> str:
    """The number of the n-th person."""
    return f"{index:012d}"


@dataclass
class MemoryRegister:
    """Finds who is in it and what became of them, as ``flows/ports.py`` has it."""

    people: dict[str, Citizen] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)
    moves: dict[str, str] = field(default_factory=dict)  # former number to the next
    compacted: int = 0
    down: bool = False
    searches: list[ChangeQuery] = field(default_factory=list)
    before_read: Callable[[], None] = lambda: None
    _grown: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def head(self) -> int:
        """The register's revision."""
        return FIRST - 1 + len(self.history)

    def settle(self, count: int) -> None:
        """Let so many people be there."""
        for index in range(1, count + 1):
            number = number_of(index)
            self.people[number] = Citizen(person(number), Sex.FEMALE, phone=f"09{index:08d}")

    def change(
        self,
        number: str,
        kind: ChangeKind = ChangeKind.CORRECTION,
        fields: tuple[str, ...] = ("sex", "phone"),
        *,
        commune: str = HOME,
        former: str = "",
        reporter: str = "",
    ) -> int:
        """Add a change, and wake who waits; returns its revision."""
        revision = self.head + 1
        self.history.append(
            Change(
                revision,
                kind,
                number,
                fields,
                ChangeCause.SUBMITTED if reporter else ChangeCause.LIFE,
                NOW + timedelta(seconds=revision),
                date(2026, 3, 1),
                former,
                f"event-{revision}" if reporter else "",
                (commune,),
                (commune[:2],),
                reporter,
            )
        )
        self._grown.set()
        self._grown = asyncio.Event()
        return revision

    def change_many(self, count: int) -> None:
        """So many changes, of one person after the other."""
        for index in range(count):
            self.change(number_of(1 + index % len(self.people)))

    def renumber(self, former: str, number: str) -> int:
        """Give a person another number."""
        self.people[number] = Citizen(person(number))
        del self.people[former]
        self.moves[former] = number
        return self.change(number, ChangeKind.RENUMBERED, ("personal_id",), former=former)

    def withdraw(self, number: str) -> int:
        """Take a record back."""
        del self.people[number]
        return self.change(number, ChangeKind.WITHDRAWN, ("name", "sex"))

    async def find_changes(self, query: ChangeQuery) -> ChangePage:
        """One page of the history."""
        self.searches.append(query)
        await asyncio.sleep(0)
        self._check()
        if query.start <= self.compacted:
            raise Compacted(self.compacted)
        if query.start > self.head + 1:
            raise NotReached(self.head)
        through = min(self.head, query.start + query.scan - 1)
        rows = self.history[query.start - FIRST if query.start > FIRST else 0 : through - FIRST + 1]
        found = [row for row in rows if self._passes(row, query)][: query.limit]
        if len(found) == query.limit:
            through = found[-1].revision
        now = {row.personal_id: self._now(row.personal_id) for row in found}
        current = {then: to for then, to in now.items() if to in self.people}
        return ChangePage(tuple(found), through, self.head, self.compacted, current)

    async def wait_beyond(self, revision: int) -> int:
        """The revision, as soon as it is greater than this one."""
        self._check()
        while self.head <= revision:
            await self._grown.wait()
            self._check()
        return self.head

    async def read(self, keys: Keys) -> Snapshot:
        """Find everything at one revision; the seeks come to rest on the first person."""
        self.before_read()
        await asyncio.sleep(0)
        self._check()
        found, anybody = self.people, next(iter(self.people.values()))
        return Snapshot(
            self.head,
            AS_OF,
            {number: found.get(number, anybody).identity for number in keys.numbers},
            dict.fromkeys(keys.old_numbers, ()),
            {number: self._chain(number) for number in keys.former},
            parts={number: _part(found[number]) for number in keys.parts if number in found},
        )

    def _check(self) -> None:
        if self.down:
            raise PopulationUnavailable("down")

    def _now(self, number: str) -> str:
        while number in self.moves:
            number = self.moves[number]
        return number

    def _chain(self, number: str) -> NumberChain:
        now = self._now(number)
        steps = [NumberStep(one, to, None, "R") for one, to in self.moves.items()]
        return NumberChain(tuple(steps) if now != number else (), self.people[now].identity)

    def _passes(self, row: Change, query: ChangeQuery) -> bool:
        return (
            (not query.kinds or row.kind in query.kinds)
            and (not query.communes or not query.communes.isdisjoint(row.communes))
            and (not query.provinces or not query.provinces.isdisjoint(row.provinces))
            and (query.numbers is None or self._now(row.personal_id) in query.numbers)
            and (query.since is None or row.recorded_at >= query.since)
            and (query.before is None or row.recorded_at < query.before)
        )


def _part(citizen: Citizen) -> Part:
    """All there is: whoever reads more than was asked for is not noticed here."""
    return Part(**{name: getattr(citizen, name) for name in Citizen.__dataclass_fields__})
