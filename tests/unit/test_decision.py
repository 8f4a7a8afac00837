"""Deciding one claim: every way that it can end, and what the caller may see of it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.decision import (
    decide,
    keys_to_resolve,
    keys_to_verify,
    person_status,
    resolve,
)
from gateway.core.matching import DateLevel, NameLevel
from gateway.core.model import (
    Claim,
    Decision,
    Explanation,
    IdentifierKind,
    Levels,
    Notice,
    Outcome,
    Person,
    Resolution,
    Status,
)
from mock_population_db.citizen import Identity, NumberStatus, PersonName, VitalStatus
from mock_population_db.partial_date import PartialDate
from mock_population_db.snapshot import Keys, NumberChain, Snapshot
from tests.support.scene import (
    BIRTH,
    NUMBER,
    OLD_NUMBER,
    OTHER_NUMBER,
    claim,
    person,
    snapshot,
    step,
)

VERIFIED, NOT_VERIFIED = Outcome.VERIFIED, Outcome.NOT_VERIFIED
BY_NUMBER, BY_OLD_NUMBER = IdentifierKind.PERSONAL_ID, IdentifierKind.OLD_ID_NUMBER
EXACTLY = Levels(NameLevel.EXACT, DateLevel.EXACT)
ALIVE = Person(BY_NUMBER, Status.ALIVE, ())

SOMEBODY_ELSE = PersonName("Trần", "Thị", "Bình")
CANCELLED = person(number_status=NumberStatus.CANCELLED)
A, B, C = "001080000027", "001081000028", "001181000029"
CHAIN = NumberChain((step(A, B), step(B, C)), person(C))


def read(number: str, found: Identity) -> Snapshot:
    """A read of one number that came to rest on this person."""
    return snapshot({number: found})


def read_old(*found: Identity) -> Snapshot:
    """A read of the old number."""
    return snapshot(by_old={OLD_NUMBER: found})


def by_old_number() -> Claim:
    """A claim by the old number alone."""
    return claim(number="", old=OLD_NUMBER)


def both(asked: Claim, found: Snapshot) -> tuple[Decision, Decision]:
    """The decision without and with the explain grant."""
    return decide(asked, found, explain=False), decide(asked, found, explain=True)


@pytest.mark.parametrize("explain", [False, True])
def test_a_claim_that_agrees_is_verified(explain: bool) -> None:  # noqa: FBT001 - a parameter
    """With the person's status and the levels, whoever asks."""
    decision = decide(claim(), read(NUMBER, person()), explain=explain)
    assert decision == Decision(VERIFIED, NUMBER, ALIVE, EXACTLY)


def test_a_weaker_level_that_is_enough_is_told() -> None:
    """Without marks, and a year-only birth date claimed as 1 January."""
    found = person(birth_date=PartialDate(1948))
    asked = claim(name="LEVANAN", birth=PartialDate(1948, 1, 1))
    decision = decide(asked, read(NUMBER, found), explain=False)
    assert decision.outcome is VERIFIED
    assert decision.levels == Levels(NameLevel.COMPACT, DateLevel.CONVENTION)


@pytest.mark.parametrize(
    ("asked", "levels"),
    [
        (claim(name="Lê Văn Bình"), Levels(NameLevel.MISMATCH, DateLevel.EXACT)),
        (claim(name="Lê An"), Levels(NameLevel.PARTIAL, DateLevel.EXACT)),
        (claim(birth=PartialDate(1990, 5, 13)), Levels(NameLevel.EXACT, DateLevel.MISMATCH)),
        (claim(birth=PartialDate(1990)), Levels(NameLevel.EXACT, DateLevel.LESS_PRECISE)),
    ],
)
def test_a_mismatch_is_explained_only_to_whom_it_may_be(asked: Claim, levels: Levels) -> None:
    """Levels and explanation come with the grant, never without."""
    plain, explained = both(asked, read(NUMBER, person()))
    assert plain == Decision(NOT_VERIFIED, NUMBER)
    assert explained == Decision(
        NOT_VERIFIED, NUMBER, levels=levels, explanation=Explanation.DATA_MISMATCH
    )


