"""Rows into SQLite: piece by piece in any process, then one after another into the register."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from mock_population_db.generate import render, spill
from mock_population_db.generate.records import Plan
from mock_population_db.store.rows import Row

_SCHEMA = Path(__file__).parent.parent / "store" / "schema" / "0001_register.sql"
_MADE_OF = "SELECT sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL"
_COPY = (
    "INSERT INTO citizen SELECT * FROM piece.citizen",
    "INSERT INTO stay SELECT * FROM piece.stay",
)
_CACHE_KIB = 65_536  # of pages, and as much again to sort an index


def open_piece(path: Path) -> sqlite3.Connection:
    """Open a database that nobody needs if we fail: no journal, no waiting for the disk."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    return database


def open_register(path: Path) -> sqlite3.Connection:
    """Open a register that is being built, at the end of the last transaction.

    Rows are added at the ends of tables, so the journal holds a few pages a transaction.
    """
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = TRUNCATE")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    database.execute(f"PRAGMA threads = {os.cpu_count() or 1}")  # that sort
    return database


def statements(kind: str) -> list[str]:
    """The statements that create the register's tables (``"table"``) or indexes (``"index"``)."""
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(_SCHEMA.read_text(encoding="utf-8"))
        return [statement for (statement,) in empty.execute(_MADE_OF, (kind,))]


def insert(
    database: sqlite3.Connection,
    table: str,
    rows: Sequence[Row],
    zero_is_null: Collection[int] = (),
) -> None:
    """Insert whole rows, in the caller's transaction.

    Args:
        database: to write to.
        table: its name.
        rows: one value for each column.
        zero_is_null: columns, by position, in which 0 stands for NULL.
    """
    if not rows:
        return
    marks = ("nullif(?, 0)" if column in zero_is_null else "?" for column in range(len(rows[0])))
    statement = f"INSERT INTO {table} VALUES ({', '.join(marks)})"  # noqa: S608 - our names
    database.executemany(statement, rows)


def write_citizens(
    database: sqlite3.Connection, plan: Plan, folder: Path, prefixes: tuple[int, int]
) -> int:
    """Write the citizens with these prefixes, and their stays; return how many they are."""
    people = spill.people_between(folder, plan.chunks, *prefixes)
    insert(database, "citizen", render.bare_citizens(people), render.ZERO_IS_NULL)
    insert(database, "stay", render.stays(people, spill.epoch_of(plan)))
    return len(people)


def write_piece(plan: Plan, folder: Path, prefixes: tuple[int, int]) -> tuple[Path, int]:
    """Write the citizens with these prefixes to a database of their own."""
    path = folder / f"citizens-{prefixes[0]}-{os.getpid()}.db"
    with closing(open_piece(path)) as database:
        for statement in statements("table"):
            database.execute(statement)
        database.execute("BEGIN")
        count = write_citizens(database, plan, folder, prefixes)
        database.execute("COMMIT")
    return path, count


@contextmanager
def attached(database: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Have a piece at hand for the length of the block, then drop it."""
    database.execute("ATTACH ? AS piece", (str(path),))
    yield
    database.execute("DETACH piece")
    path.unlink()


def adopt(database: sqlite3.Connection) -> None:
    """Copy the rows of the piece at hand, which SQLite does without unpacking them."""
    for statement in _COPY:
        database.execute(statement)


def drop_pieces(folder: Path) -> None:
    """Remove what a build that was killed had not adopted."""
    for path in folder.glob("citizens-*"):
        path.unlink()
