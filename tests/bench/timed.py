"""``dancu dev`` whose processes write down when they wanted, had and gave back the log's lock.

``python -m tests.bench.timed FILE dev …`` instead of ``dancu dev …``. Each turn is one line of
numbers in FILE, three moments of the machine's monotonic clock, which all processes share.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

TURN = struct.Struct("<ddd")


class Turn(NamedTuple):
    """One holding of the lock; in seconds."""

    wanted: float
    had: float
    gone: float


def read_turns(path: Path) -> list[Turn]:
    """What was written down, by all processes."""
    return [Turn(*one) for one in TURN.iter_unpack(path.read_bytes())]


def write_turns(path: str) -> None:
    """Have this process write down its turns."""
    from gateway.store import sqlite  # noqa: PLC0415 - the supervisor must stay light
    from gateway.store.locking import locked  # noqa: PLC0415 - likewise

    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    @contextlib.contextmanager
    def timed(lock_file: int) -> Iterator[None]:
        wanted = time.monotonic()
        with locked(lock_file):
            had = time.monotonic()
            try:
                yield
            finally:
                os.write(file, TURN.pack(wanted, had, time.monotonic()))

    setattr(sqlite, "locked", timed)  # noqa: B010 - a function must not be assigned to


def main(path: str, *arguments: str) -> None:
    """A gateway of one process or several; without arguments one of its workers."""
    from gateway import cli, workers  # noqa: PLC0415 - as above
    from gateway.commands import dev, worker  # noqa: PLC0415 - as above

    write_turns(path)
    if not arguments:
        worker.main()
        return
    command = [sys.executable, "-m", "tests.bench.timed", path]
    setattr(dev, "become", partial(workers.become, command=command))  # noqa: B010 - as above
    sys.argv[1:] = arguments
    cli.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