def test_an_empty_register_knows_nobody() -> None:
    """The seek found no record at all."""
    plain, explained = both(claim(), snapshot())
    assert plain == Decision(NOT_VERIFIED, NUMBER)
    assert explained == Decision(NOT_VERIFIED, NUMBER, explanation=Explanation.NUMBER_UNKNOWN)


def test_a_neighbour_is_nobody() -> None:
    """The record the seek came to rest on has another number: even agreeing, it verifies none."""
    plain, explained = both(claim(), read(NUMBER, person(OTHER_NUMBER)))
    assert plain == Decision(NOT_VERIFIED, NUMBER)
    assert explained == Decision(NOT_VERIFIED, NUMBER, explanation=Explanation.NUMBER_UNKNOWN)


def test_a_neighbour_by_old_number_is_nobody() -> None:
    """The same for the old number."""
    found = read_old(person(old_id_number="000000014"))
    plain, explained = both(by_old_number(), found)
    assert plain == Decision(NOT_VERIFIED, OLD_NUMBER)
    assert explained.explanation is Explanation.NUMBER_UNKNOWN
    assert explained.levels is None


def test_unknown_and_mismatch_are_the_same_decision() -> None:
    """Without the grant nothing tells them apart."""
    unknown = decide(claim(), read(NUMBER, person(OTHER_NUMBER)), explain=False)
    mismatch = decide(claim(), read(NUMBER, person(name=SOMEBODY_ELSE)), explain=False)
    cancelled = decide(claim(), read(NUMBER, CANCELLED), explain=False)
    assert unknown == mismatch == cancelled


def test_a_cancelled_number_does_not_verify() -> None:
    """Even when name and birth date agree."""
    _, explained = both(claim(), read(NUMBER, CANCELLED))
    assert explained == Decision(NOT_VERIFIED, NUMBER, explanation=Explanation.NUMBER_CANCELLED)


def test_a_former_number_is_explained_by_the_history() -> None:
    """Nobody has the number any more, but somebody had it."""
    found = snapshot({A: person(OTHER_NUMBER)}, chains={A: CHAIN})
    plain, explained = both(claim(A), found)
    assert plain == Decision(NOT_VERIFIED, A)
    assert explained == Decision(NOT_VERIFIED, A, explanation=Explanation.NUMBER_CANCELLED)


def test_a_neighbours_history_explains_nothing() -> None:
    """The chain is of the number only if one of its steps starts there."""
    found = snapshot({NUMBER: person(C)}, chains={NUMBER: CHAIN})
    _, explained = both(claim(), found)
    assert explained.explanation is Explanation.NUMBER_UNKNOWN


def test_the_old_number_alone_verifies() -> None:
    """The subject is the personal number, so that the person's own log has it."""
    decision = decide(by_old_number(), read_old(person(old_id_number=OLD_NUMBER)), explain=False)
    assert decision == Decision(VERIFIED, NUMBER, Person(BY_OLD_NUMBER, Status.ALIVE, ()), EXACTLY)


def test_a_shared_old_number_is_decided_by_name_and_birth_date() -> None:
    """One of the two agrees."""
    one = person(old_id_number=OLD_NUMBER)
    other = person(OTHER_NUMBER, old_id_number=OLD_NUMBER, name=SOMEBODY_ELSE)
    for order in ((one, other), (other, one)):
        decision = decide(by_old_number(), read_old(*order), explain=False)
        assert (decision.outcome, decision.subject) == (VERIFIED, NUMBER)


def test_two_who_agree_are_ambiguous() -> None:
    """Nobody is verified, and no candidate is named."""
    twins = (person(old_id_number=OLD_NUMBER), person(OTHER_NUMBER, old_id_number=OLD_NUMBER))
    plain, explained = both(by_old_number(), read_old(*twins))
    assert plain == Decision(NOT_VERIFIED, OLD_NUMBER)
    assert explained == Decision(NOT_VERIFIED, OLD_NUMBER, explanation=Explanation.AMBIGUOUS)


