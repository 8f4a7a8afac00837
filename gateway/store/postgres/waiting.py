"""The database for those who wait for it: setting up, and the commands over a whole store."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Concatenate, ParamSpec, TypeVar

import asyncpg

from gateway.store.errors import StoreError
from gateway.store.postgres.database import FAILURES, Db, connect, shown
from gateway.store.postgres.thread import LoopThread

_P = ParamSpec("_P")
_T = TypeVar("_T")
_AHEAD = 50  # rows of a stream that are fetched at once; a window's are some 100 kB


class Waiting:
    """One connection, whose every call waits. Made by ``waiting``."""

    def __init__(self, thread: LoopThread, db: Db) -> None:
        self._thread = thread
        self._db = db

    def run(
        self,
        job: Callable[Concatenate[Db, _P], Awaitable[_T]],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run one coroutine with the connection."""

        async def work() -> _T:
            return await job(self._db, *args, **kwargs)

        return self._thread.wait(work())

    def rows(self, query: str, *args: object) -> list[asyncpg.Record]:
        """What a query gives, at once."""
        return self.run(_fetch, query, args)

    def stream(self, query: str, *args: object) -> Iterator[tuple[Any, ...]]:
        """What a query gives, little by little; within a transaction."""
        cursor = self.run(_cursor, query, args)
        while some := self._thread.wait(cursor.fetch(_AHEAD)):
            yield from map(tuple, some)

    @contextlib.contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[None]:
        """All or nothing; or one snapshot, read only, whatever is written meanwhile."""
        if snapshot:
            made = self._db.transaction(isolation="repeatable_read", readonly=True)
        else:
            made = self._db.transaction()
        self._thread.wait(made.start())
        try:
            yield
        except BaseException:
            self._thread.wait(made.rollback())
            raise
        self._thread.wait(made.commit())


@contextlib.contextmanager
def waiting(url: str) -> Iterator[Waiting]:
    """Connect for the length of the block.

    Raises:
        StoreError: the server cannot be reached, or fails within the block.
    """
    thread = LoopThread("records")
    try:
        db = thread.wait(connect(url))
        try:
            yield Waiting(thread, db)
        finally:
            thread.wait(db.close())
    except FAILURES as error:
        raise StoreError(f"{shown(url)}: {error or type(error).__name__}") from error
    finally:
        thread.close()


async def _fetch(db: Db, query: str, args: tuple[object, ...]) -> list[asyncpg.Record]:
    return await db.fetch(query, *args)


async def _cursor(db: Db, query: str, args: tuple[object, ...]) -> Any:
    return await db.cursor(query, *args)
