"""Partitions, made ahead: of the log by ranges of leaves, of the index by months.

A new one is made apart and then attached, which waits for nobody who reads; made in place it
would wait for the longest reader, and every commit behind it.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.store.postgres.database import Db, one_row

LEAVES = 1 << 25  # of a partition: 8 to 10 GB at one person a call
_LOCK = 0x64616E6375  # advisory: who makes partitions


async def log_end(db: Db) -> int:
    """Up to which leaf there are partitions."""
    (last,) = await one_row(
        db,
        "SELECT coalesce(max(substr(relname, length('window_') + 1)::bigint), -1) "
        "FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
        "WHERE inhparent = 'gateway.window'::regclass",
    )
    return (int(last) + 1) * LEAVES


async def extend_log(db: Db, size: int) -> int:
    """Make partitions for leaves up to ``size``, and one more; returns where the last one ends."""
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        end = await log_end(db)
        while end < size + LEAVES:
            bounds = f"FROM ({end}) TO ({end + LEAVES})"
            await _attach(db, "window", f"window_{end // LEAVES}", bounds)
            end += LEAVES
    return end


async def make_month(db: Db, month: int) -> None:
    """Make the partition of the index for a month, if there is none."""
    name = access_partition(month)
    if await db.fetchval("SELECT to_regclass($1)", f"gateway.{name}") is None:
        await _attach(db, "access", name, f"IN ({month})")


async def drop_months(db: Db, months: Iterable[int]) -> None:
    """Drop the partitions of the index for some months; their pseudonyms say nothing any more."""
    for month in months:
        await db.execute(f"DROP TABLE IF EXISTS gateway.{access_partition(month)}")


def access_partition(month: int) -> str:
    """The name of the index's partition for a month, counted from January 1970."""
    return f"access_{1970 + month // 12:04d}_{month % 12 + 1:02d}"


def month_number(month: str) -> int:
    """``YYYY-MM`` counted from January 1970."""
    year, of_year = month.split("-")
    return (int(year) - 1970) * 12 + int(of_year) - 1


async def _attach(db: Db, parent: str, name: str, bounds: str) -> None:
    await db.execute(f"CREATE TABLE gateway.{name} (LIKE gateway.{parent} INCLUDING ALL)")
    await db.execute(
        f"ALTER TABLE gateway.{parent} ATTACH PARTITION gateway.{name} FOR VALUES {bounds}"
    )
