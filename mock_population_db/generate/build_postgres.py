"""Build a population into PostgreSQL: all of it, or nothing.

The other half of ``mock_population_db.generate.build``: the same people, their rows sent by COPY
from every process at once into a schema beside the register's, which takes its place in the end.
One builds at a time; another waits for it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from datetime import date
from functools import partial
from pathlib import Path

from mock_population_db.generate import spill
from mock_population_db.generate.build import Build, BuildResult, plan_of, pool_of
from mock_population_db.generate.records import Plan
from mock_population_db.generate.shares import DEFAULT_SHARES, Shares
from mock_population_db.store.errors import EngineFailed, PopulationError
from mock_population_db.store.postgres.driver import shown
from mock_population_db.store.postgres.migrations import migrate
from mock_population_db.store.postgres.partitions import make_room
from mock_population_db.store.postgres.session import SCHEMA, PostgresSession, open_session
from mock_population_db.store.rows import (
    CITIZEN_COLUMNS,
    HOUSEHOLD_COLUMNS,
    STAY_COLUMNS,
    STEP_COLUMNS,
    Rows,
)

_BUILDING = f"{SCHEMA}_building"
_LOCK = 0x64616E6375_01  # advisory: whoever builds holds it, until its connection ends
_THERE = f"SELECT to_regclass('{SCHEMA}.migration') IS NOT NULL"
_SETTINGS = {
    "search_path": _BUILDING,
    "synchronous_commit": "off",  # what is lost with the machine is built anew
    "maintenance_work_mem": "256MB",
    "enable_seqscan": "on",  # to make indexes
}
_NO_ROWS = Rows()
# what is quicker made afterwards: indexes, and the keys of the large tables
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
  WHERE schemaname = $1 AND tablename IN ('citizen', 'household', 'stay', 'number_step')
    AND indexname NOT LIKE '%_pkey'
"""
_KEYS = {"citizen": "id", "household": "id", "stay": "citizen, kind"}
_PUBLISHED = f"""
BEGIN;
DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
ALTER SCHEMA {_BUILDING} RENAME TO {SCHEMA};
COMMIT;
"""


class RegisterThere(PopulationError):
    """Somebody has built a register there already."""


def build_in_postgres(
    url: str,
    *,
    size: int,
    seed: int,
    as_of: date,
    reserved_ids: bool = False,
    shares: Shares = DEFAULT_SHARES,
    extra_rows: Rows = _NO_ROWS,
    progress: Callable[[int], None] | None = None,
    workers: int | None = None,
    replace: bool = True,
) -> BuildResult:
    """Write the population of ``(seed, size, as_of, shares)`` to the database at ``url``.

    It appears there only when it is whole, in place of the register that was there before.
    Arguments are those of ``build_population``; without ``replace`` a register is left as it is.

    Raises:
        RegisterThere: without ``replace``, also when another was building until now.
        PopulationError: the database cannot be reached, or refuses.
        ValueError: A size or date out of range.
        OSError: The disk refuses.
    """
    plan = plan_of(size, seed, as_of, shares, reserved_ids=reserved_ids)
    started = time.monotonic()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="dancu-building-") as folder,
            pool_of(workers, size) as pool,
            _workspace(url, replace=replace) as session,
        ):
            build = _DatabaseBuild(plan, Path(folder), pool, progress or (lambda _: None), session)
            digest, households = build.run(extra_rows)
            session.script(_PUBLISHED)
    except EngineFailed as error:
        raise PopulationError(f"{shown(url)}: cannot be written ({error})") from error
    return BuildResult(shown(url), size, households, digest, time.monotonic() - started)


@contextmanager
def _workspace(url: str, *, replace: bool) -> Iterator[PostgresSession]:
    """A schema of empty tables beside the register's; what a killed build left is taken away."""
    with closing(open_session(url, **_SETTINGS)) as session:
        session.script(f"SELECT pg_advisory_lock({_LOCK})")  # as long as another builds
        if not replace and session.ask(_THERE)[0][0]:
            raise RegisterThere(f"{shown(url)}: there is a population already")
        session.script(f"DROP SCHEMA IF EXISTS {_BUILDING} CASCADE; CREATE SCHEMA {_BUILDING}")
        migrate(session)
        try:
            yield session
        finally:
            session.script(f"DROP SCHEMA IF EXISTS {_BUILDING} CASCADE")


class _DatabaseBuild(Build):
    """One build into PostgreSQL, in the order of its methods."""

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        pool: Executor | None,
        progress: Callable[[int], None],
        session: PostgresSession,
    ) -> None:
        super().__init__(plan, folder, pool, progress)
        self._session = session

    def run(self, extra: Rows) -> tuple[str, int]:
        """Return the digest and the number of households."""
        spilled = self._spill()
        session = self._session
        indexes = _without_indexes(session)
        self._write_rows()
        _write_extra(session, extra)
        digest = self._digest(spilled, extra)
        session.executemany("INSERT INTO meta VALUES (?, ?)", self._meta(digest))
        for table, columns in _KEYS.items():
            session.script(f"ALTER TABLE {table} ADD PRIMARY KEY ({columns})")
        for statement in indexes:
            session.script(statement)
        session.script("VACUUM ANALYZE citizen, household, stay, number_step")
        make_room(session)
        return digest, sum(piece.households for piece in spilled)

    def _write_rows(self) -> None:
        work = partial(_copy_citizens, self._session.url, self._plan, self._folder)
        counts = self._map(work, self._ranges())
        for rows in self._households():
            self._session.copy("household", HOUSEHOLD_COLUMNS, rows)
        for rows in self._steps():
            self._session.copy("number_step", STEP_COLUMNS, rows)
        for count in counts:
            self._advance(count)


def _copy_citizens(url: str, plan: Plan, folder: Path, prefixes: tuple[int, int]) -> int:
    """Send the citizens with these prefixes, and their stays; return how many they are."""
    citizens, stays = spill.citizens_between(plan, folder, prefixes)
    with closing(open_session(url, **_SETTINGS)) as session:
        session.copy("citizen", CITIZEN_COLUMNS, citizens)
        session.copy("stay", STAY_COLUMNS, stays)
    return len(citizens)


def _without_indexes(session: PostgresSession) -> list[str]:
    """Take the indexes of the large tables away; return the statements that make them."""
    indexes = session.ask(_INDEXES, _BUILDING)
    for name, _ in indexes:
        session.script(f"DROP INDEX {name}")
    for table in _KEYS:
        session.script(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey")
    return [statement for _, statement in indexes]


def _write_extra(session: PostgresSession, extra: Rows) -> None:
    session.copy("citizen", CITIZEN_COLUMNS, extra.citizens)
    session.copy("household", HOUSEHOLD_COLUMNS, extra.households)
    session.copy("stay", STAY_COLUMNS, extra.stays)
    session.copy("number_step", STEP_COLUMNS, extra.steps)
