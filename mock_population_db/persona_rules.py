"""What a user may write in each field of a persona, with the remedy where it is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

from mock_population_db import divisions
from mock_population_db.citizen import (
    BloodType,
    CodeEpoch,
    MaritalStatus,
    NumberStatus,
    Sex,
    VitalStatus,
)
from mock_population_db.partial_date import PartialDate

LONGEST_NAME = 100
_FIRST_YEAR = 1900
_LONGEST_ABOUT = 200
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NAME_MARKS = frozenset(" .'’‘ʼ`-‐")


@dataclass(frozen=True, slots=True)
class Fault:
    """Which rule a value breaks, and how to mend it."""

    rule: str
    fix: str


Rule = Callable[[str], Fault | None]


def _number(length: int, text: str) -> Fault | None:
    if not text.isascii() and text.isdecimal():
        return Fault("has digits other than 0 to 9", "type them with ASCII digits")
    if not (text.isascii() and text.isdigit()):
        return Fault("has something other than digits", "O is not 0, I is not 1; no blanks")
    if len(text) == length - 1:
        zero = "put back the leading zero, which spreadsheets drop"
        return Fault(f"has {len(text)} digits instead of {length}", zero)
    if len(text) != length:
        return Fault(f"has {len(text)} digits instead of {length}", f"give all {length} digits")
    return None


def _personal_id(text: str) -> Fault | None:
    fault = _number(12, text)
    if fault is None and text.startswith("000"):
        return Fault("begins with 000", "begin with a province's code, as 001 for Hà Nội")
    return fault


def _name(text: str) -> Fault | None:
    for letter in text:
        if letter not in _NAME_MARKS and unicodedata.category(letter)[0] not in "LM":
            told = f"U+{ord(letter):04X} {unicodedata.name(letter, 'a control character')}"
            return Fault(f"has {told}", "leave letters, blanks, apostrophes and hyphens only")
    if len(text) > LONGEST_NAME:
        return Fault(f"has {len(text)} characters", f"shorten it to {LONGEST_NAME}")
    if text != " ".join(text.split()):
        return Fault("has blanks at an end, or several together", "keep single blanks")
    if not any(letter.isalpha() for letter in text):
        return Fault("has no letter", "give a name")
    return None


def _birth_date(text: str) -> Fault | None:
    try:
        birth = PartialDate.parse(text)
    except ValueError as error:
        return Fault(f"{error}", "write a date that exists, as 1948, 1948-05 or 1948-05-12")
    if birth.year < _FIRST_YEAR:
        return Fault(f"is before {_FIRST_YEAR}", f"give a year from {_FIRST_YEAR} on")
    return None


def _word(kind: type[IntEnum], text: str) -> Fault | None:
    if text in kind.__members__:
        return None
    return Fault("is not one of the known words", f"use one of {', '.join(kind.__members__)}")


def _commune(text: str) -> Fault | None:
    if divisions.commune(text, CodeEpoch.Y2025):
        return None
    if divisions.commune(text, CodeEpoch.LEGACY):
        now = " or ".join(divisions.successors(text))
        return Fault("is a code of before 2025-07-01", f"use {now}")
    return Fault("is no commune of 2025", "give the 5 digits of a commune since 2025-07-01")


def _listed(table: str, text: str) -> Fault | None:
    if text in divisions.listed_codes(table):
        return None
    return Fault("is not a listed code", f"use a 2-digit code of {table}, as 01")


def _nationality(text: str) -> Fault | None:
    if len(text) == 2 and text.isascii() and text.isalpha() and text.isupper():  # noqa: PLR2004 - alpha-2
        return None
    return Fault("is not a country code", "use two capital letters (ISO 3166-1), as VN")


def _slug(text: str) -> Fault | None:
    if _SLUG.fullmatch(text):
        return None
    return Fault("is not in kebab-case", "use small letters, digits and single hyphens")


def _about(text: str) -> Fault | None:
    if text.isprintable() and len(text) <= _LONGEST_ABOUT:
        return None
    return Fault("is not one short line", f"use at most {_LONGEST_ABOUT} printable characters")


REQUIRED = ("personal_id", "full_name", "birth_date")
RULES: Mapping[str, Rule] = {
    "personal_id": _personal_id,
    "full_name": _name,
    "birth_date": _birth_date,
    "slug": _slug,
    "about": _about,
    "old_id_number": partial(_number, 9),
    "family": _name,
    "middle": _name,
    "given": _name,
    "sex": partial(_word, Sex),
    "vital_status": partial(_word, VitalStatus),
    "number_status": partial(_word, NumberStatus),
    "commune_code": _commune,
    "ethnic_code": partial(_listed, "ethnic_groups.csv"),
    "religion_code": partial(_listed, "religions.csv"),
    "nationality": _nationality,
    "blood_type": partial(_word, BloodType),
    "marital_status": partial(_word, MaritalStatus),
}
