"""What the stories need of the outside: two stores. Adapters share a contract suite, not code."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from gateway.core.allowance import Allowance, Tallies
from gateway.core.ledger import Tree
from gateway.core.model import Access, AccessCall
from gateway.core.paging import Found, Page
from gateway.core.statement import Issuer, Statement
from mock_population_db.changes import ChangePage, ChangeQuery
from mock_population_db.events import Applied, Submission
from mock_population_db.snapshot import Keys, Snapshot


class KeptKey(NamedTuple):
    """Which request an answer belongs to: events and reconcile chunks are idempotent."""

    caller: str
    rpc: str
    request: str  # request id, or id of a session
    number: int = 0  # of a chunk


class SessionStep(NamedTuple):
    """That an answer is the next one of a session of chunks."""

    session: int  # of ``Session.key``
    number: int
    previous: bytes  # digest of the statement before, zeros for the first
    records: int
    seen: bytes  # digests of the numbers that were new, 8 bytes each
    at: int  # seconds since 1970


class ToKeep(NamedTuple):
    """An answer that is kept with its entry, so that the same request gets the same bytes."""

    key: KeptKey
    fingerprint: bytes  # SHA-256 of the request's deterministic serialisation
    statement: Statement
    beside: bytes  # what travels beside the statement
    step: SessionStep | None = None


class Kept(NamedTuple):
    """An answer that was kept."""

    fingerprint: bytes
    statement: Statement
    tlog_proof: str
    access_root: bytes
    beside: bytes


class Entry(NamedTuple):
    """One signed statement on its way into the log, with whom it touched."""

    statement_digest: bytes  # SHA-256 of what was signed
    access_root: bytes
    call: AccessCall
    rows: Sequence[Access]
    keep: ToKeep | None = None


class AlreadyKept(Exception):
    """Answers to some of these requests are kept already; nothing was recorded.

    ``positions`` are those of the entries at fault.
    """

    def __init__(self, positions: frozenset[int]) -> None:
        super().__init__(f"{len(positions)} answers are kept already")
        self.positions = positions


@dataclass(frozen=True, slots=True)
class Committed:
    """Where the entries of one commit stand."""

    first_index: int
    paths: Sequence[Sequence[bytes]]  # per entry, to the root of the checkpoint
    checkpoint: str  # signed note
    used: Tallies = field(default_factory=dict)  # of those with allowances


Certify = Callable[[Tree], str]
"""Signs a checkpoint over a tree: pure, called under the log's lock."""


class Authority(NamedTuple):
    """With which keys one window speaks."""

    issuer: Issuer
    certify: Certify


Authorize = Callable[[datetime], Authority]
"""The keys that are valid at a moment. Raises ``Unavailable`` when there is none."""


class Usage(NamedTuple):
    """What one caller used of one RPC for one procedure on one day in Viet Nam."""

    day: str  # YYYY-MM-DD
    caller: str
    procedure: str
    rpc: str
    answers: int  # entries of the log
    records: int  # citizens touched; what daily quotas count
    verified: int  # of them VERIFIED


class Register(Protocol):
    """The population register, read only."""

    async def read(self, keys: Keys, /) -> Snapshot:
        """Find everything at one revision. Raises PopulationUnavailable."""
        ...


class EventRegister(Protocol):
    """The register, as the place that events go to. Every method raises PopulationUnavailable."""

    async def apply(self, submission: Submission, /) -> Applied:
        """Take an event in, durably and once.

        Raises EventRefused, RevisionMoved, RequestReused, EventUnknown.
        """
        ...

    async def find_event(self, event_id: str, /) -> Applied:
        """An event that was taken in. Raises EventUnknown."""
        ...

    async def find_request(self, reporter: str, rpc: str, request_id: str, /) -> Applied | None:
        """The event that a request made, or None."""
        ...

    async def events_after(self, event_id: str, limit: int, /) -> Sequence[Applied]:
        """The submitted events after this one, in the order of their coming; "" for the first."""
        ...

    async def confirm_pending(self, before: datetime, /) -> int:
        """Confirm the numbers of births recorded before a moment; returns how many."""
        ...


class EventMark(Protocol):
    """Up to which event every receipt is known to be there. Raises ``Unavailable``."""

    async def event_mark(self) -> str:
        """The event's id; empty before the first."""
        ...

    async def set_event_mark(self, event_id: str, /) -> None:
        """Note that every event up to this one has its receipt."""
        ...


