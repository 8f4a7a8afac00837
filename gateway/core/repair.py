"""Mending what spreadsheets, keyboards and encodings do to a record, where only one reading fits.

What could be read in two ways is left as it is, and refused: a guess would be signed.
``docs/sync-reconciliation.md`` has every rule.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from gateway.core.names import is_plain, tidy
from mock_population_db.partial_date import PartialDate

PERSONAL_ID_DIGITS = 12
OLD_ID_DIGITS = 9
COMMUNE_DIGITS = 5
EARLIEST_YEAR = 1850  # of a date written as eight digits: day first or year first is certain

_LOOK_LIKE_DIGITS = str.maketrans("OoIiLl|", "0011111")
_SEPARATORS = re.compile(r"[\s.\-'’`]+")

# letters of other scripts that look like Latin ones: Cyrillic, then Greek
_LOOK_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABESIJKMHOPCTYXaesijopcyxdABEZHIKMNOPTYXo",
)
# Đ as other languages write it, and as the African letter that looks like it
_LOOK_ALIKE |= str.maketrans("ÐƉðɖ", "ĐĐđđ")
_LOOK_ALIKE |= {0xFEE0 + code: code for code in range(ord("!"), ord("~") + 1)}  # full width
_OTHER_SCRIPT = re.compile("[\u0370-\u052f]")  # Greek, Cyrillic
# what UTF-8 turns into when it is read as Windows-1252: a lead byte and its followers
_MOJIBAKE = re.compile("[ÃÄÅÆá][\u0080-\u00bf\u0152-\u2122]|áº|á»")

_SEPARATED = re.compile(r"(\d{1,4})[-/.](\d{1,2})(?:[-/.](\d{1,4}))?", re.ASCII)
_MONTH_OF_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_EIGHT = re.compile(r"\d{8}", re.ASCII)
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?$", re.ASCII)
_YEAR_DIGITS = 4


def mend_numbers(personal_id: str, old_id_number: str) -> tuple[str, str]:
    """Both numbers, mended; each into its own field where the other is empty.

    A number of nine digits among the personal ones is the old identity card's, and one of
    twelve among the old ones a personal one.
    """
    number, old = _digits(personal_id), _digits(old_id_number)
    if not old and len(number) == OLD_ID_DIGITS:
        number, old = "", number
    elif not number and len(old) == PERSONAL_ID_DIGITS:
        number, old = old, ""
    return _pad(number, PERSONAL_ID_DIGITS, 2), _pad(old, OLD_ID_DIGITS, 1)


def mend_name(name: str) -> str:
    """A name in NFC, with the letters that were meant, and nothing that cannot be seen."""
    return name if is_plain(name) else tidy(_latin(_read_again(name)))


def mend_code(code: str) -> str:
    """A commune's code with the zeros that a spreadsheet dropped."""
    if not code or (len(code) == COMMUNE_DIGITS and code.isascii() and code.isdecimal()):
        return code
    digits = _digits(code)
    return digits.zfill(COMMUNE_DIGITS) if digits.isdecimal() else digits


def read_date(text: str) -> PartialDate | None:
    """A birth date written as text; None when it is none, or could be another one as well."""
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = _MIDNIGHT.sub("", plain)
    for pattern, read in _FORMATS:
        found = pattern.fullmatch(plain)
        if found is not None:
            return read(found)
    return None


def _digits(text: str) -> str:
    """Digits without what separates them, and letters that look like digits as digits."""
    if text.isascii() and text.isdecimal():
        return text
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(char for char in plain if unicodedata.category(char) not in {"Cc", "Cf"})
    digits = _SEPARATORS.sub("", seen).translate(_LOOK_LIKE_DIGITS)
    return digits if digits.isascii() and digits.isdecimal() else text


def _pad(number: str, length: int, zeros: int) -> str:
    """A number with at most so many leading zeros put back; another one as it is."""
    short = length - len(number)
    dropped = 0 < short <= zeros and number.isdecimal() and not number.startswith("0")
    return "0" * short + number if dropped else number


def _read_again(name: str) -> str:
    """UTF-8 that was read as Windows-1252, once or twice, as what it was."""
    for _ in range(2):
        if not _MOJIBAKE.search(name):
            break
        try:
            name = bytes(map(_as_byte, name)).decode()
        except ValueError:
            break
    return name


def _as_byte(char: str) -> int:
    """The byte that Windows-1252, or ISO 8859-1, shows as this character."""
    code = ord(char)
    return code if code <= 0xFF else char.encode("cp1252")[0]  # noqa: PLR2004 - a byte


def _latin(name: str) -> str:
    """Look-alikes as the Latin letters that were meant; a name in another script as it is."""
    latin = name.translate(_LOOK_ALIKE)
    return name if _OTHER_SCRIPT.search(latin) else latin


def _from_separated(found: re.Match[str]) -> PartialDate | None:
    """Year first, or day first; never month first, and never with two digits for the year."""
    first, second, third = found[1], found[2], found[3]
    if len(first) == _YEAR_DIGITS:
        if third is not None and len(third) > 2:  # noqa: PLR2004 - a day has two digits
            return None
        return _date(first, second, third or "0")
    if third is None or len(third) != _YEAR_DIGITS or len(first) > 2:  # noqa: PLR2004 - as above
        return None
    return _date(third, second, first)


def _from_eight(found: re.Match[str]) -> PartialDate | None:
    digits = found[0]
    if int(digits[:4]) >= EARLIEST_YEAR:
        year_first = _date(digits[:4], digits[4:6], digits[6:])
        if year_first is not None:
            return year_first
    if int(digits[4:]) >= EARLIEST_YEAR:
        return _date(digits[4:], digits[2:4], digits[:2])
    return None


def _date(year: str, month: str, day: str) -> PartialDate | None:
    date = PartialDate(int(year), int(month), int(day))
    return date if date.exists() else None


_FORMATS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], PartialDate | None]], ...] = (
    (_YEAR, lambda found: _date(found[0], "0", "0")),
    (_EIGHT, _from_eight),
    (_MONTH_OF_YEAR, lambda found: _date(found[2], found[1], "0")),
    (_SEPARATED, _from_separated),
)
