"""Marriage and divorce (kết hôn, ly hôn)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import Citizen, MaritalStatus, Sex, VitalStatus
from mock_population_db.events import Divorce, EventRefused, Marriage, Submission
from mock_population_db.rules.dates import may_have_turned
from mock_population_db.rules.edits import changed
from mock_population_db.rules.people import (
    is_kin,
    kin,
    living,
    married,
    not_living,
    on_file,
    spouse_of,
)
from mock_population_db.rules.plan import Edit, Needs, Plan, Scene

# Luật Hôn nhân và gia đình 2014, Điều 8
_WIFE_FROM, _HUSBAND_FROM = 18, 20


def needs_marriage(what: Marriage) -> Needs:
    """Both, and to whom they are married."""
    return Needs((what.wife, what.husband), spouses=True)


def plan_marriage(what: Marriage, submission: Submission, scene: Scene) -> Plan:
    """Both are married, to each other.

    Raises:
        EventRefused: SAME_PERSON, PERSON_UNKNOWN, NUMBER_CANCELLED, PERSON_DEAD,
            PERSON_DECLARED, SEX_DOES_NOT_FIT, TOO_YOUNG_TO_MARRY, ALREADY_MARRIED,
            NEAR_RELATIVES.
    """
    if what.wife == what.husband:
        raise EventRefused("SAME_PERSON", "husband", what.husband)
    wife = living(scene, what.wife, "wife")
    husband = living(scene, what.husband, "husband")
    _check_free(scene, wife, "wife", Sex.MALE, _WIFE_FROM, submission.effective)
    _check_free(scene, husband, "husband", Sex.FEMALE, _HUSBAND_FROM, submission.effective)
    if _near(wife, husband):
        raise EventRefused("NEAR_RELATIVES", "husband", what.husband)
    return Plan(what.wife, (_wed(wife, husband), _wed(husband, wife)))


def needs_divorce(what: Divorce) -> Needs:
    """The one named, and the spouse."""
    return Needs((what.person,), spouses=True)


def plan_divorce(what: Divorce, submission: Submission, scene: Scene) -> Plan:
    """Both are divorced, the spouse as far as on file.

    Either may be declared missing: the other may ask for the divorce then.

    Raises:
        EventRefused: PERSON_UNKNOWN, NUMBER_CANCELLED, PERSON_DEAD, PERSON_DECLARED,
            NOT_MARRIED.
    """
    del submission
    who = on_file(scene, what.person, "person")
    if who.identity.vital_status in {VitalStatus.DEAD, VitalStatus.DECLARED_DEAD}:
        raise not_living(who, "person")
    if not married(scene, who):
        raise EventRefused("NOT_MARRIED", "person", what.person)
    spouse = spouse_of(scene, who)
    parted = [_part(who)]
    if spouse and is_kin(spouse.spouse, who):
        parted.append(_part(spouse))
    return Plan(what.person, tuple(parted))


def _check_free(
    scene: Scene, who: Citizen, subject: str, other_sex: Sex, age: int, on: date
) -> None:
    """One of the two may marry as far as this one alone goes."""
    number = who.identity.personal_id
    if who.sex is other_sex:
        raise EventRefused("SEX_DOES_NOT_FIT", subject, number)
    if not may_have_turned(who.identity.birth_date, age, on):
        raise EventRefused("TOO_YOUNG_TO_MARRY", subject, number)
    if married(scene, who):
        raise EventRefused("ALREADY_MARRIED", subject, number)


def _near(one: Citizen, other: Citizen) -> bool:
    """Parent and child, or children of one parent, as far as their own records tell."""
    parents, others = _parents(one), _parents(other)
    return bool(
        parents & others
        or one.identity.personal_id in others
        or other.identity.personal_id in parents
    )


def _parents(who: Citizen) -> set[str]:
    return {one.personal_id for one in (who.father, who.mother) if one and one.personal_id}


def _wed(one: Citizen, other: Citizen) -> Edit:
    after = replace(one, marital_status=MaritalStatus.MARRIED, spouse=kin(other))
    return changed(ChangeKind.MARITAL_STATUS, one, after)


def _part(one: Citizen) -> Edit:
    after = replace(one, marital_status=MaritalStatus.DIVORCED_OR_WIDOWED, spouse=None)
    return changed(ChangeKind.MARITAL_STATUS, one, after)
