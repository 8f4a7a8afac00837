"""The register on SQLite: the embedded default."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from mock_population_db.changes import ChangePage, ChangeQuery
from mock_population_db.citizen import Household, Keys, Snapshot
from mock_population_db.events import Applied, Submission
from mock_population_db.rules.registry import RULES
from mock_population_db.store import event_rows, history, reading
from mock_population_db.store.applying import Rules
from mock_population_db.store.connections import Connection
from mock_population_db.store.opening import open_file, open_for_writing
from mock_population_db.store.reading import RegisterInfo
from mock_population_db.store.waiting import Waiting
from mock_population_db.store.writer import Writer

KEEP_REVISIONS = 1_000_000


class SqlitePopulation:
    """Reads and writes a register; make one with ``open``.

    Every method may be called by many tasks at once. Reads are served one after another, and
    so are writes, but no read waits for a write. After a failure the file is opened anew by the
    next call. Every method raises ``PopulationUnavailable`` when the register cannot be used
    now.
    """

    def __init__(self, path: Path, rules: Rules, keep_revisions: int) -> None:
        self._reading = Connection(path, open_file)
        self._waiting = Waiting(self._head)
        writing = Connection(path, open_for_writing)
        self._writer = Writer(writing, rules, keep_revisions, self._waiting.reached)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, *, keep_revisions: int = KEEP_REVISIONS, rules: Rules = RULES
    ) -> AsyncIterator[SqlitePopulation]:
        """Open the register, and close it in the end. It is not written to before an event comes.

        Args:
            path: of the file.
            keep_revisions: how many revisions of the history are kept at least.
            rules: by type of event.

        Raises:
            PopulationError: there is no register at ``path`` that this program reads.
        """
        population = cls(path, rules, keep_revisions)
        await population._reading.connected()
        try:
            yield population
        finally:
            await population._writer.close()
            await population._reading.close()

    async def read(self, keys: Keys) -> Snapshot:
        """Find everything that the keys ask for, at one revision.

        Raises:
            ValueError: a key is not made of digits.
        """
        asked = (getattr(keys, name) for name in Keys.__dataclass_fields__)
        digits = "".join(number for numbers in asked for number in numbers)
        if digits and not (digits.isascii() and digits.isdigit()):
            raise ValueError("the register is asked by digits only")
        return await self._reading.run(reading.read_snapshot, keys)

    async def read_household(self, household_id: int) -> Household | None:
        """Find a household with its members, or None."""
        return await self._reading.run(reading.read_household, household_id)

    async def info(self) -> RegisterInfo:
        """What the register says of itself."""
        return await self._reading.run(reading.read_info)

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
