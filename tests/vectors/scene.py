"""The scene of the vectors: keys and their dates, key sets, statements, and what a vector is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from dancu.v1 import citizen_pb2, context_pb2
from dancu.v1 import statement_pb2 as pb
from tests.vectors import signer as s

PREFIX = "type.googleapis.com/dancu.v1."
ISSUER = "dancu-simulator"
ORIGIN = "dancu.example/log/1"
OLD_ORIGIN = "dancu.example/log/0"
W1, W2 = "witness.example/w1", "witness.example/w2"


Statement = (
    pb.IdentityVerification
    | pb.BatchIdentityVerification
    | pb.CitizenDisclosure
    | pb.IdentifierResolution
    | pb.ResidenceConfirmation
    | pb.HouseholdExtract
    | pb.AttributeVerification
    | pb.AccessHistory
    | pb.ReconciledChunk
    | pb.ChangeBatch
    | pb.WatchedCitizens
    | pb.EventReceipt
    | pb.Refusal
)


def moment(text: str) -> datetime:
    """A moment in UTC, from ``YYYY-MM-DD`` or ``YYYY-MM-DDTHH:MM:SS``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def seconds(text: str) -> int:
    """The same in seconds since 1970."""
    return int(moment(text).timestamp())


def stamp(text: str, nanos: int = 0) -> Timestamp:
    """The same as a protobuf timestamp."""
    return Timestamp(seconds=seconds(text), nanos=nanos)


ISSUED = "2026-02-01T03:04:05"
NOW = "2026-03-01T08:00:00"

ROOT = s.Ed25519Signer("vector root")
NEW_ROOT = s.Es256Signer("vector new root")
STRANGER = s.Ed25519Signer("vector stranger")
STATEMENT = s.Ed25519Signer("vector statement")
STATEMENT_P256 = s.Es256Signer("vector statement p256")
RETIRED = s.Ed25519Signer("vector retired")
FUTURE = s.Ed25519Signer("vector future")
REVOKED = s.Ed25519Signer("vector revoked")
PUBLISHED = s.Ed25519Signer("vector published")
LOG = s.Ed25519Signer("vector log")
LOG_NEXT = s.Ed25519Signer("vector log next")
LOG_REVOKED = s.Ed25519Signer("vector log revoked")
WITNESS_1 = s.Ed25519Signer("vector witness 1")
WITNESS_2 = s.Ed25519Signer("vector witness 2")

REVOKED_AT = "2026-02-15"
RETIRED_AFTER = "2026-01-31"
ACTIVE_FROM = "2026-02-10"


def key(
    signer: s.Signer,
    role: pb.KeyRole,
    names: Sequence[str] = (),
    **dates: Timestamp,
) -> pb.Key:
    """A key of the key set, active from 2026-01-01 unless said otherwise."""
    kind = 4 if role == pb.KEY_ROLE_WITNESS else 1
    return pb.Key(
        key_id=signer.key_id,
        role=role,
        algorithm=signer.algorithm,
        public_key=signer.public,
        not_before=dates.get("not_before", stamp("2026-01-01")),
        not_after=dates.get("not_after"),
        revoked_at=dates.get("revoked_at"),
        note_keys=[
            pb.NoteKey(name=name, note_key_id=s.note_key_id(name, kind, signer.public))
            for name in names
        ],
    )


def keys() -> list[pb.Key]:
    """The keys of the main key set."""
    statement, checkpoint = pb.KEY_ROLE_STATEMENT, pb.KEY_ROLE_CHECKPOINT
    published = key(PUBLISHED, statement)
    published.ClearField("not_before")
    return [
        key(ROOT, pb.KEY_ROLE_ROOT),
        key(STATEMENT, statement),
        key(STATEMENT_P256, statement),
        key(RETIRED, statement, not_after=stamp(RETIRED_AFTER)),
        key(FUTURE, statement, not_before=stamp(ACTIVE_FROM)),
        key(REVOKED, statement, revoked_at=stamp(REVOKED_AT)),
        published,
        key(LOG, checkpoint, [OLD_ORIGIN, ORIGIN]),
        key(LOG_NEXT, checkpoint, [ORIGIN]),
        key(LOG_REVOKED, checkpoint, [ORIGIN], revoked_at=stamp(REVOKED_AT)),
        key(WITNESS_1, pb.KEY_ROLE_WITNESS, [W1]),
    ]


def key_set(**changes: Any) -> pb.KeySet:
    """The main key set, version 7."""
    content: dict[str, Any] = {
        "version": 7,
        "issued_at": stamp("2026-01-01"),
        "expires_at": stamp("2027-01-01"),
        "issuer": ISSUER,
        "keys": keys(),
    }
    return pb.KeySet(**(content | changes))


def sign_key_set(
    message: pb.KeySet,
    signers: Sequence[s.Signer] = (ROOT,),
    type_url: str = PREFIX + "KeySet",
) -> bytes:
    """A key set as a SignedStatement without a log proof."""
    return envelope(type_url, serialise(message), signers).SerializeToString(deterministic=True)


def serialise(message: pb.KeySet | Statement) -> bytes:
    """The bytes that are signed."""
    return message.SerializeToString(deterministic=True)


def envelope(type_url: str, value: bytes, signers: Sequence[s.Signer]) -> pb.SignedStatement:
    """A SignedStatement without a log proof."""
    signed = pb.SignedStatement()
    signed.statement.type_url = type_url
    signed.statement.value = value
    for signer in signers:
        signature = signer.sign(s.pae(type_url, value))
        signed.signatures.add(key_id=signer.key_id, signature=signature)
    return signed


MAIN_KEY_SET = sign_key_set(key_set())

