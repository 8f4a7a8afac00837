"""Connections to the register's database that come back by themselves.

Each has a thread for as long as a function runs in it, so that reads wait neither for each other
nor for a write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from mock_population_db.store.errors import EngineFailed, PopulationError, PopulationUnavailable
from mock_population_db.store.postgres.driver import shown
from mock_population_db.store.postgres.session import PostgresSession

_P = ParamSpec("_P")
_T = TypeVar("_T")

# what a damaged register can raise: the engine's errors, and values that no enum, date or JSON
# text has
_DAMAGE = (EngineFailed, ValueError, KeyError, TypeError)


class Connections:
    """Runs functions in the threads of a few connections.

    After a failure all are made anew, each by the next call that needs one.

    Args:
        url: of the database.
        opener: makes a connection.
        size: how many functions may run at once.
        again: whether a function whose connection was lost is run once more; one that writes is
            not, for it may have been committed.
    """

    def __init__(
        self, url: str, opener: Callable[[str], PostgresSession], size: int, *, again: bool
    ) -> None:
        self._url = url
        self._opener = opener
        self._again = again
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="dancu-population")
        self._idle: list[PostgresSession] = []
        self._closed = False

    async def connected(self) -> None:
        """Look whether the register can be used, and keep the connection.

        Raises:
            PopulationError: it cannot.
        """
        loop = asyncio.get_running_loop()
        self._idle.append(await loop.run_in_executor(self._threads, self._opener, self._url))

    async def run(
        self,
        job: Callable[Concatenate[PostgresSession, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run one function; it runs to its end, whoever still waits for it.

        Raises:
            PopulationUnavailable: the database cannot be reached, or the function met damage.
        """
        if self._closed:
            raise PopulationUnavailable(f"{shown(self._url)}: is closed")

        def work() -> _T:
            return self._run(lambda session: job(session, *args, **kwargs), again=self._again)

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def close(self) -> None:
        """Close for good, when what runs has come to its end."""
        self._closed = True
        await asyncio.to_thread(self._shut_down)

    def _run(self, job: Callable[[PostgresSession], _T], *, again: bool) -> _T:
        """Run one function in this thread, in a connection that no other thread uses now."""
        session = self._take()
        try:
            found = job(session)
        except _DAMAGE as error:
            lost = session.lost
            session.close()
            self._close_idle()
            if lost and again:
                return self._run(job, again=False)
            where = shown(self._url)
            raise PopulationUnavailable(f"{where}: cannot be used ({error!r})") from error
        except Exception:
            self._idle.append(session)  # the function's own answer
            raise
        except BaseException:
            session.close()  # whatever it was in the midst of
            raise
        self._idle.append(session)
        return found

    def _shut_down(self) -> None:
        self._threads.shutdown()
        self._close_idle()

    def _take(self) -> PostgresSession:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            return self._opener(self._url)
        except PopulationError as error:
            raise PopulationUnavailable(str(error)) from error

    def _close_idle(self) -> None:
        while self._idle:
            try:
                self._idle.pop().close()
            except IndexError:  # another thread was quicker
                return
