"""People on the table of a rule: who is on file, who lives, who is married to whom."""

from __future__ import annotations

from mock_population_db.citizen import Citizen, MaritalStatus, NumberStatus, Relative, VitalStatus
from mock_population_db.events import EventRefused
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.plan import Scene

_DEAD = frozenset({VitalStatus.DEAD, VitalStatus.DECLARED_DEAD})


def on_file(scene: Scene, number: str, subject: str) -> Citizen:
    """The person with this number.

    Raises:
        EventRefused: PERSON_UNKNOWN, NUMBER_CANCELLED.
    """
    found = scene.people.get(number)
    if found is None:
        raise EventRefused("PERSON_UNKNOWN", subject)
    if found.identity.number_status is NumberStatus.CANCELLED:
        raise EventRefused("NUMBER_CANCELLED", subject, number)
    return found


def living(scene: Scene, number: str, subject: str) -> Citizen:
    """The person with this number, who must be alive on file.

    Raises:
        EventRefused: as ``on_file``; PERSON_DEAD, PERSON_DECLARED.
    """
    found = on_file(scene, number, subject)
    if found.identity.vital_status is not VitalStatus.ALIVE:
        raise not_living(found, subject)
    return found


def not_living(who: Citizen, subject: str) -> EventRefused:
    """The refusal of an event that needs the person alive."""
    dead = who.identity.vital_status is VitalStatus.DEAD
    code = "PERSON_DEAD" if dead else "PERSON_DECLARED"
    return EventRefused(code, subject, who.identity.personal_id)


def married(scene: Scene, who: Citizen) -> bool:
    """Whether the person is married; a spouse who is dead on file ended it."""
    if who.marital_status is not MaritalStatus.MARRIED:
        return False
    spouse = spouse_of(scene, who)
    return spouse is None or spouse.identity.vital_status not in _DEAD


def spouse_of(scene: Scene, who: Citizen) -> Citizen | None:
    """The spouse on file; None when there is none, or only a name."""
    return scene.people.get(who.spouse.personal_id) if who.spouse else None


def is_kin(relative: Relative | None, who: Citizen) -> bool:
    """Whether this relative is that person."""
    return relative is not None and relative.personal_id == who.identity.personal_id


def kin(who: Citizen) -> Relative:
    """The person as another one's relative."""
    one = who.identity
    return Relative(one.name.full, one.personal_id, one.old_id_number, who.nationality)


def born_by(who: Citizen, on: PartialDate, subject: str) -> None:
    """Check that what happens to a person happens after the birth.

    Raises:
        EventRefused: BEFORE_BIRTH.
    """
    birth = who.identity.birth_date
    # tuples of what both know: 1948 is not before 1948-05
    known = min(_parts(birth), _parts(on)) if birth else 0
    if birth and on[:known] < birth[:known]:
        raise EventRefused("BEFORE_BIRTH", subject, who.identity.personal_id)


def _parts(value: PartialDate) -> int:
    return 1 + bool(value.month) + bool(value.day)
