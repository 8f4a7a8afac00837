"""Dates as the register has them: some lack their day, or their month and day."""

from __future__ import annotations

import calendar
import re
from datetime import MAXYEAR, MINYEAR
from typing import NamedTuple

# by month; 0 for no month, which leaves no day. A table, because bulk calls ask by the thousand
_LAST_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LEAP_DAY = 29
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class PartialDate(NamedTuple):
    """A date that may lack its day, or its month and day (0 = not known).

    Registers of older people hold a year only, or a year and a month
    (ngày, tháng, năm sinh không đầy đủ).
    """

    year: int
    month: int = 0
    day: int = 0

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

        Raises ValueError when the text has another shape or no such date exists.
        """
        found = _PARTIAL_DATE.fullmatch(text)
        if found is None:
            raise ValueError("expected YYYY, YYYY-MM or YYYY-MM-DD")
        parts = [int(part) for part in found.groups() if part is not None]
        result = cls(*parts)
        if 0 in parts or not result.exists():
            raise ValueError("no such date")
        return result

    @classmethod
    def from_int(cls, packed: int) -> PartialDate:
        """Read the packed form ``YYYYMMDD`` (00 for a part that is not known)."""
        return cls(packed // 10000, packed // 100 % 100, packed % 100)

    def to_int(self) -> int:
        """The packed form ``YYYYMMDD``."""
        return self.year * 10000 + self.month * 100 + self.day

    def exists(self) -> bool:
        """Whether some day of the calendar fits: no 31 April, no day without a month."""
        year, month, day = self
        if not (MINYEAR <= year <= MAXYEAR and 0 <= month < len(_LAST_DAYS)):
            return False
        last = _LAST_DAYS[month]
        return 0 <= day <= last or (day == last + 1 == _LEAP_DAY and calendar.isleap(year))

    def __str__(self) -> str:
        if self.day:
            return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"
        if self.month:
            return f"{self.year:04d}-{self.month:02d}"
        return f"{self.year:04d}"
