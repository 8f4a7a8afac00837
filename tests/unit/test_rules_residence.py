"""Residence registered and ended: who lives where, and who heads whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import (
    NumberStatus,
    Relation,
    Residence,
    ResidenceKind,
    VitalStatus,
)
from mock_population_db.events import Departure, ResidenceRegistration
from tests.unit.rules_register import BA_DINH, NGOC_HA, TODAY, Register, address, gone, person

A, B, C, D = "001080000001", "001180000002", "001206000003", "001090000004"
ALL = {one: person(one, "1980-01-01") for one in (A, B, C, D)}
PERMANENT, TEMPORARY = ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY
UNTIL = date(2027, 3, 10)


def register(**stays: Any) -> Register:
    """A heads a household of Ba Đình with B, and D one of his own in Ngọc Hà; C has nothing."""
    result = Register.of(*ALL.values())
    result.house({A: Relation.HEAD, B: Relation.SPOUSE}, **stays)
    result.house({D: Relation.HEAD}, commune=NGOC_HA, **stays)
    return result


def joins(who: str, member: str, relation: Relation = Relation.SON) -> ResidenceRegistration:
    """For good, in the member's household."""
    return ResidenceRegistration(who, temporary=False, member=member, relation=relation)


def founds(who: str, commune: str = NGOC_HA) -> ResidenceRegistration:
    """For good, in a household of one's own."""
    return ResidenceRegistration(who, temporary=False, commune=commune, detail="1 phố Thử")


def for_a_time(event: ResidenceRegistration, until: date | None = UNTIL) -> ResidenceRegistration:
    """The same as temporary residence."""
    return replace(event, temporary=True, until=until)


def test_a_newborn_joins_a_household() -> None:
    """Through any member; the number may be waiting still."""
    world = register()
    child = person("001326000005", "2026-03-01", status=NumberStatus.PENDING)
    world.people[child.identity.personal_id] = child
    plan = world.submit(joins(child.identity.personal_id, B))
    (edit,) = plan.edits
    assert edit.kind is ChangeKind.RESIDENCE
    assert edit.fields == ("permanent_residence", "residence_file_number")
    assert world.people[plan.subject].permanent_residence == Residence(
        PERMANENT, address(BA_DINH), TODAY, None, 1, Relation.SON
    )
    assert world.people[plan.subject].residence_file_number == "HSCT-0000000001"
    assert not plan.households


def test_a_household_is_founded() -> None:
    """Its founder is its head."""
    world = register()
    world.submit(founds(C))
    home = world.household(3)
    assert (home.kind, home.head) == (PERMANENT, C)
    assert home.address == address(NGOC_HA)._replace(detail="1 phố Thử")
    assert [(one.personal_id, one.relation) for one in home.members] == [(C, Relation.HEAD)]


def test_who_moves_leaves() -> None:
    """One permanent residence is the only one, and an empty household is no more."""
    world = register()
    plan = world.submit(joins(D, A, Relation.SIBLING))
    assert plan.households == {2: None}
    assert {one.personal_id for one in world.household(1).members} == {A, B, D}
    world.submit(founds(B))
    assert world.household(1).head == A


def test_a_head_with_others_stays() -> None:
    """A household does not lose its head by the way; a departure names another first."""
    world = register()
    refusal = ("HEAD_MUST_BE_REPLACED", "person", A)
    assert world.refuses(founds(A)) == refusal
    assert world.refuses(joins(A, D)) == refusal
    world.submit(Departure(A, temporary=False, new_head=B))
    world.submit(founds(A))
    assert world.household(1).head == B


def test_a_head_may_leave_the_dead() -> None:
    """Those who are on file but not there hold nobody back, and keep the household on file."""
    world = register()
    world.people[B] = gone(world.people[B], "2026")
    world.submit(founds(A))
    assert not world.household(1).head
    assert [one.personal_id for one in world.household(1).members] == [B]


def test_permanent_and_temporary_households_are_apart() -> None:
    """Who comes for a time joins a temporary household, or founds one."""
    world = register()
    event = for_a_time(joins(C, A, Relation.LODGER))
    assert world.refuses(event) == ("NO_HOUSEHOLD", "member", A)
    world.submit(for_a_time(founds(A)))
    plan = world.submit(event)
    assert plan.edits[0].fields == ("temporary_residence",)
    assert world.people[C].temporary_residence == Residence(
        TEMPORARY, world.households[3].address, TODAY, UNTIL, 3, Relation.LODGER
    )
    stay = world.people[A].permanent_residence
    assert stay is not None
    assert stay.household_id == 1
    assert world.refuses(joins(D, C)) == ("NO_HOUSEHOLD", "member", C)


