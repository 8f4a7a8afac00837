"""Single values of the wrong shape: numbers, names, dates.

Messages say the rule and the mend and never repeat the input.
"""

from __future__ import annotations

import unicodedata

from gateway.core.errors import Violation
from mock_population_db.partial_date import PartialDate

MAX_NAME = 100  # characters, composed (NFC)


def is_number(text: str, digits: int) -> bool:
    """Whether a text is so many digits 0-9."""
    # isascii: isdigit alone lets other scripts' digits through
    return len(text) == digits and text.isascii() and text.isdigit()


def check_name(name: str, path: str, found: list[Violation]) -> None:
    """Check a full name; a mistake is added to ``found``."""
    # decomposed text has up to three characters a letter: count letters, not accents
    if len(name) > MAX_NAME and len(unicodedata.normalize("NFC", name)) > MAX_NAME:
        found.append(too_long(path, MAX_NAME))
    elif "\0" in name:
        found.append(
            Violation(path, "NUL", "has a NUL character; remove it", "có ký tự NUL; hãy bỏ đi")
        )
    elif not any(map(str.isalpha, name)):
        found.append(
            Violation(
                path,
                "NAME_REQUIRED",
                "is required and needs at least one letter",
                "bắt buộc và cần ít nhất một chữ cái",
            )
        )


def too_long(path: str, limit: int) -> Violation:
    """A text is longer than so many characters."""
    return Violation(
        path,
        "TOO_LONG",
        f"is longer than {limit} characters; shorten it",
        f"dài hơn {limit} ký tự; hãy rút ngắn",
    )


def unprintable(path: str) -> Violation:
    """A text has characters that cannot be shown."""
    return Violation(
        path,
        "UNPRINTABLE",
        "has a control or other unprintable character; remove it",
        "có ký tự điều khiển hoặc không in được; hãy bỏ đi",
    )


def no_such_day(path: str) -> Violation:
    """A day is missing, or there is none."""
    return Violation(
        path,
        "NO_SUCH_DAY",
        "no such day; year, month and day are all needed",
        "ngày không tồn tại; cần đủ năm, tháng và ngày",
    )


def number_violation(path: str, rule: str, value: str, digits: int) -> Violation:
    """A number or code is not so many digits."""
    hint_en, hint_vi = _number_hint(value, digits)
    return Violation(
        path,
        rule,
        f"must be {digits} digits 0-9; {hint_en}",
        f"phải gồm {digits} chữ số 0-9; {hint_vi}",
    )


def _number_hint(value: str, digits: int) -> tuple[str, str]:
    """The likeliest mend, found without repeating the value."""
    if value != value.strip() or " " in value:
        return "remove the blanks", "hãy bỏ khoảng trắng"
    if any(char.isdigit() and not char.isascii() for char in value):
        return (
            "use the digits 0-9, not full-width ones or another script's",
            "dùng chữ số 0-9, không dùng dạng rộng hay chữ số của hệ chữ khác",
        )
    if set(value.upper()) & set("OIL"):
        return (
            "letters O, I or L stand where digits 0 or 1 belong",
            "chữ O, I hoặc L đang thay cho số 0 hoặc 1",
        )
    if value.isdigit() and len(value) == digits - 1:
        return (
            "one digit is missing: spreadsheets drop the leading zero",
            "thiếu một chữ số: bảng tính thường bỏ số 0 ở đầu",
        )
    if value.isdigit():
        return f"this has {len(value)}", f"hiện có {len(value)}"
    return "remove everything else", "hãy bỏ các ký tự khác"


def date_violation(path: str, value: PartialDate) -> Violation:
    """A birth date is missing, or there is no such date."""
    if value == PartialDate(0):
        return Violation(
            path,
            "BIRTH_DATE_REQUIRED",
            "is required: at least the year",
            "bắt buộc: ít nhất là năm sinh",
        )
    return Violation(
        path,
        "NO_SUCH_DATE",
        "no such date; year 1-9999, month 0-12, day 0-31, a day only with a month",
        "ngày không tồn tại; năm 1-9999, tháng 0-12, ngày 0-31, có ngày thì phải có tháng",
    )
