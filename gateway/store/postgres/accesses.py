"""Where each person stands in the access log: the table ``access``, made from the log.

As in SQLite the log's rows are packed and unindexed, because that is what a recorded answer may
cost while the log is locked, and are indexed in the background, in segments; ``ListAccesses``
first waits for the rest. One gateway at a time adds to the index; which one does not matter.
A person is known by another pseudonym each month, and months are partitions: so a search looks
into one B-tree for each pseudonym.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

import structlog

from gateway.core.access import month_of, pseudonym, skim, unpack, unpack_rows
from gateway.core.errors import Unavailable
from gateway.core.hmac_key import HmacKey
from gateway.core.ledger import HASH_SIZE
from gateway.core.paging import Found, Page, Position, Touched
from gateway.store.access_index import being_built, unavailable
from gateway.store.log import ENTRY_SIZE
from gateway.store.postgres import log, partitions
from gateway.store.postgres.database import Db
from gateway.store.postgres.records import PostgresRecords

INTERVAL = 5.0  # seconds between two looks at the log
SEGMENT = 20_000  # rows that go in together
PATIENCE = 5.0  # seconds that a call waits for the rest of the log to be indexed
_REST = 4  # the background pauses for so many times as long as a segment took
_WINDOWS = 20  # that are read at once

_LATEST = Position((1 << 63) - 1, 0)
_COLUMNS = ("leaf", "subject", "place", "month")
_FIND = """
SELECT found.leaf, found.place FROM unnest($1::smallint[], $2::uuid[]) AS one (month, subject)
CROSS JOIN LATERAL (
  SELECT leaf, place FROM gateway.access
  WHERE access.month = one.month AND access.subject = one.subject AND (leaf, place) < ($3, $4)
  ORDER BY leaf DESC, place DESC LIMIT $5) AS found
ORDER BY found.leaf DESC, found.place DESC LIMIT $5
"""
_TOUCHED = """
SELECT wanted.leaf, holding.* FROM unnest($1::bigint[]) AS wanted (leaf) CROSS JOIN LATERAL (
  SELECT first, leaves, accesses FROM gateway.window WHERE first <= wanted.leaf
  ORDER BY first DESC LIMIT 1) AS holding
"""
_NEXT = """
SELECT first, leaves, accesses FROM gateway.window WHERE first >= $1 ORDER BY first
"""

_Row = tuple[int, bytes, int, int]
"""Leaf, subject, place, month: a row of ``access``."""

_log = structlog.get_logger(__name__)


class PostgresAccessLog:
    """Finds a person's rows. See ``AccessLog`` of ``flows/ports.py``."""

    def __init__(self, records: PostgresRecords) -> None:
        self._records = records

    async def accesses(self, numbers: Collection[str], page: Page) -> Found:
        """Rows of a person who has or had these numbers, the newest first."""
        try:
            deadline = time.monotonic() + PATIENCE
            while not await self._records.run(_index_segment):
                if time.monotonic() > deadline:
                    raise being_built()
            return await self._records.run(_find, numbers, page)
        except Unavailable as error:
            if error.reason == "ACCESS_INDEX_BUILDING":
                raise
            raise unavailable() from error

    async def run(self) -> None:
        """Index what is appended, until cancelled."""
        while True:
            began = time.monotonic()
            try:
                done = await self._records.run(_index_segment)
            except Unavailable:  # told of by the records
                done = True
            await asyncio.sleep(INTERVAL if done else _REST * (time.monotonic() - began))


@contextlib.asynccontextmanager
async def keeping_access_log(accesses: PostgresAccessLog) -> AsyncIterator[None]:
    """Index the log in the background for the length of the block."""
    task = asyncio.create_task(accesses.run(), name="access index")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _index_segment(db: Db) -> bool:
    """Index the next rows; True when there are no more."""
    async with db.transaction():
        begin = await db.fetchval("SELECT size FROM gateway.indexed FOR UPDATE")
        tree, _ = await log.read_head(db)  # what comes after is not waited for
        rows: list[_Row] = []
        end = begin
        windows = await db.cursor(_NEXT, begin)
        while len(rows) < SEGMENT and (some := await windows.fetch(_WINDOWS)):
            rows += await asyncio.to_thread(_rows, list(map(tuple, some)))
            first, leaves, _ = some[-1]
            end = first + len(leaves) // ENTRY_SIZE
        if end > begin:
            await _add(db, rows, end)
    return bool(end >= tree.size)


async def _add(db: Db, rows: list[_Row], end: int) -> None:
    for month in {month for _, _, _, month in rows}:
        await partitions.make_month(db, month)
    rows.sort(key=itemgetter(1))  # so that neighbours in the B-tree come together
    records = ((leaf, UUID(bytes=subject), place, month) for leaf, subject, place, month in rows)
    await db.copy_records_to_table(
        "access", schema_name="gateway", columns=_COLUMNS, records=records
    )
    await db.execute("UPDATE gateway.indexed SET size = $1", end)


def _rows(windows: Sequence[tuple[Any, ...]]) -> list[_Row]:
    """Of windows as ``_NEXT`` reads them."""
    return [row for first, _, touched in windows for row in _rows_of(first, touched)]


def _rows_of(first: int, touched: bytes) -> Iterator[_Row]:
    for leaf, (moment, _, packed) in enumerate(skim(touched), first):
        month = partitions.month_number(month_of(moment))
        for place, (subject, _, _) in enumerate(unpack_rows(packed)):
            yield leaf, subject, place, month


async def _find(db: Db, numbers: Collection[str], page: Page) -> Found:
    """One snapshot: what is found is of as many leaves as it says."""
    async with db.transaction(isolation="repeatable_read", readonly=True):
        months = await db.fetch("SELECT month, key FROM gateway.pseudonym_key ORDER BY month")
        keys = {month: HmacKey(key) for month, key in months}
        subjects = [
            (partitions.month_number(month), UUID(bytes=pseudonym(key, number)))
            for month, key in keys.items()
            for number in numbers
        ]
        positions = await _positions(db, subjects, page)
        wanted = {subject.bytes for _, subject in subjects}
        entries = await _touched(db, positions[: page.size], wanted)
        size = await db.fetchval("SELECT size FROM gateway.indexed")
    return Found(entries, len(positions) > page.size, tuple(keys), size)


async def _positions(db: Db, subjects: Collection[tuple[int, UUID]], page: Page) -> list[Position]:
    """Of a page and one more, the newest first."""
    before = page.before or _LATEST
    rows = await db.fetch(
        _FIND,
        [month for month, _ in subjects],
        [subject for _, subject in subjects],
        min(before.leaf, _LATEST.leaf),
        before.row,
        page.size + 1,
    )
    return [Position(leaf, place) for leaf, place in rows]


async def _touched(
    db: Db, positions: Sequence[Position], subjects: Collection[bytes]
) -> list[Touched]:
    """The rows at these places. Raises ValueError when the index leads to somebody else's."""
    rows = await db.fetch(_TOUCHED, list({position.leaf for position in positions}))
    windows = {first: (leaves, list(unpack(touched))) for _, first, leaves, touched in rows}
    holding = {leaf: first for leaf, first, _, _ in rows}
    found = []
    for position in positions:
        first = holding[position.leaf]
        leaves, calls = windows[first]
        call, accesses = calls[position.leaf - first]
        if accesses[position.row].subject not in subjects:
            raise ValueError("the index is not of this log")
        at = (position.leaf - first) * ENTRY_SIZE
        found.append(Touched(position, call, accesses, leaves[at : at + HASH_SIZE]))
    return found
