"""Residence and household: what counts on the register's day, and who heads whom.

Everything on file is told, and what no longer counts is marked as such: paper books could
not do that, and clients must not have to work it out from dates.
"""

from __future__ import annotations

from datetime import date

from gateway.core.decision import person_status
from gateway.core.model import HeadState, ResidenceState, Status
from mock_population_db.citizen import (
    Citizen,
    Household,
    Member,
    NumberStatus,
    Residence,
    ResidenceKind,
)
from mock_population_db.snapshot import Snapshot

FIELD_OF = {
    ResidenceKind.PERMANENT: "permanent_residence",
    ResidenceKind.TEMPORARY: "temporary_residence",
    ResidenceKind.CURRENT: "current_residence",
}

# what a residence is confirmed by, in the contract's order
RESIDENCE_FIELDS = (*FIELD_OF.values(), "residence_file_number")

_VACANT = {
    Status.DEAD: HeadState.DEAD,
    Status.DECLARED_DEAD: HeadState.DEAD,
    Status.DECLARED_MISSING: HeadState.DECLARED_MISSING,
}


def residence_of(citizen: Citizen, kind: ResidenceKind) -> Residence | None:
    """One of a citizen's residences on file."""
    found: Residence | None = getattr(citizen, FIELD_OF[kind])
    return found


def state_on(until: date | None, as_of: date) -> ResidenceState:
    """Whether a residence counts; its last day is the last on which it does."""
    if until is not None and until < as_of:
        return ResidenceState.EXPIRED
    return ResidenceState.IN_FORCE


def place_of_living(citizen: Citizen, as_of: date) -> Residence | None:
    """Where a citizen lives now (nơi ở hiện tại; Luật Cư trú 2020, Điều 2).

    What is recorded as such; else the temporary residence while it counts, else the permanent.
    """
    temporary = citizen.temporary_residence
    if temporary and state_on(temporary.until, as_of) is ResidenceState.EXPIRED:
        temporary = None
    return citizen.current_residence or temporary or citizen.permanent_residence


def household_of(citizen: Citizen, kind: ResidenceKind, snapshot: Snapshot) -> Household | None:
    """The household that a residence is in; None without residence or household."""
    residence = residence_of(citizen, kind)
    return None if residence is None else snapshot.households.get(residence.household_id)


def members_of(household: Household) -> tuple[Member, ...]:
    """Everybody on file, the dead too; a record whose number was cancelled is nobody."""
    cancelled = NumberStatus.CANCELLED
    return tuple(one for one in household.members if one.number_status is not cancelled)


def head_of(household: Household) -> Member | None:
    """The member that is on file as the head, dead or alive."""
    members = members_of(household)
    return next((one for one in members if one.personal_id == household.head), None)


def head_state(household: Household) -> HeadState:
    """Whether somebody heads a household, or why the place is vacant."""
    head = head_of(household)
    if head is None:
        return HeadState.NONE
    return _VACANT.get(person_status(head), HeadState.IN_PLACE)
