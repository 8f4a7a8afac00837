"""The stores of the gateway's own records, one beside the other, for suites that both must pass.

A store is known by its place: the path of a file, or the URL of a database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from gateway.flows.ports import AccessLog, EventMark, Records, Sessions, UsageRecords, WatchLists
from gateway.store.access_index import AccessIndex
from gateway.store.audit import Expected, Report, audit
from gateway.store.export import exported_leaves
from gateway.store.forgetting import forget
from gateway.store.postgres.accesses import PostgresAccessLog
from gateway.store.postgres.making import create_postgres_records, read_postgres_origin
from gateway.store.postgres.records import open_postgres_records
from gateway.store.postgres.sessions import PostgresSessions
from gateway.store.postgres.snapshot import audit_postgres_records
from gateway.store.postgres.waiting import waiting
from gateway.store.postgres.watched import PostgresWatchLists
from gateway.store.postgres.whole import (
    exported_postgres_leaves,
    forget_in_postgres,
    postgres_statistics,
)
from gateway.store.sessions import SqliteSessions
from gateway.store.sqlite import create_records, open_records, read_origin
from gateway.store.statistics import Figures, Key, statistics
from gateway.store.watched import SqliteWatchLists
from tests.support.records import certify, is_signed
from tests.support.scene import ORIGIN, REVISION

Place = Path | str


class Store(Records, UsageRecords, EventMark, Protocol):
    """What both stores are."""


@dataclass(frozen=True)
class Engine:
    """One kind of store."""

    create: Callable[[Any], None]
    open: Callable[[Any], AbstractAsyncContextManager[Store]]
    sessions: Callable[[Any], Sessions]
    watch_lists: Callable[[Any], WatchLists]
    origin: Callable[[Any], str | None]
    query: Callable[[Any, str], list[tuple[Any, ...]]]
    audit: Callable[[Any, Expected], Report]
    access_log: Callable[[Any, Any], AccessLog]  # of an open store, and its place
    export: Callable[[Any], Iterable[Mapping[str, int | str]]]
    statistics: Callable[[Any, str, str], dict[Key, Figures]]
    forget: Callable[[Any, str, datetime], list[str]]


def audited(
    place: Place, checkpoints: Mapping[int, bytes] | None = None, revision: int | None = REVISION
) -> Report:
    """What an audit of a store finds."""
    return engine_of(place).audit(place, Expected(checkpoints or {}, revision, is_signed))


def opened(place: Place) -> AbstractAsyncContextManager[Store]:
    """A store that was made."""
    return engine_of(place).open(place)


def engine_of(place: Place) -> Engine:
    """The kind of store that a place is for."""
    return ENGINES["postgres" if isinstance(place, str) else "sqlite"]


def query(place: Place, sql: str) -> list[tuple[Any, ...]]:
    """Read, or change, a store behind everybody's back."""
    return engine_of(place).query(place, sql)


def place_of(text: str) -> Place:
    """A place that was written down."""
    return text if text.startswith("postgresql:") else Path(text)


def _query_sqlite(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db, db:
        return db.execute(sql).fetchall()


def _query_postgres(url: str, sql: str) -> list[tuple[Any, ...]]:
    """The same words; tables are in a schema of their own, and one has a name that is reserved."""
    with waiting(url) as store:
        store.rows("SELECT set_config('search_path', 'gateway', false)")
        return [tuple(row) for row in store.rows(sql.replace(" window", ' "window"'))]


def _progress(_done: int, _total: int) -> None:
    """Nobody looks."""


def _audit_sqlite(path: Path, expected: Expected) -> Report:
    return audit(
        path,
        checkpoints=expected.checkpoints,
        register_revision=expected.register_revision,
        is_signed=expected.is_signed,
        progress=_progress,
        events=expected.events,
    )


ENGINES = {
    "sqlite": Engine(
        lambda path: create_records(path, ORIGIN, certify),
        open_records,
        SqliteSessions,
        SqliteWatchLists,
        read_origin,
        _query_sqlite,
        _audit_sqlite,
        lambda _, path: AccessIndex(path, path.with_name("accesses.db")),
        exported_leaves,
        statistics,
        forget,
    ),
    "postgres": Engine(
        lambda url: create_postgres_records(url, ORIGIN, certify),
        open_postgres_records,
        PostgresSessions,
        PostgresWatchLists,
        read_postgres_origin,
        _query_postgres,
        lambda url, expected: audit_postgres_records(url, expected, _progress),
        lambda store, _: PostgresAccessLog(store),
        exported_postgres_leaves,
        postgres_statistics,
        forget_in_postgres,
    ),
}
