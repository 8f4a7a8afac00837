"""Who lives in a household, and what becomes of it when somebody leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mock_population_db.citizen import (
    Citizen,
    Household,
    Member,
    NumberStatus,
    Residence,
    ResidenceKind,
    VitalStatus,
)
from mock_population_db.events import EventRefused
from mock_population_db.rules.plan import Scene
from mock_population_db.store.decode import residence_file_number


def lives_there(member: Member) -> bool:
    """Whether somebody on file counts: not the dead or missing, nor a cancelled number."""
    return (
        member.vital_status is VitalStatus.ALIVE
        and member.number_status is not NumberStatus.CANCELLED
    )


def is_alone(home: Household, number: str) -> bool:
    """Whether nobody else lives there."""
    return not any(lives_there(one) for one in home.members if one.personal_id != number)


def is_vacant(home: Household) -> bool:
    """Whether nobody heads it: no head on file, or one who is not there to."""
    return not any(lives_there(one) for one in home.members if one.personal_id == home.head)


def stay_of(who: Citizen, kind: ResidenceKind) -> Residence | None:
    """The permanent or the temporary residence."""
    if kind is ResidenceKind.PERMANENT:
        return who.permanent_residence
    return who.temporary_residence


def home_of(scene: Scene, stay: Residence | None) -> Household | None:
    """The household of a residence; a dormitory, say, has none."""
    return scene.households.get(stay.household_id) if stay else None


def with_stay(who: Citizen, stay: Residence | None, kind: ResidenceKind) -> Citizen:
    """The person with this residence in place of the one of its kind."""
    if kind is ResidenceKind.TEMPORARY:
        return replace(who, temporary_residence=stay)
    number = residence_file_number(stay.household_id if stay else 0)
    return replace(who, permanent_residence=stay, residence_file_number=number)


def check_arrived(who: Citizen, stay: Residence, on: date) -> None:
    """Check that a residence does not end before it began.

    Raises:
        EventRefused: BEFORE_ARRIVAL.
    """
    if stay.since and stay.since > on:
        raise EventRefused("BEFORE_ARRIVAL", "effective", who.identity.personal_id)


def without(home: Household, number: str, new_head: str = "") -> dict[int, Household | None]:
    """What becomes of a household that somebody leaves; empty when nothing does.

    It is removed when nobody, not even a dead one, is on file there any more. ``new_head`` takes
    the place of the head.
    """
    if all(one.personal_id == number for one in home.members):
        return {home.household_id: None}
    if home.head == number or new_head:
        return {home.household_id: replace(home, head=new_head)}
    return {}
