"""Names that break what clients assume about names."""

from __future__ import annotations

from datetime import date

from mock_population_db.cast.scene import (
    CAI_KHE,
    KON_TUM,
    PHUC_XA,
    TAN_LAP,
    TAY_LOC,
    claim,
    converted,
    household,
    person,
    refused,
    verified,
)
from mock_population_db.citizen import PersonName

_ONE_SYLLABLE_HOME = household(10, converted(KON_TUM, "làng Thử"), "062089000019")
_ONE_SYLLABLE = person(
    "062089000019", PersonName(given="Thoih"), "1989-06-06", KON_TUM,
    home=_ONE_SYLLABLE_HOME, ethnic="14", card=date(2022, 3, 3),
)  # fmt: skip

_MINORITY_HOME = household(11, converted(TAN_LAP, "buôn Thử"), "066091000020")
_MINORITY = person(
    "066091000020", PersonName("Y", "K'Đoan", "Niê"), "1991-02-25", TAN_LAP,
    home=_MINORITY_HOME, ethnic="12", card=date(2021, 7, 21),
)  # fmt: skip

_LONG_HOME = household(12, converted(TAY_LOC, "2 kiệt Mẫu"), "046199000021")
_LONG = person(
    "046199000021",
    PersonName(
        "Công Tằng Tôn Nữ",
        "Nguyễn Phước Hoàng Thiên Kim Ngọc Bảo Châu Quỳnh Hương Thanh Trúc Minh Nguyệt",
        "Ánh",
    ),
    "1999-08-15", TAY_LOC, home=_LONG_HOME, card=date(2024, 9, 9),
)  # fmt: skip

_TWO_PART_HOME = household(13, converted(TAY_LOC, "3 kiệt Mẫu"), "046085000022")
_TWO_PART = person(
    "046085000022", PersonName("Tôn Thất", "Hoài", "Nam"), "1985-04-27", TAY_LOC,
    home=_TWO_PART_HOME, old="000000022", card=date(2025, 5, 6),
)  # fmt: skip

_ONE_FIELD_HOME = household(14, converted(CAI_KHE, "hẻm Mẫu"), "092193000023")
_ONE_FIELD = person(
    "092193000023", PersonName(given="PHAN THỊ NGỌC LAN"), "1993-12-12", CAI_KHE,
    home=_ONE_FIELD_HOME, card=date(2021, 10, 10),
)  # fmt: skip

_LOOK_ALIKE_HOME = household(15, converted(PHUC_XA, "9 ngõ Mẫu"), "001082000024")
_LOOK_ALIKE = person(
    "001082000024", PersonName("\u00d0ỗ", "Văn", "Tài"), "1982-02-08", PHUC_XA,
    home=_LOOK_ALIKE_HOME, old="000000024", card=date(2021, 1, 18),
)  # fmt: skip

PERSONAS = (
    verified(
        "one-syllable-name",
        "The whole name is one part; there is no surname.",
        claim(_ONE_SYLLABLE), _ONE_SYLLABLE_HOME, _ONE_SYLLABLE,
    ),
    verified(
        "minority-name",
        "A one-letter part and an apostrophe.",
        claim(_MINORITY), _MINORITY_HOME, _MINORITY,
    ),
    verified(
        "minority-name-without-apostrophe",
        "The same person, the apostrophe left out.",
        claim(_MINORITY, name="Y KĐoan Niê"), _MINORITY_HOME, _MINORITY,
    ),
    verified(
        "very-long-name",
        "Nearly the hundred characters that a name may have.",
        claim(_LONG), _LONG_HOME, _LONG,
    ),
    verified(
        "two-part-surname",
        "The surname is Tôn Thất, not Tôn.",
        claim(_TWO_PART), _TWO_PART_HOME, _TWO_PART,
    ),
    verified(
        "whole-name-in-one-field",
        "The register holds the whole name, in capitals, in the given name's field.",
        claim(_ONE_FIELD, name="Phan Thị Ngọc Lan"), _ONE_FIELD_HOME, _ONE_FIELD,
    ),
    verified(
        "d-look-alike",
        "The register holds Ð (U+00D0) for Đ (U+0110); the claim writes the letter.",
        claim(_LOOK_ALIKE, name="Đỗ Văn Tài"), _LOOK_ALIKE_HOME, _LOOK_ALIKE,
    ),
    refused(
        "d-look-alike-lost",
        "The same name after a client deleted the letters that it could not fold.",
        claim(_LOOK_ALIKE, name="OVANTAI"), _LOOK_ALIKE_HOME, _LOOK_ALIKE,
    ),
)  # fmt: skip
