"""A birth is registered and a number set up (đăng ký khai sinh).

A newborn has no residence until one is registered.
"""

from __future__ import annotations

from datetime import timedelta

from mock_population_db import divisions
from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import (
    Address,
    Citizen,
    CodeEpoch,
    Identity,
    MaritalStatus,
    NumberStatus,
    Sex,
    VitalStatus,
)
from mock_population_db.events import Birth, EventRefused, Submission
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.dates import codes_in_force, latest, may_be_under, may_have_turned
from mock_population_db.rules.duplicates import find_duplicate
from mock_population_db.rules.edits import made
from mock_population_db.rules.people import kin, not_living, on_file
from mock_population_db.rules.plan import Needs, Plan, Scene

_YOUNGEST_PARENT = 12  # years; what registrars have seen, not what the law would have
_OLDEST_MOTHER = 60
_AFTER_FATHERS_DEATH = timedelta(days=300)


def needs(what: Birth) -> Needs:
    """The parents, and the children they have, to find the same one among them."""
    parents = tuple(one for one in (what.mother, what.father) if one)
    return Needs(parents, parents)


def plan(what: Birth, submission: Submission, scene: Scene) -> Plan:
    """A record for the child, with a number.

    Raises:
        EventRefused: PARENT_MISSING, SAME_PERSON, PERSON_UNKNOWN, NUMBER_CANCELLED,
            SEX_MISSING, BIRTH_AFTER_REGISTRATION, BIRTH_ORDER, SEX_DOES_NOT_FIT,
            PARENT_TOO_YOUNG, PARENT_TOO_OLD, PERSON_DEAD, PERSON_DECLARED,
            COMMUNE_NOT_IN_FORCE, COMMUNE_UNKNOWN, ETHNIC_CODE_UNKNOWN, POSSIBLE_DUPLICATE.
    """
    _check_child(what, submission)
    mother = _mother(what, scene) if what.mother else None
    father = _father(what, scene) if what.father else None
    registered = _place(what.registration_commune, scene, "registration_commune")
    born = _place(what.birth_commune, scene, "birth_commune") if what.birth_commune else registered
    native, ethnic = _native_place(what, father, mother), _ethnic_code(what, father, mother)
    if not what.not_a_duplicate:
        _check_new(what, scene)
    child = Citizen(
        _identity(what, scene, registered.province_code),
        sex=what.sex,
        ethnic_code=ethnic,
        marital_status=MaritalStatus.NEVER_MARRIED,
        birth_place=born,
        birth_registration_place=registered,
        native_place=native,
        father=kin(father) if father else None,
        mother=kin(mother) if mother else None,
    )
    return Plan(child.identity.personal_id, (made(ChangeKind.BIRTH, child),))


def _check_child(what: Birth, submission: Submission) -> None:
    """What the event says of itself."""
    if not what.mother and not what.father:
        raise EventRefused("PARENT_MISSING", "mother")
    if what.mother == what.father:
        raise EventRefused("SAME_PERSON", "father", what.father)
    if what.sex is Sex.NO_DATA:
        raise EventRefused("SEX_MISSING", "sex")
    if what.birth_date > submission.registered:
        raise EventRefused("BIRTH_AFTER_REGISTRATION", "birth_date")
    if not 1 <= what.birth_order <= what.children_in_birth:
        raise EventRefused("BIRTH_ORDER", "birth_order")


def _mother(what: Birth, scene: Scene) -> Citizen:
    mother = _parent(what, scene, what.mother, "mother", Sex.MALE)
    if not may_be_under(mother.identity.birth_date, _OLDEST_MOTHER + 1, what.birth_date):
        raise EventRefused("PARENT_TOO_OLD", "mother", what.mother)
    _check_alive(mother, what, "mother", timedelta())
    return mother


def _father(what: Birth, scene: Scene) -> Citizen:
    father = _parent(what, scene, what.father, "father", Sex.FEMALE)
    _check_alive(father, what, "father", _AFTER_FATHERS_DEATH)
    return father


def _parent(what: Birth, scene: Scene, number: str, subject: str, other_sex: Sex) -> Citizen:
    parent = on_file(scene, number, subject)
    if parent.sex is other_sex:
        raise EventRefused("SEX_DOES_NOT_FIT", subject, number)
    if not may_have_turned(parent.identity.birth_date, _YOUNGEST_PARENT, what.birth_date):
        raise EventRefused("PARENT_TOO_YOUNG", subject, number)
    return parent


def _check_alive(parent: Citizen, what: Birth, subject: str, grace: timedelta) -> None:
    """The dead had children; only what happened after is impossible."""
    if parent.identity.vital_status is VitalStatus.ALIVE or parent.vital_date is None:
        return
    if latest(parent.vital_date) + grace < what.birth_date:
        raise not_living(parent, subject)


def _place(commune: str, scene: Scene, subject: str) -> Address:
    epoch = codes_in_force(scene.today)
    if divisions.commune(commune, epoch) is None:
        raise EventRefused("COMMUNE_NOT_IN_FORCE", subject)
    return divisions.address_in(commune, epoch)


def _native_place(what: Birth, father: Citizen | None, mother: Citizen | None) -> Address | None:
    """As reported, or else the father's, or else the mother's."""
    if what.native_commune:
        if divisions.commune(what.native_commune, CodeEpoch.LEGACY) is None:
            raise EventRefused("COMMUNE_UNKNOWN", "native_commune")
        return divisions.address_in(what.native_commune, CodeEpoch.LEGACY)
    known = (one.native_place for one in (father, mother) if one)
    return next((place for place in known if place), None)


def _ethnic_code(what: Birth, father: Citizen | None, mother: Citizen | None) -> str:
    """As the native place."""
    if what.ethnic_code:
        if what.ethnic_code not in divisions.listed_codes("ethnic_groups.csv"):
            raise EventRefused("ETHNIC_CODE_UNKNOWN", "ethnic_code")
        return what.ethnic_code
    known = (one.ethnic_code for one in (father, mother) if one)
    return next((code for code in known if code), "")


def _check_new(what: Birth, scene: Scene) -> None:
    duplicate = find_duplicate(what, scene)
    if duplicate:
        raise EventRefused("POSSIBLE_DUPLICATE", "name", duplicate.identity.personal_id)


def _identity(what: Birth, scene: Scene, province: str) -> Identity:
    born = what.birth_date
    return Identity(
        scene.issue_number(province, what.sex, born.year),
        what.name,
        PartialDate(born.year, born.month, born.day),
        number_status=NumberStatus.PENDING if what.pending else NumberStatus.ACTIVE,
    )
