"""What is confirmed of a person, as statements: residence, household, attributes.

With ``statement.py`` and ``disclosure.py`` the only module of the core that touches generated
messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from dancu.v1 import attribute_pb2, residence_pb2, statement_pb2
from gateway.core.decision import person_status
from gateway.core.disclosure import address, bits_of, citizen_message, code, day, disclosures
from gateway.core.model import (
    Assertion,
    AssertionResult,
    Claim,
    Decision,
    SaidPerson,
    SaidPlace,
)
from gateway.core.policy import Grant
from gateway.core.residence import (
    FIELD_OF,
    RESIDENCE_FIELDS,
    head_state,
    members_of,
    residence_of,
    state_on,
)
from gateway.core.statement import Header, write_decision
from mock_population_db.citizen import Citizen, Household, Member, Residence, ResidenceKind
from mock_population_db.snapshot import Snapshot


class Shown(NamedTuple):
    """Somebody whose data an answer shows."""

    number: str  # 12 digits
    fields: int  # as the bits of an access row


def residence(
    head: Header,
    claim: Claim,
    decision: Decision,
    citizen: Citizen | None,
    snapshot: Snapshot,
    shown: frozenset[str],
) -> tuple[statement_pb2.ResidenceConfirmation, int]:
    """Answer to ConfirmResidence, and the fields disclosed as the bits of an access row.

    ``citizen`` is the one that was verified, or None; ``shown`` the granted residence fields.
    """
    message = statement_pb2.ResidenceConfirmation(header=head)
    write_decision(message, claim, decision)
    if citizen is None:
        return message, 0
    message.residences.extend(
        _residence(found, snapshot)
        for kind, path in FIELD_OF.items()
        if path in shown and (found := residence_of(citizen, kind))
    )
    granted = citizen_message(citizen, shown)
    message.residence_file_number = granted.residence_file_number
    statuses, bits = disclosures(granted, RESIDENCE_FIELDS, shown)
    message.fields.extend(statuses)
    return message, bits


def household(
    head: Header,
    claim: Claim,
    decision: Decision,
    kind: ResidenceKind,
    extract: residence_pb2.Household | None,
) -> statement_pb2.HouseholdExtract:
    """Answer to GetHousehold; ``extract`` is None unless verified, and where there is none."""
    message = statement_pb2.HouseholdExtract(header=head, kind=code(kind))
    write_decision(message, claim, decision)
    if extract is not None:
        message.household.CopyFrom(extract)
    return message


def household_extract(
    home: Household, citizen: Citizen, grant: Grant, as_of: date
) -> tuple[residence_pb2.Household, list[Shown]]:
    """A citizen's household as far as the grant goes, and everybody whose data it shows.

    The citizen comes first: the household itself is told of them.
    """
    subject, path = citizen.identity.personal_id, FIELD_OF[home.kind]
    members = members_of(home)
    seen = [one for one in members if grant.members or one.personal_id == subject]
    number = _file_number(home, citizen) if "residence_file_number" in grant.fields else ""
    extract = residence_pb2.Household(
        kind=code(home.kind),
        residence_file_number=number,
        address=address(home.address),
        head_state=code(head_state(home)),
        member_count=len(members),
        members=[_member(one, grant.fields, as_of) for one in seen],
        members_withheld=not grant.members,
    )
    bits = {subject: bits_of([path, "residence_file_number"] if number else [path])}
    for one in seen:
        own = bits_of([path, *_values(one, grant.fields)])
        bits[one.personal_id] = bits.get(one.personal_id, 0) | own
    return extract, [Shown(*pair) for pair in bits.items()]


def attributes(
    head: Header,
    claim: Claim,
    decision: Decision,
    assertions: Sequence[Assertion],
    results: Sequence[AssertionResult],
) -> statement_pb2.AttributeVerification:
    """Answer to VerifyAttributes; ``results`` is empty unless the claim was verified."""
    message = statement_pb2.AttributeVerification(header=head)
    write_decision(message, claim, decision)
    message.assertions.extend(map(_assertion, assertions))
    message.results.extend(code(result) for result in results)
    return message


def _residence(found: Residence, snapshot: Snapshot) -> residence_pb2.ConfirmedResidence:
    home = snapshot.households.get(found.household_id)
    return residence_pb2.ConfirmedResidence(
        kind=code(found.kind),
        state=code(state_on(found.until, snapshot.as_of)),
        household_kind=code(home.kind if home else 0),
        address=address(found.address),
        since=day(found.since),
        until=day(found.until),
        relation_to_head=code(found.relation or 0),
    )


def _file_number(home: Household, citizen: Citizen) -> str:
    """A citizen's own residence file may bear another number than the household's usual one."""
    permanent = home.kind is ResidenceKind.PERMANENT
    return citizen.residence_file_number if permanent else home.residence_file_number


def _values(member: Member, granted: frozenset[str]) -> dict[str, Any]:
    """What a member has, by the field of ``Citizen`` that it is granted and recorded as."""
    values = {
        "personal_id": member.personal_id,
        "old_id_number": member.old_id_number,
        "name": member.name.full,
        "person_status": code(person_status(member)),
    }
    return {path: value for path, value in values.items() if value and path in granted}


def _member(member: Member, granted: frozenset[str], as_of: date) -> residence_pb2.HouseholdMember:
    values = _values(member, granted)
    return residence_pb2.HouseholdMember(
        personal_id=values.get("personal_id"),
        old_id_number=values.get("old_id_number"),
        full_name=values.get("name"),
        relation_to_head=code(member.relation),
        since=day(member.since),
        until=day(member.until),
        state=code(state_on(member.until, as_of)),
        status=values.get("person_status"),
    )


def _assertion(assertion: Assertion) -> attribute_pb2.Assertion:
    """The assertion as asked: a statement must say what its results are about."""
    attribute, said = assertion
    message = attribute_pb2.Assertion()
    if isinstance(said, SaidPerson):
        person = attribute_pb2.PersonAssertion(**said._asdict())
        getattr(message, attribute).CopyFrom(person)
    elif isinstance(said, SaidPlace):
        place = message.current_address
        place.code_epoch = code(said.epoch)
        if said.commune_code:
            place.commune_code = said.commune_code
        else:
            place.province_code = said.province_code
    else:
        setattr(message, attribute, code(said))
    return message
