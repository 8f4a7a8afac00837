"""Keys, signatures and a log for the tests of the client: by the design's page on evidence."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message

from dancu.v1 import statement_pb2 as s

ORIGIN = "dancu.test/log/1"
DAY = 86_400


@dataclass(frozen=True)
class Key:
    """A key pair with its role and its RFC 7638 name."""

    role: s.KeyRole
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> bytes:
        """32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        """The thumbprint."""
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": _b64url(self.public)}
        canonical = json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()
        return _b64url(hashlib.sha256(canonical).digest())

    @property
    def note_key_id(self) -> bytes:
        """The C2SP key id under the log's origin."""
        return hashlib.sha256(ORIGIN.encode() + b"\n\x01" + self.public).digest()[:4]

    def message(self) -> s.Key:
        """What the key set says of it."""
        key = s.Key(
            key_id=self.key_id,
            role=self.role,
            algorithm=s.KEY_ALGORITHM_ED25519,
            public_key=self.public,
        )
        key.not_before.FromSeconds(int(time.time()) - DAY)
        if self.role == s.KEY_ROLE_CHECKPOINT:
            key.note_keys.add(name=ORIGIN, note_key_id=self.note_key_id)
        return key


def root_file(root: Key) -> str:
    """A ``root.pub`` that pins this root."""
    return f"# SIMULATOR\n{root.key_id} ED25519 {base64.b64encode(root.public).decode()}\n"


def cosignature(witness: Key, name: str, proof: str) -> str:
    """A witness's line (cosignature/v1) for the checkpoint of a proof."""
    note = proof.split("\n\n")[1] + "\n"
    now = int(time.time())
    signature = witness.private.sign(f"cosignature/v1\ntime {now}\n{note}".encode())
    key_id = hashlib.sha256(name.encode() + b"\n\x04" + witness.public).digest()[:4]
    blob = base64.b64encode(key_id + now.to_bytes(8, "big") + signature).decode()
    return f"— {name} {blob}\n"


def signed_by(message: Message, key: Key) -> s.SignedStatement:
    """A SignedStatement over a message, without log proof."""
    packed = pack(message)
    signature = s.Signature(key_id=key.key_id, signature=key.private.sign(pae(packed)))
    return s.SignedStatement(statement=packed, signatures=[signature])


def pack(message: Message) -> Any:
    """A message as Any."""
    packed = Any()
    packed.Pack(message)
    return packed


def pae(packed: Any) -> bytes:
    """What a signature is over."""
    kind = packed.type_url.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(packed.value), packed.value)


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _split(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 6962's root over leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return hashlib.sha256(b"\1" + tree_root(leaves[:k]) + tree_root(leaves[k:])).digest()


def tree_path(leaves: list[bytes], index: int) -> list[bytes]:
    """RFC 6962's inclusion path of one leaf."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*tree_path(leaves[:k], index), tree_root(leaves[k:])]
    return [*tree_path(leaves[k:], index - k), tree_root(leaves[:k])]
