"""The register on SQLite: the embedded default."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import aiosqlite

from mock_population_db.citizen import Household, Keys, Snapshot
from mock_population_db.store import reading
from mock_population_db.store.errors import PopulationError, PopulationUnavailable
from mock_population_db.store.opening import check_file, open_file
from mock_population_db.store.reading import RegisterInfo

_P = ParamSpec("_P")
_T = TypeVar("_T")

# what reading a damaged file can raise: SQLite's own errors, and values that no enum,
# date or JSON text has
_DAMAGE = (sqlite3.Error, ValueError, KeyError, TypeError)


class SqlitePopulation:
    """Reads a register; make one with ``open``.

    Every method may be called by many tasks at once; they are served one after another.
    After a failed read the file is opened anew by the next one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: aiosqlite.Connection | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[SqlitePopulation]:
        """Open the register, and close it in the end.

        Raises:
            PopulationError: there is no register at ``path`` that this program reads.
        """
        population = cls(path)
        await population._connected()
        try:
            yield population
        finally:
            population._closed = True
            await population._disconnect()

    async def read(self, keys: Keys) -> Snapshot:
        """Find everything that the keys ask for, at one revision.

        Raises:
            ValueError: a key is not made of digits.
            PopulationUnavailable: the register cannot be read now.
        """
        asked = (keys.numbers, keys.old_numbers, keys.former, keys.details, keys.households)
        digits = "".join(number for numbers in asked for number in numbers)
        if digits and not (digits.isascii() and digits.isdigit()):
            raise ValueError("the register is asked by digits only")
        return await self._run(reading.read_snapshot, keys)

    async def read_household(self, household_id: int) -> Household | None:
        """Find a household with its members, or None.

        Raises:
            PopulationUnavailable: the register cannot be read now.
        """
        return await self._run(reading.read_household, household_id)

    async def info(self) -> RegisterInfo:
        """What the register says of itself.

        Raises:
            PopulationUnavailable: the register cannot be read now.
        """
        return await self._run(reading.read_info)

    async def ping(self) -> None:
        """Come back when the register answers.

        Raises:
            PopulationUnavailable: the register cannot be read now.
        """
        await self.info()

    async def _run(
        self,
        read: Callable[Concatenate[sqlite3.Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run one function in the connection's thread."""
        try:
            connection = await self._connected()
        except PopulationError as error:
            raise PopulationUnavailable(str(error)) from error
        try:
            return await _in_thread(connection, read, *args, **kwargs)
        except _DAMAGE as error:
            await self._disconnect(connection)
            raise PopulationUnavailable(f"{self._path}: cannot be read ({error!r})") from error

    async def _connected(self) -> aiosqlite.Connection:
        """The connection, made anew when there is none."""
        async with self._opening:
            if self._closed:
                raise PopulationUnavailable(f"{self._path}: is closed")
            if self._connection is None:
                # First look whether the file opens: where its connector fails, aiosqlite
                # abandons its thread, whose last call then may meet a closed event loop.
                await asyncio.to_thread(check_file, self._path)
                connector = partial(open_file, self._path)
                self._connection = await _connect(connector)
            return self._connection

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
    read: Callable[Concatenate[sqlite3.Connection, _P], _T],
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
    return await run(read, raw, *args, **kwargs)
