"""Verify that a register holds what its seed, size and day say, and that its store is whole."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from mock_population_db.generate import spill
from mock_population_db.generate import sums as summing
from mock_population_db.generate.build import plan_of, pool_of, population_digest
from mock_population_db.generate.checks import Check, Source
from mock_population_db.generate.chunk import make_chunk
from mock_population_db.generate.records import Plan
from mock_population_db.generate.shares import Shares
from mock_population_db.generate.sums import Group, Sums
from mock_population_db.generate.verify_file import FileSource
from mock_population_db.store.errors import EngineFailed, PopulationError
from mock_population_db.store.places import Place
from mock_population_db.store.rows import Rows

_In = TypeVar("_In")
_Out = TypeVar("_Out")
_GENERATED = "1"  # the revision of a register to which nothing happened yet
_AT_ONCE = 20  # groups that a process looks at over one connection
# numbers, former ones too, of those who were not generated
_ADDED = """
WITH RECURSIVE added(id) AS (
  SELECT id FROM citizen WHERE extra IS NOT NULL
  UNION SELECT s.former FROM added JOIN number_step AS s ON s.successor = added.id)
SELECT id FROM added
"""
# what refers to nobody, among those of one province
_DANGLING = """
SELECT
    count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM citizen   AS t WHERE t.id = c.father)
                       AND father IS NOT NULL) +
    count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM citizen   AS t WHERE t.id = c.mother)
                       AND mother IS NOT NULL) +
    count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM citizen   AS t WHERE t.id = c.spouse)
                       AND spouse IS NOT NULL) +
    count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM household AS t WHERE t.id = c.household)
                       AND household IS NOT NULL)
  FROM citizen AS c WHERE id >= ? AND id < ? AND extra IS NULL
