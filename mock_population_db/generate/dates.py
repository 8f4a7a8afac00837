"""Days since 1970-01-01 and the packed form ``YYYYMMDD``, over whole arrays."""

from __future__ import annotations

from datetime import date

import numpy as np

from mock_population_db.generate.rng import Ints

YEAR_DAYS = 365.2425
REFORM = date(2025, 7, 1)  # the day the 34 provinces and 3,321 communes came into force


def day_number(day: date) -> int:
    """Days from 1970-01-01 to ``day``."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def pack(days: Ints) -> Ints:
    """Days since 1970-01-01 as ``YYYYMMDD``."""
    whole = days.astype("datetime64[D]")
    months = whole.astype("datetime64[M]")
    month_number = months.astype(np.int64)
    day = (whole - months.astype("datetime64[D]")).astype(np.int64) + 1
    packed: Ints = (1970 + month_number // 12) * 10000 + (month_number % 12 + 1) * 100 + day
    return packed


def birthday(birth: Ints, age: Ints | int) -> Ints:
    """The packed day at which somebody born on packed ``birth`` becomes ``age``.

    29 February becomes 28 February, so that the day exists in every year.
    """
    leap = birth % 10000 == 229  # noqa: PLR2004 - 29 February, packed
    packed: Ints = birth + np.asarray(age) * 10000 - leap
    return packed