CLAIM = citizen_pb2.CitizenClaim(
    personal_id="098085000123",
    full_name="Nguyễn Thị Mẫu",
    birth_date=Date(year=1985, month=7, day=12),
)
PERSON = citizen_pb2.VerifiedPerson(
    identifier_used=citizen_pb2.IDENTIFIER_KIND_PERSONAL_ID,
    status=citizen_pb2.PERSON_STATUS_ALIVE,
)
REQUEST_DIGEST = hashlib.sha256(b"vector request").digest()
SALT = hashlib.sha256(b"vector salt").digest()
ACCESS_ROOT = hashlib.sha256(b"vector access rows").digest()


def header(**changes: Any) -> pb.StatementHeader:
    """A header, complete but for the key ids, which `seal` fills in."""
    content: dict[str, Any] = {
        "issuer": ISSUER,
        "audience": "demo",
        "rpc": "dancu.v1.IdentityService/VerifyIdentity",
        "context": context_pb2.RequestContext(
            request_id="req-0001",
            procedure_code="1.001612",
            unit_code="000.00.00.G01",
            officer_id="officer-1",
            dossier_id="H01-260201-0001",
        ),
        "request_digest": REQUEST_DIGEST,
        "issued_at": stamp(ISSUED),
        "data_as_of": Date(year=2026, month=1, day=1),
        "register_revision": 42,
        "policy_version": "policy-1",
        "log_origin": ORIGIN,
        "schema_version": 1,
        "salt": SALT,
        "simulated": True,
    }
    return pb.StatementHeader(**(content | changes))


def identity(**changes: Any) -> pb.IdentityVerification:
    """A verified claim; `changes` are to the header."""
    return pb.IdentityVerification(
        header=header(**changes),
        claim=CLAIM,
        outcome=citizen_pb2.OUTCOME_VERIFIED,
        person=PERSON,
    )


@dataclass(frozen=True)
class Draft:
    """Everything that goes into a signed and logged statement.

    Attributes:
        body: the statement; the header's key ids are filled in from the signers.
        signers: in order.
        type_url: of another type than the body's, if given.
        logs: which keys sign the checkpoint.
        witnesses: (signer, name, second) of the cosignatures.
        origin: of the checkpoint.
        index: of the leaf.
        size: of the tree.
    """

    body: Statement = field(default_factory=identity)
    signers: tuple[s.Signer, ...] = (STATEMENT,)
    type_url: str = ""
    logs: tuple[s.Signer, ...] = (LOG,)
    witnesses: tuple[tuple[s.Signer, str, int], ...] = ()
    origin: str = ORIGIN
    index: int = 5
    size: int = 11


def seal(draft: Draft) -> pb.SignedStatement:
    """Sign and log a draft."""
    body = type(draft.body).FromString(serialise(draft.body))
    if body.HasField("header") and not body.header.key_ids:
        body.header.key_ids.extend(signer.key_id for signer in draft.signers)
    type_url = draft.type_url or PREFIX + body.DESCRIPTOR.name
    signed = envelope(type_url, serialise(body), draft.signers)
    signed.log_proof.tlog_proof = proof_text(draft, log_leaf(signed))
    signed.log_proof.access_root = ACCESS_ROOT
    return signed


def sealed(draft: Draft) -> bytes:
    """The same as bytes."""
    return seal(draft).SerializeToString(deterministic=True)


def log_leaf(signed: pb.SignedStatement) -> bytes:
    """The hash of a statement's leaf."""
    digest = hashlib.sha256(s.pae(signed.statement.type_url, signed.statement.value)).digest()
    return s.leaf_hash(b"dancu.leaf.v1\n" + digest + ACCESS_ROOT)


def proof_text(draft: Draft, leaf: bytes) -> str:
    """The tlog-proof of a leaf among made-up neighbours."""
    leaves = [s.leaf_hash(b"neighbour %d" % number) for number in range(draft.size)]
    leaves[draft.index] = leaf
    head = f"{draft.origin}\n{draft.size}\n{s.b64(s.tree_root(leaves))}\n"
    hashes = "".join(s.b64(node) + "\n" for node in s.tree_path(draft.index, leaves))
    lines = [s.log_line(signer, draft.origin, head) for signer in draft.logs]
    lines += [s.cosignature_line(who, name, second, head) for who, name, second in draft.witnesses]
    first = f"c2sp.org/tlog-proof@v1\nindex {draft.index}\n"
    return f"{first}{hashes}\n{head}\n{''.join(lines)}"


@dataclass(frozen=True)
class Vector:
    """One input of a verifier, and what it must answer.

    Attributes:
        name: file name; of a bad one, the refusal's name and perhaps ``-variant``.
        about: one sentence.
        data: the statement's bytes, or an item receipt's.
        result: VALID, INVALID or INDETERMINATE.
        key_set: the key set's bytes.
        at: the moment of checking.
        roots: pinned key ids.
        lowest_version: of key sets.
        witnesses: trusted, (name, public key).
        quorum: of witnesses.
        expected: what the statement should be about.
        attested: T, if the quorum gives one.
        kind: statement or item.
    """

    name: str
    about: str
    data: bytes
    result: str = "VALID"
    key_set: bytes = MAIN_KEY_SET
    at: str = NOW
    roots: tuple[str, ...] = (ROOT.key_id,)
    lowest_version: int = 0
    witnesses: tuple[tuple[str, bytes], ...] = ()
    quorum: int = 0
    expected: Mapping[str, object] = field(default_factory=dict)
    attested: str | None = None
    kind: str = "statement"

    @property
    def refusal(self) -> str | None:
        """The name of the refusal that a bad vector expects."""
        return None if self.result == "VALID" else self.name.split("-")[0]
