"""What the stories need of the outside: two stores. Adapters share a contract suite, not code."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from gateway.core.ledger import Tree
from gateway.core.model import Access, AccessCall
from gateway.core.paging import Found, Page
from gateway.core.statement import Issuer
from mock_population_db.citizen import Keys, Snapshot


class Entry(NamedTuple):
    """One signed statement on its way into the log, with whom it touched."""

    statement_digest: bytes  # SHA-256 of what was signed
    access_root: bytes
    call: AccessCall
    rows: Sequence[Access]


@dataclass(frozen=True, slots=True)
class Committed:
    """Where the entries of one commit stand."""

    first_index: int
    paths: Sequence[Sequence[bytes]]  # per entry, to the root of the checkpoint
    checkpoint: str  # signed note


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


class Records(Protocol):
    """The gateway's own records. Every method raises ``Unavailable`` when out of reach."""

    async def pseudonym_key(self, month: str, /) -> bytes:
        """The month's key, made on first use and durable before it is returned."""
        ...

    async def commit(self, entries: Sequence[Entry], certify: Certify, /) -> Committed:
        """Append all entries, or none, durably."""
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