def test_a_cancelled_one_of_two_does_not_count() -> None:
    """The other is then the only one."""
    gone = person(OTHER_NUMBER, old_id_number=OLD_NUMBER, number_status=NumberStatus.CANCELLED)
    kept = person(old_id_number=OLD_NUMBER)
    decision = decide(by_old_number(), read_old(gone, kept), explain=False)
    assert (decision.outcome, decision.subject) == (VERIFIED, NUMBER)


@pytest.mark.parametrize(
    ("old", "outcome"), [(OLD_NUMBER, VERIFIED), ("000000014", NOT_VERIFIED), ("", NOT_VERIFIED)]
)
def test_both_numbers_must_be_the_persons(old: str, outcome: Outcome) -> None:
    """An old number that is another's, or that the register does not have, does not verify."""
    found = read(NUMBER, person(old_id_number=old))
    plain, explained = both(claim(old=OLD_NUMBER), found)
    assert plain.outcome is explained.outcome is outcome
    if outcome is NOT_VERIFIED:
        assert explained.explanation is Explanation.DATA_MISMATCH
        assert explained.levels is not None  # of name and date, which do agree


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status.ALIVE),
        ({"vital_status": VitalStatus.DEAD}, Status.DEAD),
        ({"vital_status": VitalStatus.DECLARED_MISSING}, Status.DECLARED_MISSING),
        ({"vital_status": VitalStatus.DECLARED_DEAD}, Status.DECLARED_DEAD),
        ({"number_status": NumberStatus.PENDING}, Status.NUMBER_PENDING),
        # death outweighs a number that was never confirmed
        (
            {"number_status": NumberStatus.PENDING, "vital_status": VitalStatus.DEAD},
            Status.DEAD,
        ),
    ],
)
def test_the_dead_verify_with_their_status(changes: dict[str, Any], status: Status) -> None:
    """VERIFIED says that the data belong together; the status says the rest."""
    found = person(**changes)
    decision = decide(claim(), read(NUMBER, found), explain=False)
    assert decision.person is not None
    assert decision.person.status is person_status(found) is status


@pytest.mark.parametrize(
    ("changes", "notice"),
    [
        ({"name": PersonName(given="Lê Văn An")}, Notice.NAME_IN_ONE_FIELD),
        ({"number_status": NumberStatus.UNDER_CORRECTION}, Notice.NUMBER_UNDER_CORRECTION),
        ({"death_annulled": True}, Notice.DEATH_RECORD_ANNULLED),
        ({"birth_date": PartialDate(1990, 5)}, Notice.BIRTH_DATE_INCOMPLETE),
        ({"birth_date": PartialDate(1990)}, Notice.BIRTH_DATE_INCOMPLETE),
    ],
)
def test_a_notice_comes_with_what_it_is_about(changes: dict[str, Any], notice: Notice) -> None:
    """One by one."""
    found = person(**changes)
    assert found.birth_date is not None
    decision = decide(claim(birth=found.birth_date), read(NUMBER, found), explain=False)
    assert decision.person is not None
    assert decision.person.notices == (notice,)


def test_notices_add_up() -> None:
    """All four at once, in the contract's order."""
    found = person(
        name=PersonName(given="Lê Văn An"),
        number_status=NumberStatus.UNDER_CORRECTION,
        death_annulled=True,
        birth_date=PartialDate(1948),
    )
    decision = decide(claim(birth=PartialDate(1948)), read(NUMBER, found), explain=False)
    assert decision.person is not None
    assert decision.person.notices == tuple(Notice)


def test_a_record_without_a_birth_date_verifies_nothing() -> None:
    """NO_DATA is not agreement."""
    _, explained = both(claim(), read(NUMBER, person(birth_date=None)))
    assert explained.levels == Levels(NameLevel.EXACT, DateLevel.NO_DATA)


