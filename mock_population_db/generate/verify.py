"""Verify that a register holds what its seed, size and day say, and that its file is whole."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from mock_population_db.generate import spill
from mock_population_db.generate import sums as summing
from mock_population_db.generate.build import plan_of, pool_of, population_digest
from mock_population_db.generate.chunk import make_chunk
from mock_population_db.generate.records import Plan
from mock_population_db.generate.shares import Shares
from mock_population_db.generate.sums import Group, Sums
from mock_population_db.store.errors import PopulationError
from mock_population_db.store.opening import open_file
from mock_population_db.store.rows import Rows

_In = TypeVar("_In")
_Out = TypeVar("_Out")
_GENERATED = "1"  # the revision of a register to which nothing happened yet
# numbers, former ones too, of those who were not generated
_ADDED = """
WITH RECURSIVE added(id) AS (
  SELECT id FROM citizen WHERE extra IS NOT NULL
  UNION SELECT s.former FROM added JOIN number_step AS s ON s.successor = added.id)
SELECT id FROM added
"""
_INDEXED = ("old_id", "household", "father", "mother", "spouse")
# what refers to nobody, among those of one province
_DANGLING = """
SELECT coalesce(sum(
    (father    IS NOT NULL AND NOT EXISTS (SELECT 1 FROM citizen   WHERE id = c.father)) +
    (mother    IS NOT NULL AND NOT EXISTS (SELECT 1 FROM citizen   WHERE id = c.mother)) +
    (spouse    IS NOT NULL AND NOT EXISTS (SELECT 1 FROM citizen   WHERE id = c.spouse)) +
    (household IS NOT NULL AND NOT EXISTS (SELECT 1 FROM household WHERE id = c.household))), 0)
  FROM citizen AS c WHERE id >= ? AND id < ? AND extra IS NULL
"""
_DANGLING_ELSEWHERE = {
    "heads of households": "SELECT count(*) FROM household WHERE head IS NOT NULL"
    " AND head NOT IN (SELECT id FROM citizen)",
    "stays": "SELECT count(*) FROM stay WHERE household IS NOT NULL"
    " AND household NOT IN (SELECT id FROM household)",
    "cancelled numbers": "SELECT count(*) FROM number_step WHERE successor NOT IN"
    " (SELECT id FROM citizen) AND successor NOT IN (SELECT former FROM number_step)",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    what: str
    found: str
    expected: str

    @property
    def holds(self) -> bool:
        """Whether it is as it should be."""
        return self.found == self.expected


def verify_population(
    path: Path,
    *,
    extra_rows: Rows,
    progress: Callable[[int], None] | None = None,
    workers: int | None = None,
) -> list[Check]:
    """Make the people of a register once more, on all cores, and compare.

    Compared are the digest of the whole and, group by group, the number of rows, the sum of
    every column of numbers and the lengths of names and addresses. What events changed cannot
    be told from the seed: of a register to which something happened only the file's structure,
    its indexes and its references are looked at.

    Args:
        path: of the register; it is only read.
        extra_rows: as it was built with.
        progress: told how many citizens' worth of work is done.
        workers: processes; by default as for a build.

    Raises:
        PopulationError: there is no register at ``path`` that this program reads, or so little
            is left of it that it cannot be looked through.
    """
    try:
        with closing(open_file(path)) as database:
            meta = dict(database.execute("SELECT key, value FROM meta"))
            added = [number for (number,) in database.execute(_ADDED)]
        plan = _plan(path, meta)
        with pool_of(workers, plan.size) as pool:
            look = _Look(path, plan, pool, progress or (lambda _: None))
            checks = [*look.structure(), *look.references()]
            if meta["revision"] == _GENERATED:
                checks += look.content(meta["digest"], extra_rows, added)
    except sqlite3.DatabaseError as error:
        raise PopulationError(f"{path}: is damaged ({error}); build it again") from error
    return checks


def _plan(path: Path, meta: dict[str, str]) -> Plan:
    try:
        return plan_of(
            int(meta["size"]),
            int(meta["seed"]),
            date.fromisoformat(meta["as_of"]),
            Shares(**json.loads(meta["shares"])),
            reserved_ids=meta["reserved_ids"] == "1",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PopulationError(f"{path}: does not say what it was built as ({error!r})") from error


class _Look:
    """One verification, whose parts run in any process."""

    def __init__(
        self, path: Path, plan: Plan, pool: Executor | None, progress: Callable[[int], None]
    ) -> None:
        self._path = path
        self._plan = plan
        self._pool = pool
        self._progress = progress

    def structure(self) -> Iterator[Check]:
        """Whether the file is whole, and its indexes have an entry for everybody."""
        columns = ", ".join(f"count({name})" for name in _INDEXED)
        queries = [
            "PRAGMA quick_check(1)",
            f"SELECT {columns} FROM citizen NOT INDEXED",  # noqa: S608 - our names
            *(
                f"SELECT count(*) FROM citizen INDEXED BY citizen_{name} WHERE {name} IS NOT NULL"  # noqa: S608 - our names
                for name in _INDEXED
            ),
        ]
        (whole,), counts, *indexed = self._map(partial(_answer, self._path), queries)
        yield Check("structure of the file", str(whole), "ok")
        for name, expected, (found,) in zip(_INDEXED, counts, indexed, strict=True):
            yield Check(f"index of {name}", f"{found:,}", f"{expected:,}")

    def references(self) -> Iterator[Check]:
        """Whether everybody and everything that is referred to is there."""
        found = self._map(partial(_dangling, self._path), summing.PROVINCES)
        yield Check("references to nobody: citizens", str(sum(found)), "0")
        queries = self._map(partial(_answer, self._path), _DANGLING_ELSEWHERE.values())
        for what, (count,) in zip(_DANGLING_ELSEWHERE, queries, strict=True):
            yield Check(f"references to nobody: {what}", str(count), "0")

    def content(self, digest: str, extra: Rows, added: list[int]) -> Iterator[Check]:
        """Whether it holds those who are made of its seed, size and day."""
        digests, expected, people = [], Sums(), 0
        chunks = range(self._plan.chunks)
        for chunk, (made, sums) in enumerate(self._map(partial(_made, self._plan), chunks)):
            digests.append(made)
            expected = summing.added_up([expected, sums])
            people += self._plan.chunk_size(chunk)
            self._progress(people)
        yield Check("digest", population_digest(digests, extra), digest)
        look = partial(_in_file, self._path, self._plan, added)
        found = summing.added_up(list(self._map(look, summing.groups(self._plan))))
        for table in ("citizen", "household", "stay", "number_step"):
            yield from _compared(table, found, expected)

    def _map(self, work: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
        return self._pool.map(work, items) if self._pool else map(work, items)


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


def _answer(path: Path, query: str) -> tuple[int | str, ...]:
    with closing(open_file(path)) as database:
        row: tuple[int | str, ...] = database.execute(query).fetchone()
    return row


def _dangling(path: Path, province: int) -> int:
    with closing(open_file(path)) as database:
        bounds = summing.bounds_of_province(province)
        (count,) = database.execute(_DANGLING, bounds).fetchone()
    return int(count)


def _made(plan: Plan, chunk: int) -> tuple[bytes, Sums]:
    made = make_chunk(plan, chunk)
    return spill.digest_of(spill.data_of(made)), summing.of_chunk(made, chunk)


def _in_file(path: Path, plan: Plan, added: list[int], group: Group) -> Sums:
    with closing(open_file(path)) as database:
        return summing.in_file(database, plan, group, added)
