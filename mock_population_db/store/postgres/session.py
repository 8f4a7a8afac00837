"""One connection to PostgreSQL, used as the register's functions use SQLite's.

They are plain functions that run whole in one thread. So a session has an event loop of its own,
which runs only while a statement does: a statement costs its round trip, and no hop between
threads. Any thread may use it that runs no event loop, one at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar

from mock_population_db.store.errors import ConnectionLost, EngineFailed, PopulationError
from mock_population_db.store.postgres.dialect import translated
from mock_population_db.store.postgres.driver import FAILURES, asyncpg, shown

_T = TypeVar("_T")
_CONNECT_S, STATEMENT_S, _LONG_S = 5.0, 60.0, 86_400.0

SCHEMA = "population"
_SETTINGS = {
    "application_name": "dancu-population",
    "search_path": SCHEMA,
    # The register is read by keys. These hold the planner to going through them, as CROSS JOIN
    # holds SQLite: however old its statistics are, no question reads a whole table.
    "join_collapse_limit": "1",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}


class Answer:
    """The rows of one statement."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = iter(rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def fetchone(self) -> Any:
        """The next row, None at the end."""
        return next(self._rows, None)

    def fetchmany(self, size: int, /) -> list[Any]:
        """So many more, or all that are left."""
        return list(islice(self._rows, size))

    def fetchall(self) -> list[Any]:
        """All that are left."""
        return list(self._rows)


class PostgresSession:
    """A connection; make one with ``open_session`` and close it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: Any, url: str) -> None:
        self.url = url
        self._loop = loop
        self._connection = connection

    @property
    def in_transaction(self) -> bool:
        """Whether one was begun and has not ended."""
        return bool(self._connection.is_in_transaction())

    @property
    def lost(self) -> bool:
        """Whether the server is gone."""
        return bool(self._connection.is_closed())

    def execute(
        self, statement: str, parameters: Iterable[Any] | Mapping[str, Any] = (), /
    ) -> Answer:
        """Run one statement of SQLite's language. Raises EngineFailed."""
        ours = translated(statement)
        if ours.plain:
            self.run(self._connection.execute(ours.text))
            return Answer(())
        values = ours.arguments(parameters)
        rows = self.run(self._connection.fetch(ours.text, *values))
        if ours.at_once and rows[0][0] is None:
            return Answer([("[]",)])
        return Answer(map(tuple, rows))

    def executemany(self, statement: str, parameters: Iterable[Any], /) -> None:
        """Run one statement for each set of parameters. Raises EngineFailed."""
        sets = [tuple(one) for one in parameters]
        if sets:
            self.run(self._connection.executemany(translated(statement).text, sets))

    def script(self, statements: str) -> None:
        """Run statements of PostgreSQL's own language, however long they take.

        Raises EngineFailed.
        """
        self.run(self._connection.execute(statements, timeout=_LONG_S))

    def ask(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a question in PostgreSQL's own language. Raises EngineFailed."""
        return [tuple(row) for row in self.run(self._connection.fetch(question, *values))]

    def copy(self, table: str, columns: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows by a binary COPY. Raises EngineFailed."""
        self.run(
            self._connection.copy_records_to_table(
                table, columns=list(columns), records=rows, timeout=_LONG_S
            )
        )

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run something of the driver's. Raises EngineFailed; ConnectionLost where it is that."""
        try:
            return self._loop.run_until_complete(work)
        except FAILURES as error:
            told = f"{type(error).__name__}: {error}"
            if self.lost:
                where = shown(self.url)
                raise ConnectionLost(f"{where}: the connection was lost ({told})") from error
            raise EngineFailed(told) from error
        except KeyboardInterrupt:  # in the midst of the driver's own work, which is given up
            self._loop.set_exception_handler(lambda _loop, _context: None)
            self._connection.terminate()
            raise

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        with suppress(*FAILURES):
            self._loop.run_until_complete(self._connection.close(timeout=1))
        self._loop.close()


def open_session(url: str, patience: float = STATEMENT_S, /, **settings: str) -> PostgresSession:
    """Connect.

    Args:
        url: ``postgresql://…``, as libpq reads it.
        patience: how long a statement may take, in seconds.
        settings: of the server, for this session.

    Raises:
        PopulationError: nobody answers there, or lets us in.
    """
    loop = asyncio.SelectorEventLoop()
    connecting = asyncpg.connect(
        url,
        timeout=_CONNECT_S,
        command_timeout=patience,
        statement_cache_size=500,
        server_settings=_SETTINGS | settings,
    )
    try:
        connection = loop.run_until_complete(connecting)
    except (*FAILURES, ValueError) as error:
        loop.close()
        raise PopulationError(f"{shown(url)}: cannot be reached ({error})") from error
    return PostgresSession(loop, connection, url)
