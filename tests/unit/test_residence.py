"""What counts on the register's day, who heads whom, and who is shown and recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dancu.v1 import citizen_pb2, residence_pb2
from gateway.core.confirmations import household_extract
from gateway.core.disclosure import bits_of
from gateway.core.model import HeadState, ResidenceState
from gateway.core.policy import FIELDS, Grant
from gateway.core.residence import head_state, members_of, place_of_living, state_on
from mock_population_db.citizen import (
    Address,
    Citizen,
    Household,
    Member,
    NumberStatus,
    PersonName,
    Relation,
    Residence,
    ResidenceKind,
    VitalStatus,
)
from tests.support.scene import AS_OF, NUMBER, OTHER_NUMBER, person

PERMANENT, TEMPORARY = ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY
HEAD = Member(OTHER_NUMBER, PersonName("Lê", "Thị", "Bà"), Relation.HEAD, date(2001, 2, 3))
OWN = Member(NUMBER, PersonName("Lê", "Văn", "An"), Relation.SON, old_id_number="000000013")
HOME = Household(5, PERMANENT, Address("01", "00097"), OTHER_NUMBER, (OWN, HEAD), "HSCT-5")
LIVING = Residence(PERMANENT, HOME.address, household_id=5, relation=Relation.SON)
CITIZEN = Citizen(person(), permanent_residence=LIVING, residence_file_number="HSCT-OWN")
ALL, EVERYBODY = frozenset(FIELDS), {"personal_id", "name", "person_status", "permanent_residence"}


def _stay(kind: ResidenceKind, until: date | None = None) -> Residence:
    return Residence(kind, Address("79", "26737"), until=until)


@pytest.mark.parametrize(
    ("until", "state"),
    [
        (None, ResidenceState.IN_FORCE),
        (AS_OF, ResidenceState.IN_FORCE),
        (date(2025, 12, 31), ResidenceState.EXPIRED),
    ],
)
def test_the_last_day_counts(until: date | None, state: ResidenceState) -> None:
    """A residence counts through its last day, and without one for good."""
    assert state_on(until, AS_OF) is state


def test_where_somebody_lives_now() -> None:
    """What is recorded; else the temporary residence while it counts; else the permanent one."""
    current, lodging = _stay(ResidenceKind.CURRENT), _stay(TEMPORARY, AS_OF)
    over = _stay(TEMPORARY, date(2025, 8, 31))
    moved = replace(CITIZEN, temporary_residence=lodging)
    assert place_of_living(replace(moved, current_residence=current), AS_OF) is current
    assert place_of_living(moved, AS_OF) is lodging
    assert place_of_living(replace(CITIZEN, temporary_residence=over), AS_OF) is LIVING
    assert place_of_living(Citizen(person(), temporary_residence=over), AS_OF) is None


@pytest.mark.parametrize(
    ("vital", "state"),
    [
        (VitalStatus.ALIVE, HeadState.IN_PLACE),
        (VitalStatus.DEAD, HeadState.DEAD),
        (VitalStatus.DECLARED_DEAD, HeadState.DEAD),
        (VitalStatus.DECLARED_MISSING, HeadState.DECLARED_MISSING),
    ],
)
def test_a_household_is_headed_by_the_living(vital: VitalStatus, state: HeadState) -> None:
    """Who died or was declared missing heads nobody, and the reason is told."""
    home = replace(HOME, members=(OWN, replace(HEAD, vital_status=vital)))
    assert head_state(home) is state


@pytest.mark.parametrize("head", ["", "001090000099"])
def test_a_head_is_a_member(head: str) -> None:
    """No number, or one that no member has, is no head."""
    assert head_state(replace(HOME, head=head)) is HeadState.NONE


def test_a_cancelled_record_is_nobody() -> None:
    """It neither counts nor heads."""
    gone = replace(HEAD, number_status=NumberStatus.CANCELLED)
    home = replace(HOME, members=(OWN, gone))
    assert members_of(home) == (OWN,)
    assert head_state(home) is HeadState.NONE


def test_members_are_counted_without_the_grant() -> None:
    """Without it the person asked about stands alone, and nobody else is touched."""
    extract, shown = household_extract(HOME, CITIZEN, Grant(ALL), AS_OF)
    assert (extract.member_count, extract.members_withheld) == (2, True)
    assert [one.personal_id for one in extract.members] == [NUMBER]
    assert [one.number for one in shown] == [NUMBER]


def test_members_are_shown_with_the_grant() -> None:
    """With it everybody is shown, and each is touched by what is shown of them."""
    extract, shown = household_extract(HOME, CITIZEN, Grant(ALL, members=True), AS_OF)
    assert not extract.members_withheld
    assert [one.personal_id for one in extract.members] == [NUMBER, OTHER_NUMBER]
    assert extract.members[1].full_name == "Lê Thị Bà"
    assert extract.members[1].relation_to_head == citizen_pb2.HOUSEHOLD_RELATION_HEAD
    assert extract.members[1].since.year == 2001
    own = EVERYBODY | {"old_id_number", "residence_file_number"}
    assert shown == [(NUMBER, bits_of(own)), (OTHER_NUMBER, bits_of(EVERYBODY))]


def test_fields_mask_members() -> None:
    """What is not granted of a citizen is not shown of a member, nor recorded."""
    grant = Grant(frozenset({"permanent_residence", "name"}), members=True)
    extract, shown = household_extract(HOME, CITIZEN, grant, AS_OF)
    head = extract.members[1]
    assert (head.personal_id, head.full_name, head.status) == ("", "Lê Thị Bà", 0)
    assert extract.residence_file_number == ""
    bits = bits_of({"permanent_residence", "name"})
    assert shown == [(NUMBER, bits), (OTHER_NUMBER, bits)]


def test_a_persons_own_file_number_comes_first() -> None:
    """That of permanent residence is the citizen's; of temporary residence the household's."""
    lodging = replace(HOME, kind=TEMPORARY)
    grant = Grant(ALL)
    assert household_extract(HOME, CITIZEN, grant, AS_OF)[0].residence_file_number == "HSCT-OWN"
    assert household_extract(lodging, CITIZEN, grant, AS_OF)[0].residence_file_number == "HSCT-5"


def test_an_expired_member_is_marked() -> None:
    """Whose temporary residence is over stays on file and is told apart."""
    home = replace(HOME, kind=TEMPORARY, members=(replace(OWN, until=date(2025, 8, 31)), HEAD))
    extract, _ = household_extract(home, CITIZEN, Grant(ALL, members=True), AS_OF)
    assert [one.state for one in extract.members] == [
        residence_pb2.RESIDENCE_STATE_EXPIRED,
        residence_pb2.RESIDENCE_STATE_IN_FORCE,
    ]
