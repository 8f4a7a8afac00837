"""What is signed, by which keys, and under which names.

Signatures are over DSSE's pre-authentication encoding of a statement's type and bytes;
a key is known by its RFC 7638 thumbprint, and in signed notes by its C2SP key id. Keys
here are in memory: ``store/keys`` reads and writes them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Protocol, overload

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

NOTE_ED25519 = 0x01  # C2SP signed-note: plain Ed25519
NOTE_COSIGNATURE = 0x04  # C2SP tlog-cosignature

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_COORDINATE = 32  # bytes of r, s, x and y on P-256

PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey


class Role(IntEnum):
    """What a key is for, numbered as in the contract. A key has one role."""

    ROOT = 1
    STATEMENT = 2
    CHECKPOINT = 3
    WITNESS = 4


class Algorithm(IntEnum):
    """How a key signs, numbered as in the contract."""

    ED25519 = 1
    ES256 = 2


class State(StrEnum):
    """Where a key stands at a moment; follows from its dates alone."""

    UNPUBLISHED = "unpublished"  # made, in no key set yet
    PUBLISHED = "published"  # known to verifiers, signs nothing yet
    ACTIVE = "active"
    RETIRED = "retired"  # verifies, signs no more
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key with its dates; its state follows from them alone."""

    key_id: str
    role: Role
    raw: bytes  # Ed25519: 32 bytes; ES256: 65, an uncompressed point
    not_before: datetime | None = None  # None until a key set tells of it
    not_after: datetime | None = None
    revoked_at: datetime | None = None
    note_names: tuple[str, ...] = ()  # CHECKPOINT: the origins it signs for, the latest last
    algorithm: Algorithm = Algorithm.ED25519

    @property
    def note_kind(self) -> int:
        """The type byte of its C2SP key id."""
        return NOTE_COSIGNATURE if self.role is Role.WITNESS else NOTE_ED25519

    def state(self, at: datetime) -> State:
        """Where it stands at a moment."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return State.REVOKED
        if self.not_before is None:
            return State.UNPUBLISHED
        if at < self.not_before:
            return State.PUBLISHED
        if self.not_after is not None and self.not_after < at:
            return State.RETIRED
        return State.ACTIVE


class Signer(Protocol):
    """A private key in use."""

    @property
    def key_id(self) -> str:
        """RFC 7638 thumbprint."""
        ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes over a message, for statements the pre-authentication encoding."""
        ...


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """An Ed25519 key in use; the one kind that signs notes."""

    key_id: str
    private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """RFC 8032: 64 bytes, the same every time."""
        return self.private.sign(message)

    def sign_note(self, name: str, text: str) -> str:
        """One signature line of a signed note, newline included."""
        blob = _note_key_id_of(name, self.private) + self.private.sign(text.encode())
        return f"— {name} {base64.b64encode(blob).decode()}\n"


@dataclass(frozen=True, slots=True)
class Es256Signer:
    """A P-256 key in use."""

    key_id: str
    private: ec.EllipticCurvePrivateKey

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256: r and s, 32 bytes each, s in the lower half."""
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        s = min(s, _P256_ORDER - s)  # both hold; verifiers accept one form only
        return r.to_bytes(_COORDINATE, "big") + s.to_bytes(_COORDINATE, "big")


@lru_cache(maxsize=64)  # one a log and key; asked for by every checkpoint
def _note_key_id_of(name: str, private: Ed25519PrivateKey) -> bytes:
    return note_key_id(name, raw_public(private), NOTE_ED25519)


@overload
def signer(private: Ed25519PrivateKey) -> Ed25519Signer: ...
@overload
def signer(private: ec.EllipticCurvePrivateKey) -> Es256Signer: ...
def signer(private: PrivateKey) -> Ed25519Signer | Es256Signer:
    """A signer that knows its own id."""
    key_id = thumbprint(raw_public(private), algorithm_of(private))
    if isinstance(private, Ed25519PrivateKey):
        return Ed25519Signer(key_id, private)
    return Es256Signer(key_id, private)


def pre_authentication_encoding(type_url: str, value: bytes) -> bytes:
    """``DSSEv1 SP len(type) SP type SP len(value) SP value``, lengths in bytes."""
    kind = type_url.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(value), value)


def algorithm_of(private: PrivateKey) -> Algorithm:
    """How a private key signs."""
    return Algorithm.ED25519 if isinstance(private, Ed25519PrivateKey) else Algorithm.ES256


def raw_public(private: PrivateKey) -> bytes:
    """The public key: Ed25519 32 bytes, P-256 65, an uncompressed point (SEC 1)."""
    if isinstance(private, Ed25519PrivateKey):
        return private.public_key().public_bytes_raw()
    return private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def jwk(raw: bytes, algorithm: Algorithm = Algorithm.ED25519) -> dict[str, str]:
    """The members of a public key that its thumbprint covers (RFC 7517, 8037)."""
    if algorithm is Algorithm.ED25519:
        return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
    x, y = raw[1 : 1 + _COORDINATE], raw[1 + _COORDINATE :]
    return {"crv": "P-256", "kty": "EC", "x": _base64url(x), "y": _base64url(y)}


def thumbprint(raw: bytes, algorithm: Algorithm = Algorithm.ED25519) -> str:
    """RFC 7638 thumbprint of a public key, base64url without padding."""
    canonical = json.dumps(jwk(raw, algorithm), separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def note_key_id(name: str, raw: bytes, kind: int) -> bytes:
    """The 4-byte key id of C2SP signed-note."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()[:4]


def is_signed(raw: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this is the signature of an Ed25519 key over a message."""
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


def note_is_signed(text: str, line: str, name: str, raw: bytes) -> bool:
    """Whether ``line`` is the signature of this key over a note's text."""
    prefix = f"— {name} "
    if not line.startswith(prefix):
        return False
    try:
        blob = base64.b64decode(line[len(prefix) :].strip(), validate=True)
    except ValueError:
        return False
    key_id = note_key_id(name, raw, NOTE_ED25519)
    return blob[:4] == key_id and is_signed(raw, blob[4:], text.encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
