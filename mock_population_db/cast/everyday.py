"""An ordinary family, and what clients do to an ordinary claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mock_population_db.cast.scene import (
    PHUC_XA,
    QUAN_TOAN,
    TAN_DINH,
    YEN_THINH,
    PersonaClaim,
    claim,
    converted,
    household,
    kin,
    person,
    refused,
    verified,
)
from mock_population_db.citizen import Address, MaritalStatus, NumberStatus, PersonName, Relation

_MARRIED = MaritalStatus.MARRIED

_HOME = household(1, converted(TAN_DINH, "12 phố Giả Định"), "079088000001")
_FATHER = person(
    "079088000001", PersonName("Trần", "Minh", "Khôi"), "1988-03-14", TAN_DINH,
    home=_HOME, old="000000001", marital=_MARRIED, card=date(2021, 5, 4),
)  # fmt: skip
_MOTHER = person(
    "079190000002", PersonName("Hồ", "Thị Bích", "Thủy"), "1990-09-02", TAN_DINH,
    home=_HOME, relation=Relation.SPOUSE, old="000000002", marital=_MARRIED,
    card=date(2022, 8, 15),
)  # fmt: skip
_FATHER, _MOTHER = replace(_FATHER, spouse=kin(_MOTHER)), replace(_MOTHER, spouse=kin(_FATHER))
_CHILD = replace(
    person(
        "079216000003", PersonName("Trần", "Gia", "Hưng"), "2016-05-21", TAN_DINH,
        home=_HOME, relation=Relation.SON, since=date(2016, 6, 10),
    ),
    father=kin(_FATHER),
    mother=kin(_MOTHER),
)  # fmt: skip
_FAMILY = (_HOME, _FATHER, _MOTHER, _CHILD)

_YOUNG_HOME = household(2, converted(PHUC_XA, "5 ngõ Mẫu"), "001094000004")
_YOUNG_FATHER = person(
    "001094000004", PersonName("Vũ", "Đức", "Long"), "1994-07-19", PHUC_XA,
    home=_YOUNG_HOME, marital=_MARRIED, card=date(2021, 3, 9),
)  # fmt: skip
_YOUNG_MOTHER = person(
    "001196000005", PersonName("Ngô", "Thu", "Trang"), "1996-01-30", PHUC_XA,
    home=_YOUNG_HOME, relation=Relation.SPOUSE, marital=_MARRIED, card=date(2023, 2, 20),
)  # fmt: skip
_YOUNG_FATHER, _YOUNG_MOTHER = (
    replace(_YOUNG_FATHER, spouse=kin(_YOUNG_MOTHER)),
    replace(_YOUNG_MOTHER, spouse=kin(_YOUNG_FATHER)),
)
_NEWBORN = replace(
    person(
        "001325000006", PersonName("Vũ", "Ngọc", "Diệp"), "2025-12-20", PHUC_XA,
        home=_YOUNG_HOME, relation=Relation.DAUGHTER, since=date(2025, 12, 24),
        status=NumberStatus.PENDING,
    ),
    father=kin(_YOUNG_FATHER),
    mother=kin(_YOUNG_MOTHER),
)  # fmt: skip

_TWINS_HOME = household(3, converted(QUAN_TOAN, "thôn Thử"), "031084000010")
_TWINS_FATHER = person(
    "031084000010", PersonName("Lê", "Hoàng", "Quân"), "1984-04-01", QUAN_TOAN,
    home=_TWINS_HOME, card=date(2024, 4, 22),
)  # fmt: skip
_ELDER, _YOUNGER = (
    replace(
        person(
            number, PersonName("Lê", "Hoàng Minh", given), "2012-10-10", QUAN_TOAN,
            home=_TWINS_HOME, relation=Relation.DAUGHTER, since=date(2012, 11, 5),
        ),
        father=kin(_TWINS_FATHER),
    )
    for number, given in (("031312000008", "Anh"), ("031312000009", "Ánh"))
)  # fmt: skip
_TWINS = (_TWINS_HOME, _TWINS_FATHER, _ELDER, _YOUNGER)

_ABROAD_HOME = household(4, converted(PHUC_XA, "7 ngõ Mẫu"), "276198000011")
_BORN_ABROAD = replace(
    person(
        "276198000011", PersonName("Phan", "Quỳnh", "Chi"), "1998-11-05", PHUC_XA,
        home=_ABROAD_HOME, since=date(2016, 9, 1), card=date(2023, 12, 1),
    ),
    birth_place=Address(country="DE", detail="Berlin"),
    birth_registration_place=Address(country="DE", detail="Đại sứ quán Việt Nam tại Berlin"),
)  # fmt: skip

_NEW_CODES_HOME = household(5, converted(YEN_THINH, "tổ 3"), "015195000013")
_SINGLE_MOTHER = person(
    "015195000013", PersonName("Lương", "Thị", "Mai"), "1995-06-17", YEN_THINH,
    home=_NEW_CODES_HOME, card=date(2024, 10, 8),
)  # fmt: skip
_BORN_LATE = replace(
    person(
        "015225000012", PersonName("Lương", "Bảo", "Nam"), "2025-08-19", YEN_THINH,
        home=_NEW_CODES_HOME, relation=Relation.SON, since=date(2025, 9, 3),
    ),
    mother=kin(_SINGLE_MOTHER),
)  # fmt: skip

PERSONAS = (
    verified(
        "ordinary",
        "A record without peculiarities; the claim carries both numbers.",
        claim(_FATHER, old="000000001"), *_FAMILY,
    ),
    verified(
        "old-number-only",
        "The ordinary person, asked by the 9-digit number alone.",
        claim(_FATHER, number="", old="000000001"), *_FAMILY,
    ),
    verified(
        "name-without-marks",
        "The ordinary name typed without any mark.",
        claim(_FATHER, name="TRAN MINH KHOI"), *_FAMILY,
    ),
    verified(
        "name-without-marks-and-blanks",
        "The ordinary name as many clients send it: no marks, no blanks.",
        claim(_FATHER, name="TRANMINHKHOI"), *_FAMILY,
    ),
    verified(
        "tone-on-another-vowel",
        "The register writes Thủy, the claim Thuỷ.",
        claim(_MOTHER, name="Hồ Thị Bích Thuỷ"), *_FAMILY,
    ),
    refused(
        "name-partly-marked",
        "Some marks kept, one lost: another name.",
        claim(_FATHER, name="Trần Minh Khoi"), *_FAMILY,
    ),
    refused(
        "middle-name-missing",
        "The ordinary name without its middle part.",
        claim(_FATHER, name="Trần Khôi"), *_FAMILY,
    ),
    refused(
        "wrong-birth-date",
        "The ordinary person with a birth date one day off.",
        claim(_FATHER, birth="1988-03-15"), *_FAMILY,
    ),
    refused(
        "birth-year-for-a-full-date",
        "Only the year is claimed, the register knows the day.",
        claim(_FATHER, birth="1988"), *_FAMILY,
    ),
    refused(
        "numbers-of-two-people",
        "The new number of the husband with the old number of the wife.",
        claim(_FATHER, old="000000002"), *_FAMILY,
    ),
    refused(
        "unknown-number",
        "A well-formed number that nobody has.",
        PersonaClaim("079088000999", "", "Trần Minh Khôi", "1988-03-14"),
    ),
    verified(
        "child-without-card",
        "A child of nine with a number and no card.",
        claim(_CHILD), *_FAMILY,
    ),
    verified(
        "newborn-number-pending",
        "Born in December 2025; the number is set up and not yet confirmed.",
        claim(_NEWBORN), _YOUNG_HOME, _YOUNG_FATHER, _YOUNG_MOTHER, _NEWBORN,
    ),
    verified(
        "twin-elder", "Twins whose names differ by one tone: Anh.", claim(_ELDER), *_TWINS,
    ),
    verified(
        "twin-younger", "Twins whose names differ by one tone: Ánh.", claim(_YOUNGER), *_TWINS,
    ),
    refused(
        "twin-mixed-up",
        "The number of one twin with the name of the other.",
        claim(_ELDER, name=_YOUNGER.identity.name.full), *_TWINS,
    ),
    verified(
        "born-abroad",
        "The number begins with a country's code (an invented one: the list is not public).",
        claim(_BORN_ABROAD), _ABROAD_HOME, _BORN_ABROAD,
    ),
    verified(
        "born-after-2025-07",
        "Registered under the codes of 2025: prefix 015 was Yên Bái and is Lào Cai now.",
        claim(_BORN_LATE), _NEW_CODES_HOME, _SINGLE_MOTHER, _BORN_LATE,
    ),
)  # fmt: skip
