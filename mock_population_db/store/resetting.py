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

from mock_population_db.store.asking import Session
from mock_population_db.store.errors import PopulationError
from mock_population_db.store.opening import open_for_writing
from mock_population_db.store.places import Place
from mock_population_db.store.reading import read_moment
from mock_population_db.store.rows import (
    CITIZEN_COLUMNS,
    HOUSEHOLD_COLUMNS,
    STAY_COLUMNS,
    STEP_COLUMNS,
)

TABLES = (  # name, key, columns
    ("citizen", ("id",), CITIZEN_COLUMNS),
    ("household", ("id",), HOUSEHOLD_COLUMNS),
    ("stay", ("citizen", "kind"), STAY_COLUMNS),
    ("number_step", ("former",), STEP_COLUMNS),
)
# no number is ever issued twice, and who is not there any more has none
_WITHDRAW = """
INSERT INTO withdrawn
SELECT id, NULL FROM citizen AS m
  WHERE NOT EXISTS (SELECT 1 FROM {fresh}citizen AS f WHERE f.id = m.id)
ON CONFLICT DO NOTHING
"""
_FORGET = (
    "DELETE FROM changes",
    # those that were reported stay: each has its receipt in a log
    "DELETE FROM event WHERE cause <> 1",
    "DELETE FROM meta WHERE key = 'day'",
)
# as if this revision had changed them all: what was decided by an earlier one is outdated
_TOUCH = "UPDATE touched SET revision = ?"
_META = "INSERT OR REPLACE INTO meta VALUES (?, ?)"


class Beside(NamedTuple):
    """How the tables are named that a register shall be like, and rows compared that have NULLs."""

    fresh: str  # before a table's name
    same: str


class Reset(NamedTuple):
    """What came of it."""

    revision: int
    changed_rows: int


def reset(place: Place, fresh: Path) -> Reset:
    """Make a register what another one in a file is, but for its revision and reported events.

    Whoever reads meanwhile sees it as it was, whoever writes waits.

    Args:
        place: of the register; others may be using it.
        fresh: a register that was built of the same seed, size and day.

    Raises:
        PopulationError: there is no register to write to.
    """
    if not isinstance(place, Path):
        from mock_population_db.store.postgres.resetting import reset_in_postgres  # noqa: PLC0415 - an extra

        return reset_in_postgres(place, fresh)
    try:
        with closing(open_for_writing(place)) as connection, _attached(connection, fresh):
            return put_back(connection, Beside("fresh.", "IS"))
    except sqlite3.Error as error:
        raise PopulationError(f"{place}: cannot be brought back ({error})") from error


def put_back(session: Session, beside: Beside) -> Reset:
    """Make a register what the tables beside its own are, in one transaction."""
    session.execute("BEGIN IMMEDIATE")
    try:
        revision = read_moment(session)[0] + 1
        session.execute(_WITHDRAW.format(fresh=beside.fresh))
        changed = sum(_put_back(session, beside, *table) for table in TABLES)
        for statement in _FORGET:
            session.execute(statement)
        session.execute(_TOUCH, (revision,))
        for key in ("revision", "compacted"):
            session.execute(_META, (key, str(revision)))
        session.execute("COMMIT")
    except BaseException:
        if session.in_transaction:  # the failure may have ended it
            session.execute("ROLLBACK")
        raise
    return Reset(revision, changed)


def _put_back(
    session: Session, beside: Beside, table: str, key: tuple[str, ...], columns: tuple[str, ...]
) -> int:
    """Make a table what the one beside it is; returns how many rows that took."""
    same_key = " AND ".join(f"m.{column} = f.{column}" for column in key)
    same = f"{same_key} AND {_row('m', columns)} {beside.same} {_row('f', columns)}"
    taken = session.execute(
        f"DELETE FROM {table} AS m WHERE NOT EXISTS "  # noqa: S608 - made of constants
        f"(SELECT 1 FROM {beside.fresh}{table} AS f WHERE {same}) RETURNING 1"
    )
    taken_away = sum(1 for _ in taken)
    put = session.execute(
        f"INSERT INTO {table} SELECT * FROM {beside.fresh}{table} AS f WHERE NOT EXISTS "  # noqa: S608 - as above
        f"(SELECT 1 FROM {table} AS m WHERE {same_key}) RETURNING 1"
    )
    return max(taken_away, sum(1 for _ in put))  # a row that was replaced counts once


def _row(table: str, columns: tuple[str, ...]) -> str:
    return f"({', '.join(f'{table}.{column}' for column in columns)})"


@contextmanager
def _attached(connection: sqlite3.Connection, fresh: Path) -> Iterator[None]:
    """Another file, read only, under the name ``fresh``."""
    connection.execute("ATTACH ? AS fresh", (f"{fresh.absolute().as_uri()}?mode=ro",))
    try:
        yield
    finally:
        connection.execute("DETACH fresh")
