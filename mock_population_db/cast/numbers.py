"""Numbers that were corrected, re-issued, cancelled or given twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mock_population_db.cast.scene import (
    DONG_VINH,
    HAM_RONG,
    PHUC_XA,
    QUAN_TOAN,
    TAN_DINH,
    claim,
    converted,
    household,
    person,
    refused,
    verified,
)
from mock_population_db.citizen import NumberStatus, NumberStep, PersonName, Sex

_PENDING_HOME = household(16, converted(TAN_DINH, "14 phố Giả Định"), "079095000025")
_PENDING = person(
    "079095000025", PersonName("Nguyễn", "Hoài", "An"), "1995-05-05", TAN_DINH,
    home=_PENDING_HOME, sex=Sex.FEMALE, card=date(2021, 2, 2),
    status=NumberStatus.UNDER_CORRECTION,
)  # fmt: skip

_RENUMBERED_HOME = household(17, converted(TAN_DINH, "16 phố Giả Định"), "079197000026")
_RENUMBERED = replace(
    person(
        "079197000026", PersonName("Trịnh", "Khánh", "Vy"), "1997-03-03", TAN_DINH,
        home=_RENUMBERED_HOME, card=date(2024, 7, 22),
    ),
    number_history=(
        NumberStep("079097000026", "079197000026", date(2024, 5, 20), "SEX_CORRECTED"),
    ),
)  # fmt: skip

_CHAIN_HOME = household(18, converted(PHUC_XA, "11 ngõ Mẫu"), "001181000029")
_CHAIN = replace(
    person(
        "001181000029", PersonName("Đinh", "Phương", "Thảo"), "1981-07-07", PHUC_XA,
        home=_CHAIN_HOME, card=date(2023, 11, 13),
    ),
    number_history=(
        NumberStep("001080000027", "001081000028", date(2019, 3, 11), "BIRTH_YEAR_CORRECTED"),
        NumberStep("001081000028", "001181000029", date(2023, 10, 2), "SEX_CORRECTED"),
    ),
)  # fmt: skip

_CANCELLED_HOME = household(19, converted(HAM_RONG, "phố Thử"), "038077000030")
_CANCELLED = person(
    "038077000030", PersonName("Lưu", "Đình", "Phúc"), "1977-09-16", HAM_RONG,
    home=_CANCELLED_HOME, status=NumberStatus.CANCELLED,
)  # fmt: skip

_SHARED_HOME = household(20, converted(QUAN_TOAN, "thôn Mẫu"), "031068000031")
_SHARED = person(
    "031068000031", PersonName("Phạm", "Văn", "Hùng"), "1968-12-01", QUAN_TOAN,
    home=_SHARED_HOME, old="000000031", card=date(2021, 8, 8),
)  # fmt: skip
_OTHER_HOME = household(21, converted(TAN_DINH, "18 phố Giả Định"), "079172000032")
_OTHER = person(
    "079172000032", PersonName("Võ", "Thị Kim", "Ngân"), "1972-05-23", TAN_DINH,
    home=_OTHER_HOME, old="000000031", card=date(2021, 8, 9),
)  # fmt: skip
_SHARING = (_SHARED_HOME, _SHARED, _OTHER_HOME, _OTHER)

_NAMESAKE_NAME = PersonName("Nguyễn", "Văn", "Bình")
_NAMESAKE_HOME = household(22, converted(PHUC_XA, "13 ngõ Mẫu"), "001070000033")
_NAMESAKE = person(
    "001070000033", _NAMESAKE_NAME, "1970-10-10", PHUC_XA,
    home=_NAMESAKE_HOME, old="000000033", card=date(2021, 3, 1),
)  # fmt: skip
_DOUBLE_HOME = household(23, converted(DONG_VINH, "xóm Mẫu"), "040070000034")
_DOUBLE = person(
    "040070000034", _NAMESAKE_NAME, "1970-10-10", DONG_VINH,
    home=_DOUBLE_HOME, old="000000033", card=date(2021, 3, 2),
)  # fmt: skip
_NAMESAKES = (_NAMESAKE_HOME, _NAMESAKE, _DOUBLE_HOME, _DOUBLE)

PERSONAS = (
    verified(
        "sex-corrected-number-pending",
        "The sex was corrected, the number still tells the former one and is being replaced.",
        claim(_PENDING), _PENDING_HOME, _PENDING,
    ),
    verified(
        "sex-corrected-renumbered",
        "The sex was corrected and the number replaced: the present number.",
        claim(_RENUMBERED), _RENUMBERED_HOME, _RENUMBERED,
    ),
    refused(
        "sex-corrected-former-number",
        "The same person by the cancelled number: ResolveIdentifier leads on.",
        claim(_RENUMBERED, number="079097000026"), _RENUMBERED_HOME, _RENUMBERED,
    ),
    verified(
        "number-chain-present",
        "Replaced twice: the present number, C of A to B to C.",
        claim(_CHAIN), _CHAIN_HOME, _CHAIN,
    ),
    refused(
        "number-chain-first",
        "The same person by the first number, A.",
        claim(_CHAIN, number="001080000027"), _CHAIN_HOME, _CHAIN,
    ),
    refused(
        "number-chain-second",
        "The same person by the second number, B.",
        claim(_CHAIN, number="001081000028"), _CHAIN_HOME, _CHAIN,
    ),
    refused(
        "cancelled-number",
        "The number is cancelled and none was set up in its place.",
        claim(_CANCELLED), _CANCELLED_HOME, _CANCELLED,
    ),
    verified(
        "shared-old-number",
        "Two people have this 9-digit number; the name decides.",
        claim(_SHARED, number="", old="000000031"), *_SHARING,
    ),
    verified(
        "shared-old-number-other",
        "The other person of the same 9-digit number.",
        claim(_OTHER, number="", old="000000031"), *_SHARING,
    ),
    refused(
        "ambiguous-old-number",
        "Two people share 9-digit number, name and birth date: nobody can tell.",
        claim(_NAMESAKE, number="", old="000000033"), *_NAMESAKES,
    ),
    verified(
        "ambiguous-old-number-first",
        "One of those two, by the 12-digit number.",
        claim(_NAMESAKE), *_NAMESAKES,
    ),
    verified(
        "ambiguous-old-number-second",
        "The other of those two, by the 12-digit number.",
        claim(_DOUBLE), *_NAMESAKES,
    ),
)  # fmt: skip
