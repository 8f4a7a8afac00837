"""The gateway's records in SQLite, through aiosqlite.

One commit is one function in the connection's own thread: the lock, the log, the access
rows and the usage go in together and become durable together. After any failure the
connection is dropped and the next call opens a new one, because an error at COMMIT leaves
the outcome unknown.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Concatenate, ParamSpec, TypeVar

import aiosqlite
import structlog

from gateway.core.allowance import Allowance
from gateway.core.errors import Unavailable
from gateway.flows.ports import Certify, Committed, Entry, Kept, KeptKey, Usage
from gateway.store import event_mark, kept, log, session_rows, usage
from gateway.store.errors import StoreError
from gateway.store.locking import locked, open_lock
from gateway.store.tables import configure, create_tables

SCHEMA_VERSION = "1"
PSEUDONYM_KEY_SIZE = 32

_log = structlog.get_logger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")


class SqliteRecords:
    """See ``flows/ports.py``. Made by ``open_records``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: aiosqlite.Connection | None = None
        self._file: os.stat_result | None = None  # what the connection writes to
        self._opening = asyncio.Lock()
        self._keys: dict[str, bytes] = {}
        self._lock_file = open_lock(path)

    async def pseudonym_key(self, month: str) -> bytes:
        """The month's key, made on first use and durable before it is returned."""
        if month not in self._keys:
            self._keys[month] = await self.write(_pseudonym_key, month)
        return self._keys[month]

    async def commit(
        self,
        entries: Sequence[Entry],
        certify: Certify,
        allowances: Mapping[int, Allowance] = MappingProxyType({}),
    ) -> Committed:
        """Append all entries, or none, durably; by position, what some must fit into."""
        return await self.run(_commit, self._lock_file, entries, certify, allowances)

    async def kept(self, key: KeptKey) -> Kept | None:
        """The answer that was kept for a request, or None."""
        return await self.run(kept.find, key)

    async def event_mark(self) -> str:
        """Up to which event every receipt is known to be there."""
        return await self.run(event_mark.read)

    async def set_event_mark(self, event_id: str) -> None:
        """Note that every event up to this one has its receipt."""
        await self.write(event_mark.write, event_id)

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
        """Close the connection and the lock file."""
        await self._drop()
        os.close(self._lock_file)

    async def run(
        self,
        job: Callable[Concatenate[sqlite3.Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run one function in the connection's thread.

        aiosqlite's public calls are one await a statement and leave a transaction open when
        cancelled; its ``_execute`` runs a whole function. A test holds that it is there.
        """
        try:
            self._check_file()
            db = self._db or await self._open()
            result: _T = await db._execute(job, db._conn, *args, **kwargs)  # noqa: SLF001 - see above
        except (sqlite3.Error, OSError, ValueError, log.LogConflict) as error:
            _log.error("record_store_failed", error=type(error).__name__)
            await self._drop()
            raise _unavailable() from error
        return result

    async def write(
        self,
        job: Callable[Concatenate[sqlite3.Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """The same for a function that writes: no other process writes meanwhile."""

        def alone(db: sqlite3.Connection) -> _T:
            with locked(self._lock_file):
                return job(db, *args, **kwargs)

        return await self.run(alone)

    async def _open(self) -> aiosqlite.Connection:
        async with self._opening:
            if self._db is None:
                if not self._path.exists():  # never begin a new log in place of a lost one
                    raise FileNotFoundError(self._path)
                db = await _connect(self._path)
                try:
                    await db._execute(configure, db._conn)  # noqa: SLF001 - as in run
                except BaseException:
                    await db.close()
                    raise
                self._file = self._path.stat()
                self._db = db
            return self._db

    def _check_file(self) -> None:
        """A file that was moved away or replaced takes writes and keeps none of them."""
        if self._file is not None and not os.path.samestat(self._path.stat(), self._file):
            raise FileNotFoundError(self._path)

    async def _drop(self) -> None:
        db, self._db, self._file = self._db, None, None
        self._keys.clear()  # the next file may be another one
        if db is not None:
            with contextlib.suppress(sqlite3.Error, ValueError):
                await db.close()


async def _connect(path: Path) -> aiosqlite.Connection:
    """Connect; a caller that goes away meanwhile leaves no open connection behind."""
    connecting = asyncio.ensure_future(_opened(path))
    try:
        return await asyncio.shield(connecting)
    except asyncio.CancelledError:
        await (await connecting).close()
        raise


async def _opened(path: Path) -> aiosqlite.Connection:
    return await aiosqlite.connect(path, isolation_level=None)


@contextlib.asynccontextmanager
async def open_records(path: Path) -> AsyncIterator[SqliteRecords]:
    """Use existing records for the length of the block; see ``create_records``."""
    records = SqliteRecords(path)
    try:
        yield records
    finally:
        await records.close()


def create_records(path: Path, origin: str, certify: Certify) -> None:
    """Make an empty ``gateway.db`` whose log has this origin; within ``making_records``.

    Raises:
        StoreError: it cannot be written.
    """
    draft = path.with_suffix(".new")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("BEGIN")
            create_tables(db)
            rows = [("schema_version", SCHEMA_VERSION), ("origin", origin)]
            db.executemany("INSERT INTO meta VALUES (?, ?)", rows)
            log.write_first_head(db, certify)
            db.execute("COMMIT")
        draft.rename(path)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"cannot write {path}: {error}") from error


def read_origin(path: Path) -> str:
    """The origin of an existing log.

    Raises:
        StoreError: the file is no record store of this version, or damaged.
    """
    if not path.is_file():  # connecting would make an empty one
        raise StoreError(f"there is no record store at {path}")
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            meta = dict(db.execute("SELECT key, value FROM meta"))
            log.read_head(db)
    except (sqlite3.Error, TypeError, ValueError) as error:
        raise StoreError(
            f"{path} is damaged or no record store ({error}); restore it from a backup, or "
            "move it away to begin a new log"
        ) from error
    if meta.get("schema_version") != SCHEMA_VERSION:
        raise StoreError(
            f"{path} has schema version {meta.get('schema_version')}, this dancu reads "
            f"{SCHEMA_VERSION}; use the dancu that wrote it, or another data directory"
        )
    return str(meta.get("origin"))


def read_logged_revision(path: Path) -> int:
    """The latest revision of the register that anything in the log was read at.

    Raises:
        StoreError: the file cannot be read.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            return log.read_revision(db)
    except (sqlite3.Error, TypeError, ValueError) as error:
        raise StoreError(f"{path} is damaged ({error}); restore it from a backup") from error


def _commit(
    db: sqlite3.Connection,
    lock_file: int,
    entries: Sequence[Entry],
    certify: Certify,
    allowances: Mapping[int, Allowance],
) -> Committed:
    """Lock, read the head, append, commit: another process waits, and repeats nothing."""
    packed, charged = log.packed(entries), usage.charges(entries)  # nobody waits for this
    with locked(lock_file):
        db.execute("BEGIN IMMEDIATE")
        try:
            kept.check_new(db, entries)
            used = usage.fit(db, entries, allowances)
            first, growth, checkpoint = log.append(db, packed, certify)
            committed = Committed(first, growth.paths, checkpoint, used)
            usage.charge(db, charged)
            usage.charge_mismatches(db, entries, allowances)
            kept.keep(db, entries, committed)
            session_rows.advance(db, entries)
            db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise
    return committed


def _pseudonym_key(db: sqlite3.Connection, month: str) -> bytes:
    fresh = secrets.token_bytes(PSEUDONYM_KEY_SIZE)
    db.execute("INSERT INTO pseudonym_key VALUES (?, ?) ON CONFLICT DO NOTHING", (month, fresh))
    row = db.execute("SELECT key FROM pseudonym_key WHERE month = ?", (month,)).fetchone()
    return bytes(row[0])


def _unavailable() -> Unavailable:
    return Unavailable(
        "RECORD_STORE_UNAVAILABLE",
        "the answer could not be recorded, so none is given; try again",
        "chưa ghi được nhật ký nên không trả kết quả; hãy thử lại",
    )
