"""The key set: signed by a pinned root, and without a key that must not be used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp

from clients.receipts import times
from clients.receipts.envelope import TYPE_PREFIX, Envelope, parse_envelope
from clients.receipts.keys import BadKeyError, PublicKey, public_key
from clients.receipts.note import COSIGNATURE, ED25519, is_key_name, note_key_id
from clients.receipts.refusal import Refusal, RefusedError
from clients.receipts.trust import Trust
from dancu.v1 import statement_pb2 as pb

TYPE_URL = TYPE_PREFIX + "KeySet"

_ROLES = frozenset(pb.KeyRole.values()) - {pb.KEY_ROLE_UNSPECIFIED}
_NOTE_TYPES = {pb.KEY_ROLE_CHECKPOINT: ED25519, pb.KEY_ROLE_WITNESS: COSIGNATURE}


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key out of a trusted key set; moments are nanoseconds since 1970.

    Attributes:
        key_id: RFC 7638 thumbprint.
        role: a dancu.v1.KeyRole.
        public_key: checked, ready to verify.
        not_before: active from here; None while only published.
        not_after: retired after this; None while in use.
        revoked_at: not to be trusted from here on; None unless revoked.
        note_keys: (name, 4-byte id) that it has in signed notes.
    """

    key_id: str
    role: int
    public_key: PublicKey
    not_before: int | None
    not_after: int | None
    revoked_at: int | None
    note_keys: frozenset[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class TrustedKeySet:
    """A key set that a pinned root vouches for. Keep it, and verify many statements with it.

    Attributes:
        version: grows with every change.
        issued_at: nanoseconds since 1970.
        expires_at: nanoseconds since 1970; checks later than this are INDETERMINATE.
        issuer: who states.
        keys: by key id.
        vouched_by: the ids of the pinned roots that signed it.
    """

    version: int
    issued_at: int
    expires_at: int
    issuer: str
    keys: dict[str, TrustedKey]
    vouched_by: frozenset[str]

    def checkpoint_keys(self, origin: str) -> list[TrustedKey]:
        """The keys that sign the checkpoints of a log."""
        return [
            key
            for key in self.keys.values()
            if key.role == pb.KEY_ROLE_CHECKPOINT
            and any(name == origin for name, _ in key.note_keys)
        ]


def load_key_set(keyset_bytes: bytes, trust: Trust, at: datetime) -> TrustedKeySet:
    """Step 3 of the verification: read a key set and decide whether to trust it.

    Args:
        keyset_bytes: a SignedStatement that holds a KeySet.
        trust: the pinned roots and the lowest version accepted.
        at: the moment of checking, with a time zone.

    Raises:
        RefusedError: KEYSET_UNTRUSTED, KEYSET_MALFORMED, KEYSET_ROLLBACK or TIME_IN_FUTURE.
    """
    now = times.from_datetime(at)
    message, envelope = _read(keyset_bytes)
    vouched_by = _vouching_roots(message, envelope, trust.roots, now)
    try:
        key_set = TrustedKeySet(
            version=message.version,
            issued_at=times.from_timestamp(_required(message, "issued_at")),
            expires_at=times.from_timestamp(_required(message, "expires_at")),
            issuer=message.issuer,
            keys=_trusted_keys(message.keys),
            vouched_by=vouched_by,
        )
    except ValueError as error:
        raise RefusedError(Refusal.KEYSET_MALFORMED, str(error)) from None
    admit(key_set, trust, now)
    return key_set


def admit(key_set: TrustedKeySet, trust: Trust, now: int) -> None:
    """The part of step 3 that depends on when and by whom: again for every kept key set."""
    if not key_set.vouched_by & trust.roots:
        raise RefusedError(Refusal.KEYSET_UNTRUSTED, "signed by no pinned root")
    if key_set.version < trust.lowest_version:
        found = f"version {key_set.version}, accepted before: {trust.lowest_version}"
        raise RefusedError(Refusal.KEYSET_ROLLBACK, found)
    if key_set.issued_at > now + times.SKEW:
        raise RefusedError(Refusal.TIME_IN_FUTURE, "the key set was issued after this check")


def _read(keyset_bytes: bytes) -> tuple[pb.KeySet, Envelope]:
    try:
        envelope = parse_envelope(keyset_bytes)
        message = pb.KeySet.FromString(envelope.payload.value)
    except RefusedError as error:
        raise RefusedError(Refusal.KEYSET_UNTRUSTED, error.detail) from None
    except DecodeError:
        raise RefusedError(Refusal.KEYSET_UNTRUSTED, "the content is not a KeySet") from None
    if envelope.payload.type_url != TYPE_URL or envelope.log_proof is not None:
        raise RefusedError(Refusal.KEYSET_UNTRUSTED, "not a KeySet without a log proof")
    return message, envelope


def _vouching_roots(
    message: pb.KeySet, envelope: Envelope, pinned: frozenset[str], now: int
) -> frozenset[str]:
    """The pinned roots whose signatures hold.

    The root's public key is taken from the very key set that it signs: the pinned id is a
    digest of the key, so nobody can put another in its place.
    """
    roots = {key.key_id: key for key in message.keys if key.role == pb.KEY_ROLE_ROOT}
    pae = envelope.payload.pae()
    vouching = frozenset(
        signature.key_id
        for signature in envelope.signatures
        if signature.key_id in pinned & roots.keys()
        and _vouches(roots[signature.key_id], signature.signature, pae, now)
    )
    if not vouching:
        raise RefusedError(Refusal.KEYSET_UNTRUSTED, "no valid signature by a pinned root")
    return vouching


def _vouches(root: pb.Key, signature: bytes, pae: bytes, now: int) -> bool:
    """Whether this root signed, and does not itself say that it is revoked."""
    try:
        key = public_key(root.algorithm, root.public_key)
        revoked_at = _optional(root, "revoked_at")
    except ValueError:
        return False
    if key.thumbprint() != root.key_id or (revoked_at is not None and revoked_at <= now):
        return False
    return key.verifies(signature, pae)


def _trusted_keys(keys: Iterable[pb.Key]) -> dict[str, TrustedKey]:
    trusted: dict[str, TrustedKey] = {}
    for message in keys:
        key = _trusted_key(message)
        # The id is a digest of the key: a key in two roles is an id listed twice.
        if key.key_id in trusted:
            raise ValueError(f"key {key.key_id} is listed twice")
        trusted[key.key_id] = key
    return trusted


def _trusted_key(message: pb.Key) -> TrustedKey:
    try:
        key = public_key(message.algorithm, message.public_key)
    except BadKeyError as error:
        raise ValueError(f"key {message.key_id!r}: {error}") from None
    if key.thumbprint() != message.key_id:
        raise ValueError(f"key {message.key_id!r} is really {key.thumbprint()}")
    if message.role not in _ROLES:
        raise ValueError(f"key {message.key_id!r} has no known role")
    return TrustedKey(
        key_id=message.key_id,
        role=message.role,
        public_key=key,
        not_before=_optional(message, "not_before"),
        not_after=_optional(message, "not_after"),
        revoked_at=_optional(message, "revoked_at"),
        note_keys=_note_keys(message),
    )


def _note_keys(message: pb.Key) -> frozenset[tuple[str, bytes]]:
    """The names of a key in signed notes, recomputed."""
    signature_type = _NOTE_TYPES.get(message.role)
    if signature_type is None:
        return frozenset()
    if message.algorithm != pb.KEY_ALGORITHM_ED25519 or not message.note_keys:
        raise ValueError(f"key {message.key_id!r} cannot sign notes")
    for note_key in message.note_keys:
        expected = note_key_id(note_key.name, signature_type, message.public_key)
        if not is_key_name(note_key.name) or note_key.note_key_id != expected:
            raise ValueError(f"key {message.key_id!r} has a wrong note key id")
    return frozenset((note_key.name, note_key.note_key_id) for note_key in message.note_keys)


def _required(message: pb.KeySet, name: str) -> Timestamp:
    if not message.HasField(name):
        raise ValueError(f"the key set lacks {name}")
    stamp: Timestamp = getattr(message, name)
    return stamp


def _optional(message: pb.Key, name: str) -> int | None:
    return times.from_timestamp(getattr(message, name)) if message.HasField(name) else None
