"""Whom callers watch: the tables ``watched`` and ``watch_list``.

Numbers stand there as they are, because changes are found by them: docs/security.md says why,
and for how long.
"""

from __future__ import annotations

from collections.abc import Collection

from gateway.flows.ports import WatchList
from gateway.store.postgres.database import Db, one_row
from gateway.store.postgres.records import PostgresRecords

_LOAD = """
SELECT version, revision, (SELECT array_agg(number) FROM gateway.watched WHERE caller = $1)
FROM gateway.watch_list WHERE caller = $1
"""
_GROW = """
INSERT INTO gateway.watch_list AS stored VALUES ($1, 1, $2) ON CONFLICT (caller) DO UPDATE SET
  version = stored.version + 1, revision = greatest(stored.revision, excluded.revision)
RETURNING version
"""
_REMOVE = "DELETE FROM gateway.watched WHERE caller = $1 AND number = ANY ($2::bigint[])"
_ADD = """
INSERT INTO gateway.watched SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING
"""


class PostgresWatchLists:
    """See ``flows/ports.py``."""

    def __init__(self, records: PostgresRecords) -> None:
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
        return await self._records.run(_change, caller, add, remove, revision)


async def _load(db: Db, caller: str) -> WatchList:
    """One statement, so one state: numbers and version belong together."""
    version, revision, numbers = await db.fetchrow(_LOAD, caller) or (0, 0, None)
    return WatchList(frozenset(f"{number:012d}" for number in numbers or ()), revision, version)


async def _version(db: Db, caller: str) -> int:
    found = await db.fetchval("SELECT version FROM gateway.watch_list WHERE caller = $1", caller)
    return int(found or 0)


async def _change(
    db: Db, caller: str, add: Collection[str], remove: Collection[str], revision: int
) -> int:
    """The version first: its row is the lock of the list."""
    async with db.transaction():
        (version,) = await one_row(db, _GROW, caller, revision)
        await db.execute(_REMOVE, caller, [int(number) for number in remove])
        await db.execute(_ADD, caller, [int(number) for number in add])
    return int(version)
