"""Reading an event's fields: each is checked when it is taken, and every mistake is kept.

A value that is wrong is replaced by one that is harmless, so that reading goes on and the
caller learns of all mistakes at once; ``check`` then ends the call. Messages never repeat
the input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import TypeVar

from gateway.core.errors import Violation, violations_found
from gateway.core.events import Named
from gateway.core.model import Claim, Context
from gateway.core.shapes import (
    check_name,
    date_violation,
    is_number,
    no_such_day,
    number_violation,
    too_long,
    unprintable,
)
from gateway.core.validation import COMMUNE_DIGITS, check_claim, check_context
from mock_population_db.citizen import CodeEpoch, PersonName
from mock_population_db.divisions import commune as find_commune
from mock_population_db.partial_date import PartialDate

MAX_EVENT_ID = 40  # characters
MAX_STATEMENT = 500

_WORD = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_E = TypeVar("_E", bound=int)

Mistake = Callable[[str], Violation]
"""What is wrong with a field, by its path."""


class EventReader:
    """Takes fields of one request, whose names it puts behind a path."""

    def __init__(self, context: Context) -> None:
        self.path = ""
        self.named: list[Named] = []
        self._found: list[Violation] = []
        check_context(context, self._found)

    def check(self) -> None:
        """Raises MalformedRequest when anything that was taken is wrong."""
        if self._found:
            raise violations_found(self._found)

    def wrong(self, field: str, mistake: Mistake) -> None:
        """Note a mistake."""
        self._found.append(mistake(self._at(field)))

    def text(self, field: str, value: str, limit: int, *, required: bool = True) -> str:
        """A printable text of so many characters at most."""
        if required and not value.strip():
            self.wrong(field, missing)
        elif len(value) > limit:
            self._found.append(too_long(self._at(field), limit))
        elif value and not value.isprintable():
            self.wrong(field, unprintable)
        return value

    def day(self, field: str, value: PartialDate) -> date:
        """A whole day."""
        if value.exists() and value.day:
            return date(*value)
        self.wrong(field, no_such_day)
        return date.min

    def date(self, field: str, value: PartialDate) -> PartialDate:
        """A date that may lack its day, or month and day."""
        if value == PartialDate(0):
            self.wrong(field, date_missing)
        elif not value.exists():
            self._found.append(date_violation(self._at(field), value))
        return value

    def name(self, field: str, parts: PersonName, full: str) -> PersonName:
        """A name in its parts; ``full`` is empty or the same, joined."""
        check_name(parts.full, self._at(field), self._found)
        if parts.full and not parts.full.isprintable():
            self.wrong(field, unprintable)
        if full not in ("", parts.full):
            self.wrong(f"{field}.full", _not_the_parts)
        return parts

    def choice(self, field: str, value: int, allowed: Collection[_E]) -> _E:
        """One of an enum's values, by number."""
        found = next((one for one in allowed if one == value), None)
        if found is None:
            self.wrong(field, _no_choice)
            return next(iter(allowed))
        return found

    def code(self, field: str, value: str, digits: int) -> str:
        """A code of so many digits, or nothing."""
        if value and not is_number(value, digits):
            self._found.append(number_violation(self._at(field), "CODE_FORMAT", value, digits))
        return value

    def commune(
        self,
        field: str,
        value: str,
        epochs: Collection[CodeEpoch] = tuple(CodeEpoch),
        *,
        required: bool = False,
    ) -> str:
        """The code of a commune that there is, or was, in one of the epochs; or nothing."""
        if required and not value:
            self.wrong(field, missing)
        self.code(field, value, COMMUNE_DIGITS)
        known = any(find_commune(value, epoch) for epoch in epochs)
        if is_number(value, COMMUNE_DIGITS) and not known:
            self.wrong(field, _no_such_commune)
        return value

    def word(self, field: str, value: str) -> str:
        """A stable word."""
        if not _WORD.fullmatch(value):
            self.wrong(field, _no_word)
        return value

    def position(self, field: str, value: int) -> int:
        """A number from 0."""
        if value < 0:
            self.wrong(field, _negative)
        return value

    def person(self, place: str, claim: Claim, field: str = "") -> str:
        """Somebody whom the event names; whoever it is stands in the place once verified."""
        path = self._at(field or place)
        check_claim(claim, path, self._found)
        self.named.append(Named(path, place, claim))
        return ""

    def _at(self, field: str) -> str:
        return f"{self.path}.{field}" if self.path else field


def missing(path: str) -> Violation:
    """A text that is required."""
    return Violation(path, "TEXT_REQUIRED", "is required", "bắt buộc")


def date_missing(path: str) -> Violation:
    """A date that is required."""
    return Violation(
        path, "DATE_REQUIRED", "is required: at least the year", "bắt buộc: ít nhất là năm"
    )


def event_missing(path: str) -> Violation:
    """An event that says nothing."""
    return Violation(
        path,
        "EVENT_REQUIRED",
        "says nothing; set exactly one event",
        "chưa có nội dung; hãy chọn đúng một sự kiện",
    )


def parent_missing(path: str) -> Violation:
    """A child without parents."""
    return Violation(
        path,
        "PARENT_REQUIRED",
        "name the mother, the father or both",
        "cần ghi mẹ, cha hoặc cả hai",
    )


def correction_empty(path: str) -> Violation:
    """A correction of nothing."""
    return Violation(
        path,
        "CORRECTION_EMPTY",
        "corrects nothing; give the right name, sex or birth date",
        "không cải chính gì; hãy ghi họ tên, giới tính hoặc ngày sinh đúng",
    )


def _not_the_parts(path: str) -> Violation:
    return Violation(
        path,
        "NAME_PARTS",
        "is not the parts joined by blanks; send family, middle and given, and leave full out",
        "không trùng với họ, chữ đệm và tên ghép lại; hãy gửi từng phần và bỏ trống full",
    )


def _no_choice(path: str) -> Violation:
    return Violation(
        path,
        "CHOICE",
        "is missing, or no value that can be reported; take one that the contract lists",
        "thiếu, hoặc không phải giá trị có thể báo; hãy chọn giá trị trong hợp đồng",
    )


def _no_such_commune(path: str) -> Violation:
    return Violation(
        path,
        "NO_SUCH_COMMUNE",
        "no commune has this code; take it from the list of administrative units",
        "không có xã mang mã này; hãy lấy mã trong danh mục đơn vị hành chính",
    )


def _no_word(path: str) -> Violation:
    return Violation(
        path,
        "REASON_WORD",
        "must be an UPPER_SNAKE word of at most 40 characters, e.g. SEX_CORRECTED",
        "phải là một từ viết hoa nối bằng gạch dưới, tối đa 40 ký tự, ví dụ SEX_CORRECTED",
    )


def _negative(path: str) -> Violation:
    return Violation(path, "NEGATIVE", "must not be negative", "không được là số âm")
