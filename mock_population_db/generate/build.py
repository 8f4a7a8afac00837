"""Build a population: all of it, or nothing."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import sqlite3
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

from mock_population_db.generate import render, spill
from mock_population_db.generate.records import HOUSEHOLD, Plan
from mock_population_db.generate.shares import DEFAULT_SHARES, Shares
from mock_population_db.generate.tables import FOLDER
from mock_population_db.store.rows import Rows

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

    path: Path
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
    there before. The content depends neither on ``workers`` nor on the machine.

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
        OSError: The disk refuses.
    """
    if not 0 <= size <= LARGEST:
        raise ValueError(f"size must be between 0 and {LARGEST:,}")
    if not _DATES[0] <= as_of <= _DATES[1]:
        raise ValueError(f"as_of must be between {_DATES[0]} and {_DATES[1]}")
    started = time.monotonic()
    chunk = _LARGE_CHUNK if size > _LARGE else _CHUNK
    plan = Plan(size, seed, as_of, reserved_ids, shares, chunks=max(1, -(-size // chunk)))
    if workers is None:
        workers = (os.cpu_count() or 1) if size >= _PARALLEL_FROM else 0
    with _workspace(path) as folder, _pool(workers) as pool:
        build = _Build(plan, folder, pool, progress or (lambda _: None))
        digest, households = build.run(extra_rows)
        _publish(folder / "population.db", path)
    return BuildResult(path, size, households, digest, time.monotonic() - started)


@contextmanager
def _workspace(path: Path) -> Iterator[Path]:
    """A folder beside ``path``; one that a killed build left is taken over."""
    folder = path.with_name(f".{path.name}.building")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _pool(workers: int) -> Iterator[Executor | None]:
    """Fresh processes (fork would copy locks and threads), or None to work in this one."""
    if not workers:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _publish(built: Path, path: Path) -> None:
    """Make the file durable, then give it its name."""
    with built.open("rb+") as file:
        os.fsync(file.fileno())
    for old in (f"{path.name}-wal", f"{path.name}-shm"):  # of the database that is replaced
        path.with_name(old).unlink(missing_ok=True)
    built.replace(path)
    if os.name == "posix":  # elsewhere folders cannot be synchronised
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


class _Build:
    """One build, in the order of its methods."""

    def __init__(
        self, plan: Plan, folder: Path, pool: Executor | None, progress: Callable[[int], None]
    ) -> None:
        self._plan = plan
        self._folder = folder
        self._pool = pool
        self._progress = progress
        self._per_prefix = np.zeros(spill.PREFIXES, dtype=np.int64)
        self._half_done = 0  # citizens, counted once for each of the two halves

    def run(self, extra: Rows) -> tuple[str, int]:
        """Return the digest and the number of households."""
        spilled = self._spill()
        with closing(spill.open_database(self._folder / "population.db")) as database:
            indexes = spill.create_tables(database)
            self._write_rows(database)
            steps = spill.all_steps(self._folder, self._plan.chunks)
            spill.insert(database, "number_step", render.steps(steps))
            _write_extra(database, extra)
            digest = self._digest(spilled, extra)
            self._write_meta(database, digest)
            for statement in indexes:
                database.execute(statement)
        return digest, sum(piece.households for piece in spilled)

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

    def _write_rows(self, database: sqlite3.Connection) -> None:
        """Citizens in the order of their numbers, so that the table only ever grows at its end."""
        ranges = spill.cut(self._per_prefix, _ROWS_PER_PIECE)
        if self._pool is None:
            for prefixes in ranges:
                self._advance(spill.write_citizens(database, self._plan, self._folder, prefixes))
            self._write_households(database)
            return
        pieces = self._map(partial(spill.write_piece, self._plan, self._folder), ranges)
        self._write_households(database)  # while the others work
        for path, count in pieces:
            spill.adopt_piece(database, path)
            self._advance(count)

    def _write_households(self, database: sqlite3.Connection) -> None:
        for chunk in range(self._plan.chunks):
            records = np.fromfile(self._folder / f"households-{chunk}", dtype=HOUSEHOLD)
            spill.insert(database, "household", render.households(records))

    def _digest(self, spilled: list[spill.Spilled], extra: Rows) -> str:
        """Of the tables, the records of every chunk in order, and the extra rows."""
        total = hashlib.sha256()
        for table in sorted(FOLDER.glob("*.csv")):
            total.update(hashlib.sha256(table.read_bytes()).digest())
        for piece in spilled:
            total.update(piece.digest)
        total.update(repr(asdict(extra)).encode())
        return total.hexdigest()

    def _write_meta(self, database: sqlite3.Connection, digest: str) -> None:
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
        rows = tuple((key, str(value)) for key, value in values.items())
        spill.insert(database, "meta", rows)


def _write_extra(database: sqlite3.Connection, extra: Rows) -> None:
    spill.insert(database, "citizen", extra.citizens)
    spill.insert(database, "household", extra.households)
    spill.insert(database, "stay", extra.stays)
    spill.insert(database, "number_step", extra.steps)
