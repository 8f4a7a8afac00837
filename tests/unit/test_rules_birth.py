"""A birth: whose child, which number, and whether it is on file already."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_population_db import divisions
from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import (
    Citizen,
    CodeEpoch,
    MaritalStatus,
    NumberStatus,
    PersonName,
    Sex,
    VitalStatus,
)
from mock_population_db.events import Birth
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.people import kin
from tests.unit.rules_register import BA_DINH, NGOC_HA, TODAY, Register, address, gone, person

MOTHER, FATHER = "001192000001", "079088000002"
NATIVE = divisions.address_in("00691", CodeEpoch.LEGACY)
MUM = person(MOTHER, "1992-04-01", "Trần Thị Mẫu", ethnic_code="02", native_place=NATIVE)
DAD = person(FATHER, "1988-09-09", "Lê Văn Mẫu", ethnic_code="01")
BORN = date(2026, 3, 2)
EVENT = Birth(PersonName("Lê", "Thử", "An"), BORN, Sex.FEMALE, BA_DINH, MOTHER, FATHER)


def with_parents(mum: Citizen = MUM, dad: Citizen = DAD) -> Register:
    """A register of two people."""
    return Register.of(mum, dad)


def test_a_birth_makes_a_record() -> None:
    """The child has a number by the rule, its parents, their origin, and no residence."""
    register = with_parents()
    plan = register.submit(EVENT)
    (edit,) = plan.edits
    child = register.people[plan.subject]
    assert edit.kind is ChangeKind.BIRTH
    assert edit.before is None
    assert plan.subject.startswith("001326")  # Hà Nội, a woman of the 21st century, 2026
    assert child.identity.number_status is NumberStatus.ACTIVE
    assert child.identity.birth_date == PartialDate(2026, 3, 2)
    assert (child.father, child.mother) == (kin(DAD), kin(MUM))
    assert child.ethnic_code == "01"  # the father's
    assert child.native_place == NATIVE  # he has none: the mother's
    assert child.birth_place == child.birth_registration_place == address(BA_DINH)
    assert child.marital_status is MaritalStatus.NEVER_MARRIED
    assert child.permanent_residence is child.temporary_residence is None
    assert edit.fields == (
        "personal_id", "name", "birth_date", "sex", "ethnic_code", "nationality",
        "marital_status", "birth_place", "birth_registration_place", "native_place", "father",
        "mother", "person_status",
    )  # fmt: skip


def test_what_is_reported_goes_before_what_is_inherited() -> None:
    """Place of birth, native place and ethnic group are the event's where it has them."""
    register = with_parents()
    plan = register.submit(
        replace(EVENT, birth_commune=NGOC_HA, native_commune="00001", ethnic_code="08")
    )
    child = register.people[plan.subject]
    assert child.birth_place == address(NGOC_HA)
    assert child.birth_registration_place == address(BA_DINH)
    assert child.native_place == divisions.address_in("00001", CodeEpoch.LEGACY)
    assert child.ethnic_code == "08"


def test_a_number_may_wait_to_be_confirmed() -> None:
    """The number is pending when the register says so."""
    register = with_parents()
    plan = register.submit(replace(EVENT, pending=True))
    assert register.people[plan.subject].identity.number_status is NumberStatus.PENDING


def test_one_parent_is_enough() -> None:
    """A lone mother, or a lone father, registers a child."""
    for event, child in (
        (replace(EVENT, father=""), (None, kin(MUM))),
        (replace(EVENT, mother=""), (kin(DAD), None)),
    ):
        after = with_parents().submit(event).edits[0].after
        assert after is not None
        assert (after.father, after.mother) == child


def test_codes_are_those_of_the_day() -> None:
    """Before 2025-07-01 a birth is registered in the communes of that time."""
    register = Register.of(MUM, DAD, today=date(2025, 6, 30))
    event = replace(EVENT, birth_date=date(2025, 6, 1), registration_commune="00691")
    plan = register.submit(event, date(2025, 6, 1), date(2025, 6, 30))
    assert plan.subject.startswith("002325")  # Hà Giang, which is no more
    later = replace(event, registration_commune=BA_DINH)
    assert with_parents().submit(later).subject.startswith("001325")


