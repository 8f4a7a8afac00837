"""Judging what is said of a verified person: TRUE, FALSE, or NO_DATA.

NO_DATA is the answer wherever the register cannot decide: it has nothing, or what it has
leaves the question open. A TRUE is signed and lies in dossiers for years.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.matching import NameLevel, match_name
from gateway.core.model import Assertion, AssertionResult, HeadState, SaidPerson, SaidPlace
from gateway.core.residence import head_of, head_state, household_of, place_of_living
from mock_population_db.citizen import (
    Address,
    Citizen,
    CodeEpoch,
    Conversion,
    Relative,
    ResidenceKind,
)
from mock_population_db.snapshot import Snapshot

# what may be asserted of a person, and the field of ``Citizen`` that it must be granted as and
# is recorded as: a caller may be granted a field for VerifyAttributes that it may not look up
FIELD_OF = {
    "father": "father",
    "mother": "mother",
    "spouse": "spouse",
    "representative": "representative",
    "household_head": "permanent_residence",
    "current_address": "current_residence",
    "marital_status": "marital_status",
    "vital_status": "person_status",
}
HEAD = "household_head"

_TRUE, _FALSE, _NO_DATA = AssertionResult


def judge(assertion: Assertion, citizen: Citizen, snapshot: Snapshot) -> AssertionResult:
    """What the register says to one assertion about a citizen."""
    attribute, said = assertion
    if isinstance(said, SaidPerson):
        return _judge_person(said, _relative(attribute, citizen, snapshot))
    if isinstance(said, SaidPlace):
        living = place_of_living(citizen, snapshot.as_of)
        return _NO_DATA if living is None else _judge_place(said, living.address)
    held = citizen.identity.vital_status if attribute == "vital_status" else citizen.marital_status
    return _said_is(said == held) if held else _NO_DATA


def fields_asked(assertions: Sequence[Assertion]) -> tuple[str, ...]:
    """The fields that assertions are about, each once."""
    return tuple(dict.fromkeys(FIELD_OF[assertion.attribute] for assertion in assertions))


def fields_answered(
    assertions: Sequence[Assertion], results: Sequence[AssertionResult]
) -> frozenset[str]:
    """The fields that TRUE or FALSE was said about."""
    pairs = zip(assertions, results, strict=True)
    return frozenset(FIELD_OF[one.attribute] for one, result in pairs if result is not _NO_DATA)


def _said_is(so: bool) -> AssertionResult:  # noqa: FBT001 - the one thing that is asked
    return _TRUE if so else _FALSE


def _relative(attribute: str, citizen: Citizen, snapshot: Snapshot) -> Relative | None:
    if attribute != HEAD:
        relative: Relative | None = getattr(citizen, attribute)
        return relative
    home = household_of(citizen, ResidenceKind.PERMANENT, snapshot)
    if home is None or head_state(home) is not HeadState.IN_PLACE:
        return None
    head = head_of(home)
    if head is None:
        return None
    return Relative(head.name.full, head.personal_id, head.old_id_number)


def _judge_person(said: SaidPerson, held: Relative | None) -> AssertionResult:
    """Every part that is said must agree: one that differs denies, one not on file leaves open."""
    if held is None:
        return _NO_DATA
    parts = [
        _judge_number(said.personal_id, held.personal_id),
        _judge_number(said.old_id_number, held.old_id_number),
    ]
    if said.full_name:
        level = match_name(said.full_name, held.name)
        parts.append(_NO_DATA if level is NameLevel.NO_DATA else _said_is(level.verifies))
    if _FALSE in parts:
        return _FALSE
    return _NO_DATA if _NO_DATA in parts else _TRUE


def _judge_number(said: str, held: str) -> AssertionResult:
    if said and not held:
        return _NO_DATA
    return _said_is(said in ("", held))


def _judge_place(said: SaidPlace, held: Address) -> AssertionResult:
    """Compare codes of one epoch only: since 2025-07-01 they name other places."""
    if said.epoch == held.epoch:
        if said.province_code:
            return _compare(said.province_code, held.province_code)
        # the successor of a divided commune is a default: nobody knows which part it was
        split = held.conversion is Conversion.SPLIT
        return _NO_DATA if split else _compare(said.commune_code, held.commune_code)
    if said.epoch == CodeEpoch.LEGACY and said.commune_code:
        return _compare(said.commune_code, held.former_commune_code)
    return _NO_DATA


def _compare(said: str, held: str) -> AssertionResult:
    return _said_is(said == held) if held else _NO_DATA
