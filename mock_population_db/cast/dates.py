"""Birth dates that are incomplete, missing, or look it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mock_population_db.cast.scene import (
    CAI_KHE,
    DONG_VINH,
    HOA_HIEP_BAC,
    TAY_LOC,
    claim,
    converted,
    household,
    kin,
    person,
    refused,
    verified,
)
from mock_population_db.citizen import MaritalStatus, PersonName, Relation

_HOME = household(6, converted(DONG_VINH, "xóm Thử"), "040048000014")
_YEAR_ONLY = person(
    "040048000014", PersonName("Nguyễn", "Văn", "Tư"), "1948", DONG_VINH,
    home=_HOME, old="000000014", marital=MaritalStatus.MARRIED, card=date(2021, 6, 7),
)  # fmt: skip
_MONTH_ONLY = person(
    "040152000015", PersonName("Đặng", "Thị", "Lành"), "1952-08", DONG_VINH,
    home=_HOME, relation=Relation.SPOUSE, marital=MaritalStatus.MARRIED, card=date(2021, 6, 7),
)  # fmt: skip
_YEAR_ONLY, _MONTH_ONLY = (
    replace(_YEAR_ONLY, spouse=kin(_MONTH_ONLY)),
    replace(_MONTH_ONLY, spouse=kin(_YEAR_ONLY)),
)
_OLD_COUPLE = (_HOME, _YEAR_ONLY, _MONTH_ONLY)

_NEW_YEAR_HOME = household(7, converted(HOA_HIEP_BAC, "1 đường Mẫu"), "048090000016")
_NEW_YEAR = person(
    "048090000016", PersonName("Mai", "Quốc", "Bảo"), "1990-01-01", HOA_HIEP_BAC,
    home=_NEW_YEAR_HOME, card=date(2021, 4, 12),
)  # fmt: skip

_UNDATED_HOME = household(8, converted(CAI_KHE, "ấp Thử"), "092155000017")
_UNDATED = person("092155000017", PersonName("Lâm", "Thị", "Sáu"), "", CAI_KHE, home=_UNDATED_HOME)

_CENTENARIAN_HOME = household(9, converted(TAY_LOC, "kiệt Mẫu"), "046123000018")
_CENTENARIAN = person(
    "046123000018", PersonName("Hồ", "Thị", "Cúc"), "1923-11-02", TAY_LOC,
    home=_CENTENARIAN_HOME, old="000000018", marital=MaritalStatus.DIVORCED_OR_WIDOWED,
    card=date(2021, 9, 30),
)  # fmt: skip

PERSONAS = (
    verified(
        "birth-year-only",
        "The register knows the year of birth only.",
        claim(_YEAR_ONLY, old="000000014"), *_OLD_COUPLE,
    ),
    verified(
        "birth-year-only-as-1-january",
        "The same person, the year written as 1 January by the client.",
        claim(_YEAR_ONLY, birth="1948-01-01"), *_OLD_COUPLE,
    ),
    refused(
        "birth-year-only-with-a-month",
        "The same person with a month that the register does not know.",
        claim(_YEAR_ONLY, birth="1948-05"), *_OLD_COUPLE,
    ),
    verified(
        "birth-month-only",
        "The register knows year and month of birth.",
        claim(_MONTH_ONLY), *_OLD_COUPLE,
    ),
    verified(
        "birth-month-only-as-first-day",
        "The same person, the month written as its first day by the client.",
        claim(_MONTH_ONLY, birth="1952-08-01"), *_OLD_COUPLE,
    ),
    verified(
        "genuine-1-january",
        "Really born on 1 January.",
        claim(_NEW_YEAR), _NEW_YEAR_HOME, _NEW_YEAR,
    ),
    refused(
        "genuine-1-january-cut-to-the-year",
        "A client took the full date for a year-only one.",
        claim(_NEW_YEAR, birth="1990"), _NEW_YEAR_HOME, _NEW_YEAR,
    ),
    refused(
        "birth-date-missing",
        "The register has no birth date: no claim can agree.",
        claim(_UNDATED, birth="1955-02-03"), _UNDATED_HOME, _UNDATED,
    ),
    verified(
        "centenarian",
        "Over a hundred years old: two-digit years deceive.",
        claim(_CENTENARIAN, old="000000018"), _CENTENARIAN_HOME, _CENTENARIAN,
    ),
)  # fmt: skip
