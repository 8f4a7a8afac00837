"""Forgetting: the pseudonym keys of past months are deleted, and their rows name nobody any more.

The rows stay, and so do their roots and the whole log: only who was meant is gone.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from datetime import datetime
from pathlib import Path

from gateway.core.access import month_of
from gateway.store.errors import StoreError
from gateway.store.sqlite import read_origin

RETENTION_MONTHS = 24  # that a month's accesses can be told for, after its end

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def forget(path: Path, before: str, now: datetime, *, force: bool = False) -> list[str]:
    """Delete the keys of the months before one; returns those months.

    Args:
        path: of ``gateway.db``; a gateway may be using it.
        before: ``YYYY-MM``, the first month that is kept.
        now: in UTC; the present month's key is in use, and never deleted.
        force: also within the retention period.

    Raises:
        StoreError: the period is not over, or the file cannot be written.
    """
    check_period(before, now, force=force)
    read_origin(path)  # is it a record store of this version?
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA secure_delete = ON")  # overwritten, not only unlinked
            found = db.execute(
                "DELETE FROM pseudonym_key WHERE month < ? RETURNING month", (before,)
            ).fetchall()
            busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be changed: {error}; try again") from error
    if busy:
        raise StoreError(
            f"the keys are deleted, but {path}-wal still holds them, because somebody is reading "
            "it; run this again"
        )
    return sorted(month for (month,) in found)


def first_kept(now: datetime) -> str:
    """The oldest month that is still within the retention period."""
    return _month_name(now.year * 12 + now.month - 1 - RETENTION_MONTHS)


def _month_name(number: int) -> str:
    """A month counted from January of year 0."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def check_period(before: str, now: datetime, *, force: bool) -> None:
    """Raises StoreError unless the keys of the months before one may go."""
    if not _MONTH.fullmatch(before):
        raise StoreError("name a month as YYYY-MM")
    if before > month_of(now):
        raise StoreError(f"the key of {month_of(now)} is in use; forget the months before it")
    if before > first_kept(now) and not force:
        raise StoreError(
            f"accesses are kept for {RETENTION_MONTHS} months: those before {first_kept(now)} may "
            "be forgotten, or with --force later ones"
        )
