"""What was used: the ``usage`` table, charged in the transaction that records the answers.

Plain functions over an open sqlite3 connection; ``sqlite.py`` decides when they run.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from gateway.core.access import skim, unpack, unpack_rows
from gateway.core.allowance import Allowance, OverQuota, Tallies, Tally
from gateway.core.days import day_name, day_of
from gateway.core.model import Access, AccessCall, Outcome
from gateway.flows.ports import Entry, Usage

Account = tuple[str, str, str, str]
"""Day in Viet Nam, caller, procedure, RPC."""

MISMATCH_DAYS = 3  # that mismatches are kept: the clock may jump over a midnight and back
_VERIFIED, _NOT_VERIFIED = int(Outcome.VERIFIED), int(Outcome.NOT_VERIFIED)


def account_of(call: AccessCall) -> Account:
    """The row of ``usage`` that a call is charged to."""
    return _day(call.at), call.caller, call.context.procedure_code, call.rpc


Claimed = Mapping[tuple[str, str], set[bytes]]
"""By day and caller: the numbers that claims are made about, by their pseudonyms."""


def fit(
    db: sqlite3.Connection, entries: Sequence[Entry], allowances: Mapping[int, Allowance]
) -> Tallies:
    """What the callers with allowances used before, once all that is being recorded fits.

    Raises:
        OverQuota: some of it does not.
    """
    used = {
        (day, caller): Tally(
            _records_of(db, day, caller), dict(_mismatches_of(db, day, caller, numbers))
        )
        for (day, caller), numbers in claimed(entries, allowances).items()
    }
    judge(entries, allowances, used)
    return used


def claimed(entries: Sequence[Entry], allowances: Mapping[int, Allowance]) -> Claimed:
    """Whose usage is to be read, and which of their mismatches."""
    found: dict[tuple[str, str], set[bytes]] = {}
    for position, allowance in allowances.items():
        call = entries[position].call
        found.setdefault((_day(call.at), call.caller), set()).update(allowance.claimed)
    return found


def judge(entries: Sequence[Entry], allowances: Mapping[int, Allowance], used: Tallies) -> None:
    """Whether all entries fit, one after the other, on top of what was used.

    Raises:
        OverQuota: some do not.
    """
    over = set()
    for position, entry in enumerate(entries):
        call = entry.call
        tally, allowance = used.get((_day(call.at), call.caller)), allowances.get(position)
        if tally is None:
            continue
        procedure, records = call.context.procedure_code, len(entry.rows)
        if allowance is None:
            tally.add(procedure, records)
        elif not tally.fit(allowance, procedure, records):
            over.add(position)
    if over:
        raise OverQuota(frozenset(over), used)


Charge = tuple[str, str, str, str, int, int, int]
"""A row of ``usage``: an account, and what is added to it."""


def charges(entries: Sequence[Entry]) -> list[Charge]:
    """What entries are charged."""
    charged: dict[Account, list[int]] = {}
    for entry in entries:
        sums = charged.setdefault(account_of(entry.call), [0, 0, 0])
        sums[0] += 1
        sums[1] += len(entry.rows)
        sums[2] += sum([row.outcome == _VERIFIED for row in entry.rows])
    return [(*account, *sums) for account, sums in charged.items()]  # type: ignore[misc]  # three sums


def charge(db: sqlite3.Connection, charged: Sequence[Charge]) -> None:
    """Charge what is being recorded."""
    db.executemany(
        "INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "answers = answers + excluded.answers, records = records + excluded.records, "
        "verified = verified + excluded.verified",
        charged,
    )


def charge_mismatches(
    db: sqlite3.Connection, entries: Sequence[Entry], allowances: Mapping[int, Allowance]
) -> None:
    """Count the wrong claims among what is being recorded; forget those of days that are over."""
    missed = mismatches(entries, allowances)
    if not missed:
        return
    db.executemany(
        "INSERT INTO mismatch VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET answers = answers + excluded.answers",
        [(*account, answers) for account, answers in missed.items()],
    )
    last = day_name(day_of(entries[0].call.at.timestamp()) - MISMATCH_DAYS)
    db.execute("DELETE FROM mismatch WHERE day < ?", (last,))


def mismatches(
    entries: Sequence[Entry], allowances: Mapping[int, Allowance]
) -> Mapping[tuple[str, str, bytes], int]:
    """Wrong claims that are being recorded: by day, caller and number."""
    found: Counter[tuple[str, str, bytes]] = Counter()
    for position, allowance in allowances.items():
        call = entries[position].call
        found.update((_day(call.at), call.caller, number) for number in allowance.missed)
    return found


def _records_of(db: sqlite3.Connection, day: str, caller: str) -> dict[str, int]:
    return dict(
        db.execute(
            "SELECT procedure, sum(records) FROM usage WHERE day = ? AND caller = ? "
            "GROUP BY procedure",
            (day, caller),
        )
    )


def _mismatches_of(
    db: sqlite3.Connection, day: str, caller: str, numbers: Iterable[bytes]
) -> Iterator[tuple[bytes, int]]:
    query = "SELECT subject, answers FROM mismatch WHERE day = ? AND caller = ? AND subject = ?"
    for number in numbers:
        yield from db.execute(query, (day, caller, number))


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
