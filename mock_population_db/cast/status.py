"""People whose status a client must look at: VERIFIED does not mean alive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mock_population_db.cast.scene import (
    CAI_KHE,
    HA_GIANG,
    HAM_RONG,
    NHON_BINH,
    RACH_GIA,
    SONG_HIEN,
    TAN_DINH,
    claim,
    converted,
    household,
    kin,
    person,
    verified,
)
from mock_population_db.citizen import MaritalStatus, PersonName, Relation, VitalStatus
from mock_population_db.partial_date import PartialDate

_MISSING, _DECLARED_DEAD = VitalStatus.DECLARED_MISSING, VitalStatus.DECLARED_DEAD

_DEAD_HOME = household(24, converted(SONG_HIEN, "tổ Thử"))
_DEAD = replace(
    person(
        "004049000035", PersonName("Nông", "Văn", "Dền"), "1949-10-19", SONG_HIEN,
        home=_DEAD_HOME, old="000000035", ethnic="02", vital=VitalStatus.DEAD,
        card=date(2021, 5, 25),
    ),
    vital_date=PartialDate(2024, 2, 11),
)  # fmt: skip

_ANNULLED_HOME = household(25, converted(RACH_GIA, "khu phố Thử"), "091066000038")
_ANNULLED = person(
    "091066000038", PersonName("Danh", "", "Sơn"), "1966-03-30", RACH_GIA,
    home=_ANNULLED_HOME, ethnic="05", card=date(2021, 10, 5),
)  # fmt: skip
_ANNULLED = replace(_ANNULLED, identity=_ANNULLED.identity._replace(death_annulled=True))

_MISSING_HOME = household(26, converted(CAI_KHE, "hẻm Thử"))
_LOST = replace(
    person(
        "092079000039", PersonName("Huỳnh", "Thanh", "Liêm"), "1979-01-21", CAI_KHE,
        home=_MISSING_HOME, vital=_MISSING,
    ),
    vital_date=PartialDate(2021, 6, 15),
)  # fmt: skip
_GONE_HOME = household(27, converted(TAN_DINH, "20 phố Giả Định"))
_GONE = replace(
    person(
        "079058000040", PersonName("Châu", "Ngọc", "Ẩn"), "1958-07-13", TAN_DINH,
        home=_GONE_HOME, vital=_DECLARED_DEAD,
    ),
    vital_date=PartialDate(2022, 9, 9),
)  # fmt: skip

_WIDOW_HOME = household(28, converted(NHON_BINH, "thôn Thử"), "052050000036")
_HUSBAND = replace(
    person(
        "052050000036", PersonName("Bùi", "Văn", "Thiện"), "1950-02-02", NHON_BINH,
        home=_WIDOW_HOME, marital=MaritalStatus.MARRIED, vital=VitalStatus.DEAD,
        card=date(2021, 4, 4),
    ),
    vital_date=PartialDate(2025, 11, 30),
)  # fmt: skip
_WIDOW = replace(
    person(
        "052155000037", PersonName("Trần", "Thị", "Nguyệt"), "1955-09-18", NHON_BINH,
        home=_WIDOW_HOME, relation=Relation.SPOUSE, card=date(2021, 4, 4),
        marital=MaritalStatus.DIVORCED_OR_WIDOWED,
    ),
    spouse=kin(_HUSBAND),
)  # fmt: skip
_HUSBAND = replace(_HUSBAND, spouse=kin(_WIDOW))

_STATELESS_HOME = household(29, converted(HA_GIANG, "bản Thử"), "002087000041")
_STATELESS = replace(
    person(
        "002087000041", PersonName("Giàng", "A", "Páo"), "1987-04-09", HA_GIANG,
        home=_STATELESS_HOME, ethnic="08", card=date(2022, 6, 16),
    ),
    nationality="",
)  # fmt: skip

_WARD_HOME = household(30, converted(HAM_RONG, "phố Mẫu"), "038052000043")
_GUARDIAN = person(
    "038052000043", PersonName("Lê", "Đình", "Thọ"), "1952-11-11", HAM_RONG,
    home=_WARD_HOME, marital=MaritalStatus.DIVORCED_OR_WIDOWED, card=date(2021, 8, 30),
)  # fmt: skip
_WARD = replace(
    person(
        "038218000042", PersonName("Lê", "Tuấn", "Kiệt"), "2018-02-14", HAM_RONG,
        home=_WARD_HOME, relation=Relation.GRANDCHILD, since=date(2018, 3, 1),
    ),
    representative=kin(_GUARDIAN),
)  # fmt: skip

PERSONAS = (
    verified(
        "dead",
        "Died in 2024: the data agree, and the status says DEAD.",
        claim(_DEAD, old="000000035"), _DEAD_HOME, _DEAD,
    ),
    verified(
        "death-annulled",
        "A death was recorded by mistake and annulled: alive.",
        claim(_ANNULLED), _ANNULLED_HOME, _ANNULLED,
    ),
    verified(
        "declared-missing",
        "Declared missing by a court.",
        claim(_LOST), _MISSING_HOME, _LOST,
    ),
    verified(
        "declared-dead",
        "Declared dead by a court.",
        claim(_GONE), _GONE_HOME, _GONE,
    ),
    verified(
        "household-head-dead",
        "Alive, in a household whose head is dead.",
        claim(_WIDOW), _WIDOW_HOME, _HUSBAND, _WIDOW,
    ),
    verified(
        "nationality-empty",
        "The register holds no nationality; prefix 002 names no province any more.",
        claim(_STATELESS), _STATELESS_HOME, _STATELESS,
    ),
    verified(
        "child-with-guardian",
        "No parents on file; the grandfather is the legal representative.",
        claim(_WARD), _WARD_HOME, _GUARDIAN, _WARD,
    ),
)  # fmt: skip
