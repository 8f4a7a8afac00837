"""A PostgreSQL connection that can be made to break at a statement, or to be the last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import asyncpg
import pytest

from tests.support.faults import Faults


def broken() -> None:
    """What a statement raises when the connection breaks."""
    raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")


class FaultyConnection(asyncpg.Connection):
    """Every statement passes through ``faults``; a connection that fails is closed."""

    faults: Faults

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
        """As its parent, unless it shall fail."""
        return await self._pass(query, partial(super().fetch, query, *args, **options))

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        """As its parent, unless it shall fail."""
        return await self._pass(query, partial(super().fetchrow, query, *args, **options))

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        """As its parent, unless it shall fail."""
        return await self._pass(query, partial(super().fetchval, query, *args, **options))

    async def execute(self, query: str, *args: Any, **options: Any) -> Any:
        """As its parent, unless it shall fail."""
        return await self._pass(query, partial(super().execute, query, *args, **options))

    async def executemany(self, command: str, args: Any, **options: Any) -> Any:
        """As its parent, unless it shall fail."""
        return await self._pass(command, partial(super().executemany, command, args, **options))

    async def _pass(self, sql: str, work: Callable[[], Awaitable[Any]]) -> Any:
        faults = self.faults
        now = faults.at == len(faults.executed)
        faults.executed.append(sql)
        if now and not faults.after:
            self._break()
        result = await work()
        if now:
            self._break()
        return result

    def _break(self) -> None:
        if self.faults.trouble is broken:
            self.terminate()
        self.faults.trouble()


@contextmanager
def inject_postgres(faults: Faults) -> Iterator[None]:
    """Make every connection of a pool that is made in the block a faulty one."""
    with _patched("create_pool", faults):
        yield


@contextmanager
def inject_connections(faults: Faults) -> Iterator[None]:
    """Make every connection that is made in the block, and not by a pool, a faulty one."""
    with _patched("connect", faults):
        yield


@contextmanager
def _patched(maker: str, faults: Faults) -> Iterator[None]:
    kind = type("FaultyConnection", (FaultyConnection,), {"faults": faults})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncpg, maker, partial(getattr(asyncpg, maker), connection_class=kind))
        yield
