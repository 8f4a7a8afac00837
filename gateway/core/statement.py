"""Decisions into exact bytes: what is signed.

Together with ``disclosure.py`` the only module of the core that touches generated
messages. Bytes made here travel verbatim; nobody serialises a statement twice.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from dancu.v1 import citizen_pb2, context_pb2, statement_pb2
from gateway.core.disclosure import citizen_message, code, disclosures, number_step
from gateway.core.model import Call, Claim, Decision, Levels, Person, Resolution
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
    policy_version: str
    signers: tuple[Signer, ...]


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


def common_header(issuer: Issuer, snapshot: Snapshot, at: datetime) -> Header:
    """What the headers of one moment have in common; made once for many calls."""
    as_of = snapshot.as_of
    return Header(
        issuer=issuer.name,
        issued_at=timestamp(at),
        data_as_of=Date(year=as_of.year, month=as_of.month, day=as_of.day),
        register_revision=snapshot.revision,
        policy_version=issuer.policy_version,
        key_ids=[signer.key_id for signer in issuer.signers],
        log_origin=issuer.log_origin,
        schema_version=SCHEMA_VERSION,
        simulated=True,
    )


def header(common: Header, call: Call, salt: bytes) -> Header:
    """What one statement says of itself: ``common_header`` and the call's own part."""
    request_id, procedure_code, unit_code, officer_id, dossier_id = call.context
    head = Header(
        audience=call.caller,
        rpc=call.rpc,
        context=context_pb2.RequestContext(
            request_id=request_id,
            procedure_code=procedure_code,
            unit_code=unit_code,
            officer_id=officer_id,
            dossier_id=dossier_id,
        ),
        request_digest=call.request_digest,
        salt=salt,
    )
    head.MergeFrom(common)
    return head


def verification(
    head: Header, claim: Claim, decision: Decision
) -> statement_pb2.IdentityVerification:
    """Answer to VerifyIdentity."""
    return statement_pb2.IdentityVerification(
        header=head, claim=claim_message(claim), **_decided(decision)
    )


def item(index: int, claim: Claim, decision: Decision) -> bytes:
    """The bytes of one item of a batch."""
    message = statement_pb2.ItemVerification(
        index=index, claim=claim_message(claim), **_decided(decision)
    )
    return message.SerializeToString(deterministic=True)


def item_digest(seed: bytes, index: int, value: bytes) -> bytes:
    """What a batch statement says of one item; the salt keeps it from being guessed."""
    salt = hmac.digest(seed, index.to_bytes(4, "big"), "sha256")
    return hashlib.sha256(_ITEM + salt + value).digest()


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
    decided = _decided(decision)
    decided.pop("levels", None)
    decided.pop("explanation", None)
    message = statement_pb2.CitizenDisclosure(
        header=head, claim=claim_message(claim), read_mask=FieldMask(paths=paths), **decided
    )
    if citizen is None:
        return message, 0
    message.citizen.MergeFrom(citizen_message(citizen, shown))
    statuses, bits = disclosures(message.citizen, paths, shown)
    message.fields.extend(statuses)
    return message, bits


def resolution(head: Header, claim: Claim, found: Resolution) -> statement_pb2.IdentifierResolution:
    """Answer to ResolveIdentifier."""
    decided = _decided(found.decision)
    decided.pop("levels", None)
    decided.pop("explanation", None)
    return statement_pb2.IdentifierResolution(
        header=head,
        claim=claim_message(claim),
        current_personal_id=found.current,
        steps=[number_step(step) for step in found.steps],
        **decided,
    )


def refusal(head: Header, reason: str) -> statement_pb2.Refusal:
    """A refusal that goes into the log."""
    return statement_pb2.Refusal(header=head, reason=reason)


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


def claim_message(claim: Claim) -> citizen_pb2.CitizenClaim:
    """The claim as asked."""
    personal_id, old_id_number, full_name, birth = claim
    return citizen_pb2.CitizenClaim(
        personal_id=personal_id,
        old_id_number=old_id_number,
        full_name=full_name,
        birth_date=Date(year=birth.year, month=birth.month, day=birth.day),
    )


def timestamp(at: datetime) -> Timestamp:
    """A moment in UTC, to the microsecond."""
    message = Timestamp()
    message.FromDatetime(at)
    return message


def _decided(decision: Decision) -> dict[str, Any]:
    fields: dict[str, Any] = {"outcome": code(decision.outcome)}
    if decision.person is not None:
        fields["person"] = _person(decision.person)
    if decision.levels is not None:
        fields["levels"] = _levels(decision.levels)
    if decision.explanation is not None:
        fields["explanation"] = code(decision.explanation)
    return fields


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
        algorithm=statement_pb2.KEY_ALGORITHM_ED25519,
        public_key=key.raw,
        not_before=timestamp(key.not_before),
        not_after=timestamp(key.not_after) if key.not_after else None,
        revoked_at=timestamp(key.revoked_at) if key.revoked_at else None,
    )
    for name in key.note_names:
        message.note_keys.add(name=name, note_key_id=note_key_id(name, key.raw, key.note_kind))
    return message
