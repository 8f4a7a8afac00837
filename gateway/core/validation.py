"""The shape of what callers send. Shape only: what merely disagrees is an answer.

Every function appends to a list, so that a caller learns of all mistakes at once. Messages
say the rule and the mend and never repeat the input.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from gateway.core.errors import Violation, violations_found
from gateway.core.model import Claim, Context
from mock_population_db.citizen import PartialDate

PERSONAL_ID_DIGITS = 12
OLD_ID_DIGITS = 9
MAX_NAME = 100  # characters, composed (NFC)
MAX_BATCH = 1000  # claims
MAX_VIOLATIONS = 100  # reported at once; a batch could have thousands

# (field, at most, required), as the real link has them
_CONTEXT_RULES = (
    ("request_id", 40, True),
    ("procedure_code", 20, True),
    ("unit_code", 35, True),
    ("officer_id", 20, True),
    ("dossier_id", 64, False),
)


def check(context: Context, claim: Claim) -> None:
    """Check a call about one person.

    Raises:
        MalformedRequest: naming every field of the wrong shape.
    """
    found: list[Violation] = []
    _context(context, found)
    _claim(claim, "claim", found)
    if found:
        raise violations_found(found)


def check_batch(context: Context, claims: Sequence[Claim]) -> None:
    """Check a call about many people; see ``check``."""
    found: list[Violation] = []
    _context(context, found)
    if not 1 <= len(claims) <= MAX_BATCH:
        found.append(
            Violation(
                "claims",
                "BATCH_SIZE",
                f"{len(claims)} claims; send 1 to {MAX_BATCH} at a time",
                f"{len(claims)} yêu cầu; mỗi lần gửi từ 1 đến {MAX_BATCH}",
            )
        )
    for index, claim in enumerate(claims):
        _claim(claim, f"claims[{index}]", found)
        if len(found) >= MAX_VIOLATIONS:
            break
    if found:
        raise violations_found(found[:MAX_VIOLATIONS])


def _context(context: Context, found: list[Violation]) -> None:
    for (name, limit, required), value in zip(_CONTEXT_RULES, context, strict=True):
        if required and not value.strip():
            found.append(
                Violation(
                    f"context.{name}",
                    "REQUIRED",
                    "is required: name who asks and why",
                    "bắt buộc: ghi rõ ai hỏi và để làm gì",
                )
            )
        elif len(value) > limit:
            found.append(_too_long(f"context.{name}", limit))
        elif not (value.isprintable() or not value):
            found.append(
                Violation(
                    f"context.{name}",
                    "UNPRINTABLE",
                    "has a control or other unprintable character; remove it",
                    "có ký tự điều khiển hoặc không in được; hãy bỏ đi",
                )
            )


def _claim(claim: Claim, path: str, found: list[Violation]) -> None:
    personal_id, old_id_number, full_name, birth_date = claim
    if not personal_id and not old_id_number:
        found.append(
            Violation(
                f"{path}.personal_id",
                "NUMBER_REQUIRED",
                "give personal_id (12 digits) or old_id_number (9 digits)",
                "cần số định danh cá nhân (12 chữ số) hoặc số CMND (9 chữ số)",
            )
        )
    if personal_id and not _is_number(personal_id, PERSONAL_ID_DIGITS):
        found.append(
            _number(f"{path}.personal_id", "PERSONAL_ID_FORMAT", personal_id, PERSONAL_ID_DIGITS)
        )
    if old_id_number and not _is_number(old_id_number, OLD_ID_DIGITS):
        found.append(
            _number(f"{path}.old_id_number", "OLD_ID_NUMBER_FORMAT", old_id_number, OLD_ID_DIGITS)
        )
    _name(full_name, f"{path}.full_name", found)
    if not birth_date.exists():
        found.append(_date(f"{path}.birth_date", birth_date))


def _is_number(text: str, digits: int) -> bool:
    # isascii: isdigit alone lets other scripts' digits through
    return len(text) == digits and text.isascii() and text.isdigit()


def _name(name: str, path: str, found: list[Violation]) -> None:
    # decomposed text has up to three characters a letter: count letters, not accents
    if len(name) > MAX_NAME and len(unicodedata.normalize("NFC", name)) > MAX_NAME:
        found.append(_too_long(path, MAX_NAME))
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


def _too_long(path: str, limit: int) -> Violation:
    return Violation(
        path,
        "TOO_LONG",
        f"is longer than {limit} characters; shorten it",
        f"dài hơn {limit} ký tự; hãy rút ngắn",
    )


def _number(path: str, rule: str, value: str, digits: int) -> Violation:
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


def _date(path: str, value: PartialDate) -> Violation:
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
