"""What the stories need of the outside: two stores. Adapters share a contract suite, not code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gateway.core.ledger import Tree
from gateway.core.model import Access, AccessCall
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
