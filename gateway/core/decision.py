"""Deciding one claim: match (4) and state (5) of the story in ``flows/verification.py``.

Unknown and mismatch take the same steps: the record that the seek came to rest on is
matched like any other, and what agreed ends no comparison early unless all did.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.matching import DateLevel, NameLevel, match_person
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
from mock_population_db.citizen import Citizen, Identity, Member, NumberStatus, VitalStatus
from mock_population_db.snapshot import Keys, Snapshot

# by name once: looking a member up on its class is slow, and bulk calls do it by the thousand
_ALIVE = VitalStatus.ALIVE
_ACTIVE = NumberStatus.ACTIVE
_PENDING = NumberStatus.PENDING
_UNDER_CORRECTION = NumberStatus.UNDER_CORRECTION
_CANCELLED = NumberStatus.CANCELLED
_VERIFIED, _NOT_VERIFIED = Outcome.VERIFIED, Outcome.NOT_VERIFIED
_LIVING = {kind: Person(kind, Status.ALIVE, ()) for kind in IdentifierKind}
_PERSONAL_ID, _OLD_ID_NUMBER = IdentifierKind.PERSONAL_ID, IdentifierKind.OLD_ID_NUMBER
_new = tuple.__new__  # a named tuple in half the time
_STATUS = {vital: Status(vital) for vital in VitalStatus}

_Judged = list[tuple[Identity, tuple[NameLevel, DateLevel]]]
"""Records that a claim was compared with, and how name and date agree."""


def keys_to_verify(claim: Claim, *, explain: bool) -> Keys:
    """What to read for a claim. Only who may be told why also reads the number history."""
    if not claim.personal_id:
        return Keys(old_numbers=(claim.old_id_number,))
    numbers = (claim.personal_id,)
    return Keys(numbers=numbers, former=numbers if explain else ())


def decide(claim: Claim, snapshot: Snapshot, *, explain: bool) -> Decision:
    """Whether number, name and birth date belong together."""
    number = claim.personal_id
    if number:
        kind, subject, one = _PERSONAL_ID, number, snapshot.identities.get(number)
        candidates: Sequence[Identity] = () if one is None else (one,)
    else:
        kind, subject = _OLD_ID_NUMBER, claim.old_id_number
        candidates = snapshot.by_old_number.get(subject, ())
    judged, agreeing = [], []
    for identity in candidates:
        levels, agrees = _judge(claim, identity, partly=explain)
        judged.append((identity, levels))
        if agrees:
            agreeing.append((identity, levels))
    if len(agreeing) == 1:
        identity, levels = agreeing[0]
        person = _person(kind, identity)
        return _new(Decision, (_VERIFIED, identity.personal_id, person, _new(Levels, levels), None))
    if explain:
        return _explained(claim, snapshot, subject, judged, ambiguous=len(agreeing) > 1)
    return _new(Decision, (_NOT_VERIFIED, subject, None, None, None))


def keys_to_disclose(claim: Claim, *, households: bool = False) -> Keys:
    """The identity to decide by and the whole citizen, in one read, known number or not.

    With ``households`` also those that the citizen lives in.
    """
    asked = (claim.personal_id or claim.old_id_number,)
    homes = asked if households else ()
    if claim.personal_id:
        return Keys(numbers=asked, details=asked, households=homes)
    return Keys(old_numbers=asked, details=asked, households=homes)


def verified_citizen(claim: Claim, decision: Decision, snapshot: Snapshot) -> Citizen | None:
    """The whole citizen that a claim was verified for; None unless it was."""
    if decision.person is None:
        return None
    candidates = snapshot.citizens[claim.personal_id or claim.old_id_number]
    return next(one for one in candidates if one.identity.personal_id == decision.subject)


def keys_to_resolve(claim: Claim) -> Keys:
    """What to read to resolve a number."""
    if claim.personal_id:
        return Keys(former=(claim.personal_id,))
    return Keys(old_numbers=(claim.old_id_number,))


def resolve(claim: Claim, snapshot: Snapshot) -> Resolution:
    """From a former number, name and birth date to the number that is valid now."""
    if not claim.personal_id:
        return _resolve_old(claim, snapshot)
    chain = snapshot.chains.get(claim.personal_id)
    if chain is None:
        return Resolution(Decision(Outcome.NOT_VERIFIED, claim.personal_id))
    known = {step.former for step in chain.steps} | {chain.current.personal_id}
    old_agrees = claim.old_id_number in ("", chain.current.old_id_number)
    counts = chain.current.number_status is not _CANCELLED  # else none took its place
    fits = claim.personal_id in known and old_agrees and counts
    name, born = chain.current.name.full, chain.current.birth_date
    levels, agrees = match_person(claim.full_name, claim.birth_date, name, born, fits=fits)
    if not agrees:
        return Resolution(Decision(Outcome.NOT_VERIFIED, claim.personal_id))
    person = _person(IdentifierKind.PERSONAL_ID, chain.current)
    current = chain.current.personal_id
    verified = Decision(Outcome.VERIFIED, current, person, Levels(*levels))
    return Resolution(verified, current, chain.steps)


def _resolve_old(claim: Claim, snapshot: Snapshot) -> Resolution:
    decision = decide(claim, snapshot, explain=True)
    if decision.explanation is Explanation.AMBIGUOUS:
        return Resolution(Decision(Outcome.AMBIGUOUS, decision.subject))
    if decision.person is None:
        return Resolution(Decision(Outcome.NOT_VERIFIED, decision.subject))
    return Resolution(decision, decision.subject)


def _holds(identity: Identity, claim: Claim) -> bool:
    """Whether this is the record at the number that the claim is decided by."""
    if claim.personal_id:
        return claim.personal_id == identity.personal_id
    return claim.old_id_number == identity.old_id_number


def _judge(
    claim: Claim, identity: Identity, *, partly: bool
) -> tuple[tuple[NameLevel, DateLevel], bool]:
    """How name and date agree, and whether that and the numbers make it this person."""
    number, old, name, birth = claim
    held, stored, born, held_old, _, status, _ = identity
    fits = number in ("", held) and old in ("", held_old) and status is not _CANCELLED
    return match_person(name, birth, stored.full, born, fits=fits, partly=partly)


def _person(kind: IdentifierKind, identity: Identity) -> Person:
    """State (5): what comes with VERIFIED."""
    _, name, birth, _, vital, number_status, annulled = identity
    if vital is _ALIVE and number_status is _ACTIVE and not annulled:
        family, _, given = name
        if family and given and birth is not None and birth.day:
            return _LIVING[kind]  # as nearly everybody
    notices = []
    if name.in_one_field:
        notices.append(Notice.NAME_IN_ONE_FIELD)
    if number_status is _UNDER_CORRECTION:
        notices.append(Notice.NUMBER_UNDER_CORRECTION)
    if annulled:
        notices.append(Notice.DEATH_RECORD_ANNULLED)
    if birth is not None and not birth.day:
        notices.append(Notice.BIRTH_DATE_INCOMPLETE)
    return Person(kind, person_status(identity), tuple(notices))


def person_status(identity: Identity | Member) -> Status:
    """Whether the person lives, or why the number cannot be relied on yet."""
    if identity.number_status is _PENDING and identity.vital_status is _ALIVE:
        return Status.NUMBER_PENDING
    return _STATUS[identity.vital_status]


def _explained(
    claim: Claim, snapshot: Snapshot, subject: str, judged: _Judged, *, ambiguous: bool
) -> Decision:
    """NOT_VERIFIED, and why."""
    # not the neighbours that a seek came to rest on
    held = [(identity, levels) for identity, levels in judged if _holds(identity, claim)]
    explanation = _explanation(claim, snapshot, held, ambiguous=ambiguous)
    shown = explanation is Explanation.DATA_MISMATCH
    return Decision(
        Outcome.NOT_VERIFIED,
        subject,
        levels=Levels(*min(levels for _, levels in held)) if shown else None,
        explanation=explanation,
    )


def _explanation(
    claim: Claim, snapshot: Snapshot, held: _Judged, *, ambiguous: bool
) -> Explanation:
    if ambiguous:
        return Explanation.AMBIGUOUS
    if any(identity.number_status is _CANCELLED for identity, _ in held):
        return Explanation.NUMBER_CANCELLED
    chain = snapshot.chains.get(claim.personal_id)
    if chain and any(step.former == claim.personal_id for step in chain.steps):
        return Explanation.NUMBER_CANCELLED
    return Explanation.DATA_MISMATCH if held else Explanation.NUMBER_UNKNOWN
