"""Days and ages where a register may know the year alone.

Whatever some day that a partial date may mean would allow is allowed: an office is stopped
only by what cannot be.
"""

from __future__ import annotations

import calendar
from datetime import date

from mock_population_db.citizen import CodeEpoch
from mock_population_db.partial_date import PartialDate

FIRST_DAY_OF_2025_CODES = date(2025, 7, 1)


def earliest(value: PartialDate) -> date:
    """The first day that the date may mean."""
    return date(value.year, value.month or 1, value.day or 1)


def latest(value: PartialDate) -> date:
    """The last day that the date may mean."""
    month = value.month or 12
    return date(value.year, month, value.day or calendar.monthrange(value.year, month)[1])


def may_mean(value: PartialDate, day: date) -> bool:
    """Whether the date may be this day."""
    return earliest(value) <= day <= latest(value)


def add_years(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes the 28th where there is none."""
    year = day.year + years
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def may_have_turned(birth: PartialDate | None, age: int, on: date) -> bool:
    """Whether somebody born then may be at least so old that day; unknown births may."""
    return birth is None or add_years(earliest(birth), age) <= on


def may_be_under(birth: PartialDate | None, age: int, on: date) -> bool:
    """Whether somebody born then may be younger than that that day; unknown births may."""
    return birth is None or add_years(latest(birth), age) > on


def codes_in_force(on: date) -> CodeEpoch:
    """The epoch whose commune codes are in use that day."""
    return CodeEpoch.Y2025 if on >= FIRST_DAY_OF_2025_CODES else CodeEpoch.LEGACY
