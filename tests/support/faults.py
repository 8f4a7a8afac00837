"""A SQLite connection whose statements can be made to fail, or to be the last."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiosqlite
import pytest


def disk_error() -> None:
    """What a statement raises when the disk fails."""
    raise sqlite3.OperationalError("disk I/O error")


def kill() -> None:
    """End this process as ``kill -9`` does."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Faults:
    """What shall go wrong, and what was executed since it was told."""

    trouble: Callable[[], None] = disk_error
    at: int | None = None  # the statement that fails, counted from 0
    after: bool = False  # it fails after it did its work: nobody can know
    pages: int | None = None  # the largest size of the file, in pages
    executed: list[str] = field(default_factory=list)

    def arm(self, at: int, *, after: bool) -> None:
        """Let the statement of this number fail, once."""
        self.executed.clear()
        self.at, self.after = at, after

    def disarm(self) -> None:
        """Let everything work again."""
        self.executed.clear()
        self.at = self.pages = None

    def run(self, sql: str, work: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        """Execute one statement, or not."""
        now = self.at == len(self.executed)
        self.executed.append(sql)
        if now and not self.after:
            self.trouble()
        result = work()
        if now:
            self.trouble()
        return result


class FaultyConnection(sqlite3.Connection):
    """Every statement passes through ``faults``."""

    faults: Faults

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        """As its parent, unless it shall fail."""
        if self.faults.pages is not None and sql.startswith("BEGIN"):
            super().execute(f"PRAGMA max_page_count = {self.faults.pages}")
        return self.faults.run(sql, partial(super().execute, sql, *args))

    def executemany(self, sql: str, rows: Iterable[Any]) -> sqlite3.Cursor:
        """As its parent, unless it shall fail."""
        return self.faults.run(sql, partial(super().executemany, sql, rows))


@contextmanager
def inject(faults: Faults) -> Iterator[None]:
    """Make every connection that aiosqlite opens in the block a faulty one."""
    kind = type("FaultyConnection", (FaultyConnection,), {"faults": faults})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite, "connect", partial(aiosqlite.connect, factory=kind))
        yield
