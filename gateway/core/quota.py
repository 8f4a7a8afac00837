"""How much a caller may ask: rate, records a day, and mismatches per claimed number.

Everything is counted in memory and handed its time; what was recorded is loaded at start
(``load``), so that a restart forgets nothing, and with each record comes what other gateways
recorded (``learn``). A day ends at 00:00+07:00. Each recorded answer counts, NOT_VERIFIED too;
a batch counts its records and is refused whole.

A quota for "*" is one pool for all procedures without a quota of their own: else a caller
that may name any procedure would have a fresh quota with each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from gateway.core.allowance import Bounds, Tallies
from gateway.core.days import day_named, day_of, end_of, moment
from gateway.core.errors import QuotaExceeded
from gateway.core.pool import Pool, Quota
from gateway.core.quota_refusals import day_used_up, too_many_mismatches

EVERY = "*"
_ACCOUNTS_KEPT = 10_000  # beyond a day: a caller may name any procedure
_DAYS_KEPT = 3  # the clock may jump over a midnight and back


Account = tuple[str, str]
"""Caller and procedure."""

Quotas = Mapping[Account, Quota]
"""By caller and procedure, or "*"."""


class Remaining(NamedTuple):
    """What is left of a day's quota, and when the next day begins."""

    records: int
    reset: datetime


