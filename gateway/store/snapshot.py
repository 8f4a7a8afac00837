"""The records of one moment, as those see them who read all of them: the audit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple, Protocol

from gateway.core.ledger import Tree
from gateway.flows.ports import Kept, KeptKey
from gateway.store.usage import Account


class Head(NamedTuple):
    """The log's head, as it is stored."""

    tree: Tree
    root: bytes
    checkpoint: str
    revision: int


class Snapshot(Protocol):
    """What is stored, whatever is written meanwhile. Values may be of any kind if damaged."""

    @property
    def origin(self) -> str:
        """Of the log."""
        ...

    def damages(self) -> Iterator[str]:
        """What the store itself finds wrong: with its pages, tables, indexes and triggers."""
        ...

    def head(self) -> Head:
        """The log's one head."""
        ...

    def windows(self) -> Iterator[tuple[int, bytes, bytes]]:
        """All windows by their first leaf: that, leaves and accesses, both packed."""
        ...

    def tile_levels(self) -> Collection[int]:
        """The levels that have full tiles."""
        ...

    def tiles(self, level: int, /) -> Iterator[tuple[int, bytes, bytes]]:
        """The full tiles of a level by their number: that, root and hashes."""
        ...

    def charges(self) -> Iterable[tuple[Account, tuple[int, int, int]]]:
        """What was charged to each account: answers, records, verified."""
        ...

    def kept_keys(self) -> Iterator[KeptKey]:
        """Of all answers that are kept."""
        ...

    def kept(self, key: KeptKey, /) -> Kept | None:
        """The answer that was kept for a request, or None."""
        ...

    def leaf(self, index: int, /) -> bytes:
        """The data of a leaf; empty if there is none."""
        ...
