"""The stores of the register, one beside the other, for suites that both must pass.

A register is known by its place: the path of a file, or the URL of a database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from mock_population_db.generate.build import BuildResult, build_population
from mock_population_db.generate.build_postgres import build_in_postgres
from mock_population_db.store.population import Population
from mock_population_db.store.postgres.install import install_personas
from mock_population_db.store.postgres.migrations import migrate
from mock_population_db.store.postgres.partitions import make_room
from mock_population_db.store.postgres.population import PostgresPopulation
from mock_population_db.store.postgres.session import SCHEMA, open_session
from mock_population_db.store.rows import Rows
from mock_population_db.store.sqlite import SqlitePopulation
from tests.support import register_file
from tests.support.postgres import Cluster

Place = Path | str


_FILLED = ("meta", "citizen", "household", "stay", "number_step")
_HISTORY = ("changes", "event", "touched", "withdrawn")
_KEPT = "CREATE SCHEMA kept;" + "".join(
    f"CREATE TABLE kept.{table} AS TABLE population.{table};" for table in _FILLED
)
_EMPTIED = "DELETE FROM population.{};"
_FILLED_AGAIN = "INSERT INTO population.{0} SELECT * FROM kept.{0};"
_RESTORED = "".join(
    [_EMPTIED.format(table) for table in (*_FILLED, *_HISTORY)]
    + [_FILLED_AGAIN.format(table) for table in _FILLED]
)


def _aside(work: Callable[..., Any]) -> Callable[..., Any]:
    """Runs in another thread, because an event loop may be running in this one."""

    @wraps(work)
    def run(*args: Any, **kwargs: Any) -> Any:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(work, *args, **kwargs).result()

    return run


@dataclass(frozen=True)
class Engine:
    """One kind of store.

    Attributes:
        make: makes a register of some rows, and nobody else, at a place where there is none.
        open: opens one, with the options of ``SqlitePopulation.open``.
        query: reads, or changes, one behind everybody's back.
        build: generates one, with the options of ``build_population``.
    """

    make: Callable[[Any, Rows], object]
    build: Callable[..., BuildResult]
    open: Callable[..., AbstractAsyncContextManager[Population]]
    query: Callable[..., list[tuple[Any, ...]]]


def opened(place: Place, **options: Any) -> AbstractAsyncContextManager[Population]:
    """A register that was made."""
    return engine_of(place).open(place, **options)


def query(place: Place, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a register holds, or what becomes of it, in SQLite's words."""
    return engine_of(place).query(place, statement, *values)


def dump(place: Place) -> dict[str, list[tuple[Any, ...]]]:
    """All that a register holds, by table."""
    tables = (*_FILLED, *_HISTORY)
    return {table: sorted(query(place, f"SELECT * FROM {table}"), key=repr) for table in tables}  # noqa: S608 - our names


def engine_of(place: Place) -> Engine:
    """The kind of store that a place is for."""
    return ENGINES["postgres" if isinstance(place, str) else "sqlite"]


def place_of(text: str) -> Place:
    """A place that was written down."""
    return text if text.startswith("postgresql:") else Path(text)


@_aside
def make_postgres_register(url: str, rows: Rows) -> None:
    """Make a register of these rows, at revision 7, in an empty database."""
    with closing(open_session(url)) as session:
        session.script(f"CREATE SCHEMA {SCHEMA}")
        migrate(session)
        session.executemany("INSERT INTO meta VALUES (?, ?)", register_file.META.items())
        make_room(session)
    install_personas(url, rows)


class Renewed:
    """A register in a database that is as new for every test: much quicker than a new database."""

    def __init__(self, cluster: Cluster, rows: Rows) -> None:
        self.url = cluster.create_database()
        self._cluster = cluster
        make_postgres_register(self.url, rows)
        cluster.query(self.url, _KEPT)

    def renew(self) -> str:
        """Make it as new; return its URL."""
        self._cluster.query(self.url, _RESTORED)
        return self.url


def _query_sqlite(path: Path, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).fetchall()


@_aside
def _query_postgres(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(open_session(url)) as session:
        return session.execute(statement, values).fetchall()


ENGINES = {
    "sqlite": Engine(
        register_file.make_register, build_population, SqlitePopulation.open, _query_sqlite
    ),
    "postgres": Engine(
        make_postgres_register, _aside(build_in_postgres), PostgresPopulation.open, _query_postgres
    ),
}
