"""The register as its users have it, whatever engine keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from mock_population_db.changes import ChangePage, ChangeQuery
from mock_population_db.citizen import Household
from mock_population_db.events import Applied, Submission
from mock_population_db.snapshot import Keys, Snapshot
from mock_population_db.store import event_rows, history
from mock_population_db.store import reading as reads
from mock_population_db.store.applying import Rules
from mock_population_db.store.asking import Session
from mock_population_db.store.reading import RegisterInfo
from mock_population_db.store.waiting import Waiting
from mock_population_db.store.writer import Connection, Writer

KEEP_REVISIONS = 1_000_000


class Population:
    """Reads and writes a register.

    Every method may be called by many tasks at once, and no read waits for a write. After a
    failure the next call connects anew. Every method raises ``PopulationUnavailable`` when the
    register cannot be used now.
    """

    _look_every: ClassVar = 0.05  # seconds, for what other processes commit

    def __init__(
        self,
        reading: Connection,
        writing: Connection,
        rules: Rules,
        keep_revisions: int,
        compact: Callable[[Session, int], int] = history.compact,
        read_snapshot: Callable[[Session, Keys], Snapshot] = reads.read_snapshot,
    ) -> None:
        self._reading = reading
        self._read_snapshot = read_snapshot
        self._waiting = Waiting(self._head, self._look_every)
        self._writer = Writer(writing, rules, keep_revisions, self._reached, compact)

    async def close(self) -> None:
        """Write what waits, then close for good."""
        await self._writer.close()
        await self._reading.close()

    async def read(self, keys: Keys) -> Snapshot:
        """Find everything that the keys ask for, at one revision.

        Raises:
            ValueError: a key is not made of digits.
        """
        digits = "".join(map("".join, keys))
        if digits and not (digits.isascii() and digits.isdigit()):
            raise ValueError("the register is asked by digits only")
        return await self._reading.run(self._read_snapshot, keys)

    async def read_household(self, household_id: int) -> Household | None:
        """Find a household with its members, or None."""
        return await self._reading.run(reads.read_household, household_id)

    async def info(self) -> RegisterInfo:
        """What the register says of itself."""
        return await self._reading.run(reads.read_info)

    async def ping(self) -> None:
        """Come back when the register answers."""
        await self.info()

    async def apply(self, submission: Submission) -> Applied:
        """Take an event in; what is returned is on disk.

        A cancelled call may have been written all the same: send the same request again.

        Raises:
            EventRefused: something stands in the way.
            EventUnknown: the event that is to be annulled does not exist.
            RevisionMoved: somebody was changed after ``expected_revision``.
            RequestReused: the request id was used with another fingerprint.
        """
        (outcome,) = await self.apply_many([submission])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def apply_many(self, submissions: Sequence[Submission]) -> list[Applied | Exception]:
        """Take events in, in order; for each what ``apply`` returns or raises."""
        return await self._writer.apply(submissions)

    async def confirm_pending(self, before: datetime) -> int:
        """Confirm the numbers of births recorded before a moment; return how many."""
        return await self._writer.confirm_pending(before, datetime.now(UTC))

    async def find_event(self, event_id: str) -> Applied:
        """Find one event. Raises EventUnknown when there is none of this name."""
        return await self._reading.run(event_rows.find_event, event_id)

    async def find_request(self, reporter: str, rpc: str, request_id: str) -> Applied | None:
        """Find the event that a request made, or None."""
        return await self._reading.run(event_rows.find_request, reporter, rpc, request_id)

    async def events_after(self, event_id: str, limit: int) -> list[Applied]:
        """The submitted events after this one, oldest first; after an empty name, all of them.

        Raises EventUnknown when no event can have that name.
        """
        return await self._reading.run(event_rows.events_after, event_id, limit)

    async def find_changes(self, query: ChangeQuery) -> ChangePage:
        """The changes that a query asks for.

        Raises:
            Compacted: the query starts at a revision that is no longer kept.
            NotReached: the query starts beyond the next revision.
        """
        return await self._reading.run(history.find_changes, query)

    async def wait_beyond(self, revision: int) -> int:
        """Come back with the register's revision once it is greater.

        At once for what this process commits, within about 0.1 s for what others do.
        """
        return await self._waiting.beyond(revision)

    async def compact(self, before_revision: int) -> int:
        """Forget the changes before a revision; return the latest that is no longer kept."""
        return await self._writer.compact(before_revision)

    async def _head(self) -> int:
        return await self._reading.run(history.read_head)

    def _reached(self, head: int) -> None:
        """Note what this process committed."""
        self._waiting.reached(head)