def test_only_who_may_be_told_reads_the_history() -> None:
    """What verification asks of the register."""
    assert keys_to_verify(claim(), explain=False) == Keys(numbers=(NUMBER,))
    assert keys_to_verify(claim(), explain=True) == Keys(numbers=(NUMBER,), former=(NUMBER,))
    for explain in (False, True):
        assert keys_to_verify(by_old_number(), explain=explain) == Keys(old_numbers=(OLD_NUMBER,))


def test_resolving_follows_the_history() -> None:
    """What resolving asks of the register."""
    assert keys_to_resolve(claim(old=OLD_NUMBER)) == Keys(former=(NUMBER,))
    assert keys_to_resolve(by_old_number()) == Keys(old_numbers=(OLD_NUMBER,))


@pytest.mark.parametrize("number", [A, B, C])
def test_every_number_of_a_chain_leads_to_the_last(number: str) -> None:
    """A was replaced by B, B by C: each leads to C, with both steps."""
    found = resolve(claim(number), snapshot(chains={number: CHAIN}))
    assert found == Resolution(Decision(VERIFIED, C, ALIVE, EXACTLY), C, (step(A, B), step(B, C)))


def test_a_number_that_never_changed_leads_to_itself() -> None:
    """With no step."""
    found = resolve(claim(), snapshot(chains={NUMBER: NumberChain((), person())}))
    assert (found.decision.outcome, found.current, found.steps) == (VERIFIED, NUMBER, ())


@pytest.mark.parametrize(
    ("asked", "chains"),
    [
        (claim(A), {}),  # an empty register
        (claim(NUMBER), {NUMBER: CHAIN}),  # a neighbour's chain
        (claim(A, name="Lê Văn Bình"), {A: CHAIN}),
        (claim(A, birth=PartialDate(1990, 5, 13)), {A: CHAIN}),
        (claim(A, old=OLD_NUMBER), {A: CHAIN}),  # an old number that is not this person's
        (claim(), {NUMBER: NumberChain((), CANCELLED)}),  # cancelled, and none took its place
    ],
)
def test_resolving_shows_nothing_unless_all_agrees(
    asked: Claim, chains: dict[str, NumberChain]
) -> None:
    """Neither a number nor a step nor a reason."""
    found = resolve(asked, snapshot(chains=chains))
    assert found == Resolution(Decision(NOT_VERIFIED, asked.personal_id))


def test_an_old_number_leads_to_the_present_one() -> None:
    """By name and birth date, also when two share it."""
    one = person(old_id_number=OLD_NUMBER)
    other = person(OTHER_NUMBER, old_id_number=OLD_NUMBER, name=SOMEBODY_ELSE)
    found = resolve(by_old_number(), read_old(other, one))
    assert (found.decision.outcome, found.current, found.steps) == (VERIFIED, NUMBER, ())


def test_an_old_number_of_two_who_agree_is_ambiguous() -> None:
    """Without candidates."""
    twins = (person(old_id_number=OLD_NUMBER), person(OTHER_NUMBER, old_id_number=OLD_NUMBER))
    found = resolve(by_old_number(), read_old(*twins))
    assert found == Resolution(Decision(Outcome.AMBIGUOUS, OLD_NUMBER))


@pytest.mark.parametrize(
    "there",
    [
        (),
        (person(old_id_number="000000014"),),  # a neighbour
        (person(old_id_number=OLD_NUMBER, name=SOMEBODY_ELSE),),
        (person(old_id_number=OLD_NUMBER, number_status=NumberStatus.CANCELLED),),
    ],
)
def test_an_old_number_that_does_not_lead_on_says_nothing(there: tuple[Identity, ...]) -> None:
    """Unknown, mismatch and cancelled look alike."""
    found = resolve(by_old_number(), read_old(*there))
    assert found == Resolution(Decision(NOT_VERIFIED, OLD_NUMBER))


def test_the_usual_claim_and_person_agree() -> None:
    """What the tables above change."""
    assert person().birth_date == BIRTH == claim().birth_date
