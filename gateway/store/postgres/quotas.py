"""What callers with quotas may still ask, judged while the head is locked: of all gateways.

Plain coroutines over a connection; ``committing.py`` decides when they run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.core.allowance import Allowance, Tallies, Tally
from gateway.core.days import day_name, day_of
from gateway.flows.ports import Entry
from gateway.store.postgres.database import Db, columns
from gateway.store.usage import MISMATCH_DAYS, Claimed, claimed, judge, mismatches

_RECORDS = """
SELECT day, caller, procedure, sum(records)::bigint FROM gateway.usage
JOIN unnest($1::text[], $2::text[]) AS asked (day, caller) USING (day, caller)
GROUP BY day, caller, procedure
"""
_MISMATCHES = """
SELECT day, caller, subject, answers FROM gateway.mismatch
JOIN unnest($1::text[], $2::text[], $3::bytea[]) AS asked (day, caller, subject)
  USING (day, caller, subject)
"""
_MISSED = """
INSERT INTO gateway.mismatch AS stored
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[])
ON CONFLICT (day, caller, subject) DO UPDATE SET answers = stored.answers + excluded.answers
"""


async def fit(db: Db, entries: Sequence[Entry], allowances: Mapping[int, Allowance]) -> Tallies:
    """What the callers with allowances used before, once all that is being recorded fits.

    Raises:
        OverQuota: some of it does not.
    """
    if not allowances:
        return {}
    used = await _used(db, claimed(entries, allowances))
    judge(entries, allowances, used)
    return used


async def charge_mismatches(
    db: Db, entries: Sequence[Entry], allowances: Mapping[int, Allowance]
) -> None:
    """Count wrong claims, and forget those of days that are over."""
    missed = mismatches(entries, allowances)
    if missed:
        await db.execute(_MISSED, *columns(missed, 3), list(missed.values()))
        last = day_name(day_of(entries[0].call.at.timestamp()) - MISMATCH_DAYS)
        await db.execute("DELETE FROM gateway.mismatch WHERE day < $1", last)


async def _used(db: Db, asked: Claimed) -> Tallies:
    """What these callers used so far, and how often the numbers that they claim were missed."""
    records: dict[tuple[str, str], dict[str, int]] = {account: {} for account in asked}
    for day, caller, procedure, count in await db.fetch(_RECORDS, *columns(asked, 2)):
        records[day, caller][procedure] = count
    missed: dict[tuple[str, str], dict[bytes, int]] = {account: {} for account in asked}
    numbers = [(*account, number) for account in asked for number in asked[account]]
    rows = await db.fetch(_MISMATCHES, *columns(numbers, 3)) if numbers else ()
    for day, caller, subject, answers in rows:
        missed[day, caller][subject] = answers
    return {account: Tally(records[account], missed[account]) for account in asked}
