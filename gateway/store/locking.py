"""The lock of ``gateway.db`` between processes: one writes at a time, and nobody else waits inside.

SQLite's own lock is waited for by sleeping longer and longer, up to 100 ms. So whoever writes
takes this one first, which is looked at often, and then finds SQLite's free.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

LOCK_SECONDS = 5.0
LOCK_PAUSE = 0.0005  # seconds between two tries


def open_lock(path: Path) -> int:
    """The descriptor of a file's lock. Raises OSError."""
    return os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextlib.contextmanager
def locked(lock_file: int) -> Iterator[None]:
    """Hold the lock for the length of the block. A process that hangs with it hangs no other.

    Raises:
        OSError: it was not to be had in time.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    while not _taken(lock_file):
        if time.monotonic() > deadline:
            raise TimeoutError("the lock of the records")
        time.sleep(LOCK_PAUSE)
    try:
        yield
    finally:
        fcntl.flock(lock_file, fcntl.LOCK_UN)


def _taken(lock_file: int) -> bool:
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
