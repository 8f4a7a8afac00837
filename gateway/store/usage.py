"""What was used: the ``usage`` table, charged in the transaction that records the answers.

Plain functions over an open sqlite3 connection; ``sqlite.py`` decides when they run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import lru_cache

from gateway.core.access import skim, unpack, unpack_rows
from gateway.core.days import day_name, day_of
from gateway.core.model import Access, AccessCall, Outcome
from gateway.flows.ports import Entry, Usage

Account = tuple[str, str, str, str]
"""Day in Viet Nam, caller, procedure, RPC."""

_VERIFIED, _NOT_VERIFIED = int(Outcome.VERIFIED), int(Outcome.NOT_VERIFIED)


def account_of(call: AccessCall) -> Account:
    """The row of ``usage`` that a call is charged to."""
    return _day(call.at), call.caller, call.context.procedure_code, call.rpc


def charge(db: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Charge what is being recorded."""
    charged: dict[Account, list[int]] = {}
    for entry in entries:
        sums = charged.setdefault(account_of(entry.call), [0, 0, 0])
        sums[0] += 1
        sums[1] += len(entry.rows)
        sums[2] += sum([row.outcome == _VERIFIED for row in entry.rows])
    db.executemany(
        "INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "answers = answers + excluded.answers, records = records + excluded.records, "
        "verified = verified + excluded.verified",
        [(*account, *sums) for account, sums in charged.items()],
    )


def read(db: sqlite3.Connection, first: str, last: str, caller: str | None) -> list[Usage]:
    """What was charged on the days [first, last], of one caller or of all."""
    rows = db.execute(
        "SELECT day, caller, procedure, rpc, answers, records, verified FROM usage "
        "WHERE day BETWEEN ? AND ? AND (caller = ? OR ? IS NULL) ORDER BY day, caller, procedure, "
        "rpc",
        (first, last, caller, caller),
    )
    return [Usage(*row) for row in rows]


def read_mismatches(
    db: sqlite3.Connection, day: str, callers: Collection[str]
) -> list[tuple[str, bytes]]:
    """Caller and pseudonym of each answer NOT_VERIFIED that these callers got on a day.

    Reads the log's newest part, back to the day's beginning.
    """
    found: list[tuple[str, bytes]] = []
    for (touched,) in db.execute("SELECT accesses FROM window ORDER BY first DESC"):
        known, of_day = None, ""
        for moment, caller, packed in skim(touched):
            if moment is not known:
                known, of_day = moment, _day(moment)
            if of_day == day and caller in callers:
                rows = unpack_rows(packed)
                found += [(caller, row[0]) for row in rows if row[1] == _NOT_VERIFIED]
        if known is not None and of_day < day:
            break
    return found


def calls_since(db: sqlite3.Connection, day: str) -> Iterator[tuple[AccessCall, Sequence[Access]]]:
    """Calls of all windows from the newest back to the first one that ended before the day."""
    for (touched,) in db.execute("SELECT accesses FROM window ORDER BY first DESC"):
        calls = list(unpack(touched))
        yield from calls
        if calls and account_of(calls[-1][0])[0] < day:
            return


@lru_cache(maxsize=16)  # the calls of a window have one moment
def _day(at: datetime) -> str:
    return day_name(day_of(at.timestamp()))
