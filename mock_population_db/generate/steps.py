"""The steps of a build into SQLite, each done once however often the build is killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Steps:
    """Counts steps in the database that they write to.

    A step and its count are one transaction, so that the database itself says how far it is.
    The count is SQLite's ``user_version``, which the register has no other use for.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        """Take up the count where a build that was killed left it."""
        self._database = database
        self._reached = 0  # in this run
        (self._done,) = database.execute("PRAGMA user_version").fetchone()

    def take(self, work: Callable[[], object]) -> None:
        """Do the next step, unless it was done before."""
        self._reached += 1
        if self._reached <= self._done:
            return
        self._database.execute("BEGIN IMMEDIATE")
        try:
            work()
            self._database.execute(f"PRAGMA user_version = {self._reached}")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def left(self, items: Sequence[_T]) -> Sequence[_T]:
        """Of the items that the next steps are about, those whose step was not done before.

        The steps of the others are over with this call; ``take`` continues after them.
        """
        before = min(max(0, self._done - self._reached), len(items))
        self._reached += before
        return items[before:]
