"""Stand-ins for the two stores: a register that is a dictionary, records that wait when told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from gateway.core.allowance import Allowance
from gateway.core.errors import OutOfRange, Unavailable
from gateway.core.ledger import Tree, grow, leaf_data, leaf_hash
from gateway.flows.ports import Certify, Committed, Entry, Kept, KeptKey
from mock_population_db.citizen import Citizen, Identity
from mock_population_db.snapshot import Keys, NumberChain, Snapshot
from mock_population_db.store.errors import PopulationUnavailable
from tests.support.scene import AS_OF, REVISION


@dataclass
class FakeRegister:
    """Finds who is in it; remembers what it was asked."""

    people: dict[str, Identity] = field(default_factory=dict)
    down: bool = False
    asked: list[Keys] = field(default_factory=list)

    async def read(self, keys: Keys) -> Snapshot:
        """Find everything at one revision."""
        self.asked.append(keys)
        await asyncio.sleep(0)
        if self.down:
            raise PopulationUnavailable("down")
        people = self.people
        return Snapshot(
            REVISION,
            AS_OF,
            {number: people[number] for number in keys.numbers if number in people},
            {number: self._by_old(number) for number in keys.old_numbers},
            {number: NumberChain((), people[number]) for number in keys.former if number in people},
            {number: tuple(map(Citizen, self._either(number))) for number in keys.details},
        )

    def _either(self, number: str) -> tuple[Identity, ...]:
        return (self.people[number],) if number in self.people else self._by_old(number)

    def _by_old(self, number: str) -> tuple[Identity, ...]:
        return tuple(one for one in self.people.values() if one.old_id_number == number)


@dataclass
class FakeRecords:
    """A log in memory."""

    tree: Tree = field(default_factory=Tree)
    commits: list[Sequence[Entry]] = field(default_factory=list)
    months: list[str] = field(default_factory=list)
    note: str = ""
    down: bool = False
    gate: asyncio.Event | None = None  # commits wait for it
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def pseudonym_key(self, month: str) -> bytes:
        """The month's key."""
        self.months.append(month)
        return month.encode().ljust(32)

    async def commit(
        self,
        entries: Sequence[Entry],
        certify: Certify,
        _allowances: Mapping[int, Allowance] = MappingProxyType({}),
    ) -> Committed:
        """Append all entries, or none."""
        self.begun.set()
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        if self.down:
            raise Unavailable("RECORD_STORE_UNAVAILABLE", "down", "down")
        pairs = [(one.statement_digest, one.access_root) for one in entries]
        growth = grow(self.tree, [leaf_hash(leaf_data(*pair)) for pair in pairs])
        first, self.tree = self.tree.size, growth.tree
        self.commits.append(entries)
        self.note = certify(growth.tree)
        return Committed(first, growth.paths, self.note)

    async def kept(self, _key: KeptKey) -> Kept | None:
        """Keeps no answers."""
        return None

    async def checkpoint(self) -> str:
        """The latest signed checkpoint."""
        return self.note

    async def prove(self, index: int) -> str:
        """Keeps no leaves."""
        raise OutOfRange("LEAF_OUT_OF_RANGE", str(index), str(index))

    async def tile(self, _level: int, number: int, _width: int) -> bytes:
        """Keeps none."""
        raise OutOfRange("LEAF_OUT_OF_RANGE", str(number), str(number))

    async def leaves(self, start: int, _end: int) -> Sequence[bytes]:
        """Keeps none."""
        raise OutOfRange("LEAF_OUT_OF_RANGE", str(start), str(start))
