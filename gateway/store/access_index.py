"""Where each person stands in the access log: an index beside ``gateway.db``, made from it.

The log's rows are packed and unindexed, because that is what a recorded answer may cost. This
file, ``accesses.db``, is filled in the background, in segments, and holds nothing that
``gateway.db`` does not: whoever removes it loses nothing, and a damaged one is made again.
It knows people by their pseudonyms of the month only.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Collection, Iterator
from pathlib import Path

import structlog

from gateway.core.access import pseudonym, skim, unpack, unpack_rows
from gateway.core.errors import Unavailable
from gateway.core.hmac_key import HmacKey
from gateway.core.ledger import HASH_SIZE
from gateway.core.paging import Found, Page, Position, Touched
from gateway.store.log import ENTRY_SIZE, read_head

INTERVAL = 5.0  # seconds between two looks at the log
SEGMENT = 10_000  # rows that go in together
PATIENCE = 5.0  # seconds that a call waits for the rest of the log to be indexed
_REST = 9  # the background pauses for so many times as long as a segment took

_AT_ONCE = 500  # rows of one statement

_LATEST = Position((1 << 63) - 1, 0)
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS indexed (origin TEXT NOT NULL, size INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS access (subject BLOB, leaf INTEGER, row INTEGER,
       PRIMARY KEY (subject, leaf, row)) WITHOUT ROWID""",
)
# what a damaged file or disk raises
_DAMAGE = (sqlite3.Error, OSError, ValueError, TypeError, IndexError)

_log = structlog.get_logger(__name__)


class AccessIndex:
    """Finds a person's rows. See ``AccessLog`` of ``flows/ports.py``."""

    def __init__(self, records: Path, index: Path) -> None:
        self._records = records
        self._index = index

    async def accesses(self, numbers: Collection[str], page: Page) -> Found:
        """Rows of a person who has or had these numbers, the newest first."""
        try:
            return await asyncio.to_thread(self._find, numbers, page)
        except _DAMAGE as error:
            await asyncio.to_thread(self._failed, error)
            raise unavailable() from error

    async def run(self) -> None:
        """Index what is appended, until cancelled."""
        while True:
            began = time.monotonic()
            try:
                done = await asyncio.to_thread(self._grow)
            except _DAMAGE as error:
                await asyncio.to_thread(self._failed, error)
                done = True
            await asyncio.sleep(INTERVAL if done else _REST * (time.monotonic() - began))

    def _find(self, numbers: Collection[str], page: Page) -> Found:
        deadline = time.monotonic() + PATIENCE
        with self._opened() as (log, index):
            while not _index_segment(log, index):
                if time.monotonic() > deadline:
                    raise being_built()
            log.execute("BEGIN")
            keys = dict(log.execute("SELECT month, key FROM pseudonym_key ORDER BY month"))
            subjects = {pseudonym(HmacKey(key), one) for key in keys.values() for one in numbers}
            (size,) = index.execute("SELECT size FROM indexed").fetchone()
            positions = _positions(index, subjects, page)
            entries = list(_touched(log, positions[: page.size], subjects))
        return Found(entries, len(positions) > page.size, tuple(keys), size)

    def _grow(self) -> bool:
        with self._opened() as (log, index):
            return _index_segment(log, index)

    def _failed(self, error: Exception) -> None:
        """A damaged index is removed; the next look makes it again."""
        _log.error("access_index_failed", error=type(error).__name__)
        # locked, a full disk, no log: the index itself is sound
        if not isinstance(error, sqlite3.OperationalError | OSError):
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._index}{suffix}").unlink(missing_ok=True)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
        uri = f"{self._records.absolute().as_uri()}?mode=ro"  # never makes a file
        with (
            contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as log,
            contextlib.closing(sqlite3.connect(self._index, isolation_level=None)) as index,
        ):
            self._index.chmod(0o600)
            index.execute("PRAGMA journal_mode = WAL")
            index.execute("PRAGMA synchronous = NORMAL")  # what is lost is made again
            for statement in _SCHEMA:
                index.execute(statement)
            yield log, index


