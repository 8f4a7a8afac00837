"""Name, sex or birth date are corrected or changed (cải chính, thay đổi hộ tịch).

The dead are corrected too: their heirs need papers that agree.
"""

from __future__ import annotations

from dataclasses import replace

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import Citizen, Identity, NumberStatus, Sex
from mock_population_db.events import Correction, EventRefused, Submission
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.dates import earliest, latest
from mock_population_db.rules.edits import changed
from mock_population_db.rules.people import on_file
from mock_population_db.rules.plan import Needs, Plan, Scene


def needs(what: Correction) -> Needs:
    """The person and, to compare the birth date with, the children."""
    return Needs((what.person,), (what.person,))


def plan(what: Correction, submission: Submission, scene: Scene) -> Plan:
    """The record says so; a number that tells something else is under correction.

    Raises:
        EventRefused: PERSON_UNKNOWN, NUMBER_CANCELLED, NOTHING_CHANGES, NUMBER_PENDING,
            BIRTH_AFTER_REGISTRATION, BIRTH_AFTER_CHILD, BIRTH_AFTER_DEATH.
    """
    who = on_file(scene, what.person, "person")
    person = who.identity._replace(
        name=what.name or who.identity.name,
        birth_date=what.birth_date or who.identity.birth_date,
    )
    after = replace(who, identity=person, sex=who.sex if what.sex is None else what.sex)
    if after == who:
        raise EventRefused("NOTHING_CHANGES", "person", what.person)
    if what.birth_date and what.birth_date != who.identity.birth_date:
        _check_birth(what.birth_date, who, submission, scene)
    if _told(after) != _told(who):
        after = replace(after, identity=_renumbered_later(after))
    return Plan(what.person, (changed(ChangeKind.CORRECTION, who, after),))


def _check_birth(birth: PartialDate, who: Citizen, submission: Submission, scene: Scene) -> None:
    first, number = earliest(birth), who.identity.personal_id
    if first > submission.registered:
        raise EventRefused("BIRTH_AFTER_REGISTRATION", "birth_date", number)
    for child in scene.children.get(number, ()):
        born = child.identity.birth_date
        if born and first > latest(born):
            raise EventRefused("BIRTH_AFTER_CHILD", "birth_date", child.identity.personal_id)
    if who.vital_date and first > latest(who.vital_date):
        raise EventRefused("BIRTH_AFTER_DEATH", "birth_date", number)


def _told(who: Citizen) -> tuple[Sex, int]:
    """What a number tells of a person, besides the province."""
    birth = who.identity.birth_date
    return who.sex, birth.year if birth else 0


def _renumbered_later(who: Citizen) -> Identity:
    """The identity when sex or year of birth are others than they were."""
    person = who.identity
    if person.number_status is NumberStatus.PENDING:
        raise EventRefused("NUMBER_PENDING", "person", person.personal_id)
    return person._replace(number_status=NumberStatus.UNDER_CORRECTION)
