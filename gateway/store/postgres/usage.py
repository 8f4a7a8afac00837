"""What was used: the table ``usage``, charged in the transaction that records the answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from gateway.core.access import skim, unpack_rows
from gateway.core.days import day_name, day_of
from gateway.core.model import Outcome
from gateway.flows.ports import Usage
from gateway.store.postgres.database import Db

_NOT_VERIFIED = int(Outcome.NOT_VERIFIED)
_WINDOWS = 50  # that are read at once: at most about 5 MB


async def read(db: Db, first: str, last: str, caller: str | None) -> list[Usage]:
    """What was charged on the days [first, last], of one caller or of all."""
    rows = await db.fetch(
        "SELECT day, caller, procedure, rpc, answers, records, verified FROM gateway.usage "
        "WHERE day BETWEEN $1 AND $2 AND (caller = $3 OR $3 IS NULL) "
        "ORDER BY day, caller, procedure, rpc",
        first,
        last,
        caller,
    )
    return [Usage(*row) for row in rows]


async def read_mismatches(db: Db, day: str, callers: Collection[str]) -> list[tuple[str, bytes]]:
    """Caller and pseudonym of each answer NOT_VERIFIED that these callers got on a day.

    Reads the log's newest part, back to the day's beginning.
    """
    found: list[tuple[str, bytes]] = []
    async with db.transaction():
        windows = await db.cursor("SELECT accesses FROM gateway.window ORDER BY first DESC")
        while rows := await windows.fetch(_WINDOWS):
            for (touched,) in rows:
                latest = _collect(touched, day, callers, found)
                if latest and latest < day:
                    return found
    return found


def _collect(
    touched: bytes, day: str, callers: Collection[str], found: list[tuple[str, bytes]]
) -> str:
    """Take in a window's mismatches of a day; returns the day of its last call, "" for none."""
    known: datetime | None = None
    of_day = ""
    for moment, caller, packed in skim(touched):
        if moment is not known:
            known, of_day = moment, day_name(day_of(moment.timestamp()))
        if of_day == day and caller in callers:
            found += [(caller, one[0]) for one in unpack_rows(packed) if one[1] == _NOT_VERIFIED]
    return of_day
