"""Decisions into exact bytes: what is signed.

With ``disclosure.py`` and ``confirmations.py`` the only module of the core that touches
generated messages. Bytes made here travel verbatim; nobody serialises a statement twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from dancu.v1 import citizen_pb2, statement_pb2
from gateway.core.disclosure import citizen_message, code, disclosures, number_step
from gateway.core.model import (
    Call,
    Claim,
    Decision,
    Effect,
    Explanation,
    Levels,
    Outcome,
    Person,
    Resolution,
)
from gateway.core.signing import Signer, pre_authentication_encoding
from mock_population_db.citizen import Citizen
from mock_population_db.snapshot import Snapshot

SCHEMA_VERSION = 1
SALT_SIZE = 32
TYPE_PREFIX = "type.googleapis.com/"


Header = statement_pb2.StatementHeader


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who states, and with which keys."""

    name: str
    log_origin: str
    signers: tuple[Signer, ...]
    retired: Signer | None = None  # signs where a profile of the simulator would have it so

    def signers_of(self, call: Call) -> tuple[Signer, ...]:
        """The keys that an answer to this call is signed with."""
        if self.retired is None or Effect.EXPIRED_KEY not in call.effects:
            return self.signers
        return (self.retired,)


class Statement(NamedTuple):
    """A signed statement that is not in the log yet."""

    type_url: str
    value: bytes
    signatures: tuple[tuple[str, bytes], ...]  # (key id, signature)
    digest: bytes  # SHA-256 of what was signed; the log's leaf commits to it


class Draft(NamedTuple):
    """A statement that is not signed yet; its bytes stand."""

    type_url: str
    value: bytes
    encoding: bytes  # what is to be signed
    digest: bytes  # SHA-256 of that

    def signed(self, signers: Sequence[Signer]) -> Statement:
        """The statement with a signature of each."""
        encoding = self.encoding
        signatures = tuple([(signer.key_id, signer.sign(encoding)) for signer in signers])
        return Statement(self.type_url, self.value, signatures, self.digest)


def draft(message: Message) -> Draft:
    """Serialise, once and for all."""
    value = message.SerializeToString(deterministic=True)
    return draft_of(TYPE_PREFIX + message.DESCRIPTOR.full_name, value)


def draft_of(type_url: str, value: bytes) -> Draft:
    """The draft of what is serialised already."""
    encoding = pre_authentication_encoding(type_url, value)
    return Draft(type_url, value, encoding, hashlib.sha256(encoding).digest())


def sign(message: Message, signers: Sequence[Signer]) -> Statement:
    """Serialise once and sign those bytes."""
    return draft(message).signed(signers)


def spoil(statement: Statement) -> Statement:
    """The same statement with signatures that verify with no key: one bit of each is another."""
    wrong = tuple((key_id, bytes([raw[0] ^ 1]) + raw[1:]) for key_id, raw in statement.signatures)
    return statement._replace(signatures=wrong)


def common_header(issuer: Issuer, snapshot: Snapshot, at: datetime) -> bytes:
    """What the headers of one moment have in common; made once for many calls."""
    as_of = snapshot.as_of
    head = Header(
        issued_at=timestamp(at),
        data_as_of=Date(year=as_of.year, month=as_of.month, day=as_of.day),
        register_revision=snapshot.revision,
    )
    key_ids = tuple(signer.key_id for signer in issuer.signers)
    head.MergeFrom(_issuer_header(issuer.name, key_ids, issuer.log_origin))
    return head.SerializeToString()


@lru_cache(maxsize=8)  # changes only with keys and log; whoever merges it copies it
def _issuer_header(name: str, key_ids: tuple[str, ...], log_origin: str) -> Header:
    return Header(
        issuer=name,
        key_ids=key_ids,
        log_origin=log_origin,
        schema_version=SCHEMA_VERSION,
        simulated=True,
    )


def header(common: bytes, call: Call, policy_version: str, salt: bytes) -> Header:
    """What one statement says of itself: ``common_header`` and the call's own part."""
    head = Header.FromString(common)  # merging a message would serialise it for each call
    head.audience = call.caller
    head.rpc = call.rpc
    head.request_digest = call.request_digest
    head.policy_version = policy_version
    head.salt = salt
    if call.effects:
        head.simulated_effects.extend(map(code, call.effects))
    asked = head.context
    (
        asked.request_id,
        asked.procedure_code,
        asked.unit_code,
        asked.officer_id,
        asked.dossier_id,
    ) = call.context
    return head


def verification(
    head: Header, claim: Claim, decision: Decision
) -> statement_pb2.IdentityVerification:
    """Answer to VerifyIdentity."""
    outcome, _, person, levels, explanation = decision
    message = statement_pb2.IdentityVerification(header=head)
    write_claim(message.claim, claim)
    message.MergeFromString(verdict(outcome, person, levels, explanation))
    return message


