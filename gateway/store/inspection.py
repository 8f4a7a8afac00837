"""Looking at a database file without serving from it."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from datetime import datetime
from enum import Enum
from pathlib import Path

from gateway.core.access import skim
from gateway.store.errors import StoreError

_STEPS = 20_000  # of SQLite's machine, between two looks at the clock: about a millisecond


class Pages(Enum):
    """What a look at the pages of a file came to."""

    WHOLE = "whole"
    UNFINISHED = "unfinished"  # there was not enough time for all of them


def check_pages(path: Path, seconds: float | None) -> Pages:
    """Whether the pages of an SQLite file hang together, as far as there is time to look.

    Args:
        path: of the file.
        seconds: how long to look at most; None: to the end.

    Raises:
        StoreError: they do not, or the file cannot be read.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    try:
        with contextlib.closing(_connect(path)) as db:
            if deadline is not None:
                db.set_progress_handler(lambda: int(time.monotonic() > deadline), _STEPS)
            (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return Pages.UNFINISHED
        raise StoreError(f"{path} cannot be read: {error}") from error
    except sqlite3.Error as error:
        raise StoreError(f"{path} is damaged: {error}") from error
    if found != "ok":
        raise StoreError(f"{path} is damaged: {found}")
    return Pages.WHOLE


def latest_access(path: Path) -> datetime | None:
    """When the latest answer of a log was recorded; None when there is none.

    Raises:
        StoreError: the file cannot be read.
    """
    try:
        with contextlib.closing(_connect(path)) as db:
            row = db.execute("SELECT accesses FROM window ORDER BY first DESC LIMIT 1").fetchone()
        return None if row is None else max(at for at, _, _ in skim(row[0]))
    except (sqlite3.Error, ValueError) as error:
        raise StoreError(f"{path} cannot be read: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    """To a file that is there, for reading."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=2.0)
