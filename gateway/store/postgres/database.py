"""Connections to the server: one that writes, a few for the rest, made again when they break."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import asyncpg
from asyncpg.pool import Pool, PoolConnectionProxy

APPLICATION = "dancu"
READERS = 4  # connections beside the one that commits
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 15.0  # more than a lock is waited for

# what can be raised by a server that is away, refuses, or breaks off
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)

Db: TypeAlias = "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]"
Columns: TypeAlias = list[list[Any]]
"""Rows to insert at once, by column."""

_Told: TypeAlias = "Callable[[asyncpg.Connection[asyncpg.Record]], Coroutine[Any, Any, None]]"

SETTINGS = {
    "application_name": APPLICATION,
    # on disk before it is acknowledged, and on the standbys that the server waits for
    "synchronous_commit": "on",
    # the head is read anew after its lock was waited for
    "default_transaction_isolation": "read committed",
    # a gateway that hangs with the log's lock loses it before the others give up
    "idle_in_transaction_session_timeout": "3s",
    "lock_timeout": "5s",
    "jit": "off",  # every statement is short
}


class Database:
    """The connections of one event loop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._writer: Pool[asyncpg.Record] | None = None
        self._readers: Pool[asyncpg.Record] | None = None
        self.writers = 0  # connections that were made to commit

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[Db]:
        """The one connection that commits to the log; who comes later waits."""
        if self._writer is None:
            self._writer = _pool(self._url, 1, self._note_writer)
        async with _connection(self._writer) as db:
            yield db

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[Db]:
        """One of the other connections."""
        if self._readers is None:
            self._readers = _pool(self._url, READERS)
        async with _connection(self._readers) as db:
            yield db

    async def close(self) -> None:
        """Close all connections; none may be in use. A server that is silent is left alone."""
        for pool in (self._writer, self._readers):
            if pool is not None:
                with contextlib.suppress(*FAILURES):
                    async with asyncio.timeout(CONNECT_SECONDS):
                        await pool.close()  # or cut the connections, when its time is over

    async def _note_writer(self, _connection: object) -> None:
        self.writers += 1


async def one_row(db: Db, query: str, *args: object) -> asyncpg.Record:
    """The row that there must be.

    Raises:
        ValueError: there is none; somebody changed the tables.
    """
    row = await db.fetchrow(query, *args)
    if row is None:
        raise ValueError(f"no row: {query}")
    return row


def columns(rows: Collection[tuple[Any, ...]], width: int) -> Columns:
    """Rows turned about; of none, as many empty columns."""
    return [[row[at] for row in rows] for at in range(width)]


def shown(url: str) -> str:
    """A URL as it may stand in a message: without a password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"postgresql://{host}{parts.path}"


async def connect(url: str) -> Db:
    """A connection for as long as it takes: nobody else waits for what it does."""
    settings = SETTINGS | {"idle_in_transaction_session_timeout": "0"}
    return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=settings)


def _pool(url: str, size: int, init: _Told | None = None) -> Pool[asyncpg.Record]:
    """A pool that connects when a connection is asked for, and tells ``init`` of each."""
    return asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS,
        init=init,
        reset=_as_it_is,
        server_settings=SETTINGS,
    )


@contextlib.asynccontextmanager
async def _connection(pool: Pool[asyncpg.Record]) -> AsyncIterator[Db]:
    """A connection that failed is not used again: nobody knows what it was at."""
    await pool  # once
    async with pool.acquire() as db:
        try:
            yield db
        except FAILURES:
            db.terminate()
            raise


async def _as_it_is(_connection: object) -> None:
    """Nothing was set on it: resetting would be one more journey to the server."""
