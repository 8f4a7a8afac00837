"""A death, or a court's declaration: what may follow what, and who is left behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import (
    Citizen,
    MaritalStatus,
    NumberStatus,
    Relation,
    ResidenceKind,
    VitalStatus,
)
from mock_population_db.events import Death
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.people import kin
from tests.unit.rules_register import TODAY, Register, gone, person, wed

WIFE, HUSBAND = "001155000001", "001150000002"
HER, HIM = wed(person(WIFE, "1955-05-05"), person(HUSBAND, "1950"))
DAY = PartialDate(2026, 3, 1)
EVENT = Death(HUSBAND, DAY)
DEAD, MISSING, DECLARED = (
    VitalStatus.DEAD,
    VitalStatus.DECLARED_MISSING,
    VitalStatus.DECLARED_DEAD,
)


def test_a_death_widows_the_spouse() -> None:
    """The dead stays married on file, and the widow goes on naming him."""
    register = Register.of(HER, HIM)
    plan = register.submit(EVENT)
    assert [(edit.kind, edit.fields) for edit in plan.edits] == [
        (ChangeKind.DEATH, ("person_status", "vital_date")),
        (ChangeKind.MARITAL_STATUS, ("marital_status",)),
    ]
    him, her = register.people[HUSBAND], register.people[WIFE]
    assert (him.identity.vital_status, him.vital_date) == (DEAD, DAY)
    assert him.marital_status is MaritalStatus.MARRIED
    assert her.marital_status is MaritalStatus.DIVORCED_OR_WIDOWED
    assert her.spouse == kin(HIM)
    assert plan.subject == HUSBAND


def test_the_missing_stay_married() -> None:
    """That somebody is declared missing ends no marriage; that he is declared dead does."""
    register = Register.of(HER, HIM)
    assert len(register.submit(replace(EVENT, status=MISSING)).edits) == 1
    assert register.people[WIFE].marital_status is MaritalStatus.MARRIED
    assert len(register.submit(replace(EVENT, status=DECLARED)).edits) == 2
    assert register.people[WIFE].marital_status is MaritalStatus.DIVORCED_OR_WIDOWED


def test_only_the_present_spouse_is_widowed() -> None:
    """A spouse who is unknown, or married to another since, is left alone."""
    _, remarried = wed(person("001150000009"), HER)
    for register in (Register.of(HIM), Register.of(remarried, HIM)):
        assert len(register.submit(EVENT).edits) == 1


def test_an_annulled_death_is_forgotten_by_a_real_one() -> None:
    """The notice of an annulled death does not outlive the person."""
    annulled = replace(HIM, identity=HIM.identity._replace(death_annulled=True))
    register = Register.of(annulled)
    register.submit(EVENT)
    assert not register.people[HUSBAND].identity.death_annulled


@pytest.mark.parametrize(
    ("now", "then", "code"),
    [
        (DEAD, DEAD, "ALREADY_DEAD"),
        (DEAD, DECLARED, "ALREADY_DEAD"),
        (DEAD, MISSING, "ALREADY_DEAD"),
        (DECLARED, DEAD, None),
        (DECLARED, DECLARED, "ALREADY_DECLARED"),
        (DECLARED, MISSING, "ALREADY_DECLARED"),
        (MISSING, DEAD, None),
        (MISSING, DECLARED, None),
        (MISSING, MISSING, "ALREADY_DECLARED"),
    ],
)
def test_what_may_follow_what(now: VitalStatus, then: VitalStatus, code: str | None) -> None:
    """A declaration is overtaken by what turns out; the dead stay dead."""
    register = Register.of(gone(HIM, "2024-01-01", now))
    event = replace(EVENT, status=then)
    if code:
        assert register.refuses(event) == (code, "person", HUSBAND)
    else:
        register.submit(event)
        assert register.people[HUSBAND].identity.vital_status is then
        assert register.people[HUSBAND].vital_date == DAY


@pytest.mark.parametrize(
    ("birth", "on", "code"),
    [
        ("1950", "1949-12-31", "BEFORE_BIRTH"),
        ("1950", "1950-01-01", None),
        ("1950-05", "1950", None),
        ("1950-05", "1950-04", "BEFORE_BIRTH"),
        ("1950-05-12", "1950-05-12", None),
        ("1950-05-12", "1950-05-11", "BEFORE_BIRTH"),
        ("1950-05-12", "1950-05", None),
        ("", "1900", None),
        ("1950", "2026-03-10", None),
        ("1950", "2026-03-11", "DEATH_AFTER_REGISTRATION"),
        ("1950", "2026", None),
        ("1950", "2026-04", "DEATH_AFTER_REGISTRATION"),
    ],
)
def test_the_day_of_death(birth: str, on: str, code: str | None) -> None:
    """It lies between birth and registration, as far as the dates are known."""
    register = Register.of(person(HUSBAND, birth))
    event = Death(HUSBAND, PartialDate.parse(on))
    if code:
        assert register.refuses(event) == (code, "on", HUSBAND)
    else:
        assert register.submit(event).subject == HUSBAND


def test_nobody_and_cancelled_numbers_do_not_die() -> None:
    """The person must be on file, under a number in use."""
    cancelled = person(HUSBAND, status=NumberStatus.CANCELLED)
    assert Register().refuses(EVENT) == ("PERSON_UNKNOWN", "person", "")
    assert Register.of(cancelled).refuses(EVENT) == ("NUMBER_CANCELLED", "person", HUSBAND)


def household(*people: Citizen, head: str = HUSBAND) -> Register:
    """The people in one household."""
    register = Register.of(*people)
    relations = {one.identity.personal_id: Relation.SPOUSE for one in people}
    register.house(relations | {head: Relation.HEAD})
    return register


def test_a_dead_head_stays_on_file_while_others_live_there() -> None:
    """The place counts as vacant because its head is dead, until the residence is ended."""
    register = household(HIM, HER)
    assert not register.submit(EVENT).households
    assert register.household(1).head == HUSBAND
    assert len(register.household(1).members) == 2


@pytest.mark.parametrize("other", [None, gone(HER, "2020")])
def test_nobody_heads_a_home_of_the_dead(other: Citizen | None) -> None:
    """When the last one who lives there dies, the place of the head is empty."""
    register = household(HIM, *([other] if other else []))
    register.submit(EVENT)
    assert not register.household(1).head


def test_a_member_leaves_the_head_in_place() -> None:
    """Who was not the head changes nothing about the household."""
    register = household(HIM, HER)
    assert not register.submit(Death(WIFE, DAY)).households


def test_a_temporary_home_falls_vacant_too() -> None:
    """The head of a temporary household who lived alone leaves it without one."""
    register = Register.of(HIM)
    register.house({HUSBAND: Relation.HEAD}, kind=ResidenceKind.TEMPORARY, until=date(2027, 1, 1))
    assert register.submit(EVENT).households[1]
    assert not register.household(1).head


def test_registered_late() -> None:
    """A death of years ago may be registered today."""
    register = Register.of(HIM)
    plan = register.submit(Death(HUSBAND, PartialDate(1999)), date(1999, 5, 5), TODAY)
    assert plan.subject == HUSBAND
