"""Ending a log's epoch: it is put aside, whole, and the next start begins another."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

from gateway.store.durable import sync_folder
from gateway.store.errors import StoreError
from gateway.store.sqlite import read_origin

EPOCH = re.compile(r"[0-9A-Za-z-]{1,64}")  # the last part of an origin: it becomes a file's name


def set_aside(path: Path) -> Path:
    """Rename ``gateway.db`` to ``gateway.EPOCH.db``; returns the new name.

    Nothing in it changes, so it can be verified as before.

    Raises:
        StoreError: a gateway is using it, it is damaged, or the name is taken.
    """
    epoch = read_origin(path).rpartition("/")[2]
    if not EPOCH.fullmatch(epoch):
        raise StoreError(f"{path} has an origin that this dancu did not give it; move it by hand")
    target = path.with_name(f"{path.stem}.{epoch}{path.suffix}")
    if target.exists():
        raise StoreError(f"{target} is there already; move it to another directory first")
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = DELETE")  # the -wal goes into the file
            db.execute("BEGIN EXCLUSIVE")  # nobody opens it until it has its new name
            path.rename(target)
        sync_folder(path.parent)
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path} is in use ({error}); stop the gateway first") from error
    except OSError as error:
        raise StoreError(f"cannot put {path} aside: {error}") from error
    return target
