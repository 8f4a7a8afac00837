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
from gateway.core.hmac_key import HmacKey
from gateway.core.model import Call, Claim, Decision, Effect, Levels, Person, Resolution
from gateway.core.signing import PublicKey, Signer, note_key_id, pre_authentication_encoding
from mock_population_db.citizen import Citizen, Snapshot

SCHEMA_VERSION = 1
SALT_SIZE = 32
TYPE_PREFIX = "type.googleapis.com/"
ITEM_TYPE = TYPE_PREFIX + "dancu.v1.ItemVerification"
_ITEM = b"dancu.item.v1\n"


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


def sign(message: Message, signers: Sequence[Signer]) -> Statement:
    """Serialise once and sign those bytes."""
    type_url = TYPE_PREFIX + message.DESCRIPTOR.full_name
    value = message.SerializeToString(deterministic=True)
    encoding = pre_authentication_encoding(type_url, value)
    signatures = tuple((signer.key_id, signer.sign(encoding)) for signer in signers)
    return Statement(type_url, value, signatures, hashlib.sha256(encoding).digest())


def spoil(statement: Statement) -> Statement:
    """The same statement with signatures that verify with no key: one bit of each is another."""
    wrong = tuple((key_id, bytes([raw[0] ^ 1]) + raw[1:]) for key_id, raw in statement.signatures)
    return statement._replace(signatures=wrong)


def common_header(issuer: Issuer, snapshot: Snapshot, at: datetime) -> Header:
    """What the headers of one moment have in common; made once for many calls."""
    as_of = snapshot.as_of
    head = Header(
        issued_at=timestamp(at),
        data_as_of=Date(year=as_of.year, month=as_of.month, day=as_of.day),
        register_revision=snapshot.revision,
    )
    key_ids = tuple(signer.key_id for signer in issuer.signers)
    head.MergeFrom(_issuer_header(issuer.name, key_ids, issuer.log_origin))
    return head


@lru_cache(maxsize=8)  # changes only with keys and log; whoever merges it copies it
def _issuer_header(name: str, key_ids: tuple[str, ...], log_origin: str) -> Header:
    return Header(
        issuer=name,
        key_ids=key_ids,
        log_origin=log_origin,
        schema_version=SCHEMA_VERSION,
        simulated=True,
    )


def header(common: Header, call: Call, policy_version: str, salt: bytes) -> Header:
    """What one statement says of itself: ``common_header`` and the call's own part."""
    head = Header()
    head.MergeFrom(common)
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
    message = statement_pb2.IdentityVerification(header=head)
    _write_answer(message, claim, decision)
    return message


def item(index: int, claim: Claim, decision: Decision) -> bytes:
    """The bytes of one item of a batch."""
    message = statement_pb2.ItemVerification(index=index)
    _write_answer(message, claim, decision)
    return message.SerializeToString(deterministic=True)


def item_digests(seed: bytes, values: Sequence[bytes]) -> list[bytes]:
    """What a batch statement says of its items; salts keep them from being guessed."""
    salt = HmacKey(seed).digest
    return [
        hashlib.sha256(_ITEM + salt(index.to_bytes(4, "big")) + value).digest()
        for index, value in enumerate(values)
    ]


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


def key_set(
    version: int,
    issuer: str,
    issued_at: datetime,
    expires_at: datetime,
    keys: Sequence[PublicKey],
) -> statement_pb2.KeySet:
    """The public keys, to be signed by a root key."""
    return statement_pb2.KeySet(
        version=version,
        issued_at=timestamp(issued_at),
        expires_at=timestamp(expires_at),
        issuer=issuer,
        keys=[_key(key) for key in keys],
    )


def write_envelope(message: statement_pb2.SignedStatement, statement: Statement) -> None:
    """Put a statement and its signatures into an envelope: the bytes as they were signed."""
    message.statement.type_url = statement.type_url
    message.statement.value = statement.value
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
    message.outcome = code(decision.outcome)
    if decision.person is not None:
        message.person.MergeFrom(_person(decision.person))


def _write_answer(message: _Answer, claim: Claim, decision: Decision) -> None:
    write_decision(message, claim, decision)
    if decision.levels is not None:
        message.levels.MergeFrom(_levels(decision.levels))
    if decision.explanation is not None:
        message.explanation = code(decision.explanation)


@cache  # a handful of values, asked for by every call; whoever sets a field copies it
def _levels(levels: Levels) -> citizen_pb2.FieldLevels:
    return citizen_pb2.FieldLevels(
        full_name=code(levels.full_name), birth_date=code(levels.birth_date)
    )


@cache  # as _levels
def _person(person: Person) -> citizen_pb2.VerifiedPerson:
    return citizen_pb2.VerifiedPerson(
        identifier_used=code(person.identifier_used),
        status=code(person.status),
        notices=[code(notice) for notice in person.notices],
    )


def _key(key: PublicKey) -> statement_pb2.Key:
    message = statement_pb2.Key(
        key_id=key.key_id,
        role=code(key.role),
        algorithm=code(key.algorithm),
        public_key=key.raw,
        not_before=timestamp(key.not_before) if key.not_before else None,
        not_after=timestamp(key.not_after) if key.not_after else None,
        revoked_at=timestamp(key.revoked_at) if key.revoked_at else None,
    )
    for name in key.note_names:
        message.note_keys.add(name=name, note_key_id=note_key_id(name, key.raw, key.note_kind))
    return message
