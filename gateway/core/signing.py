"""What is signed, by which keys, and under which names.

Signatures are over DSSE's pre-authentication encoding of a statement's type and bytes;
a key is known by its RFC 7638 thumbprint, and in signed notes by its C2SP key id. Keys
here are in memory: ``store/keys.py`` reads and writes them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

NOTE_ED25519 = 0x01  # C2SP signed-note: plain Ed25519
NOTE_COSIGNATURE = 0x04  # C2SP tlog-cosignature


class Role(IntEnum):
    """What a key is for, numbered as in the contract. A key has one role."""

    ROOT = 1
    STATEMENT = 2
    CHECKPOINT = 3
    WITNESS = 4


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key with its dates; its state follows from them alone. Ed25519."""

    key_id: str
    role: Role
    raw: bytes  # 32 bytes
    not_before: datetime
    not_after: datetime | None = None
    revoked_at: datetime | None = None
    note_names: tuple[str, ...] = ()  # CHECKPOINT: the origins it signs for

    @property
    def note_kind(self) -> int:
        """The type byte of its C2SP key id."""
        return NOTE_COSIGNATURE if self.role is Role.WITNESS else NOTE_ED25519


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key in use."""

    key_id: str
    private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """64 bytes over a message, for statements the pre-authentication encoding."""
        return self.private.sign(message)

    def sign_note(self, name: str, text: str) -> str:
        """One signature line of a signed note, newline included."""
        key_id = note_key_id(name, raw_public(self.private), NOTE_ED25519)
        blob = key_id + self.private.sign(text.encode())
        return f"— {name} {base64.b64encode(blob).decode()}\n"


def signer(private: Ed25519PrivateKey) -> Signer:
    """A signer that knows its own id."""
    return Signer(thumbprint(raw_public(private)), private)


def pre_authentication_encoding(type_url: str, value: bytes) -> bytes:
    """``DSSEv1 SP len(type) SP type SP len(value) SP value``, lengths in bytes."""
    kind = type_url.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(value), value)


def raw_public(private: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public key."""
    return private.public_key().public_bytes_raw()


def thumbprint(raw: bytes) -> str:
    """RFC 7638 thumbprint of an Ed25519 public key, base64url without padding."""
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
    canonical = json.dumps(jwk, separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def note_key_id(name: str, raw: bytes, kind: int) -> bytes:
    """The 4-byte key id of C2SP signed-note."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()[:4]


def note_is_signed(text: str, line: str, name: str, raw: bytes) -> bool:
    """Whether ``line`` is the signature of this key over a note's text."""
    prefix = f"— {name} "
    if not line.startswith(prefix):
        return False
    try:
        blob = base64.b64decode(line[len(prefix) :].strip(), validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(blob[4:], text.encode())
    except Exception:  # noqa: BLE001 - bad base64, bad key, bad signature: all mean no
        return False
    return blob[:4] == note_key_id(name, raw, NOTE_ED25519)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
