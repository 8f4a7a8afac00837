"""The two halves of a build: chunks of households to disk, then ranges of numbers to rows.

Chunks hold households, the register is sorted by number; in between every citizen is
regrouped. Both halves run in any process and in any order; memory is that of one piece.
"""

from __future__ import annotations

import hashlib
import sqlite3
from bisect import bisect_left
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from mock_population_db.citizen import CodeEpoch
from mock_population_db.generate import render
from mock_population_db.generate.chunk import make_chunk
from mock_population_db.generate.places import is_reformed
from mock_population_db.generate.records import PERSON, STEP, Plan, Records
from mock_population_db.generate.rng import Ints
from mock_population_db.store.rows import Row

PREFIXES = 100_000  # six-digit number prefixes end below 100000: provinces 001-099
_SERIALS = 1_000_000


@dataclass(frozen=True, slots=True)
class Spilled:
    """What is known of a chunk once it lies on disk."""

    people: int
    households: int
    digest: bytes  # SHA-256 of its records


def create_tables(database: sqlite3.Connection) -> list[str]:
    """Create the register's tables; return the statements for its indexes, for later."""
    schema = Path(__file__).parent.parent / "store" / "schema" / "0001_register.sql"
    database.executescript(schema.read_text(encoding="utf-8"))
    named = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    indexes = database.execute(named).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    return [statement for _, statement in indexes]


def open_database(path: Path) -> sqlite3.Connection:
    """Open a database that nobody needs if we fail: no journal, no waiting for the disk."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -65536")
    return database


def insert(database: sqlite3.Connection, table: str, rows: list[Row] | tuple[Row, ...]) -> None:
    """Insert whole rows in one transaction."""
    if not rows:
        return
    marks = ", ".join("?" * len(rows[0]))
    database.execute("BEGIN")
    database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our names
    database.execute("COMMIT")


def spill_chunk(plan: Plan, folder: Path, chunk: int) -> tuple[Spilled, Ints]:
    """Make a chunk and leave its people, households and steps in ``folder``.

    Also returns how many people have each six-digit prefix.
    """
    made = make_chunk(plan, chunk)
    digest = hashlib.sha256()
    for name in ("people", "households", "steps"):
        data = getattr(made, name).tobytes()
        digest.update(data)
        (folder / f"{name}-{chunk}").write_bytes(data)
    per_prefix = np.bincount(made.people["id"] // _SERIALS, minlength=PREFIXES)
    return Spilled(len(made.people), len(made.households), digest.digest()), per_prefix


def cut(per_prefix: Ints, rows: int) -> list[tuple[int, int]]:
    """Ranges of prefixes, in order, that hold about ``rows`` people each."""
    upto = np.cumsum(per_prefix)
    pieces = max(1, round(int(upto[-1]) / rows))
    marks = np.searchsorted(upto, np.arange(1, pieces) * (int(upto[-1]) / pieces)) + 1
    bounds = [0, *sorted(set(marks.tolist())), PREFIXES]
    return [(low, high) for low, high in pairwise(bounds) if low < high]


def people_between(folder: Path, chunks: int, low: int, high: int) -> Records:
    """The people of all chunks whose prefix is in ``[low, high)``, sorted by number."""
    parts = []
    for chunk in range(chunks):
        path = folder / f"people-{chunk}"
        if not path.stat().st_size:
            continue
        people = np.memmap(path, dtype=PERSON, mode="r")
        start = bisect_left(people["id"], low * _SERIALS)
        parts.append(np.array(people[start : bisect_left(people["id"], high * _SERIALS)]))
    found: Records = np.concatenate([np.empty(0, dtype=PERSON), *parts])
    return found[np.argsort(found["id"], kind="stable")]


def write_citizens(
    database: sqlite3.Connection, plan: Plan, folder: Path, prefixes: tuple[int, int]
) -> int:
    """Write the citizens with these prefixes, and their stays; return how many they are."""
    people = people_between(folder, plan.chunks, *prefixes)
    insert(database, "citizen", render.citizens(people))
    epoch = CodeEpoch.Y2025 if is_reformed(plan.as_of) else CodeEpoch.LEGACY
    insert(database, "stay", render.stays(people, epoch))
    return len(people)


def write_piece(plan: Plan, folder: Path, prefixes: tuple[int, int]) -> tuple[Path, int]:
    """Write the citizens with these prefixes to a database of their own."""
    path = folder / f"citizens-{prefixes[0]}.db"
    with closing(open_database(path)) as database:
        create_tables(database)
        count = write_citizens(database, plan, folder, prefixes)
    return path, count


def adopt_piece(database: sqlite3.Connection, path: Path) -> None:
    """Copy a piece's rows, which SQLite does without unpacking them, and drop the piece."""
    database.execute("ATTACH ? AS piece", (str(path),))
    database.execute("INSERT INTO citizen SELECT * FROM piece.citizen")
    database.execute("INSERT INTO stay SELECT * FROM piece.stay")
    database.execute("DETACH piece")
    path.unlink()


def all_steps(folder: Path, chunks: int) -> Records:
    """The cancelled numbers of all chunks, sorted."""
    parts = [np.fromfile(folder / f"steps-{chunk}", dtype=STEP) for chunk in range(chunks)]
    return np.sort(np.concatenate([np.empty(0, dtype=STEP), *parts]), order="former")