@contextlib.asynccontextmanager
async def keeping_index(index: AccessIndex) -> AsyncIterator[None]:
    """Index the log in the background for the length of the block."""
    task = asyncio.create_task(index.run(), name="access index")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _index_segment(log: sqlite3.Connection, index: sqlite3.Connection) -> bool:
    """Index the next rows; True when there are no more."""
    (origin,) = log.execute("SELECT value FROM meta WHERE key = 'origin'").fetchone()
    size = read_head(log)[0].size
    if index.execute("SELECT origin, size FROM indexed").fetchone() == (origin, size):
        return True
    index.execute("BEGIN IMMEDIATE")  # two processes do not index one segment
    try:
        begin = _begin(index, origin, size)
        end = begin
        rows: list[tuple[bytes, int, int]] = []
        query = "SELECT first, leaves, accesses FROM window WHERE first >= ? ORDER BY first"
        for first, leaves, touched in log.execute(query, (begin,)):
            if len(rows) >= SEGMENT:
                break
            rows += _rows(first, touched)
            end = first + len(leaves) // ENTRY_SIZE
        _insert(index, rows)
        index.execute("UPDATE indexed SET size = ?", (end,))
        index.execute("COMMIT")
    except BaseException:
        index.execute("ROLLBACK")
        raise
    return end >= size


def _insert(index: sqlite3.Connection, rows: list[tuple[bytes, int, int]]) -> None:
    """In the order of the index, and many rows a statement: half of the time of one by one."""
    rows.sort()
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        marks = ", ".join(["(?, ?, ?)"] * len(some))
        values = [value for row in some for value in row]
        index.execute(f"INSERT INTO access VALUES {marks}", values)  # noqa: S608 - question marks only


def _begin(index: sqlite3.Connection, origin: str, size: int) -> int:
    """The first leaf that is not indexed; 0 for another log, or one that was put back."""
    found = index.execute("SELECT origin, size FROM indexed").fetchone()
    if found is not None and found[0] == origin and found[1] <= size:
        return int(found[1])
    index.execute("DELETE FROM access")
    index.execute("DELETE FROM indexed")
    index.execute("INSERT INTO indexed VALUES (?, 0)", (origin,))
    return 0


def _rows(first: int, touched: bytes) -> Iterator[tuple[bytes, int, int]]:
    for leaf, (_, _, packed) in enumerate(skim(touched), first):
        for number, (subject, _, _) in enumerate(unpack_rows(packed)):
            yield subject, leaf, number


def _positions(
    index: sqlite3.Connection, subjects: Collection[bytes], page: Page
) -> list[Position]:
    """Of a page and one more, the newest first."""
    marks = ", ".join("?" * len(subjects))
    before = page.before or _LATEST
    found = index.execute(
        f"SELECT leaf, row FROM access WHERE subject IN ({marks}) AND (leaf, row) < (?, ?) "  # noqa: S608 - question marks only
        "ORDER BY leaf DESC, row DESC LIMIT ?",
        (*subjects, min(before.leaf, _LATEST.leaf), before.row, page.size + 1),
    )
    return [Position(*one) for one in found]


def _touched(
    log: sqlite3.Connection, positions: list[Position], subjects: Collection[bytes]
) -> Iterator[Touched]:
    """The rows at these places. Raises ValueError when the index leads to somebody else's."""
    window, first, leaves, calls = -1, -1, b"", []
    for position in positions:
        found = log.execute(
            "SELECT first FROM window WHERE first <= ? ORDER BY first DESC LIMIT 1",
            (position.leaf,),
        ).fetchone()
        if found[0] != window:  # rows of one window mostly follow each other
            (window,) = found
            first, leaves, touched = log.execute(
                "SELECT first, leaves, accesses FROM window WHERE first = ?", found
            ).fetchone()
            calls = list(unpack(touched))
        call, rows = calls[position.leaf - first]
        if rows[position.row].subject not in subjects:
            raise ValueError("the index is not of this log")
        at = (position.leaf - first) * ENTRY_SIZE
        yield Touched(position, call, rows, leaves[at : at + HASH_SIZE])


def being_built() -> Unavailable:
    """The error for an index that is behind the log."""
    return Unavailable(
        "ACCESS_INDEX_BUILDING",
        "the access log is being indexed; nothing was answered, try again",
        "nhật ký khai thác đang được lập chỉ mục; chưa có kết quả, hãy thử lại",
    )


def unavailable() -> Unavailable:
    """The error for a log that cannot be searched."""
    return Unavailable(
        "ACCESS_LOG_UNAVAILABLE",
        "the access log cannot be searched now; nothing was answered, try again",
        "hiện không tra cứu được nhật ký khai thác; chưa có kết quả, hãy thử lại",
    )
