"""Build a population into PostgreSQL: all of it, or nothing.

The other half of ``mock_population_db.generate.build``: the same people, their rows sent by COPY
from every process at once into a schema beside the register's, which takes its place in the end.
One builds at a time; another waits for it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import closing
from datetime import date
from functools import partial

from mock_population_db.generate import postgres_workspace as site
from mock_population_db.generate import spill
from mock_population_db.generate.build import Build, BuildResult, key_of, plan_of, pool_of
from mock_population_db.generate.postgres_workspace import Building
from mock_population_db.generate.records import Plan
from mock_population_db.generate.shares import DEFAULT_SHARES, Shares
from mock_population_db.generate.workspace import workspace
from mock_population_db.store.errors import EngineFailed, PopulationError
from mock_population_db.store.postgres.driver import shown
from mock_population_db.store.postgres.migrations import migrations
from mock_population_db.store.postgres.opening import holds_register
from mock_population_db.store.postgres.partitions import make_room
from mock_population_db.store.postgres.session import PostgresSession
from mock_population_db.store.rows import (
    CITIZEN_COLUMNS,
    HOUSEHOLD_COLUMNS,
    STAY_COLUMNS,
    STEP_COLUMNS,
    Rows,
)

_NO_ROWS = Rows()


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

    It appears there only when it is whole and on disk, in place of the register that was there
    before. A build that was killed, or whose server went away, is gone on with by the same call.
    Arguments are those of ``build_population``; without ``replace`` a register is left as it is.

    Raises:
        RegisterThere: without ``replace``, also when another was building until now.
        PopulationError: the database cannot be reached, or refuses.
        ValueError: A size or date out of range.
        OSError: The disk refuses.
    """
    plan = plan_of(size, seed, as_of, shares, reserved_ids=reserved_ids)
    key = _key(plan, extra_rows)
    started = time.monotonic()
    try:
        with closing(site.open_for_building(url)) as session:
            site.be_alone(session)
            if not replace and holds_register(url):
                raise RegisterThere(
                    f"{shown(url)}: there is a population already; replace it with --force"
                )
            building = site.begin(session, key)
            with workspace(building.folder, key), pool_of(workers, size) as pool:
                build = _DatabaseBuild(plan, building, pool, progress or (lambda _: None), session)
                digest, households = build.run(extra_rows)
                site.publish(session)
    except EngineFailed as error:
        raise PopulationError(
            f"{shown(url)}: cannot be written ({error}); the same build goes on where this one "
            "stopped"
        ) from error
    return BuildResult(shown(url), size, households, digest, time.monotonic() - started)


def _key(plan: Plan, extra: Rows) -> str:
    """Names what a build makes, and in which tables."""
    return hashlib.sha256(repr((key_of(plan, extra), migrations())).encode()).hexdigest()


class _DatabaseBuild(Build):
    """One build into PostgreSQL, in the order of its methods."""

    def __init__(
        self,
        plan: Plan,
        building: Building,
        pool: Executor | None,
        progress: Callable[[int], None],
        session: PostgresSession,
    ) -> None:
        super().__init__(plan, building.folder, pool, progress)
        self._building = building
        self._session = session

    def run(self, extra: Rows) -> tuple[str, int]:
        """Return the digest and the number of households."""
        spilled = self._spill()
        digest = self._digest(spilled, extra)
        session = self._session
        self._write_rows()
        self._building.take(session, "rest", partial(self._write_rest, extra, digest))
        for statement in site.later(session):
            self._building.take(session, statement, partial(session.script, statement))
        session.script("VACUUM ANALYZE citizen, household, stay, number_step")
        make_room(session)
        return digest, sum(piece.households for piece in spilled)

    def _write_rows(self) -> None:
        done = site.done(self._session)
        ranges = [one for one in self._ranges() if _name(one) not in done]
        counts = self._map(partial(_copy_citizens, self._building, self._plan), ranges)
        for chunk in range(self._plan.chunks):  # while the others work
            self._building.take(
                self._session, f"households {chunk}", partial(self._write_households, chunk)
            )
        self._advance(self._plan.size - self._people_in(ranges))
        for count in counts:
            self._advance(count)

    def _write_households(self, chunk: int) -> None:
        self._session.copy("household", HOUSEHOLD_COLUMNS, self._households_of(chunk))

    def _write_rest(self, extra: Rows, digest: str) -> None:
        session = self._session
        for rows in self._steps():
            session.copy("number_step", STEP_COLUMNS, rows)
        session.copy("citizen", CITIZEN_COLUMNS, extra.citizens)
        session.copy("household", HOUSEHOLD_COLUMNS, extra.households)
        session.copy("stay", STAY_COLUMNS, extra.stays)
        session.copy("number_step", STEP_COLUMNS, extra.steps)
        session.executemany("INSERT INTO meta VALUES (?, ?)", self._meta(digest))


def _name(prefixes: tuple[int, int]) -> str:
    low, high = prefixes
    return f"citizens {low}-{high}"


def _copy_citizens(building: Building, plan: Plan, prefixes: tuple[int, int]) -> int:
    """Send the citizens with these prefixes, and their stays; return how many they are."""
    citizens, stays = spill.citizens_between(plan, building.folder, prefixes)
    with closing(site.open_for_building(building.url)) as session:

        def copy() -> None:
            session.copy("citizen", CITIZEN_COLUMNS, citizens)
            session.copy("stay", STAY_COLUMNS, stays)

        building.take(session, _name(prefixes), copy)
    return len(citizens)