class Meter:
    """Counts what callers ask. One per gateway; not for use by several threads."""

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas
        self._pools: dict[Account, Pool] = {}  # by caller and procedure, or "*"
        self._pool_of: dict[Account, Pool | None] = {}  # by caller and procedure asked for
        self._used: dict[int, Counter[Account]] = {}
        self._recorded: dict[int, Counter[Account]] = {}  # of them; the rest is under way
        self._learned: Tallies = {}
        self._mismatches: dict[int, Counter[tuple[str, bytes]]] = {}
        self._day = -1
        self._begin = self._end = 0.0  # of the day
        self._today: Counter[Account] = Counter()
        self.caps = _caps(quotas)

    def load(
        self,
        day: int,
        used: Iterable[tuple[str, str, int]],
        mismatches: Iterable[tuple[str, bytes]] = (),
    ) -> None:
        """Take up a day's recorded counts: caller, procedure, records; caller and subject."""
        counts = self._counts(day)
        for caller, procedure, records in used:
            counts[caller, procedure] += records
            self._recorded[day][caller, procedure] += records
        self._mismatches[day].update(mismatches)
        self._pools.clear()
        self._pool_of.clear()

    def adopt(self, quotas: Quotas) -> None:
        """Go over to other quotas; what was counted and what the buckets hold stays."""
        self._quotas = quotas
        self.caps = _caps(quotas)
        kept, self._pools = self._pools, {}
        self._pool_of = {}
        for key, old in kept.items():
            if key in quotas:
                tokens = min(old.tokens, float(quotas[key].burst))
                bounds = self._bounds(key)
                self._pools[key] = Pool(quotas[key], bounds, tokens, old.filled_at, old.spilled)

    def take(self, caller: str, procedure: str, records: int, now: float) -> int:
        """Count records that are about to be asked for; returns the day they count on.

        Raises:
            QuotaExceeded: they do not fit, and nothing was counted.
        """
        account = (caller, procedure)
        pool = self._pool(account, now)
        if pool is not None:
            pool.fill(now)
            pool.check(caller, records, now)
            pool.tokens -= records
            pool.used += records
        today = self._today
        today[account] = today.get(account, 0) + records
        return self._day

    def correct(self, caller: str, procedure: str, records: int, day: int, now: float) -> None:
        """Count so many records more on a day, or fewer: those that were not recorded."""
        account = (caller, procedure)
        pool = self._pool(account, now)
        if pool is not None:
            pool.tokens = min(float(pool.quota.burst), pool.tokens - records)
            if pool.day == day:
                pool.used += records
        self._counts(day)[account] += records

    def recorded(self, caller: str, procedure: str, records: int, day: int) -> None:
        """What was counted on a day is in the records now."""
        self._counts(day)
        self._recorded[day][caller, procedure] += records

    def learn(self, used: Tallies, now: float) -> None:
        """Take up what was recorded before this gateway's latest record, by whichever gateway."""
        if used is self._learned:
            return
        self._learned = used
        for (day_name, caller), tally in used.items():
            day = day_named(day_name)
            self._learn_records(caller, day, tally.before, now)
            counted = self._mismatches[day]
            for number, answers in tally.mismatches.items():
                counted[caller, number] = max(counted[caller, number], answers)

    def _learn_records(self, caller: str, day: int, before: Mapping[str, int], now: float) -> None:
        counts, recorded = self._counts(day), self._recorded[day]
        drawn: Counter[Account] = Counter()  # by others, from each pool
        for procedure, total in before.items():
            account = (caller, procedure)
            others = total - recorded[account]
            counts[account] += others
            recorded[account] = total
            drawn[self._key(account)] += others
        for key, others in drawn.items():
            pool = self._pools.get(key)
            if pool is not None:
                pool.taken(others, day, now)

    def over(self, caller: str, procedure: str, records: int, now: float) -> QuotaExceeded:
        """Why a call was refused at its record: others were recorded first."""
        pool = self._pool((caller, procedure), now)
        quota = Quota() if pool is None else pool.quota
        used = 0 if pool is None else pool.used
        end = end_of(self._day) - now
        cap = quota.mismatches_per_number_per_day
        if cap is not None and used <= (quota.per_day or used):
            return too_many_mismatches(caller, cap, end).by(quota.rule)
        limit = quota.per_day or 0
        return day_used_up(caller, limit, max(0, limit - used + records), end).by(quota.rule)

    def bounds(self, caller: str, procedure: str) -> Bounds | None:
        """What such a call must fit into when it is recorded; None without a quota."""
        account = (caller, procedure)
        if account in self._pool_of:
            pool = self._pool_of[account]
            return None if pool is None else pool.bounds
        key = self._key(account)
        return self._bounds(key) if key in self._quotas else None

    def mismatch_cap(self, caller: str, procedure: str) -> int | None:
        """Answers NOT_VERIFIED about one number that the caller gets in a day, if limited."""
        quota = self._quotas.get(self._key((caller, procedure)))
        return None if quota is None else quota.mismatches_per_number_per_day

    def rule(self, caller: str, procedure: str) -> str:
        """Where the quota stands that such a call is counted by; empty if there is none."""
        quota = self._quotas.get(self._key((caller, procedure)))
        return "" if quota is None else quota.rule

    def check_guesses(
        self, caller: str, procedure: str, numbers: Mapping[bytes, int], day: int, now: float
    ) -> None:
        """Whether these claimed numbers may be tried so often, even if every claim is wrong.

        Numbers are pseudonyms; nobody looks whether they exist.

        Raises:
            QuotaExceeded: the answers could tell more than the caller may find out by trying.
        """
        cap = self.mismatch_cap(caller, procedure)
        if cap is None:
            return
        self._counts(day)
        counted = self._mismatches[day]
        for number, claims in numbers.items():
            if counted[caller, number] + claims > cap:
                refused = too_many_mismatches(caller, cap, end_of(day) - now)
                raise refused.by(self.rule(caller, procedure))

    def mismatched(self, caller: str, numbers: Iterable[bytes], day: int, by: int = 1) -> None:
        """Count an answer NOT_VERIFIED for each number, or with ``by`` = -1 take it back."""
        self._counts(day)
        counted = self._mismatches[day]
        for number in numbers:
            counted[caller, number] += by

    def remaining(self, caller: str, procedure: str, now: float) -> Remaining | None:
        """What is left of the day's quota; None if there is none."""
        pool = self._pool((caller, procedure), now)
        if pool is None or pool.quota.per_day is None:
            return None
        return Remaining(max(0, pool.quota.per_day - pool.used), moment(self._end))

    def _key(self, account: Account) -> Account:
        return account if account in self._quotas else (account[0], EVERY)

    def _pool(self, account: Account, now: float) -> Pool | None:
        """The pool that a call draws from, with the count of the day."""
        if not self._begin <= now < self._end:
            self._turn(now)
        try:
            pool = self._pool_of[account]
        except KeyError:
            pool = self._pool_of[account] = self._find(self._key(account), now)
        if pool is not None and pool.day != self._day:
            key = self._key(account)
            counts = self._today.items()
            pool.used = sum(count for one, count in counts if self._key(one) == key)
            pool.day = self._day
        return pool

    def _find(self, key: Account, now: float) -> Pool | None:
        quota = self._quotas.get(key)
        if quota is None:
            return None
        fresh = Pool(quota, self._bounds(key), float(quota.burst), now)
        return self._pools.setdefault(key, fresh)

    def _bounds(self, key: Account) -> Bounds:
        quota = self._quotas[key]
        per_day, cap = quota.per_day, quota.mismatches_per_number_per_day
        caller, procedure = key
        if procedure != EVERY:
            return Bounds(per_day, cap, procedure)
        apart = (one for who, one in self._quotas if who == caller and one != EVERY)
        return Bounds(per_day, cap, apart=frozenset(apart))

    def _turn(self, now: float) -> None:
        """Another day: the next one, or whichever the clock went to."""
        self._day = day_of(now)
        self._begin, self._end = end_of(self._day - 1), end_of(self._day)
        self._today = self._counts(self._day)
        if len(self._pool_of) > _ACCOUNTS_KEPT:
            self._pool_of.clear()

    def _counts(self, day: int) -> Counter[Account]:
        """A day's records by caller and procedure."""
        counts = self._used.get(day)
        if counts is None:
            counts = self._used[day] = Counter()
            self._recorded[day], self._mismatches[day] = Counter(), Counter()
            for old in sorted(self._used.keys() - {day})[: -_DAYS_KEPT + 1]:
                del self._used[old], self._recorded[old], self._mismatches[old]
        return counts


def _caps(quotas: Quotas) -> bool:
    """Whether any quota caps mismatches."""
    return any(quota.mismatches_per_number_per_day is not None for quota in quotas.values())
