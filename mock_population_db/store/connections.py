"""A connection to the register's file that comes back by itself.

One for reading, one for writing: each has a thread of its own, so that no read waits for a
write.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import aiosqlite

from mock_population_db.store.errors import PopulationError, PopulationUnavailable
from mock_population_db.store.opening import check_file

_P = ParamSpec("_P")
_T = TypeVar("_T")

# what a damaged file can raise: SQLite's own errors, and values that no enum, date or JSON
# text has
DAMAGE = (sqlite3.Error, ValueError, KeyError, TypeError)


class Connection:
    """Runs functions in the thread of one connection, one after another.

    After a failure, and when another file stands at the path, the next call opens it anew.
    """

    def __init__(self, path: Path, opener: Callable[[Path], sqlite3.Connection]) -> None:
        self._path = path
        self._opener = opener
        self._connection: aiosqlite.Connection | None = None
        self._file: os.stat_result | None = None  # what the connection is to
        self._opening = asyncio.Lock()
        self._closed = False

    async def run(
        self,
        job: Callable[Concatenate[sqlite3.Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run one function; it runs to its end, whoever still waits for it.

        Raises:
            PopulationUnavailable: the file cannot be opened, or the function met damage.
        """
        try:
            connection = await self.connected()
        except (PopulationError, OSError) as error:
            raise PopulationUnavailable(str(error)) from error
        try:
            return await _in_thread(connection, job, *args, **kwargs)
        except DAMAGE as error:
            await self._disconnect(connection)
            raise PopulationUnavailable(f"{self._path}: cannot be used ({error!r})") from error

    async def connected(self) -> aiosqlite.Connection:
        """The connection, made anew when there is none.

        Raises:
            PopulationError: there is no register at the path that this program reads.
        """
        async with self._opening:
            if self._closed:
                raise PopulationUnavailable(f"{self._path}: is closed")
            if self._connection is not None and self._is_another_file():
                await self._disconnect()
            if self._connection is None:
                # First look whether the file opens: where its connector fails, aiosqlite
                # abandons its thread, whose last call then may meet a closed event loop.
                await asyncio.to_thread(check_file, self._path)
                self._connection = await _connect(partial(self._opener, self._path))
                self._file = self._path.stat()
            return self._connection

    async def close(self) -> None:
        """Close for good."""
        self._closed = True
        await self._disconnect()

    def _is_another_file(self) -> bool:
        """Whether what was opened lies no longer at the path: writes to it would be lost."""
        try:
            return self._file is None or not os.path.samestat(self._path.stat(), self._file)
        except FileNotFoundError:
            return True

    async def _disconnect(self, failed: aiosqlite.Connection | None = None) -> None:
        """Close the connection, unless another took the place of the failed one."""
        connection = self._connection
        if connection is None or failed not in (None, connection):
            return
        self._connection = None
        with contextlib.suppress(sqlite3.Error):
            await connection.close()


async def _connect(connector: Callable[[], sqlite3.Connection]) -> aiosqlite.Connection:
    """Connect; a caller that goes away meanwhile leaves no open connection behind."""
    connecting = asyncio.ensure_future(_opened(connector))
    try:
        return await asyncio.shield(connecting)
    except asyncio.CancelledError:
        await (await connecting).close()
        raise


async def _opened(connector: Callable[[], sqlite3.Connection]) -> aiosqlite.Connection:
    return await aiosqlite.Connection(connector, iter_chunk_size=64)


async def _in_thread(
    connection: aiosqlite.Connection,
    job: Callable[Concatenate[sqlite3.Connection, _P], _T],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> _T:
    """Run one function in the connection's own thread; the only place that does.

    aiosqlite's public calls are one hop between threads a statement, 0.3 to 0.8 ms each,
    and a call that is cancelled between two of them leaves its transaction open. One
    function is one hop, and runs to its end whoever still waits for it.
    """
    raw = connection._conn  # noqa: SLF001 - see above
    run: Callable[..., Awaitable[_T]] = connection._execute  # noqa: SLF001 - see above
    return await run(job, raw, *args, **kwargs)
