"""Marriage and divorce: who may, and whose records change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import (
    Citizen,
    MaritalStatus,
    NumberStatus,
    Relative,
    Sex,
    VitalStatus,
)
from mock_population_db.events import Divorce, Marriage
from mock_population_db.rules.people import kin
from tests.unit.rules_register import Register, gone, person, wed

WIFE, HUSBAND = "001305000001", "001203000002"
HER, HIM = person(WIFE, "2005-05-05", "Trần Thị Mẫu"), person(HUSBAND, "2003-03-03")
EVENT = Marriage(WIFE, HUSBAND)
PARENT = Relative("Nguyễn Thử Tên", HUSBAND)


def test_a_marriage_changes_both() -> None:
    """Both are married, and each names the other."""
    register = Register.of(HER, HIM)
    plan = register.submit(EVENT)
    assert plan.subject == WIFE
    assert [(edit.kind, edit.fields) for edit in plan.edits] == [
        (ChangeKind.MARITAL_STATUS, ("marital_status", "spouse"))
    ] * 2
    assert tuple(register.people.values()) == wed(HER, HIM)


@pytest.mark.parametrize(
    ("her", "him", "code", "subject"),
    [
        (person(WIFE, "2008-03-10"), HIM, None, ""),
        (person(WIFE, "2008-03-11"), HIM, "TOO_YOUNG_TO_MARRY", "wife"),
        (person(WIFE, "2008-12"), HIM, "TOO_YOUNG_TO_MARRY", "wife"),
        (person(WIFE, "2008"), HIM, None, ""),  # may be born in January
        (HER, person(HUSBAND, "2006-03-10"), None, ""),
        (HER, person(HUSBAND, "2006-03-11"), "TOO_YOUNG_TO_MARRY", "husband"),
        (HER, person(HUSBAND, ""), None, ""),
        (HER, person(HUSBAND, "2003", sex=Sex.FEMALE), "SEX_DOES_NOT_FIT", "husband"),
        (person(WIFE, "2005", sex=Sex.MALE), HIM, "SEX_DOES_NOT_FIT", "wife"),
        (person(WIFE, "2005", sex=Sex.NO_DATA), HIM, None, ""),
        (gone(HER, "2025"), HIM, "PERSON_DEAD", "wife"),
        (HER, gone(HIM, "2025", VitalStatus.DECLARED_MISSING), "PERSON_DECLARED", "husband"),
        (HER, person(HUSBAND, status=NumberStatus.CANCELLED), "NUMBER_CANCELLED", "husband"),
        (wed(HER, person("001203000009"))[0], HIM, "ALREADY_MARRIED", "wife"),
        (HER, wed(HIM, person("001303000009"))[0], "ALREADY_MARRIED", "husband"),
        (replace(HER, father=PARENT), HIM, "NEAR_RELATIVES", "husband"),
        (HER, replace(HIM, mother=kin(HER)), "NEAR_RELATIVES", "husband"),
        (replace(HER, mother=PARENT), replace(HIM, mother=PARENT), "NEAR_RELATIVES", "husband"),
        (
            replace(HER, father=Relative("Lê Văn Cha")),  # a namesake without a number
            replace(HIM, father=Relative("Lê Văn Cha")),
            None,
            "",
        ),
    ],
)
def test_who_may_marry(her: Citizen, him: Citizen, code: str | None, subject: str) -> None:
    """Old enough, of either sex, not married, and not near relatives, as far as known."""
    register = Register.of(her, him)
    if code is None:
        assert register.submit(EVENT).subject == WIFE
    else:
        about = {"wife": WIFE, "husband": HUSBAND}[subject]
        assert register.refuses(EVENT) == (code, subject, about)


def test_nobody_marries_nobody_or_oneself() -> None:
    """Two people on file are needed."""
    assert Register.of(HER).refuses(EVENT) == ("PERSON_UNKNOWN", "husband", "")
    assert Register.of(HER).refuses(Marriage(WIFE, WIFE)) == ("SAME_PERSON", "husband", WIFE)


def test_a_widow_marries_again() -> None:
    """The dead spouse gives way, also where nobody wrote down that she is a widow."""
    first = gone(person("001203000009", "2001"), "2025")
    her, first = wed(HER, first)
    register = Register.of(her, first, HIM)
    register.submit(EVENT)
    assert register.people[WIFE].spouse == kin(HIM)


def test_a_divorce_parts_both() -> None:
    """Whichever of the two is named, both are divorced and name nobody."""
    for named in (WIFE, HUSBAND):
        register = Register.of(*wed(HER, HIM))
        plan = register.submit(Divorce(named))
        assert plan.subject == named
        assert {edit.fields for edit in plan.edits} == {("marital_status", "spouse")}
        for one in register.people.values():
            assert one.marital_status is MaritalStatus.DIVORCED_OR_WIDOWED
            assert one.spouse is None


def test_a_spouse_who_is_not_on_file_is_left_out() -> None:
    """Of a foreign spouse the register knows a name; of one married to another, nothing."""
    foreign = replace(HER, marital_status=MaritalStatus.MARRIED, spouse=Relative("J. Doe"))
    her, _ = wed(HER, HIM)
    for register in (Register.of(foreign), Register.of(her, HIM)):
        assert len(register.submit(Divorce(WIFE)).edits) == 1


def test_a_spouse_may_leave_the_missing() -> None:
    """Either may be named, where one is declared missing."""
    for named in (WIFE, HUSBAND):
        her, him = wed(HER, HIM)
        register = Register.of(her, gone(him, "2024", VitalStatus.DECLARED_MISSING))
        assert len(register.submit(Divorce(named)).edits) == 2


@pytest.mark.parametrize(
    ("her", "him", "code"),
    [
        (HER, HIM, "NOT_MARRIED"),
        (wed(HER, HIM)[0], gone(wed(HIM, HER)[0], "2025"), "NOT_MARRIED"),
        (gone(wed(HER, HIM)[0], "2025"), HIM, "PERSON_DEAD"),
        (gone(wed(HER, HIM)[0], "2025", VitalStatus.DECLARED_DEAD), HIM, "PERSON_DECLARED"),
        (person(WIFE, status=NumberStatus.CANCELLED), HIM, "NUMBER_CANCELLED"),
    ],
)
def test_what_is_no_marriage_is_not_divorced(her: Citizen, him: Citizen, code: str) -> None:
    """There must be a marriage that death has not ended."""
    assert Register.of(her, him).refuses(Divorce(WIFE)) == (code, "person", WIFE)


def test_after_a_divorce_one_may_marry_again() -> None:
    """The two may even marry each other."""
    register = Register.of(*wed(HER, HIM))
    register.submit(Divorce(WIFE))
    register.submit(EVENT)
    assert register.refuses(EVENT)[0] == "ALREADY_MARRIED"
