"""All that is done with the two stores from outside of the calls, whatever they are kept in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.config import Place
from gateway.flows.event_keeping import EventRecords, EventStore
from gateway.flows.ports import (
    AccessLog,
    Certify,
    Register,
    Sessions,
    UsageRecords,
    WatchLists,
)
from gateway.store.audit import Expected, Report
from gateway.store.audit import Progress as AuditProgress
from gateway.store.statistics import Figures, Key
from mock_population_db.events import Applied, Submission
from mock_population_db.store.reading import RegisterInfo
from mock_population_db.store.rows import Rows

Progress = Callable[[int], None]


class RegisterStore(Register, EventStore, Protocol):
    """All that the gateway asks of the register."""

    async def info(self) -> RegisterInfo:
        """What the register says of itself."""
        ...

    async def apply_many(self, submissions: Sequence[Submission], /) -> list[Applied | Exception]:
        """Take events in, in order, each as ``apply`` does."""
        ...


class RecordStore(EventRecords, UsageRecords, Protocol):
    """All that the gateway asks of its own records, but for what stands beside it here."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Both stores, open."""

    register: RegisterStore
    records: RecordStore
    accesses: AccessLog
    sessions: Sessions
    watch_lists: WatchLists


class Engine(Protocol):
    """Both stores of one data directory.

    Every method raises StoreError or PopulationError when a store cannot be read.

    Attributes:
        register_name: what people call the register: a file, or an address without a password.
        records_name: the same of the records.
    """

    @property
    def register_name(self) -> str: ...  # noqa: D102 - see above

    @property
    def records_name(self) -> str: ...  # noqa: D102 - see above

    def has_register(self) -> bool:
        """Whether there is one, of whatever version."""
        ...

    def register_info(self) -> RegisterInfo:
        """What the register says of itself."""
        ...

    def build_register(
        self, size: int, seed: int, as_of: date, extra: Rows, progress: Progress
    ) -> None:
        """Build a synthetic population where there is no register."""
        ...

    def install_people(self, rows: Rows) -> None:
        """Put people into the register, or replace those that are there, all or none."""
        ...

    def submitted_events(self) -> Iterator[Applied]:
        """Every event that was reported to the register, oldest first."""
        ...

    def migrate(self) -> list[str]:
        """Bring both stores to this version's tables, while nobody uses them; what was done.

        Stores of a newer version are refused, and so is a register that is not there.
        """
        ...

    def origin(self) -> str | None:
        """The name of the log; None where there are no records yet."""
        ...

    def making_records(self) -> AbstractContextManager[None]:
        """Nobody else is in such a block meanwhile: look again for an origin, then make records."""
        ...

    def create_records(self, origin: str, certify: Certify) -> None:
        """Make empty records whose log has this origin."""
        ...

    def logged_revision(self) -> int:
        """The latest revision of the register that anything in the log was read at."""
        ...

    def head_at(self, size: int) -> tuple[int, bytes]:
        """How many leaves the log has, and the root that it had with ``size``, if it had them."""
        ...

    def audit(self, expected: Expected, progress: AuditProgress) -> Report:
        """Check the records, which may be in use meanwhile."""
        ...

    def leaves(self) -> Iterator[dict[str, int | str]]:
        """Every leaf in order, as ``store/export.py`` has it."""
        ...

    def statistics(self, first: str, last: str) -> dict[Key, Figures]:
        """The figures of the days [first, last], YYYY-MM-DD in Viet Nam."""
        ...

    def forget(self, before: str, now: datetime, *, force: bool) -> list[str]:
        """Delete the pseudonym keys of the months before one; returns the months."""
        ...

    def set_aside(self) -> str:
        """Put the log aside, whole, so that another can be begun; returns where it is."""
        ...

    def open(self, place: Place, keep_revisions: int) -> AbstractAsyncContextManager[Stores]:
        """Both stores for the length of the block; the first process indexes the access log.

        Of the register's history at least ``keep_revisions`` are kept.
        """
        ...
