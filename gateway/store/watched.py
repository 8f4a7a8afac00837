"""Whom callers watch: the tables ``watched`` and ``watch_list`` of ``gateway.db``.

Numbers stand there as they are, because changes are found by them: docs/security.md says why,
and for how long.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection

from gateway.flows.ports import WatchList
from gateway.store.sqlite import SqliteRecords


class SqliteWatchLists:
    """See ``flows/ports.py``."""

    def __init__(self, records: SqliteRecords) -> None:
        self._records = records

    async def load(self, caller: str) -> WatchList:
        """A caller's list."""
        return await self._records.run(_load, caller)

    async def version(self, caller: str) -> int:
        """Of a caller's list."""
        return await self._records.run(_version, caller)

    async def change(
        self, caller: str, add: Collection[str], remove: Collection[str], revision: int
    ) -> int:
        """Take numbers off a list, then put others on it; returns the list's version."""
        return await self._records.write(_change, caller, add, remove, revision)


def _load(db: sqlite3.Connection, caller: str) -> WatchList:
    db.execute("BEGIN")
    try:
        row = db.execute("SELECT version, revision FROM watch_list WHERE caller = ?", (caller,))
        version, revision = row.fetchone() or (0, 0)
        numbers = db.execute("SELECT number FROM watched WHERE caller = ?", (caller,))
        return WatchList(frozenset(f"{number:012d}" for (number,) in numbers), revision, version)
    finally:
        db.execute("ROLLBACK")  # nothing was written


def _version(db: sqlite3.Connection, caller: str) -> int:
    row = db.execute("SELECT version FROM watch_list WHERE caller = ?", (caller,)).fetchone()
    return int(row[0]) if row else 0


def _change(
    db: sqlite3.Connection,
    caller: str,
    add: Collection[str],
    remove: Collection[str],
    revision: int,
) -> int:
    db.execute("BEGIN IMMEDIATE")
    try:
        db.executemany(
            "DELETE FROM watched WHERE caller = ? AND number = ?",
            [(caller, int(number)) for number in remove],
        )
        db.executemany(
            "INSERT OR IGNORE INTO watched VALUES (?, ?)",
            [(caller, int(number)) for number in add],
        )
        (version,) = db.execute(
            "INSERT INTO watch_list VALUES (?, 1, ?) ON CONFLICT DO UPDATE SET "
            "version = version + 1, revision = max(revision, excluded.revision) "
            "RETURNING version",
            (caller, revision),
        ).fetchone()
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise
    return int(version)