class ChangeFeed(Protocol):
    """The register's history. Every method raises PopulationUnavailable."""

    async def find_changes(self, query: ChangeQuery, /) -> ChangePage:
        """One page of it. Raises Compacted, NotReached."""
        ...

    async def wait_beyond(self, revision: int, /) -> int:
        """The register's revision, as soon as it is greater than this one."""
        ...


class WatchList(NamedTuple):
    """Whose changes a caller selects by ``watched_only``."""

    numbers: frozenset[str]  # personal numbers, as they are at the revision
    revision: int  # of the register, up to which renumberings were followed
    version: int  # grows with every change; 0 for a list that never was


class WatchLists(Protocol):
    """The lists of all callers. Every method raises ``Unavailable`` when out of reach."""

    async def load(self, caller: str, /) -> WatchList:
        """A caller's list."""
        ...

    async def version(self, caller: str, /) -> int:
        """Of a caller's list."""
        ...

    async def change(
        self, caller: str, add: Collection[str], remove: Collection[str], revision: int, /
    ) -> int:
        """Take numbers off a list, then put others on it; returns the list's version."""
        ...


class Records(Protocol):
    """The gateway's own records. Every method raises ``Unavailable`` when out of reach."""

    async def pseudonym_key(self, month: str, /) -> bytes:
        """The month's key, made on first use and durable before it is returned."""
        ...

    async def commit(
        self,
        entries: Sequence[Entry],
        certify: Certify,
        allowances: Mapping[int, Allowance] = MappingProxyType({}),
        /,
    ) -> Committed:
        """Append all entries, or none, durably; by position, what some must fit into.

        Raises AlreadyKept, OverQuota.
        """
        ...

    async def kept(self, key: KeptKey, /) -> Kept | None:
        """The answer that was kept for a request, or None."""
        ...

    async def checkpoint(self) -> str:
        """The latest signed checkpoint."""
        ...

    async def prove(self, index: int, /) -> str:
        """The tlog-proof of one leaf under the latest checkpoint. Raises OutOfRange."""
        ...

    async def tile(self, level: int, number: int, width: int, /) -> bytes:
        """The first hashes of a tile, 32 bytes each (C2SP tlog-tiles). Raises OutOfRange.

        Of level L they are the roots of complete subtrees of 256**L leaves.
        """
        ...

    async def leaves(self, start: int, end: int, /) -> Sequence[bytes]:
        """The data of the leaves [start, end), at least one. Raises OutOfRange."""
        ...


class Session(NamedTuple):
    """A session of chunks, as it stands in the records."""

    key: int
    context: str  # as JSON; fixed when it was opened
    salt: bytes  # of the numbers seen; empty once it is closed
    next_chunk: int
    record_count: int
    tip: bytes  # digest of the latest statement, zeros before the first
    closed: int | None  # seconds since 1970


class Sessions(Protocol):
    """Sessions of chunks. Every method raises ``Unavailable`` when out of reach."""

    async def open(self, caller: str, name: str, context: str, salt: bytes, at: int, /) -> Session:
        """The caller's session of this name, made if there is none."""
        ...

    async def seen(self, session: int, first: int, /) -> Sequence[bytes]:
        """What ``SessionStep.seen`` of some chunks from one on was; empty at the end."""
        ...

    async def close(self, session: int, at: int, /) -> Session:
        """Take no more chunks of a session, from now on or already."""
        ...

    async def purge(self, rpc: str, idle: int, expired: int, now: int, /) -> bool:
        """Close what is idle, and delete a little of what has expired; whether there was any.

        ``idle`` and ``expired`` are moments: of the last use, and of the closing.
        """
        ...


class UsageRecords(Protocol):
    """What was charged. Every method raises ``Unavailable`` when out of reach."""

    async def usage(self, first: str, last: str, caller: str | None = None, /) -> Sequence[Usage]:
        """What was charged on the days [first, last], of one caller or of all."""
        ...

    async def mismatches(
        self, day: str, callers: Collection[str], /
    ) -> Sequence[tuple[str, bytes]]:
        """Caller and pseudonym of each answer NOT_VERIFIED that these callers got on a day."""
        ...


class AccessLog(Protocol):
    """Who asked about whom."""

    async def accesses(self, numbers: Collection[str], page: Page, /) -> Found:
        """Rows of a person who has or had these numbers, the newest first.

        Finds those of the months whose pseudonym keys exist. Raises ``Unavailable`` when the log
        cannot be searched, or not yet.
        """
        ...
