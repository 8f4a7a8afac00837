"""The gateway's records in PostgreSQL, for any number of gateways.

The store has a thread and an event loop of its own; see ``thread.py``. A connection that failed
is dropped, and the next call makes another: so the store is back when the server is.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Mapping,
    Sequence,
)
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog

from gateway.core.allowance import Allowance
from gateway.core.errors import Unavailable
from gateway.flows.ports import Certify, Committed, Entry, Kept, KeptKey, Usage
from gateway.store.log import LogConflict
from gateway.store.postgres import kept, log, usage
from gateway.store.postgres.committing import Committer, RolledBack
from gateway.store.postgres.database import FAILURES, Database, Db
from gateway.store.postgres.thread import LoopThread

PSEUDONYM_KEY_SIZE = 32

_log = structlog.get_logger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")


class PostgresRecords:
    """See ``flows/ports.py``. Made by ``open_postgres_records``."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self._committer = Committer(self._database)
        self._keys: dict[str, bytes] = {}
        self._thread = LoopThread("records")

    async def pseudonym_key(self, month: str) -> bytes:
        """The month's key, made on first use and durable before it is returned."""
        if month not in self._keys:
            self._keys[month] = await self.run(_pseudonym_key, month)
        return self._keys[month]

    async def commit(
        self,
        entries: Sequence[Entry],
        certify: Certify,
        allowances: Mapping[int, Allowance] = MappingProxyType({}),
    ) -> Committed:
        """Append all entries, or none, durably; by position, what some must fit into."""
        return await self._told(self._committer.commit(entries, certify, allowances))

    async def kept(self, key: KeptKey) -> Kept | None:
        """The answer that was kept for a request, or None."""
        return await self.run(kept.find, key)

    async def event_mark(self) -> str:
        """Up to which event every receipt is known to be there."""
        return await self.run(_event_mark)

    async def set_event_mark(self, event_id: str) -> None:
        """Note that every event up to this one has its receipt."""
        await self.run(_set_event_mark, event_id)

    async def checkpoint(self) -> str:
        """The latest signed checkpoint."""
        return (await self.run(log.read_head))[1]

    async def prove(self, index: int) -> str:
        """The tlog-proof of one leaf under the latest checkpoint."""
        return await self.run(log.prove, index)

    async def tile(self, level: int, number: int, width: int) -> bytes:
        """The first hashes of a tile."""
        return await self.run(log.tile, level, number, width)

    async def leaves(self, start: int, end: int) -> Sequence[bytes]:
        """The data of the leaves [start, end)."""
        return await self.run(log.leaves, start, end)

    async def usage(self, first: str, last: str, caller: str | None = None) -> Sequence[Usage]:
        """What was charged on the days [first, last]."""
        return await self.run(usage.read, first, last, caller)

    async def mismatches(self, day: str, callers: Collection[str]) -> Sequence[tuple[str, bytes]]:
        """Caller and pseudonym of each answer NOT_VERIFIED of a day."""
        return await self.run(usage.read_mismatches, day, callers)

    async def close(self) -> None:
        """Close the connections, after what is under way."""
        await self._thread.run(self._database.close())
        self._thread.close()

    async def run(
        self,
        job: Callable[Concatenate[Db, _P], Awaitable[_T]],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run one coroutine with a connection, in the store's own thread."""

        async def work() -> _T:
            async with self._database.connected() as db:
                return await job(db, *args, **kwargs)

        return await self._told(work())

    async def _told(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do it in the store's thread, and tell of its failure."""
        try:
            return await self._thread.run(work)
        except (*FAILURES, ValueError, LogConflict, RolledBack) as error:
            _log.error("record_store_failed", error=type(error).__name__)
            self._keys.clear()  # the next server may be another one
            raise _unavailable() from error


@contextlib.asynccontextmanager
async def open_postgres_records(url: str) -> AsyncIterator[PostgresRecords]:
    """Use existing records for the length of the block; see ``create_postgres_records``."""
    records = PostgresRecords(url)
    try:
        yield records
    finally:
        await records.close()


async def _pseudonym_key(db: Db, month: str) -> bytes:
    await db.execute(
        "INSERT INTO gateway.pseudonym_key VALUES ($1, $2) ON CONFLICT DO NOTHING",
        month,
        secrets.token_bytes(PSEUDONYM_KEY_SIZE),
    )
    find = "SELECT key FROM gateway.pseudonym_key WHERE month = $1"
    return bytes(await db.fetchval(find, month))


async def _event_mark(db: Db) -> str:
    return await db.fetchval("SELECT value FROM gateway.meta WHERE key = 'event_mark'") or ""


async def _set_event_mark(db: Db, event_id: str) -> None:
    await db.execute(
        "INSERT INTO gateway.meta VALUES ('event_mark', $1) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        event_id,
    )


def _unavailable() -> Unavailable:
    return Unavailable(
        "RECORD_STORE_UNAVAILABLE",
        "the answer could not be recorded, so none is given; try again",
        "chưa ghi được nhật ký nên không trả kết quả; hãy thử lại",
    )
