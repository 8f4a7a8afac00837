"""The shape of what callers send. Shape only: what merely disagrees is an answer.

Every function appends to a list, so that a caller learns of all mistakes at once. Messages
say the rule and the mend and never repeat the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR

from gateway.core.errors import Violation, violations_found
from gateway.core.model import Assertion, Claim, Context, SaidPerson, SaidPlace
from gateway.core.shapes import (
    MAX_NAME,
    check_name,
    date_violation,
    is_number,
    number_violation,
    too_long,
    unprintable,
)
from mock_population_db.citizen import CodeEpoch, MaritalStatus, ResidenceKind, VitalStatus
from mock_population_db.partial_date import PartialDate

PERSONAL_ID_DIGITS = 12
OLD_ID_DIGITS = 9
MAX_BATCH = 1000  # claims
MAX_PROCEDURE = 20  # characters
MAX_ASSERTIONS = 16
COMMUNE_DIGITS = 5
PROVINCE_DIGITS = 2
MAX_VIOLATIONS = 100  # reported at once; a batch could have thousands

_EVERY_YEAR = frozenset(
    (month, day)
    for month in range(13)
    for day in range(32)
    if PartialDate(1999, month, day).exists()
)

_HOUSEHOLDS = (ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY)
_STATUSES = {
    "marital_status": frozenset(MaritalStatus) - {MaritalStatus.NO_DATA},
    "vital_status": frozenset(VitalStatus),
}

# (field, at most, required), as the real link has them
_CONTEXT_RULES = (
    ("request_id", 40, True),
    ("procedure_code", MAX_PROCEDURE, True),
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
    check_context(context, found)
    check_claim(claim, "claim", found)
    if found:
        raise violations_found(found)


def check_batch(context: Context, claims: Sequence[Claim]) -> None:
    """Check a call about many people; see ``check``."""
    found: list[Violation] = []
    check_context(context, found)
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
        if is_usual(claim):
            continue
        check_claim(claim, f"claims[{index}]", found)
        if len(found) >= MAX_VIOLATIONS:
            break
    if found:
        raise violations_found(found[:MAX_VIOLATIONS])


def check_household(context: Context, claim: Claim, kind: int) -> ResidenceKind:
    """Check a call about a household, and say which; 0 asks for the permanent one.

    Raises:
        MalformedRequest: naming every field of the wrong shape.
    """
    found: list[Violation] = []
    check_context(context, found)
    check_claim(claim, "claim", found)
    wanted = kind or ResidenceKind.PERMANENT
    if wanted not in _HOUSEHOLDS:
        found.append(
            Violation(
                "kind",
                "HOUSEHOLD_KIND",
                "must be PERMANENT or TEMPORARY, or left out for the permanent household",
                "phải là thường trú hoặc tạm trú; bỏ trống nghĩa là hộ thường trú",
            )
        )
    if found:
        raise violations_found(found)
    return ResidenceKind(wanted)


def check_assertions(context: Context, claim: Claim, assertions: Sequence[Assertion]) -> None:
    """Check a call that says things of a person; see ``check``."""
    found: list[Violation] = []
    check_context(context, found)
    check_claim(claim, "claim", found)
    if not 1 <= len(assertions) <= MAX_ASSERTIONS:
        found.append(
            Violation(
                "assertions",
                "ASSERTION_COUNT",
                f"{len(assertions)} assertions; send 1 to {MAX_ASSERTIONS} at a time",
                f"{len(assertions)} nội dung; mỗi lần gửi từ 1 đến {MAX_ASSERTIONS}",
            )
        )
    for index, assertion in enumerate(assertions[:MAX_ASSERTIONS]):
        _assertion(assertion, f"assertions[{index}]", found)
    if found:
        raise violations_found(found[:MAX_VIOLATIONS])


def check_context(context: Context, found: list[Violation]) -> None:
    """Check who asks and why; mistakes are added to ``found``."""
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
            found.append(too_long(f"context.{name}", limit))
        elif not (value.isprintable() or not value):
            found.append(unprintable(f"context.{name}"))


def check_claim(claim: Claim, path: str, found: list[Violation]) -> None:
    """Check what is claimed of a person; mistakes are added to ``found``."""
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
    _numbers(personal_id, old_id_number, path, found)
    check_name(full_name, f"{path}.full_name", found)
    if not birth_date.exists():
        found.append(date_violation(f"{path}.birth_date", birth_date))


def is_usual(claim: Claim) -> bool:
    """Whether a claim has the shape that nearly all have, so that it need not be checked."""
    name = claim.full_name
    return is_usual_but_for_letters(claim) and name[:1].isalpha() and "\0" not in name


def is_usual_but_for_letters(claim: Claim) -> bool:
    """The same, whatever letters the name is of."""
    number, old, name, (year, month, day) = claim
    return (
        not old
        and is_number(number, PERSONAL_ID_DIGITS)
        and len(name) <= MAX_NAME
        and (month, day) in _EVERY_YEAR
        and MINYEAR <= year <= MAXYEAR
    )


def _numbers(personal_id: str, old_id_number: str, path: str, found: list[Violation]) -> None:
    if personal_id and not is_number(personal_id, PERSONAL_ID_DIGITS):
        found.append(
            number_violation(
                f"{path}.personal_id", "PERSONAL_ID_FORMAT", personal_id, PERSONAL_ID_DIGITS
            )
        )
    if old_id_number and not is_number(old_id_number, OLD_ID_DIGITS):
        found.append(
            number_violation(
                f"{path}.old_id_number", "OLD_ID_NUMBER_FORMAT", old_id_number, OLD_ID_DIGITS
            )
        )


def _assertion(assertion: Assertion, path: str, found: list[Violation]) -> None:
    attribute, said = assertion
    if not attribute:
        found.append(
            Violation(
                path,
                "ATTRIBUTE_REQUIRED",
                "says nothing; set one of the attributes",
                "chưa có nội dung; hãy chọn một nội dung cần xác minh",
            )
        )
    elif isinstance(said, SaidPerson):
        _said_person(said, f"{path}.{attribute}", found)
    elif isinstance(said, SaidPlace):
        _said_place(said, f"{path}.{attribute}", found)
    elif said not in _STATUSES[attribute]:
        found.append(
            Violation(
                f"{path}.{attribute}",
                "STATUS_VALUE",
                "is no status that can be asserted; take one that the contract lists",
                "không phải là tình trạng có thể xác minh; hãy chọn giá trị trong hợp đồng",
            )
        )


def _said_person(said: SaidPerson, path: str, found: list[Violation]) -> None:
    if not any(said):
        found.append(
            Violation(
                path,
                "PERSON_REQUIRED",
                "give full_name, personal_id or old_id_number",
                "cần họ tên, số định danh cá nhân hoặc số CMND",
            )
        )
        return
    _numbers(said.personal_id, said.old_id_number, path, found)
    if said.full_name:
        check_name(said.full_name, f"{path}.full_name", found)


def _said_place(said: SaidPlace, path: str, found: list[Violation]) -> None:
    commune, province, epoch = said
    if not commune and not province:
        found.append(
            Violation(
                path,
                "PLACE_REQUIRED",
                "give commune_code (5 digits) or province_code (2 digits)",
                "cần mã xã (5 chữ số) hoặc mã tỉnh (2 chữ số)",
            )
        )
    if commune and not is_number(commune, COMMUNE_DIGITS):
        found.append(
            number_violation(f"{path}.commune_code", "CODE_FORMAT", commune, COMMUNE_DIGITS)
        )
    if province and not is_number(province, PROVINCE_DIGITS):
        found.append(
            number_violation(f"{path}.province_code", "CODE_FORMAT", province, PROVINCE_DIGITS)
        )
    if epoch not in list(CodeEpoch):
        found.append(
            Violation(
                f"{path}.code_epoch",
                "CODE_EPOCH",
                "say when the code is to be read: LEGACY (until 2025-06-30) or Y2025",
                "ghi rõ thời kỳ của mã: LEGACY (đến 30/6/2025) hoặc Y2025",
            )
        )
