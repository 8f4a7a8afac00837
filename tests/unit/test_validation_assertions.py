"""The shape of assertions and of the household asked for."""

from __future__ import annotations

import pytest

from gateway.core.errors import MalformedRequest
from gateway.core.model import Assertion, SaidPerson, SaidPlace
from gateway.core.validation import check_assertions, check_household
from mock_population_db.citizen import ResidenceKind
from tests.support.scene import CONTEXT, claim

GOOD = Assertion("father", SaidPerson("Lê Văn Ba", "", ""))


def _rules(*assertions: Assertion) -> dict[str, str]:
    """Rule by field of what is refused."""
    try:
        check_assertions(CONTEXT, claim(), assertions)
    except MalformedRequest as error:
        return {one.field: one.rule for one in error.violations}
    return {}


@pytest.mark.parametrize(
    "assertion",
    [
        GOOD,
        Assertion("mother", SaidPerson("", "001160000002", "")),
        Assertion("spouse", SaidPerson("", "", "000000002")),
        Assertion("current_address", SaidPlace("00097", "", 2)),
        Assertion("current_address", SaidPlace("", "01", 1)),
        Assertion("marital_status", 3),
        Assertion("vital_status", 4),
    ],
)
def test_well_formed(assertion: Assertion) -> None:
    """One part of a person is enough, one code of a place, each status of the contract."""
    assert _rules(assertion) == {}


@pytest.mark.parametrize(
    ("assertion", "field", "rule"),
    [
        (Assertion("", 0), "", "ATTRIBUTE_REQUIRED"),
        (Assertion("father", SaidPerson("", "", "")), ".father", "PERSON_REQUIRED"),
        (
            Assertion("father", SaidPerson("", "12", "")),
            ".father.personal_id",
            "PERSONAL_ID_FORMAT",
        ),
        (
            Assertion("mother", SaidPerson("", "", "12")),
            ".mother.old_id_number",
            "OLD_ID_NUMBER_FORMAT",
        ),
        (Assertion("spouse", SaidPerson("...", "", "")), ".spouse.full_name", "NAME_REQUIRED"),
        (Assertion("spouse", SaidPerson("a" * 101, "", "")), ".spouse.full_name", "TOO_LONG"),
        (
            Assertion("current_address", SaidPlace("", "", 2)),
            ".current_address",
            "PLACE_REQUIRED",
        ),
        (
            Assertion("current_address", SaidPlace("0009", "", 2)),
            ".current_address.commune_code",
            "CODE_FORMAT",
        ),
        (
            Assertion("current_address", SaidPlace("", "001", 2)),
            ".current_address.province_code",
            "CODE_FORMAT",
        ),
        (
            Assertion("current_address", SaidPlace("00097", "", 0)),
            ".current_address.code_epoch",
            "CODE_EPOCH",
        ),
        (Assertion("marital_status", 0), ".marital_status", "STATUS_VALUE"),
        (Assertion("marital_status", 4), ".marital_status", "STATUS_VALUE"),
        (Assertion("vital_status", 5), ".vital_status", "STATUS_VALUE"),
        (Assertion("vital_status", -1), ".vital_status", "STATUS_VALUE"),
    ],
)
def test_malformed(assertion: Assertion, field: str, rule: str) -> None:
    """Each mistake is named where it stands, beside what is right."""
    assert _rules(GOOD, assertion) == {f"assertions[1]{field}": rule}


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1, True), (16, True), (17, False)])
def test_how_many(count: int, fits: bool) -> None:  # noqa: FBT001 - a parameter
    """1 to 16 assertions."""
    assert _rules(*[GOOD] * count) == ({} if fits else {"assertions": "ASSERTION_COUNT"})


def test_all_mistakes_are_told_at_once() -> None:
    """Those of the claim too, and nothing that was sent is repeated."""
    with pytest.raises(MalformedRequest) as caught:
        check_assertions(CONTEXT, claim("12"), [Assertion("father", SaidPerson("", "345", ""))])
    rules = [one.rule for one in caught.value.violations]
    assert rules == ["PERSONAL_ID_FORMAT", "PERSONAL_ID_FORMAT"]
    assert not any("345" in one.message_en for one in caught.value.violations)


@pytest.mark.parametrize(
    ("kind", "household"),
    [(0, ResidenceKind.PERMANENT), (1, ResidenceKind.PERMANENT), (2, ResidenceKind.TEMPORARY)],
)
def test_which_household(kind: int, household: ResidenceKind) -> None:
    """The permanent one unless the temporary one is asked for."""
    assert check_household(CONTEXT, claim(), kind) is household


@pytest.mark.parametrize("kind", [3, 4, -1])
def test_no_such_household(kind: int) -> None:
    """Where somebody lives is no household, and neither is an unknown number."""
    with pytest.raises(MalformedRequest) as caught:
        check_household(CONTEXT, claim(), kind)
    assert [(one.field, one.rule) for one in caught.value.violations] == [
        ("kind", "HOUSEHOLD_KIND")
    ]
