"""Build a population: all of it, or nothing."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np

from mock_population_db.generate import render, spill, sqlite_pieces
from mock_population_db.generate.records import HOUSEHOLD, Plan
from mock_population_db.generate.shares import DEFAULT_SHARES, Shares
from mock_population_db.generate.steps import Steps
from mock_population_db.generate.tables import FOLDER
from mock_population_db.generate.workspace import publish, workspace
from mock_population_db.store.rows import Row, Rows

SCHEMA_VERSION = 1
LARGEST = 150_000_000
_CHUNK, _LARGE_CHUNK, _LARGE = 50_000, 200_000, 5_000_000
_ROWS_PER_PIECE = 100_000
_PARALLEL_FROM = 200_000  # below, starting processes costs more than it gains
_DATES = (date(2021, 1, 1), date(2099, 12, 31))
_NO_ROWS = Rows()
_In = TypeVar("_In")
_Out = TypeVar("_Out")


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What was built."""

    path: Path | str  # of the file, or URL of the database
    citizens: int  # without the extra rows
    households: int
    digest: str  # SHA-256, hexadecimal, of all that was generated
    seconds: float


def build_population(
    path: Path,
    *,
    size: int,
    seed: int,
    as_of: date,
    reserved_ids: bool = False,
    shares: Shares = DEFAULT_SHARES,
    extra_rows: Rows = _NO_ROWS,
    progress: Callable[[int], None] | None = None,
    workers: int | None = None,
) -> BuildResult:
    """Write the population of ``(seed, size, as_of, shares)`` to a new database at ``path``.

    The file appears under its name only when it is whole and on disk, in place of what was
    there before. The content depends neither on ``workers`` nor on the machine. A build that
    was killed is gone on with by the same call.

    Args:
        path: Where the register shall be. Its folder must exist.
        size: How many citizens, up to ``LARGEST``.
        seed: Any whole number.
        as_of: The day whose ages, cards and stays are shown, from 2021 on.
        reserved_ids: Use the prefixes 097-099, which no province ever had.
        shares: How often each defect occurs.
        extra_rows: Rows to be added: personas.
        progress: Told, now and then, how many citizens' worth of work is done.
        workers: Processes; by default one for each core, and none for small populations.

    Raises:
        ValueError: A size or date out of range.
        OSError: The disk refuses, or another process builds the same file.
    """
    plan = plan_of(size, seed, as_of, shares, reserved_ids=reserved_ids)
    started = time.monotonic()
    folder = path.with_name(f".{path.name}.building")
    with workspace(folder, key_of(plan, extra_rows)), pool_of(workers, size) as pool:
        build = _FileBuild(plan, folder, pool, progress or (lambda _: None))
        digest, households = build.run(extra_rows)
        publish(folder / "population.db", path)
    return BuildResult(path, size, households, digest, time.monotonic() - started)