@pytest.mark.parametrize(
    ("event", "fits"),
    [
        (for_a_time(founds(C), date(2028, 3, 10)), True),
        (for_a_time(founds(C), date(2028, 3, 11)), False),
        (for_a_time(founds(C), TODAY), True),
        (for_a_time(founds(C), date(2026, 3, 9)), False),
        (for_a_time(founds(C), None), False),
        (replace(founds(C), until=UNTIL), False),
    ],
)
def test_the_term(event: ResidenceRegistration, fits: bool) -> None:  # noqa: FBT001 - a table's column
    """Temporary residence has one of at most two years, permanent residence has none."""
    if fits:
        assert register().submit(event).subject == C
    else:
        assert register().refuses(event) == ("STAY_TERM", "until", "")


def test_temporary_residence_is_renewed() -> None:
    """Registering again in the same household moves its end, also after it is over."""
    world = register()
    world.house(
        {C: Relation.HEAD, D: Relation.LODGER},
        kind=TEMPORARY, since=date(2025, 1, 1), until=date(2025, 12, 31),
    )  # fmt: skip
    lodger = for_a_time(joins(D, C, Relation.LODGER))
    assert world.refuses(lodger) == ("NO_HOUSEHOLD", "member", C)  # whose own stay is over
    plan = world.submit(for_a_time(joins(C, C, Relation.HEAD)))
    assert (plan.edits[0].kind, plan.households) == (ChangeKind.RESIDENCE, {})
    renewed = world.people[C].temporary_residence
    assert renewed is not None
    assert (renewed.since, renewed.until) == (date(2025, 1, 1), UNTIL)
    world.submit(lodger)
    assert world.refuses(lodger) == ("ALREADY_THERE", "person", D)


def test_a_relation_changes_at_home() -> None:
    """Registering again in one's household with another relation changes the relation."""
    world = register()
    plan = world.submit(joins(B, A, Relation.SIBLING))
    assert plan.edits[0].fields == ("permanent_residence",)
    stay = world.people[B].permanent_residence
    assert stay is not None
    assert (stay.relation, stay.since) == (Relation.SIBLING, date(2026, 1, 5))
    assert world.refuses(joins(B, A, Relation.SIBLING)) == ("ALREADY_THERE", "person", B)
    assert world.refuses(joins(A, A, Relation.HEAD)) == ("ALREADY_THERE", "person", A)
    assert world.refuses(joins(A, B, Relation.SPOUSE)) == ("HEAD_MUST_BE_REPLACED", "relation", A)


def test_the_place_of_the_head() -> None:
    """It is taken while its head lives, and free to a member or newcomer when not."""
    for newcomer, kind in ((C, ChangeKind.RESIDENCE), (B, ChangeKind.HOUSEHOLD_HEAD)):
        world = register()
        event = joins(newcomer, B, Relation.HEAD)
        assert world.refuses(event) == ("HEAD_IN_PLACE", "relation", A)
        world.people[A] = gone(world.people[A], "2026")
        plan = world.submit(event)
        assert plan.edits[0].kind is kind
        assert world.household(1).head == newcomer


def test_temporary_residence_is_elsewhere() -> None:
    """Outside the commune of permanent residence; who settles there is no longer temporary."""
    world = register()
    refusal = ("SAME_COMMUNE", "person", B)
    assert world.refuses(for_a_time(founds(B, BA_DINH))) == refusal
    world.submit(for_a_time(founds(B)))
    plan = world.submit(founds(B))
    assert plan.edits[0].fields == (
        "permanent_residence", "temporary_residence", "residence_file_number",
    )  # fmt: skip
    assert world.people[B].temporary_residence is None
    assert set(world.households) == {1, 2, 4}


def test_temporary_residence_elsewhere_stays() -> None:
    """A move to a third commune leaves it as it is."""
    world = register()
    world.submit(for_a_time(founds(B)))
    world.submit(founds(B, "00025"))
    assert world.people[B].temporary_residence is not None


def test_a_place_of_living_that_was_noted_is_over() -> None:
    """Where somebody happened to live is no longer said once they register."""
    world = register()
    place = Residence(ResidenceKind.CURRENT, address("00025"), date(2024, 1, 1))
    world.people[C] = replace(world.people[C], current_residence=place)
    plan = world.submit(founds(C))
    assert "current_residence" in plan.edits[0].fields
    assert world.people[C].current_residence is None


@pytest.mark.parametrize(
    ("event", "code", "subject", "about"),
    [
        (joins("001080000009", A), "PERSON_UNKNOWN", "person", ""),
        (joins(C, "001080000009"), "PERSON_UNKNOWN", "member", ""),
        (founds(C, "00001"), "COMMUNE_NOT_IN_FORCE", "commune", ""),
        (replace(founds(C), member=A), "HOUSEHOLD_OR_COMMUNE", "member", ""),
        (replace(founds(C), commune=""), "HOUSEHOLD_OR_COMMUNE", "member", ""),
        (joins(D, C), "NO_HOUSEHOLD", "member", C),
        (joins(C, A, Relation.HEAD), "HEAD_IN_PLACE", "relation", A),
    ],
)
def test_refused(event: ResidenceRegistration, code: str, subject: str, about: str) -> None:
    """What cannot be is refused, with the field that it is about."""
    assert register().refuses(event) == (code, subject, about)


