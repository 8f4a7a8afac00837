"""Locks between processes: of ``gateway.db``, and of a folder's small files.

Of the processes on a ``gateway.db`` one writes at a time, and nobody else waits inside. SQLite's
own lock is waited for by sleeping longer and longer, up to 100 ms. So whoever writes takes this
one first, which is looked at often, and then finds SQLite's free.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

LOCK_SECONDS = 5.0
MAKING_SECONDS = 60.0  # keys and records are made meanwhile, on a slow disk
LOCK_PAUSE = 0.0005  # seconds between two tries


def open_lock(path: Path) -> int:
    """The descriptor of a file's lock. Raises OSError."""
    return os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One process at a time; ``store/keys`` has the same lock, so keep its functions out.

    Raises:
        OSError: there is no such folder.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(lock_file: int, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the lock for the length of the block. A process that hangs with it hangs no other.

    Args:
        lock_file: as ``open_lock`` gives it.
        seconds: how long it is waited for.

    Raises:
        OSError: it was not to be had in time.
    """
    deadline = time.monotonic() + seconds
    while not _taken(lock_file):
        if time.monotonic() > deadline:
            raise TimeoutError("another process holds the lock of the records")
        time.sleep(LOCK_PAUSE)
    try:
        yield
    finally:
        fcntl.flock(lock_file, fcntl.LOCK_UN)


@contextlib.contextmanager
def making_records(path: Path) -> Iterator[None]:
    """Nobody else is in such a block meanwhile: whoever looks again in it may make the records.

    Raises:
        OSError: the directory cannot be written, or another is in it for too long.
    """
    lock_file = open_lock(path)
    try:
        with locked(lock_file, MAKING_SECONDS):
            yield
    finally:
        os.close(lock_file)


def _taken(lock_file: int) -> bool:
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
