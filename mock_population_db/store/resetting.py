"""Bringing a register back to what it was built as, in one transaction of its own.

Only rows that differ are written, so that a large register with few changes is soon back. The
revision goes on, and the history is cut there: nobody who follows it is told what is not so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from mock_population_db.store.errors import PopulationError
from mock_population_db.store.opening import open_for_writing
from mock_population_db.store.reading import read_moment
from mock_population_db.store.rows import (
    CITIZEN_COLUMNS,
    HOUSEHOLD_COLUMNS,
    STAY_COLUMNS,
    STEP_COLUMNS,
)

_TABLES = (  # name, key, columns
    ("citizen", ("id",), CITIZEN_COLUMNS),
    ("household", ("id",), HOUSEHOLD_COLUMNS),
    ("stay", ("citizen", "kind"), STAY_COLUMNS),
    ("number_step", ("former",), STEP_COLUMNS),
)
# no number is ever issued twice, and who is not there any more has none
_WITHDRAW = """
INSERT OR IGNORE INTO main.withdrawn
SELECT id, NULL FROM main.citizen WHERE id NOT IN (SELECT id FROM fresh.citizen)
"""
_FORGET = (
    "DELETE FROM main.changes",
    # those that were reported stay: each has its receipt in a log
    "DELETE FROM main.event WHERE cause <> 1",
    "DELETE FROM main.meta WHERE key = 'day'",
)
# as if this revision had changed them all: what was decided by an earlier one is outdated
_TOUCH = "UPDATE main.touched SET revision = ?"
_META = "INSERT OR REPLACE INTO main.meta VALUES (?, ?)"


class Reset(NamedTuple):
    """What came of it."""

    revision: int
    changed_rows: int


def reset(path: Path, fresh: Path) -> Reset:
    """Make a register what another file holds, but for its revision and reported events.

    Whoever reads meanwhile sees it as it was, whoever writes waits.

    Args:
        path: of the register; others may have it open.
        fresh: a register that was built of the same seed, size and day.

    Raises:
        PopulationError: there is no register to write to.
    """
    try:
        with closing(open_for_writing(path)) as connection:
            return _reset(connection, fresh)
    except sqlite3.Error as error:
        raise PopulationError(f"{path}: cannot be brought back ({error})") from error


def _reset(connection: sqlite3.Connection, fresh: Path) -> Reset:
    with _beside(connection, fresh):
        connection.execute("BEGIN IMMEDIATE")
        try:
            revision = read_moment(connection)[0] + 1
            connection.execute(_WITHDRAW)
            changed = sum(_put_back(connection, *table) for table in _TABLES)
            for statement in _FORGET:
                connection.execute(statement)
            connection.execute(_TOUCH, (revision,))
            for key in ("revision", "compacted"):
                connection.execute(_META, (key, str(revision)))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # the failure may have ended it
                connection.execute("ROLLBACK")
            raise
    return Reset(revision, changed)


def _put_back(
    connection: sqlite3.Connection, table: str, key: tuple[str, ...], columns: tuple[str, ...]
) -> int:
    """Make a table what it is in the other file; returns how many rows that took."""
    same_key = _equal(key)
    same = f"{same_key} AND {_row('m', columns)} IS {_row('f', columns)}"
    taken = connection.execute(
        f"DELETE FROM main.{table} AS m WHERE NOT EXISTS "  # noqa: S608 - made of constants
        f"(SELECT 1 FROM fresh.{table} AS f WHERE {same})"
    ).rowcount
    put = connection.execute(
        f"INSERT INTO main.{table} SELECT * FROM fresh.{table} AS f WHERE NOT EXISTS "  # noqa: S608 - as above
        f"(SELECT 1 FROM main.{table} AS m WHERE {same_key})"
    ).rowcount
    return max(taken, put)  # a row that was replaced counts once


def _equal(key: tuple[str, ...]) -> str:
    return " AND ".join(f"m.{column} = f.{column}" for column in key)


def _row(table: str, columns: tuple[str, ...]) -> str:
    return f"({', '.join(f'{table}.{column}' for column in columns)})"


@contextmanager
def _beside(connection: sqlite3.Connection, fresh: Path) -> Iterator[None]:
    """Another file, read only, under the name ``fresh``."""
    connection.execute("ATTACH ? AS fresh", (f"{fresh.absolute().as_uri()}?mode=ro",))
    try:
        yield
    finally:
        connection.execute("DETACH fresh")
