"""A snapshot of ``gateway.db``, which may be in use meanwhile."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from gateway.flows.ports import Kept, KeptKey
from gateway.store import kept, log
from gateway.store.snapshot import Head
from gateway.store.sqlite import read_origin
from gateway.store.tables import create_tables
from gateway.store.usage import Account


class SqliteSnapshot:
    """See ``snapshot.py``. Made by ``open_snapshot``. Every method raises sqlite3.Error."""

    def __init__(self, origin: str, db: sqlite3.Connection) -> None:
        self.origin = origin
        self._db = db

    def damages(self) -> Iterator[str]:
        """What SQLite finds wrong with the file, and what was made of its tables."""
        for (line,) in self._db.execute("PRAGMA quick_check(3)"):
            if line != "ok":
                yield str(line)
        with contextlib.closing(sqlite3.connect(":memory:")) as fresh:
            create_tables(fresh)
            if _schema(self._db) != _schema(fresh):  # a trigger could change what is written
                yield "its tables, indexes and triggers are not this version's"

    def head(self) -> Head:
        """The log's one head."""
        tree, checkpoint = log.read_head(self._db)
        (root,) = self._db.execute("SELECT root FROM head").fetchone()
        return Head(tree, root, checkpoint, log.read_revision(self._db))

    def windows(self) -> Iterator[tuple[int, bytes, bytes]]:
        """All windows by their first leaf."""
        return self._db.execute("SELECT first, leaves, accesses FROM window ORDER BY first")

    def tile_levels(self) -> Collection[int]:
        """The levels that have full tiles."""
        return [level for (level,) in self._db.execute("SELECT DISTINCT level FROM tile")]

    def tiles(self, level: int) -> Iterator[tuple[int, bytes, bytes]]:
        """The full tiles of a level by their number."""
        return self._db.execute(
            "SELECT number, root, hashes FROM tile WHERE level = ? ORDER BY number", (level,)
        )

    def charges(self) -> Iterable[tuple[Account, tuple[int, int, int]]]:
        """What was charged to each account."""
        for row in self._db.execute("SELECT * FROM usage"):
            yield row[:4], row[4:]

    def kept_keys(self) -> Iterator[KeptKey]:
        """Of all answers that are kept."""
        for row in self._db.execute("SELECT caller, rpc, request, number FROM kept"):
            yield KeptKey(*row)

    def kept(self, key: KeptKey) -> Kept | None:
        """The answer that was kept for a request, or None."""
        return kept.find(self._db, key)

    def leaf(self, index: int) -> bytes:
        """The data of a leaf; empty if there is none."""
        return b"".join(log.stored_leaves(self._db, index, index + 1))


@contextlib.contextmanager
def open_snapshot(path: Path) -> Iterator[SqliteSnapshot]:
    """Read a record store for the length of the block.

    Raises:
        StoreError: the file is no record store of this version, or damaged.
        sqlite3.Error: it cannot be read.
    """
    origin = read_origin(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA query_only = ON")
        db.execute("BEGIN")
        yield SqliteSnapshot(origin, db)


def _schema(db: sqlite3.Connection) -> set[tuple[str, ...]]:
    return set(db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