def plan_of(size: int, seed: int, as_of: date, shares: Shares, *, reserved_ids: bool) -> Plan:
    """What to build; see ``build_population``. Raises ValueError: a size or date out of range."""
    if not 0 <= size <= LARGEST:
        raise ValueError(f"size must be between 0 and {LARGEST:,}")
    if not _DATES[0] <= as_of <= _DATES[1]:
        raise ValueError(f"as_of must be between {_DATES[0]} and {_DATES[1]}")
    chunk = _LARGE_CHUNK if size > _LARGE else _CHUNK
    return Plan(size, seed, as_of, reserved_ids, shares, chunks=max(1, -(-size // chunk)))


def key_of(plan: Plan, extra: Rows) -> str:
    """Names what a build makes, and by which version: what another left is of no use to it."""
    made_of = (version("dancu"), np.__version__, plan, _ROWS_PER_PIECE, _tables_digest(), extra)
    return hashlib.sha256(repr(made_of).encode()).hexdigest()


def population_digest(chunks: Iterable[bytes], extra: Rows) -> str:
    """Of the tables, the digests of all chunks in order, and the extra rows; hexadecimal."""
    total = hashlib.sha256(_tables_digest())
    for digest in chunks:
        total.update(digest)
    total.update(repr(asdict(extra)).encode())
    return total.hexdigest()


def _tables_digest() -> bytes:
    """Digests of all tables that people are made of."""
    tables = sorted(FOLDER.glob("*.csv"))
    return b"".join(hashlib.sha256(table.read_bytes()).digest() for table in tables)


@contextmanager
def pool_of(workers: int | None, size: int) -> Iterator[Executor | None]:
    """Fresh processes (fork would copy locks and threads), or None to work in this one.

    Args:
        workers: how many; None for as many as suit a population of ``size``.
        size: in citizens.
    """
    if workers is None:
        workers = (os.cpu_count() or 1) if size >= _PARALLEL_FROM else 0
    if not workers:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_follow_parent)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _follow_parent() -> None:
    """Have this process end when its parent does, however that ends; Ctrl-C is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_parent, daemon=True).start()


def _end_after_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Build:
    """What every build does, wherever its rows go."""

    def __init__(
        self, plan: Plan, folder: Path, pool: Executor | None, progress: Callable[[int], None]
    ) -> None:
        self._plan = plan
        self._folder = folder
        self._pool = pool
        self._progress = progress
        self._per_prefix = np.zeros(spill.PREFIXES, dtype=np.int64)
        self._half_done = 0  # citizens, counted once for each of the two halves

    def _spill(self) -> list[spill.Spilled]:
        work = partial(spill.spill_chunk, self._plan, self._folder)
        done = []
        for piece, per_prefix in self._map(work, range(self._plan.chunks)):
            self._per_prefix += per_prefix
            self._advance(piece.people)
            done.append(piece)
        return done

    def _map(self, work: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
        """In order; other processes, if there are any, start at once."""
        return self._pool.map(work, items) if self._pool else map(work, items)

    def _advance(self, people: int) -> None:
        self._half_done += people
        self._progress(self._half_done // 2)

    def _ranges(self) -> list[tuple[int, int]]:
        """Ranges of prefixes whose citizens are written together."""
        return spill.cut(self._per_prefix, _ROWS_PER_PIECE)

    def _people_in(self, ranges: Iterable[tuple[int, int]]) -> int:
        return int(sum(self._per_prefix[low:high].sum() for low, high in ranges))

    def _households_of(self, chunk: int) -> list[Row]:
        """Rows of ``household`` that a chunk made."""
        records = np.fromfile(self._folder / f"households-{chunk}", dtype=HOUSEHOLD)
        return render.households(records)

    def _steps(self) -> Iterator[list[Row]]:
        """Rows of ``number_step``, some at a time."""
        steps = spill.all_steps(self._folder, self._plan.chunks)
        for start in range(0, len(steps), _ROWS_PER_PIECE):
            yield render.steps(steps[start : start + _ROWS_PER_PIECE])

    def _digest(self, spilled: list[spill.Spilled], extra: Rows) -> str:
        return population_digest([piece.digest for piece in spilled], extra)

    def _meta(self, digest: str) -> tuple[tuple[str, str], ...]:
        """Rows of ``meta``."""
        plan = self._plan
        values = {
            "schema_version": SCHEMA_VERSION,
            "seed": plan.seed,
            "size": plan.size,
            "as_of": plan.as_of.isoformat(),
            "revision": 1,
            "reserved_ids": int(plan.reserved_ids),
            "built_with": version("dancu"),
            "digest": digest,
            "shares": json.dumps(asdict(plan.shares)),
        }
        return tuple((key, str(value)) for key, value in values.items())


class _FileBuild(Build):
    """One build into SQLite, in the order of its methods; it goes on where one was killed."""

    def run(self, extra: Rows) -> tuple[str, int]:
        """Return the digest and the number of households."""
        spilled = self._spill()
        digest = self._digest(spilled, extra)
        sqlite_pieces.drop_pieces(self._folder)
        with closing(sqlite_pieces.open_register(self._folder / "population.db")) as database:
            steps = Steps(database)
            for statement in sqlite_pieces.statements("table"):
                steps.take(partial(database.execute, statement))
            self._write_rows(database, steps)
            steps.take(partial(self._write_rest, database, extra, digest))
            for statement in sqlite_pieces.statements("index"):
                steps.take(partial(database.execute, statement))
        return digest, sum(piece.households for piece in spilled)

    def _write_rows(self, database: sqlite3.Connection, steps: Steps) -> None:
        """Citizens in the order of their numbers, so that the table only ever grows at its end."""
        chunks, ranges = steps.left(range(self._plan.chunks)), steps.left(self._ranges())
        write = partial(sqlite_pieces.write_piece, self._plan, self._folder)
        pieces = self._map(write, ranges)
        for chunk in chunks:  # while the others work
            rows = self._households_of(chunk)
            steps.take(partial(sqlite_pieces.insert, database, "household", rows))
        self._advance(self._plan.size - self._people_in(ranges))
        for path, count in pieces:
            with sqlite_pieces.attached(database, path):
                steps.take(partial(sqlite_pieces.adopt, database))
            self._advance(count)

    def _write_rest(self, database: sqlite3.Connection, extra: Rows, digest: str) -> None:
        for rows in self._steps():
            sqlite_pieces.insert(database, "number_step", rows)
        sqlite_pieces.insert(database, "citizen", extra.citizens)
        sqlite_pieces.insert(database, "household", extra.households)
        sqlite_pieces.insert(database, "stay", extra.stays)
        sqlite_pieces.insert(database, "number_step", extra.steps)
        sqlite_pieces.insert(database, "meta", self._meta(digest))
