"""How much a caller may ask: rate, records a day, and mismatches per claimed number.

Everything is counted in memory and handed its time; what was recorded is loaded at start
(``load``), so that a restart forgets nothing. A day ends at 00:00+07:00. Each recorded
answer counts, NOT_VERIFIED too; a batch counts its records and is refused whole.

A quota for "*" is one pool for all procedures without a quota of their own: else a caller
that may name any procedure would have a fresh quota with each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from gateway.core.days import day_of, end_of, moment
from gateway.core.errors import QuotaExceeded

EVERY = "*"
_ACCOUNTS_KEPT = 10_000  # beyond a day: a caller may name any procedure
_DAYS_KEPT = 3  # the clock may jump over a midnight and back


@dataclass(frozen=True, slots=True)
class Quota:
    """What one caller may ask of one procedure; None is without limit.

    Attributes:
        per_second: records that flow into the bucket.
        burst: records that the bucket holds; nothing larger ever fits.
        per_day: records a day.
        mismatches_per_number_per_day: answers NOT_VERIFIED about one claimed number.
        file: where it was written, with its line.
    """

    per_second: float | None = None
    burst: int = 1
    per_day: int | None = None
    mismatches_per_number_per_day: int | None = None
    file: str = ""
    line: int = 0

    @property
    def rule(self) -> str:
        """Where it stands, as ``file:line``."""
        return f"{self.file}:{self.line}"


Account = tuple[str, str]
"""Caller and procedure."""

Quotas = Mapping[Account, Quota]
"""By caller and procedure, or "*"."""


class Remaining(NamedTuple):
    """What is left of a day's quota, and when the next day begins."""

    records: int
    reset: datetime


@dataclass(slots=True)
class _Pool:
    """What one quota has left: a bucket, and the day's count."""

    quota: Quota
    tokens: float
    filled_at: float
    day: int = -1
    used: int = 0

    def fill(self, now: float) -> None:
        """Let the bucket fill up; a clock that goes back takes nothing away."""
        if self.quota.per_second is not None:
            flowed = max(0.0, now - self.filled_at) * self.quota.per_second
            self.tokens = min(float(self.quota.burst), self.tokens + flowed)
            self.filled_at = now


class Meter:
    """Counts what callers ask. One per gateway; not for use by several threads."""

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas
        self._pools: dict[Account, _Pool] = {}  # by caller and procedure, or "*"
        self._pool_of: dict[Account, _Pool | None] = {}  # by caller and procedure asked for
        self._used: dict[int, Counter[Account]] = {}
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
                self._pools[key] = _Pool(quotas[key], tokens, old.filled_at)

    def take(self, caller: str, procedure: str, records: int, now: float) -> int:
        """Count records that are about to be asked for; returns the day they count on.

        Raises:
            QuotaExceeded: they do not fit, and nothing was counted.
        """
        account = (caller, procedure)
        pool = self._pool(account, now)
        if pool is not None:
            pool.fill(now)
            _check(pool, caller, records, now)
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
                refused = _too_many_mismatches(caller, cap, end_of(day) - now)
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

    def _pool(self, account: Account, now: float) -> _Pool | None:
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

    def _find(self, key: Account, now: float) -> _Pool | None:
        quota = self._quotas.get(key)
        if quota is None:
            return None
        return self._pools.setdefault(key, _Pool(quota, float(quota.burst), now))

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
            self._mismatches[day] = Counter()
            for old in sorted(self._used.keys() - {day})[: -_DAYS_KEPT + 1]:
                del self._used[old], self._mismatches[old]
        return counts


def _caps(quotas: Quotas) -> bool:
    """Whether any quota caps mismatches."""
    return any(quota.mismatches_per_number_per_day is not None for quota in quotas.values())


def _check(pool: _Pool, caller: str, records: int, now: float) -> None:
    quota = pool.quota
    if quota.per_day is not None and pool.used + records > quota.per_day:
        left = max(0, quota.per_day - pool.used)
        wait = end_of(pool.day) - now if records <= quota.per_day else None
        raise _day_used_up(caller, quota.per_day, left, wait).by(quota.rule)
    if quota.per_second is None or records <= pool.tokens:
        return
    if records > quota.burst:
        raise _never_fits(caller, quota.burst).by(quota.rule)
    wait = (records - pool.tokens) / quota.per_second
    raise _too_fast(caller, quota.per_second, wait).by(quota.rule)


def _day_used_up(caller: str, limit: int, left: int, wait: float | None) -> QuotaExceeded:
    return QuotaExceeded(
        "QUOTA_DAY_EXCEEDED",
        f"the quota is {limit} records a day, {left} are left, and this call has more; a new day "
        "begins at 00:00+07:00",
        f"hạn mức {limit} bản ghi một ngày, còn {left}, yêu cầu này vượt quá; ngày mới bắt đầu "
        "lúc 00:00+07:00",
        caller,
        wait,
    )


def _never_fits(caller: str, burst: int) -> QuotaExceeded:
    return QuotaExceeded(
        "QUOTA_BATCH_TOO_LARGE",
        f"the rate limit lets at most {burst} records through at once; send smaller batches",
        f"giới hạn tốc độ cho tối đa {burst} bản ghi mỗi lần; hãy gửi lô nhỏ hơn",
        caller,
    )


def _too_fast(caller: str, per_second: float, wait: float) -> QuotaExceeded:
    return QuotaExceeded(
        "QUOTA_RATE_EXCEEDED",
        f"the quota is {per_second:g} records a second; try again after the delay given",
        f"hạn mức {per_second:g} bản ghi một giây; hãy thử lại sau thời gian đã nêu",
        caller,
        wait,
    )


def _too_many_mismatches(caller: str, cap: int, wait: float) -> QuotaExceeded:
    return QuotaExceeded(
        "QUOTA_MISMATCHES_EXCEEDED",
        f"at most {cap} claims a day about one number may fail to verify, and this call could "
        "exceed that; check the data at its source, and do not guess",
        f"mỗi ngày tối đa {cap} yêu cầu về một số được phép không khớp, yêu cầu này có thể vượt "
        "quá; hãy đối chiếu dữ liệu gốc, không thử dò",
        caller,
        wait,
    )
