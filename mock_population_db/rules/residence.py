"""A residence is registered (đăng ký thường trú, tạm trú).

Permanent and temporary households are apart: who comes for a time joins a temporary one, or
founds one.
"""

from __future__ import annotations

from dataclasses import replace

from mock_population_db import divisions
from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import (
    Address,
    Citizen,
    Household,
    Relation,
    Residence,
    ResidenceKind,
)
from mock_population_db.events import EventRefused, ResidenceRegistration, Submission
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.dates import add_years, codes_in_force
from mock_population_db.rules.edits import changed
from mock_population_db.rules.homes import (
    check_arrived,
    home_of,
    is_alone,
    is_vacant,
    stay_of,
    with_stay,
    without,
)
from mock_population_db.rules.people import born_by, living
from mock_population_db.rules.plan import Needs, Plan, Scene

_LONGEST_STAY = 2  # years; renewable

_Homes = dict[int, Household | None]


def needs(what: ResidenceRegistration) -> Needs:
    """The person, the member of the household that is joined, and where they live."""
    return Needs((what.person, what.member) if what.member else (what.person,), homes=True)


def plan(what: ResidenceRegistration, submission: Submission, scene: Scene) -> Plan:
    """The person lives there from now on, and no longer at the former place of that kind.

    Whoever registers again in the same household renews the term or changes the relation.

    Raises:
        EventRefused: PERSON_UNKNOWN, NUMBER_CANCELLED, PERSON_DEAD, PERSON_DECLARED,
            BEFORE_BIRTH, STAY_TERM, HOUSEHOLD_OR_COMMUNE, COMMUNE_NOT_IN_FORCE, NO_HOUSEHOLD,
            HEAD_IN_PLACE, HEAD_MUST_BE_REPLACED, ALREADY_THERE, BEFORE_ARRIVAL, SAME_COMMUNE.
    """
    who = living(scene, what.person, "person")
    day = submission.effective
    born_by(who, PartialDate(day.year, day.month, day.day), "effective")
    _check_term(what, submission)
    home = _found(what, scene) if _is_new(what) else _joined(what, submission, scene)
    relation = Relation.HEAD if _is_new(what) else what.relation
    stay = Residence(home.kind, home.address, day, what.until, home.household_id, relation)
    present = stay_of(who, home.kind)
    if present and present.household_id == home.household_id:
        return _renewed(who, present, stay, home)
    after, homes = _moved(scene, who, stay)
    if home != scene.households.get(home.household_id):
        homes[home.household_id] = home
    return Plan(what.person, (changed(ChangeKind.RESIDENCE, who, after),), homes)


def _check_term(what: ResidenceRegistration, submission: Submission) -> None:
    first, until = submission.effective, what.until
    if what.temporary:
        fits = until is not None and first <= until <= add_years(first, _LONGEST_STAY)
    else:
        fits = until is None
    if not fits:
        raise EventRefused("STAY_TERM", "until")


def _is_new(what: ResidenceRegistration) -> bool:
    if bool(what.member) == bool(what.commune):
        raise EventRefused("HOUSEHOLD_OR_COMMUNE", "member")
    return bool(what.commune)


def _kind(what: ResidenceRegistration) -> ResidenceKind:
    return ResidenceKind.TEMPORARY if what.temporary else ResidenceKind.PERMANENT


def _found(what: ResidenceRegistration, scene: Scene) -> Household:
    """A new household, headed by the person."""
    epoch = codes_in_force(scene.today)
    if divisions.commune(what.commune, epoch) is None:
        raise EventRefused("COMMUNE_NOT_IN_FORCE", "commune")
    address = divisions.address_in(what.commune, epoch, detail=what.detail)
    return Household(scene.new_household_id, _kind(what), address, what.person)


def _joined(what: ResidenceRegistration, submission: Submission, scene: Scene) -> Household:
    """The household that is joined, as it will be."""
    member = living(scene, what.member, "member")
    stay = stay_of(member, _kind(what))
    home = home_of(scene, stay)
    over = stay and stay.until and stay.until < submission.effective
    if home is None or (over and what.member != what.person):
        raise EventRefused("NO_HOUSEHOLD", "member", what.member)
    heads = home.head == what.person
    if what.relation is not Relation.HEAD:
        if heads:
            raise EventRefused("HEAD_MUST_BE_REPLACED", "relation", what.person)
        return home
    if not heads and not is_vacant(home):
        raise EventRefused("HEAD_IN_PLACE", "relation", home.head)
    return replace(home, head=what.person)


def _renewed(who: Citizen, present: Residence, stay: Residence, home: Household) -> Plan:
    """The same home: another term, or another relation to its head."""
    number = who.identity.personal_id
    stay = stay._replace(since=present.since)
    if stay == present:
        raise EventRefused("ALREADY_THERE", "person", number)
    takes_over = stay.relation is Relation.HEAD is not present.relation
    kind = ChangeKind.HOUSEHOLD_HEAD if takes_over else ChangeKind.RESIDENCE
    homes: _Homes = {home.household_id: home} if takes_over else {}
    return Plan(number, (changed(kind, who, with_stay(who, stay, stay.kind)),), homes)


def _moved(scene: Scene, who: Citizen, stay: Residence) -> tuple[Citizen, _Homes]:
    """The person at the new place, and what becomes of the places left."""
    temporary, permanent = who.temporary_residence, who.permanent_residence
    homes = _left(scene, who, stay_of(who, stay.kind), stay)
    after = replace(with_stay(who, stay, stay.kind), current_residence=None)
    if stay.kind is ResidenceKind.TEMPORARY:
        # Luật Cư trú 2020, Điều 27: outside the commune of permanent residence
        if permanent and _in_one_commune(permanent.address, stay.address):
            raise EventRefused("SAME_COMMUNE", "person", who.identity.personal_id)
    elif temporary and _in_one_commune(temporary.address, stay.address):
        # Điều 29: who becomes a permanent resident there is no longer a temporary one
        homes |= _left(scene, who, temporary, stay)
        after = with_stay(after, None, ResidenceKind.TEMPORARY)
    return after, homes


def _left(scene: Scene, who: Citizen, left: Residence | None, stay: Residence) -> _Homes:
    """What becomes of a household that the person leaves for another."""
    number, home = who.identity.personal_id, home_of(scene, left)
    if left and stay.since:
        check_arrived(who, left, stay.since)
    if home is None:
        return {}
    if home.head == number and not is_alone(home, number):
        raise EventRefused("HEAD_MUST_BE_REPLACED", "person", number)
    return without(home, number)


def _in_one_commune(one: Address, other: Address) -> bool:
    return (one.epoch, one.commune_code) == (other.epoch, other.commune_code)
