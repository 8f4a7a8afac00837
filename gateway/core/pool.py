"""One quota, and what it has left at a moment: a bucket for its rate, and the day's count."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from gateway.core.allowance import Bounds
from gateway.core.days import end_of
from gateway.core.quota_refusals import day_used_up, never_fits, too_fast


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


@dataclass(slots=True)
class Pool:
    """What one quota has left: a bucket, and the day's count."""

    quota: Quota
    bounds: Bounds
    tokens: float
    filled_at: float
    spilled: float = inf  # from the full bucket, since it was last known what others took
    day: int = -1
    used: int = 0

    def fill(self, now: float) -> None:
        """Let the bucket fill up; a clock that goes back takes nothing away."""
        if self.quota.per_second is not None:
            flowed = max(0.0, now - self.filled_at) * self.quota.per_second
            level, full = self.tokens + flowed, float(self.quota.burst)
            self.spilled += max(0.0, level - full)
            self.tokens = min(full, level)
            self.filled_at = now

    def taken(self, records: int, day: int, now: float) -> None:
        """Others took so many, which count on a day, since that was last known.

        From what spilled here first: it was there for them, as was all before this bucket was
        made. The rest is owed, so that all together are held to the rate.
        """
        self.fill(now)
        self.tokens -= max(0.0, records - self.spilled)
        self.spilled = 0.0
        if self.day == day:
            self.used += records

    def check(self, caller: str, records: int, now: float) -> None:
        """Whether so many records fit, of a bucket that was filled by now.

        Raises:
            QuotaExceeded: they do not.
        """
        quota = self.quota
        if quota.per_day is not None and self.used + records > quota.per_day:
            left = max(0, quota.per_day - self.used)
            wait = end_of(self.day) - now if records <= quota.per_day else None
            raise day_used_up(caller, quota.per_day, left, wait).by(quota.rule)
        if quota.per_second is None or records <= self.tokens:
            return
        if records > quota.burst:
            raise never_fits(caller, quota.burst).by(quota.rule)
        wait = (records - self.tokens) / quota.per_second
        raise too_fast(caller, quota.per_second, wait).by(quota.rule)
