"""What a record store acknowledged, which must be there whatever happens to the store."""

from __future__ import annotations

import asyncio
import contextlib

from gateway.core.errors import Unavailable
from gateway.flows.ports import Records
from tests.support import merkle
from tests.support.record_stores import Place, audited, query
from tests.support.records import (
    LEAVES,
    certify,
    check_committed,
    data_of,
    entries,
    entry,
    size_and_root,
)

_ENTRY_SIZE = 64


class Acknowledged:
    """Commits of entries that were never sent before, and what came of them."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.number = 0
        self.held: dict[int, bytes] = {}  # root by size
        self.stored: dict[int, int] = {}  # entry's number by leaf index

    async def commit(self, count: int = 1) -> None:
        """One more commit."""
        start = self.number
        self.number += count
        committed = await self._records.commit(entries(start, start + count), certify)
        check_committed(committed, entries(start, start + count))
        self.held.update([size_and_root(committed.checkpoint)])
        self.stored |= {committed.first_index + at: start + at for at in range(count)}

    async def commit_as_long_as_it_fails(self) -> None:
        """Again and again, for a while."""
        for _ in range(200):
            with contextlib.suppress(Unavailable):
                return await self.commit()
            await asyncio.sleep(0.05)
        raise AssertionError("it never came back")

    async def commit_for_ever(self) -> None:
        """Until a commit fails."""
        while True:
            await self.commit(7)

    async def check(self, place: Place) -> None:
        """All that was acknowledged is there, where it was said to be, and the store holds."""
        assert audited(place, self.held).findings == []
        logged = logged_at(place)
        for index, number in self.stored.items():
            assert logged[index] == entry(number).statement_digest
        for index in sorted(self.stored)[:: len(self.stored) // 20 + 1]:
            proof = await self._records.prove(index)
            assert merkle.proves(proof, data_of(entry(self.stored[index])))


def logged_at(place: Place) -> list[bytes]:
    """The statement hash of every leaf."""
    log = b"".join(blob for (blob,) in query(place, LEAVES))
    return [log[at : at + 32] for at in range(0, len(log), _ENTRY_SIZE)]
