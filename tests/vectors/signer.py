"""A small signer for the vectors: fixed keys, fixed salts, the same bytes every time.

It shares no code with the verifier. Where the verifier walks, this recurses: the tree below
is the definition of RFC 6962 §2.1 written down.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from dancu.v1 import statement_pb2 as pb

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Signer(Protocol):
    """A private key that everybody knows."""

    algorithm: pb.KeyAlgorithm
    public: bytes
    key_id: str

    def sign(self, message: bytes) -> bytes:
        """The signature over the message, 64 bytes."""
        ...


class Ed25519Signer:
    """An Ed25519 key, made from a label."""

    algorithm = pb.KEY_ALGORITHM_ED25519

    def __init__(self, label: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(label.encode()).digest())
        self.public = self._key.public_key().public_bytes_raw()
        self.key_id = okp_thumbprint(self.public)

    def sign(self, message: bytes) -> bytes:
        """RFC 8032."""
        return self._key.sign(message)


class Es256Signer:
    """A P-256 key, made from a label."""

    algorithm = pb.KEY_ALGORITHM_ES256

    def __init__(self, label: str) -> None:
        scalar = int.from_bytes(hashlib.sha256(label.encode()).digest(), "big")
        self._key = ec.derive_private_key(scalar % (P256_ORDER - 1) + 1, ec.SECP256R1())
        point = self._key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        self.public = b"\x04" + x + y
        self.key_id = thumbprint(f'{{"crv":"P-256","kty":"EC","x":"{b64u(x)}","y":"{b64u(y)}"}}')

    def sign(self, message: bytes) -> bytes:
        """ECDSA by RFC 6979, r and s of 32 bytes, low s."""
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        r, s = decode_dss_signature(self._key.sign(message, algorithm))
        return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")


def b64(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode()


def b64u(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def thumbprint(canonical_json: str) -> str:
    """RFC 7638, of the canonical JSON of a key."""
    return b64u(hashlib.sha256(canonical_json.encode()).digest())


def okp_thumbprint(public: bytes) -> str:
    """The key id of 32 bytes as an Ed25519 key, whether or not they are one."""
    return thumbprint(f'{{"crv":"Ed25519","kty":"OKP","x":"{b64u(public)}"}}')


def pae(type_url: str, value: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    url = type_url.encode()
    return b" ".join((b"DSSEv1", str(len(url)).encode(), url, str(len(value)).encode(), value))


def field(number: int, content: bytes) -> bytes:
    """One length-delimited protobuf field with a number below 16."""
    length, prefix = len(content), [number << 3 | 2]
    while length >= 128:
        prefix.append(length % 128 + 128)
        length //= 128
    return bytes([*prefix, length]) + content


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def tree_root(leaves: list[bytes]) -> bytes:
    """The root over one or more leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return hashlib.sha256(b"\x01" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def tree_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """The inclusion path of one leaf, from its sibling upwards."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*tree_path(index, leaves[:split]), tree_root(leaves[split:])]
    return [*tree_path(index - split, leaves[split:]), tree_root(leaves[:split])]


def note_key_id(name: str, kind: int, public: bytes) -> bytes:
    """The 4-byte key id of signed notes."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def log_line(signer: Signer, name: str, head: str) -> str:
    """A log's signature line under a checkpoint's three lines."""
    return note_line(name, note_key_id(name, 1, signer.public) + signer.sign(head.encode()))


def cosignature_line(signer: Signer, name: str, second: int, head: str) -> str:
    """A witness's signature line: cosignature/v1."""
    signed = signer.sign(f"cosignature/v1\ntime {second}\n{head}".encode())
    key_id = note_key_id(name, 4, signer.public)
    return note_line(name, key_id + second.to_bytes(8, "big") + signed)


def note_line(name: str, blob: bytes) -> str:
    """Any signature line."""
    return f"\N{EM DASH} {name} {b64(blob)}\n"


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1