@pytest.mark.parametrize(
    ("vital", "code"),
    [(VitalStatus.DEAD, "PERSON_DEAD"), (VitalStatus.DECLARED_MISSING, "PERSON_DECLARED")],
)
def test_the_dead_do_not_move(vital: VitalStatus, code: str) -> None:
    """Nor does anybody move in with them."""
    world = register()
    world.people[A] = gone(world.people[A], "2026", vital)
    assert world.refuses(founds(A)) == (code, "person", A)
    assert world.refuses(joins(C, A)) == (code, "member", A)


def test_a_move_keeps_the_order_of_time() -> None:
    """Nobody leaves before arriving, nor arrives before being born."""
    world = register()
    assert world.refuses(founds(B), date(2026, 1, 4)) == ("BEFORE_ARRIVAL", "effective", B)
    ends = Departure(B, temporary=False)
    assert world.refuses(ends, date(2026, 1, 4)) == ("BEFORE_ARRIVAL", "effective", B)
    assert world.refuses(founds(C), date(1979, 12, 31)) == ("BEFORE_BIRTH", "effective", C)


def test_a_residence_ends() -> None:
    """The person lives nowhere then, and an empty household is no more."""
    world = register()
    plan = world.submit(Departure(D, temporary=False))
    assert plan.edits[0].fields == ("permanent_residence", "residence_file_number")
    assert plan.households == {2: None}
    assert world.people[D].permanent_residence is None
    assert not world.people[D].residence_file_number
    assert world.refuses(Departure(D, temporary=False)) == ("NO_RESIDENCE", "person", D)
    assert world.refuses(Departure(A, temporary=True)) == ("NO_RESIDENCE", "person", A)


def test_a_residence_of_the_dead_ends() -> None:
    """The second step after a death: the widow heads the household from then on."""
    world = register()
    world.people[A] = gone(world.people[A], "2026-02-01")
    plan = world.submit(Departure(A, temporary=False, new_head=B))
    assert [(edit.kind, edit.fields) for edit in plan.edits] == [
        (ChangeKind.RESIDENCE, ("permanent_residence", "residence_file_number")),
        (ChangeKind.HOUSEHOLD_HEAD, ("permanent_residence",)),
    ]
    home = world.household(1)
    assert home.head == B
    assert [(one.personal_id, one.relation) for one in home.members] == [(B, Relation.HEAD)]


def test_a_head_may_leave_the_place_vacant() -> None:
    """Where nobody is named, nobody is the head, and a member may take over later."""
    world = register()
    world.submit(Departure(A, temporary=False))
    assert not world.household(1).head
    world.submit(joins(C, B, Relation.NIECE_OR_NEPHEW))
    world.submit(Departure(C, temporary=False, new_head=B))
    assert world.household(1).head == B


@pytest.mark.parametrize(
    ("person_", "new_head", "code", "about"),
    [
        (A, D, "NEW_HEAD_NOT_MEMBER", D),
        (A, C, "NEW_HEAD_NOT_MEMBER", C),
        (A, A, "NEW_HEAD_NOT_MEMBER", A),
        (B, B, "NEW_HEAD_NOT_MEMBER", B),
        (B, A, "HEAD_IN_PLACE", A),
        (A, "001080000009", "PERSON_UNKNOWN", ""),
    ],
)
def test_new_heads(person_: str, new_head: str, code: str, about: str) -> None:
    """Another member, and only where the head leaves or the place is vacant."""
    event = Departure(person_, temporary=False, new_head=new_head)
    assert register().refuses(event) == (code, "new_head", about)


def test_a_dead_member_is_no_new_head() -> None:
    """The new head lives."""
    world = register()
    world.people[B] = gone(world.people[B], "2026")
    event = Departure(A, temporary=False, new_head=B)
    assert world.refuses(event) == ("PERSON_DEAD", "new_head", B)


def test_a_dormitory_is_left() -> None:
    """A temporary residence without a household ends, too, and gives nobody a place."""
    world = register()
    stay = Residence(TEMPORARY, address(NGOC_HA), date(2025, 9, 1), UNTIL)
    world.people[C] = replace(world.people[C], temporary_residence=stay)
    event = Departure(C, temporary=True, new_head=A)
    assert world.refuses(event)[0] == "NEW_HEAD_NOT_MEMBER"
    plan = world.submit(replace(event, new_head=""))
    assert (plan.edits[0].fields, plan.households) == (("temporary_residence",), {})
