"""The PostgreSQL server that both stores are on, where they are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gateway.doctor.finding import Finding, fail, ok, warn
from gateway.store.errors import StoreError

OLDEST = 14
APART = timedelta(seconds=5)  # the server's clock and ours
SLOW_SECONDS = 0.005  # a journey there and back: a window makes a few
_JOURNEYS = 5
_ASK = """
SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000,
       current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on',
       clock_timestamp()
"""


class _Server(NamedTuple):
    version: str
    major: int
    durable: bool
    clock: datetime
    seconds: float  # of a journey there and back, the shortest of a few
    asked: datetime  # by our clock


def database(url: str) -> Iterator[Finding]:
    """Its version, whether it keeps what it commits, its clock, and how far away it is.

    Args:
        url: ``postgresql://…``, as libpq reads it; a password in it is not shown.
    """
    try:
        # only here: an extra, and nobody else needs it
        from gateway.store.postgres.database import FAILURES, shown  # noqa: PLC0415
    except StoreError as error:
        yield fail("database", str(error), "install what it names")
        return
    try:
        server = asyncio.run(_asked(url))
    except (*FAILURES, ValueError) as error:
        remedy = "is it running, is the URL right, and may this user connect (pg_hba.conf)?"
        yield fail("database", f"{shown(url)}: {type(error).__name__}: {error}", remedy)
        return
    yield _judged(server, shown(url))


def _judged(server: _Server, where: str) -> Finding:
    found = f"{where}: PostgreSQL {server.version}, {server.seconds * 1000:.1f} ms away"
    if server.major < OLDEST:
        return fail("database", found, f"use PostgreSQL {OLDEST} or later")
    if not server.durable:
        found += ", with fsync or full_page_writes off"
        return fail("database", found, "turn both on: a loss of power would lose answers")
    if abs(server.clock - server.asked) > APART:
        found += f", its clock is {(server.clock - server.asked).total_seconds():+.0f} s from ours"
        return warn("database", found, "have NTP keep both")
    if server.seconds > SLOW_SECONDS:
        return warn("database", found, "put it nearer: each window makes a few journeys")
    return ok("database", found)


async def _asked(url: str) -> _Server:
    from gateway.store.postgres.database import connect, one_row  # noqa: PLC0415 - as above

    db = await connect(url)
    try:
        row = await one_row(db, _ASK)
        took = []
        for _ in range(_JOURNEYS):
            began = time.perf_counter()
            await db.execute("SELECT 1")
            took.append(time.perf_counter() - began)
    finally:
        db.terminate()
    version, major, durable, clock = row
    return _Server(version, major, durable, clock, min(took), datetime.now(UTC))