@pytest.mark.parametrize(
    ("change", "code", "subject", "about"),
    [
        ({"mother": "", "father": ""}, "PARENT_MISSING", "mother", ""),
        ({"father": MOTHER}, "SAME_PERSON", "father", MOTHER),
        ({"mother": "001192000009"}, "PERSON_UNKNOWN", "mother", ""),
        ({"father": "001192000009"}, "PERSON_UNKNOWN", "father", ""),
        ({"mother": FATHER, "father": ""}, "SEX_DOES_NOT_FIT", "mother", FATHER),
        ({"mother": "", "father": MOTHER}, "SEX_DOES_NOT_FIT", "father", MOTHER),
        ({"sex": Sex.NO_DATA}, "SEX_MISSING", "sex", ""),
        ({"birth_date": date(2026, 3, 11)}, "BIRTH_AFTER_REGISTRATION", "birth_date", ""),
        ({"birth_order": 2}, "BIRTH_ORDER", "birth_order", ""),
        ({"birth_order": 0}, "BIRTH_ORDER", "birth_order", ""),
        ({"birth_date": date(2004, 3, 31)}, "PARENT_TOO_YOUNG", "mother", MOTHER),
        ({"registration_commune": "00001"}, "COMMUNE_NOT_IN_FORCE", "registration_commune", ""),
        ({"birth_commune": "99999"}, "COMMUNE_NOT_IN_FORCE", "birth_commune", ""),
        ({"native_commune": "99999"}, "COMMUNE_UNKNOWN", "native_commune", ""),
        ({"ethnic_code": "77"}, "ETHNIC_CODE_UNKNOWN", "ethnic_code", ""),
    ],
)
def test_refused(change: dict[str, Any], code: str, subject: str, about: str) -> None:
    """What cannot be is refused, with the field that it is about."""
    assert with_parents().refuses(replace(EVENT, **change)) == (code, subject, about)


@pytest.mark.parametrize(
    ("mother", "code"),
    [
        (person(MOTHER, "1965-03-03"), None),
        (person(MOTHER, "1965-03-02"), "PARENT_TOO_OLD"),
        (person(MOTHER, "1965"), None),  # may be 60 still
        (person(MOTHER, "1964"), "PARENT_TOO_OLD"),
        (person(MOTHER, "2014-03-02"), None),
        (person(MOTHER, "2014-03-03"), "PARENT_TOO_YOUNG"),
        (person(MOTHER, "2014-12-31"), "PARENT_TOO_YOUNG"),
        (person(MOTHER, "2014"), None),  # may be born in January
        (person(MOTHER, ""), None),
        (person(MOTHER, "1992", sex=Sex.NO_DATA), None),
        (person(MOTHER, "1992", status=NumberStatus.CANCELLED), "NUMBER_CANCELLED"),
        (person(MOTHER, "1992", status=NumberStatus.UNDER_CORRECTION), None),
        (gone(person(MOTHER, "1992"), "2026-03-02"), None),  # died in childbirth
        (gone(person(MOTHER, "1992"), "2026-03-01"), "PERSON_DEAD"),
        (gone(person(MOTHER, "1992"), "2026"), None),
        (gone(person(MOTHER, "1992"), "2025"), "PERSON_DEAD"),
        (gone(person(MOTHER, "1992"), "2025", VitalStatus.DECLARED_MISSING), "PERSON_DECLARED"),
    ],
)
def test_mothers(mother: Citizen, code: str | None) -> None:
    """Only what no day that a partial date may mean would allow is refused."""
    register = with_parents(mum=mother)
    if code is None:
        assert register.submit(EVENT).subject
    else:
        assert register.refuses(EVENT) == (code, "mother", MOTHER)


