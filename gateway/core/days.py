"""Days as quotas and usage count them: Viet Nam's, ending at 00:00+07:00."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from gateway.core.errors import Violation, violations_found
from gateway.core.shapes import no_such_day

VIETNAM = timezone(timedelta(hours=7))
MAX_DAYS = 366  # asked for at once

_DAY_SECONDS = 86_400
_OFFSET = 7 * 3_600  # a day begins seven hours before UTC's
_EPOCH = date(1970, 1, 1)


def day_of(now: float) -> int:
    """The day of a moment, counted from 1970-01-01; ``now`` in seconds since 1970 (UTC)."""
    return int((now + _OFFSET) // _DAY_SECONDS)


def day_name(day: int) -> str:
    """A day as the ``usage`` table writes it, YYYY-MM-DD."""
    return (_EPOCH + timedelta(days=day)).isoformat()


def day_named(name: str) -> int:
    """The day that ``day_name`` wrote."""
    return (date.fromisoformat(name) - _EPOCH).days


def end_of(day: int) -> float:
    """When a day is over, in seconds since 1970."""
    return float((day + 1) * _DAY_SECONDS - _OFFSET)


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as people in Viet Nam read them."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(VIETNAM)


def read_day(year: int, month: int, day: int, field: str) -> int:
    """A day that was asked for.

    Raises:
        MalformedRequest: there is no such day.
    """
    try:
        return (date(year, month, day) - _EPOCH).days
    except ValueError:
        raise violations_found([no_such_day(field)]) from None


def check_range(first: int, last: int) -> None:
    """Whether the days [first, last] may be asked for.

    Raises:
        MalformedRequest: they are reversed or too many.
    """
    if not 0 <= last - first < MAX_DAYS:
        raise violations_found(
            [
                Violation(
                    "first_day",
                    "DAY_RANGE",
                    f"must not be after last_day, and at most {MAX_DAYS} days are told at once",
                    f"không được sau last_day, và mỗi lần tối đa {MAX_DAYS} ngày",
                )
            ]
        )
