"""Deciding one claim: match (4) and state (5) of the story in ``flows/verification.py``.

Unknown and mismatch take the same steps: the record that the seek came to rest on is
matched like any other, and what agreed ends no comparison early unless all did.
"""

from __future__ import annotations

from gateway.core.matching import match_birth_date, match_name
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
from mock_population_db.citizen import (
    Citizen,
    Identity,
    Keys,
    Member,
    NumberStatus,
    Snapshot,
    VitalStatus,
)

# by name once: looking a member up on its class is slow, and bulk calls do it by the thousand
_ALIVE = VitalStatus.ALIVE
_PENDING = NumberStatus.PENDING
_UNDER_CORRECTION = NumberStatus.UNDER_CORRECTION
_CANCELLED = NumberStatus.CANCELLED
_STATUS = {vital: Status(vital) for vital in VitalStatus}


def keys_to_verify(claim: Claim, *, explain: bool) -> Keys:
    """What to read for a claim. Only who may be told why also reads the number history."""
    if not claim.personal_id:
        return Keys(old_numbers=(claim.old_id_number,))
    numbers = (claim.personal_id,)
    return Keys(numbers=numbers, former=numbers if explain else ())


def decide(claim: Claim, snapshot: Snapshot, *, explain: bool) -> Decision:
    """Whether number, name and birth date belong together."""
    kind, subject, candidates = _candidates(claim, snapshot)
    judged = [
        (identity, _levels(claim, identity, fits=fits), fits)
        for identity in candidates
        for fits in [_counts(identity) and _has_numbers(identity, claim)]
    ]
    agreeing = [(identity, levels) for identity, levels, fits in judged if _agrees(levels) and fits]
    if len(agreeing) == 1:
        identity, levels = agreeing[0]
        return Decision(Outcome.VERIFIED, identity.personal_id, _person(kind, identity), levels)
    if not explain:
        return Decision(Outcome.NOT_VERIFIED, subject)
    # not the neighbours that a seek came to rest on
    held = [(identity, levels) for identity, levels, _ in judged if _holds(identity, claim)]
    explanation = _explain(claim, snapshot, held, ambiguous=len(agreeing) > 1)
    shown = explanation is Explanation.DATA_MISMATCH
    return Decision(
        Outcome.NOT_VERIFIED,
        subject,
        levels=min(levels for _, levels in held) if shown else None,
        explanation=explanation,
    )


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
    counts = _counts(chain.current)  # else it was cancelled and none took its place
    fits = claim.personal_id in known and old_agrees and counts
    levels = _levels(claim, chain.current, fits=fits)
    if not (_agrees(levels) and fits):
        return Resolution(Decision(Outcome.NOT_VERIFIED, claim.personal_id))
    person = _person(IdentifierKind.PERSONAL_ID, chain.current)
    current = chain.current.personal_id
    return Resolution(Decision(Outcome.VERIFIED, current, person, levels), current, chain.steps)


def _resolve_old(claim: Claim, snapshot: Snapshot) -> Resolution:
    decision = decide(claim, snapshot, explain=True)
    if decision.explanation is Explanation.AMBIGUOUS:
        return Resolution(Decision(Outcome.AMBIGUOUS, decision.subject))
    if decision.person is None:
        return Resolution(Decision(Outcome.NOT_VERIFIED, decision.subject))
    return Resolution(decision, decision.subject)


def _candidates(
    claim: Claim, snapshot: Snapshot
) -> tuple[IdentifierKind, str, tuple[Identity, ...]]:
    if claim.personal_id:
        one = snapshot.identities.get(claim.personal_id)
        return IdentifierKind.PERSONAL_ID, claim.personal_id, () if one is None else (one,)
    several = snapshot.by_old_number.get(claim.old_id_number, ())
    return IdentifierKind.OLD_ID_NUMBER, claim.old_id_number, several


def _has_numbers(identity: Identity, claim: Claim) -> bool:
    return claim.personal_id in ("", identity.personal_id) and claim.old_id_number in (
        "",
        identity.old_id_number,
    )


def _holds(identity: Identity, claim: Claim) -> bool:
    """Whether this is the record at the number that the claim is decided by."""
    if claim.personal_id:
        return claim.personal_id == identity.personal_id
    return claim.old_id_number == identity.old_id_number


def _levels(claim: Claim, identity: Identity, *, fits: bool) -> Levels:
    """How name and date agree; ``fits`` is whether they alone decide.

    The date comes first: whatever is wrong, the name is then compared to the end, so that the
    time that an answer took does not tell a right name from a wrong one.
    """
    date = match_birth_date(claim.birth_date, identity.birth_date)
    decides = date.verifies and fits
    return Levels(match_name(claim.full_name, identity.name.full, decides=decides), date)


def _agrees(levels: Levels) -> bool:
    return levels.birth_date.verifies and levels.full_name.verifies


def _counts(identity: Identity) -> bool:
    return identity.number_status is not _CANCELLED


def _person(kind: IdentifierKind, identity: Identity) -> Person:
    """State (5): what comes with VERIFIED."""
    birth = identity.birth_date
    notices = []
    if identity.name.in_one_field:
        notices.append(Notice.NAME_IN_ONE_FIELD)
    if identity.number_status is _UNDER_CORRECTION:
        notices.append(Notice.NUMBER_UNDER_CORRECTION)
    if identity.death_annulled:
        notices.append(Notice.DEATH_RECORD_ANNULLED)
    if birth is not None and not birth.day:
        notices.append(Notice.BIRTH_DATE_INCOMPLETE)
    return Person(kind, person_status(identity), tuple(notices))


def person_status(identity: Identity | Member) -> Status:
    """Whether the person lives, or why the number cannot be relied on yet."""
    if identity.number_status is _PENDING and identity.vital_status is _ALIVE:
        return Status.NUMBER_PENDING
    return _STATUS[identity.vital_status]


def _explain(
    claim: Claim, snapshot: Snapshot, held: list[tuple[Identity, Levels]], *, ambiguous: bool
) -> Explanation:
    if ambiguous:
        return Explanation.AMBIGUOUS
    if any(not _counts(identity) for identity, _ in held):
        return Explanation.NUMBER_CANCELLED
    chain = snapshot.chains.get(claim.personal_id)
    if chain and any(step.former == claim.personal_id for step in chain.steps):
        return Explanation.NUMBER_CANCELLED
    return Explanation.DATA_MISMATCH if held else Explanation.NUMBER_UNKNOWN