"""
_DANGLING_ELSEWHERE = {
    "heads of households": "SELECT count(*) FROM household AS h WHERE head IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM citizen AS t WHERE t.id = h.head)",
    "stays": "SELECT count(*) FROM stay AS s WHERE household IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM household AS t WHERE t.id = s.household)",
    "cancelled numbers": "SELECT count(*) FROM number_step AS s"
    " WHERE NOT EXISTS (SELECT 1 FROM citizen AS t WHERE t.id = s.successor)"
    " AND NOT EXISTS (SELECT 1 FROM number_step AS t WHERE t.former = s.successor)",
}


def verify_population(
    place: Place,
    *,
    extra_rows: Rows,
    progress: Callable[[int], None] | None = None,
    workers: int | None = None,
) -> list[Check]:
    """Make the people of a register once more, on all cores, and compare.

    Compared are the digest of the whole and, group by group, the number of rows, the sum of
    every column of numbers and the lengths of names and addresses. What events changed cannot
    be told from the seed: of a register to which something happened only the store's structure,
    its indexes and its references are looked at.

    Args:
        place: of the register; it is only read.
        extra_rows: as it was built with.
        progress: told how many citizens' worth of work is done, from the beginning on.
        workers: processes; by default as for a build.

    Raises:
        PopulationError: there is no register at ``place`` that this program reads, or so little
            is left of it that it cannot be looked through.
    """
    with _told_in_our_words(place), _source(place) as source:
        with source.opened() as database:
            meta = dict(database.execute("SELECT key, value FROM meta"))
        plan = _plan(source.name, meta)
        with pool_of(workers, plan.size) as pool:
            look = _Look(source, plan, pool, progress or (lambda _: None))
            checks = [*look.structure(), *look.references()]
            if meta["revision"] == _GENERATED:
                checks += look.content(meta["digest"], extra_rows)
    return checks


@contextmanager
def _told_in_our_words(place: Place) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise PopulationError(f"{place}: is damaged ({error}); build it again") from error
    except EngineFailed as error:
        raise PopulationError(f"the database cannot be read ({error})") from error


@contextmanager
def _source(place: Place) -> Iterator[Source]:
    if isinstance(place, Path):
        yield FileSource(place)
        return
    from mock_population_db.generate.verify_postgres import holding  # noqa: PLC0415 - an extra

    with holding(place) as source:
        yield source


def _plan(name: str, meta: dict[str, str]) -> Plan:
    try:
        return plan_of(
            int(meta["size"]),
            int(meta["seed"]),
            date.fromisoformat(meta["as_of"]),
            Shares(**json.loads(meta["shares"])),
            reserved_ids=meta["reserved_ids"] == "1",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PopulationError(f"{name}: does not say what it was built as ({error!r})") from error


class _Look:
    """One verification, whose parts run in any process."""

    def __init__(
        self, source: Source, plan: Plan, pool: Executor | None, progress: Callable[[int], None]
    ) -> None:
        self._source = source
        self._plan = plan
        self._pool = pool
        self._progress = progress

    def structure(self) -> Iterator[Check]:
        """Whether the store is whole, and its indexes have an entry for everybody."""
        self._progress(0)
        return self._source.structure(self._map)

    def references(self) -> Iterator[Check]:
        """Whether everybody and everything that is referred to is there."""
        provinces = self._batches(summing.PROVINCES)
        found = self._map(partial(_dangling, self._source), provinces)
        yield Check("references to nobody: citizens", str(sum(found)), "0")
        queries = self._map(partial(_count, self._source), _DANGLING_ELSEWHERE.values())
        for what, count in zip(_DANGLING_ELSEWHERE, queries, strict=True):
            yield Check(f"references to nobody: {what}", str(count), "0")

    def content(self, digest: str, extra: Rows) -> Iterator[Check]:
        """Whether it holds those who are made of its seed, size and day."""
        digests, expected, people = [], Sums(), 0
        chunks = range(self._plan.chunks)
        for chunk, (made, sums) in enumerate(self._map(partial(_made, self._plan), chunks)):
            digests.append(made)
            expected = summing.added_up([expected, sums])
            people += self._plan.chunk_size(chunk)
            self._progress(people // 2)
        yield Check("digest", population_digest(digests, extra), digest)
        found = self._found()
        for table in ("citizen", "household", "stay", "number_step"):
            yield from _compared(table, found, expected)

    def _found(self) -> Sums:
        """The sums of the register, which are half of the work."""
        with self._source.opened() as database:
            added = [number for (number,) in database.execute(_ADDED)]
        batches = self._batches(summing.groups(self._plan))
        look = partial(_in_store, self._source, self._plan, added)
        parts = []
        for done, part in enumerate(self._map(look, batches), 1):
            parts.append(part)
            self._progress(self._plan.size * (len(batches) + done) // (2 * len(batches)))
        return summing.added_up(parts)

    def _map(self, work: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
        return self._pool.map(work, items) if self._pool else map(work, items)

    def _batches(self, groups: Sequence[_In]) -> list[Sequence[_In]]:
        size = _AT_ONCE if self._pool else len(groups)
        return [groups[start : start + size] for start in range(0, len(groups), size)]


def _compared(table: str, found: Sums, expected: Sums) -> Iterator[Check]:
    rows = [
        sum(row[0] for group, row in one.items() if group.table == table)
        for one in (found, expected)
    ]
    yield Check(f"rows of {table}", f"{rows[0]:,}", f"{rows[1]:,}")
    groups = {group for group in found.keys() | expected.keys() if group.table == table}
    wrong = sorted(group.number for group in groups if found.get(group) != expected.get(group))
    told = ", ".join(f"{number:03d}" for number in wrong)
    yield Check(f"groups of {table} whose sums differ", told or "none", "none")


def _count(source: Source, query: str) -> int:
    with source.opened() as database:
        (count,) = database.execute(query).fetchone()
    return int(count)


def _dangling(source: Source, provinces: Sequence[int]) -> int:
    with source.opened() as database:
        bounds = map(summing.bounds_of_province, provinces)
        return sum(int(database.execute(_DANGLING, one).fetchone()[0]) for one in bounds)


def _made(plan: Plan, chunk: int) -> tuple[bytes, Sums]:
    made = make_chunk(plan, chunk)
    return spill.digest_of(spill.data_of(made)), summing.of_chunk(made, chunk)


def _in_store(source: Source, plan: Plan, added: list[int], groups: Sequence[Group]) -> Sums:
    with source.opened() as database:
        parts = [summing.in_store(database, plan, group, added) for group in groups]
    return summing.added_up(parts)
