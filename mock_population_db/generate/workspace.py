"""Where a build keeps what it has made so far, and how it gives away what is whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mock_population_db.store.errors import EngineFailed

_KEY, _LOCK = "key", "lock"


@contextmanager
def workspace(folder: Path, key: str) -> Iterator[Path]:
    """A folder for one build; what a killed build of the same ``key`` left in it stays there.

    The folder goes when the build ends or fails. When the build is killed or interrupted, or the
    database that it writes to fails, it stays, for the next one to go on.

    Args:
        folder: may be there.
        key: names all that the content of the folder depends on.

    Raises:
        BlockingIOError: another process is building in this folder.
        OSError: the disk refuses.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    with _alone_in(folder):
        _prepare(folder, key)
        try:
            yield folder
        except EngineFailed:
            raise
        except Exception:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold SQLite's lock on a file: every system has it, and it goes with its process."""
    with closing(sqlite3.connect(folder / _LOCK, timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise BlockingIOError(f"{folder}: another process is building here") from error
        yield


def _prepare(folder: Path, key: str) -> None:
    """Empty the folder, unless what is there belongs to ``key``."""
    mark = folder / _KEY
    if mark.exists() and mark.read_text("utf-8") == key:
        return
    mark.unlink(missing_ok=True)  # first: from here on nothing belongs to it
    for path in folder.iterdir():
        if path.name != _LOCK:
            path.unlink()
    put(mark, key.encode())


def put(path: Path, data: bytes) -> None:
    """Write a file that appears under its name only when all of it is written."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)


def publish(built: Path, path: Path) -> None:
    """Make a database durable, then give it its name."""
    with built.open("rb+") as file:
        os.fsync(file.fileno())
    for old in (f"{path.name}-wal", f"{path.name}-shm"):  # of the database that is replaced
        path.with_name(old).unlink(missing_ok=True)
    built.replace(path)
    if os.name == "posix":  # elsewhere folders cannot be synchronised
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
