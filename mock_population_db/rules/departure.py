"""A residence ends (xóa đăng ký thường trú, tạm trú): of the living and of the dead."""

from __future__ import annotations

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import Citizen, Household, Relation, ResidenceKind
from mock_population_db.events import Departure, EventRefused, Submission
from mock_population_db.rules.edits import changed
from mock_population_db.rules.homes import (
    check_arrived,
    home_of,
    is_vacant,
    stay_of,
    with_stay,
    without,
)
from mock_population_db.rules.people import living, on_file
from mock_population_db.rules.plan import Edit, Needs, Plan, Scene


def needs(what: Departure) -> Needs:
    """The person, who shall be the head, and where they live."""
    return Needs((what.person, what.new_head) if what.new_head else (what.person,), homes=True)


def plan(what: Departure, submission: Submission, scene: Scene) -> Plan:
    """The residence is off the record; the head's place goes to ``new_head`` or falls vacant.

    Raises:
        EventRefused: PERSON_UNKNOWN, NUMBER_CANCELLED, NO_RESIDENCE, BEFORE_ARRIVAL; of the new
            head also PERSON_DEAD, PERSON_DECLARED, NEW_HEAD_NOT_MEMBER, HEAD_IN_PLACE.
    """
    who = on_file(scene, what.person, "person")
    kind = ResidenceKind.TEMPORARY if what.temporary else ResidenceKind.PERMANENT
    stay = stay_of(who, kind)
    if stay is None:
        raise EventRefused("NO_RESIDENCE", "person", what.person)
    check_arrived(who, stay, submission.effective)
    home = home_of(scene, stay)
    edits = [changed(ChangeKind.RESIDENCE, who, with_stay(who, None, kind))]
    if what.new_head:
        edits.append(_takes_over(scene, what, kind, home))
    homes = without(home, what.person, what.new_head) if home else {}
    return Plan(what.person, tuple(edits), homes)


def _takes_over(scene: Scene, what: Departure, kind: ResidenceKind, home: Household | None) -> Edit:
    """The new head's own record: the relation to the head is that of the head."""
    heir = living(scene, what.new_head, "new_head")
    stay = stay_of(heir, kind)
    if home is None or stay is None or not _may_head(heir, what, home):
        raise EventRefused("NEW_HEAD_NOT_MEMBER", "new_head", what.new_head)
    if home.head != what.person and not is_vacant(home):
        raise EventRefused("HEAD_IN_PLACE", "new_head", home.head)
    after = with_stay(heir, stay._replace(relation=Relation.HEAD), kind)
    return changed(ChangeKind.HOUSEHOLD_HEAD, heir, after)


def _may_head(heir: Citizen, what: Departure, home: Household) -> bool:
    number = heir.identity.personal_id
    return number != what.person and any(one.personal_id == number for one in home.members)
