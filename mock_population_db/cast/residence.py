"""Residences that paper household books could not prove, or that 2025-07-01 moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mock_population_db.cast.scene import (
    CAI_KHE,
    CONG_VI,
    KON_TUM,
    NHON_BINH,
    PHUC_XA,
    RACH_GIA,
    TAN_DINH,
    claim,
    converted,
    household,
    person,
    verified,
)
from mock_population_db.citizen import (
    Address,
    CodeEpoch,
    Conversion,
    PersonName,
    Relation,
    Residence,
    ResidenceKind,
)

_HOMELESS = replace(
    person("091083000044", PersonName("Trần", "Văn", "Lênh"), "1983-06-28", RACH_GIA),
    current_residence=Residence(
        ResidenceKind.CURRENT, converted(CAI_KHE, "ghe thử, bến Mẫu"), date(2020, 2, 1)
    ),
)

_VILLAGE_HOME = household(31, converted(KON_TUM, "làng Mẫu"), "062098000045")
_LODGING = household(
    32, converted(TAN_DINH, "22 phố Giả Định"), "062098000045", ResidenceKind.TEMPORARY
)
_WORKER = replace(
    person(
        "062098000045", PersonName("A", "", "Thuận"), "1998-12-24", KON_TUM,
        home=_VILLAGE_HOME, ethnic="13", card=date(2024, 12, 2),
    ),
    temporary_residence=Residence(
        ResidenceKind.TEMPORARY,
        _LODGING.address,
        date(2025, 3, 1),
        date(2027, 2, 28),
        household_id=_LODGING.household_id,
        relation=Relation.HEAD,
    ),
)  # fmt: skip

_STUDENT_HOME = household(33, converted(NHON_BINH, "thôn Mẫu"), "052099000046")
_STUDENT = replace(
    person(
        "052099000046", PersonName("Phan", "Minh", "Trí"), "1999-05-31", NHON_BINH,
        home=_STUDENT_HOME, card=date(2024, 6, 20),
    ),
    temporary_residence=Residence(
        ResidenceKind.TEMPORARY,
        converted(PHUC_XA, "ký túc xá Mẫu"),
        date(2023, 9, 1),
        date(2025, 8, 31),
    ),
)  # fmt: skip

_SPLIT_HOME = household(
    34, converted(CONG_VI, "ngách Mẫu", Conversion.SPLIT), "001085000047"
)  # fmt: skip
_SPLIT = person(
    "001085000047", PersonName("Nguyễn", "Tiến", "Đạt"), "1985-10-26", PHUC_XA,
    home=_SPLIT_HOME, card=date(2025, 11, 3),
)  # fmt: skip

_UNCONVERTED_HOME = household(
    35,
    Address("01", "00016", CodeEpoch.LEGACY, Conversion.UNCONVERTED, detail="ngõ Thử"),
    "001176000048",
)
_UNCONVERTED = person(
    "001176000048", PersonName("Trần", "Thị Kim", "Liên"), "1976-03-08", PHUC_XA,
    home=_UNCONVERTED_HOME, old="000000048", card=date(2021, 2, 25),
)  # fmt: skip

PERSONAS = (
    verified(
        "no-permanent-residence",
        "Registered nowhere; only a current place is known.",
        claim(_HOMELESS), _HOMELESS,
    ),
    verified(
        "temporary-residence",
        "Permanent residence in Kon Tum, temporary residence in TP. Hồ Chí Minh.",
        claim(_WORKER), _VILLAGE_HOME, _LODGING, _WORKER,
    ),
    verified(
        "temporary-residence-expired",
        "The temporary residence ended on 2025-08-31 and is still on file.",
        claim(_STUDENT), _STUDENT_HOME, _STUDENT,
    ),
    verified(
        "commune-split",
        "The commune was divided on 2025-07-01: the present one is a default.",
        claim(_SPLIT), _SPLIT_HOME, _SPLIT,
    ),
    verified(
        "address-not-converted",
        "The address still carries the code of before 2025-07-01.",
        claim(_UNCONVERTED, old="000000048"), _UNCONVERTED_HOME, _UNCONVERTED,
    ),
)  # fmt: skip