def batch(head: Header, digests: Sequence[bytes]) -> statement_pb2.BatchIdentityVerification:
    """Answer to BatchVerifyIdentities."""
    return statement_pb2.BatchIdentityVerification(header=head, item_digests=digests)


def disclosure(
    head: Header,
    claim: Claim,
    decision: Decision,
    paths: Sequence[str],
    citizen: Citizen | None,
    shown: frozenset[str],
) -> tuple[statement_pb2.CitizenDisclosure, int]:
    """Answer to LookupCitizen, and the fields disclosed as the bits of an access row.

    ``citizen`` is the one that was verified, or None; ``shown`` the granted fields.
    """
    message = statement_pb2.CitizenDisclosure(header=head, read_mask=FieldMask(paths=paths))
    write_decision(message, claim, decision)
    if citizen is None:
        return message, 0
    message.citizen.MergeFrom(citizen_message(citizen, shown))
    statuses, bits = disclosures(message.citizen, paths, shown)
    message.fields.extend(statuses)
    return message, bits


def resolution(head: Header, claim: Claim, found: Resolution) -> statement_pb2.IdentifierResolution:
    """Answer to ResolveIdentifier."""
    message = statement_pb2.IdentifierResolution(
        header=head,
        current_personal_id=found.current,
        steps=[number_step(step) for step in found.steps],
    )
    write_decision(message, claim, found.decision)
    return message


def refusal(head: Header, reason: str, count: int) -> statement_pb2.Refusal:
    """A refusal that goes into the log, or several alike."""
    return statement_pb2.Refusal(header=head, reason=reason, count=count)


def write_envelope(message: statement_pb2.SignedStatement, statement: Statement) -> None:
    """Put a statement and its signatures into an envelope: the bytes as they were signed."""
    signed = message.statement
    signed.type_url, signed.value = statement.type_url, statement.value
    for key_id, signature in statement.signatures:
        message.signatures.add(key_id=key_id, signature=signature)


def write_claim(message: citizen_pb2.CitizenClaim, claim: Claim) -> None:
    """Put the claim as asked into a statement."""
    message.personal_id, message.old_id_number, message.full_name, birth = claim
    date = message.birth_date
    date.year, date.month, date.day = birth


def timestamp(at: datetime) -> Timestamp:
    """A moment with its zone, to the microsecond."""
    # not FromDatetime: it goes through a calendar in Python
    return Timestamp(seconds=int(at.timestamp()), nanos=at.microsecond * 1000)


_Answer = statement_pb2.IdentityVerification | statement_pb2.ItemVerification
_Decided = (
    _Answer
    | statement_pb2.CitizenDisclosure
    | statement_pb2.IdentifierResolution
    | statement_pb2.ResidenceConfirmation
    | statement_pb2.HouseholdExtract
    | statement_pb2.AttributeVerification
    | statement_pb2.AccessHistory
)


def write_decision(message: _Decided, claim: Claim, decision: Decision) -> None:
    """Put the claim as asked, the outcome, and what comes with VERIFIED into a statement."""
    # fields are set in place: a message made by keywords and put into another is made twice
    write_claim(message.claim, claim)
    _write_outcome(message, decision)


@lru_cache(maxsize=1024)  # a handful of values, asked for by every call
def verdict(
    outcome: Outcome,
    person: Person | None,
    levels: Levels | None,
    explanation: Explanation | None,
) -> bytes:
    """All that comes after the claim, the same in the answer to one claim and in a batch's item."""
    message = statement_pb2.IdentityVerification()
    write_verdict(message, Decision(outcome, "", person, levels, explanation))
    return message.SerializeToString(deterministic=True)


def write_verdict(message: _Answer, decision: Decision) -> None:
    """Put all that comes after the claim into a statement."""
    _write_outcome(message, decision)
    if decision.levels is not None:
        message.levels.full_name = code(decision.levels.full_name)
        message.levels.birth_date = code(decision.levels.birth_date)
    if decision.explanation is not None:
        message.explanation = code(decision.explanation)


def _write_outcome(message: _Decided, decision: Decision) -> None:
    message.outcome = code(decision.outcome)
    if decision.person is not None:
        message.person.MergeFrom(_person(decision.person))


@cache  # a handful of values, asked for by every call; whoever merges one copies it
def _person(person: Person) -> citizen_pb2.VerifiedPerson:
    return citizen_pb2.VerifiedPerson(
        identifier_used=code(person.identifier_used),
        status=code(person.status),
        notices=[code(notice) for notice in person.notices],
    )