@pytest.mark.parametrize(("days", "born"), [(300, True), (301, False)])
def test_a_father_may_have_died_before(days: int, born: bool) -> None:  # noqa: FBT001 - a table's column
    """A child is born up to 300 days after its father's death."""
    register = with_parents(dad=gone(DAD, str(BORN - timedelta(days))))
    if born:
        assert register.submit(EVENT).subject
    else:
        assert register.refuses(EVENT) == ("PERSON_DEAD", "father", FATHER)


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"name": PersonName("", "", "LE THU AN")},
        {"name": PersonName("Lê", "Thu", "Ân")},
        {"name": PersonName("Lê", "Khác", "Bình")},  # no twins, says the event
        {"name": PersonName("Lê", "Khác", "Bình"), "birth_date": BORN - timedelta(180)},
        {"father": ""},
        {"mother": ""},
        {"mother": "", "name": PersonName("Lê", "Khác", "Bình")},
        {"children_in_birth": 2, "birth_order": 2},  # the name is the same
        {"children_in_birth": 2, "birth_order": 2, "birth_date": BORN - timedelta(2)},
    ],
)
def test_a_second_report_is_a_possible_duplicate(again: dict[str, Any]) -> None:
    """A report that may be about a child on file is refused, unless the reporter has checked."""
    register = with_parents()
    first = register.submit(EVENT).subject
    event = replace(EVENT, **again)
    assert register.refuses(event) == ("POSSIBLE_DUPLICATE", "name", first)
    assert register.submit(replace(event, not_a_duplicate=True)).subject != first


@pytest.mark.parametrize(
    "again",
    [
        {"name": PersonName("Lê", "Khác", "Bình"), "birth_date": BORN - timedelta(181)},
        {"name": PersonName("Lê", "", "Bình"), "children_in_birth": 2, "birth_order": 2},
        {
            "name": PersonName("Lê", "", "Bình"),
            "children_in_birth": 3,
            "birth_order": 1,
            "birth_date": BORN - timedelta(1),
        },
    ],
)
def test_sisters_and_twins_are_no_duplicates(again: dict[str, Any]) -> None:
    """Another name half a year apart, or of the same birth, is another child."""
    register = with_parents()
    register.submit(EVENT)
    register.submit(replace(EVENT, **again))
    assert len(register.people) == 4


def test_a_third_twin_is_one_too_many() -> None:
    """When all children of a birth are on file, another one of it is a possible duplicate."""
    register = with_parents()
    twin = replace(EVENT, children_in_birth=2)
    register.submit(twin)
    register.submit(replace(twin, name=PersonName("Lê", "", "Bình"), birth_order=2))
    third = replace(twin, name=PersonName("Lê", "", "Chi"), birth_order=2)
    assert register.refuses(third)[0] == "POSSIBLE_DUPLICATE"


def test_half_siblings_are_no_duplicates() -> None:
    """One father may have two children by two mothers on one day."""
    register = with_parents()
    other = person("001193000004", "1993")
    register.people[other.identity.personal_id] = other
    register.submit(EVENT)
    assert register.submit(replace(EVENT, mother="001193000004")).subject


def test_a_namesake_with_a_year_only_is_a_possible_duplicate() -> None:
    """A child on file whose day of birth is not known may be this one; another name is not."""
    known = person("001326000003", "2026", "Lê Thử An", mother=kin(MUM))
    register = Register.of(MUM, DAD, known)
    assert register.refuses(EVENT)[0] == "POSSIBLE_DUPLICATE"
    assert register.submit(replace(EVENT, name=PersonName("Lê", "", "Bình"))).subject


def test_a_cancelled_record_is_no_child() -> None:
    """A record whose number was cancelled is nobody, and nobody's duplicate."""
    known = person(
        "001326000003", "2026-03-02", "Lê Thử An", mother=kin(MUM), status=NumberStatus.CANCELLED
    )
    assert Register.of(MUM, DAD, known).submit(EVENT).subject


@given(
    st.dates(date(2020, 1, 1), TODAY),
    st.dates(date(2020, 1, 1), TODAY),
    st.sampled_from(["Lê Thử An", "LÊ THỬ AN", "Lê Bình"]),
)
def test_reporting_twice_never_makes_two(first: date, second: date, name: str) -> None:
    """Of two single births by one mother, both stay only if they are half a year apart."""
    register = with_parents()
    register.submit(replace(EVENT, birth_date=first))
    again = replace(EVENT, birth_date=second, name=PersonName(given=name))
    if abs(first - second) > timedelta(180):
        assert register.submit(again).subject
    else:
        assert register.refuses(again)[0] == "POSSIBLE_DUPLICATE"
