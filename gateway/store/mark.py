"""How far the log had grown, noted apart from it: an older copy of it is noticed at start.

``keys/log.json`` holds, by origin, the largest size that was seen and the root it had. A log
that is smaller, or had another root at that size, is not the one whose checkpoints and proofs
people hold, and must not go on under its name.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

import structlog

from gateway.core.errors import Unavailable
from gateway.flows.ports import Records
from gateway.store import log
from gateway.store.durable import write_private
from gateway.store.errors import StoreError
from gateway.store.locking import alone_in

FORMAT = 1
INTERVAL = 60.0  # seconds between two notes: what a crash may keep from being noticed

_log = structlog.get_logger(__name__)


HeadAt = Callable[[int], tuple[int, bytes]]
"""How many leaves the log has, and the root that it had with so many, if it had."""


class Mark(NamedTuple):
    """A head that was there."""

    size: int
    root: bytes


def remember(path: Path, checkpoint: str) -> None:
    """Note the head that a checkpoint tells, unless a larger one of the log is noted already.

    Raises:
        StoreError: the file is damaged.
        OSError: it cannot be written.
    """
    origin, size, root = checkpoint.split("\n", 3)[:3]
    with alone_in(path.parent):  # two that note at once must not lower the mark
        marks = read_marks(path)
        if origin not in marks or marks[origin].size < int(size):
            marks[origin] = Mark(int(size), base64.b64decode(root))
            write_private(path, _to_json(marks).encode())


def read_marks(path: Path) -> dict[str, Mark]:
    """What was noted, by origin; nothing before the first note.

    Raises:
        StoreError: the file is damaged.
        OSError: it cannot be read.
    """
    if not path.exists():
        return {}
    try:
        noted = json.loads(path.read_text("utf-8"))
        if noted["format"] != FORMAT:
            raise StoreError(f"{path} has format {noted['format']}, this dancu reads {FORMAT}")
        return {
            origin: Mark(int(one["size"]), base64.b64decode(one["root"]))
            for origin, one in noted["logs"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"{path} is damaged; restore it from a backup, or remove it if you know that the "
            "log is the newest there is"
        ) from error


def check_mark(path: Path, records: str, origin: str, head_at: HeadAt) -> None:
    """Refuse a log that is not the one that was noted, or not all of it.

    Args:
        path: of the note, in ``keys`` of the data directory.
        records: what people call the store.
        origin: of the log in it.
        head_at: of the log.

    Raises:
        StoreError: the log was rolled back, or a file is damaged.
        OSError: a file cannot be read.
    """
    mark = read_marks(path).get(origin)
    if mark is None:
        return
    size, root = head_at(mark.size)
    if size < mark.size:
        found = f"it has {size} leaves, and {mark.size} were there before"
    elif root != mark.root:
        found = f"its first {mark.size} leaves are not those that were there before"
    else:
        return
    raise StoreError(
        f"LOG_ROLLED_BACK: {records} is not the log that was handed out: {found}. Put back the "
        "newest copy, or begin a new log with `dancu ledger new-epoch --data-dir "
        f"{path.parent.parent}`"
    )


@contextlib.asynccontextmanager
async def keeping_mark(records: Records, path: Path) -> AsyncIterator[None]:
    """Note the head every minute of the block, and at its end."""
    task = asyncio.create_task(_keep(records, path), name="log mark")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await _note(records, path)


async def _keep(records: Records, path: Path) -> None:
    while True:
        await _note(records, path)
        await asyncio.sleep(INTERVAL)


async def _note(records: Records, path: Path) -> None:
    try:
        await asyncio.to_thread(remember, path, await records.checkpoint())
    except (Unavailable, StoreError, OSError) as error:
        # answers do not depend on it, so they go on
        _log.warning("log_mark_failed", error=type(error).__name__)


def head_at(records: Path, size: int) -> tuple[int, bytes]:
    """How many leaves a ``gateway.db`` has, and the root that it had with so many, if it had.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        with contextlib.closing(sqlite3.connect(records, isolation_level=None)) as db:
            db.execute("BEGIN")
            tree, _ = log.read_head(db)
            return tree.size, log.root_at(db, size) if size <= tree.size else b""
    except (sqlite3.Error, ValueError, TypeError, IndexError) as error:
        raise StoreError(f"{records} is damaged ({error}); restore it from a backup") from error


def _to_json(marks: dict[str, Mark]) -> str:
    logs = {
        origin: {"size": mark.size, "root": base64.b64encode(mark.root).decode()}
        for origin, mark in marks.items()
    }
    return json.dumps({"format": FORMAT, "logs": logs}, indent=2) + "\n"
