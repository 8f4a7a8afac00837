"""Public keys: their checks, their thumbprints (RFC 7638) and strict signature verification."""

from __future__ import annotations

import base64
import hashlib
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from clients.receipts import edwards
from dancu.v1.statement_pb2 import KEY_ALGORITHM_ED25519, KEY_ALGORITHM_ES256

SIGNATURE_BYTES = 64
_POINT_BYTES = 65
_UNCOMPRESSED = 4
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class BadKeyError(ValueError):
    """A public key that must not be used."""


class PublicKey(Protocol):
    """A checked public key."""

    def thumbprint(self) -> str:
        """The key id: RFC 7638, base64url without padding."""
        ...

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether this is the one accepted form of a signature over the message."""
        ...


class Ed25519Key:
    """An Ed25519 key: canonical, on the curve, not of small order."""

    def __init__(self, raw: bytes) -> None:
        edwards.check_point(raw, BadKeyError)
        self._raw = raw
        self._key = Ed25519PublicKey.from_public_bytes(raw)

    def thumbprint(self) -> str:
        """The key id: RFC 7638, base64url without padding."""
        return _digest(f'{{"crv":"Ed25519","kty":"OKP","x":"{_base64url(self._raw)}"}}')

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """RFC 8032, with S below the group order, so that a signature has one form."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        if int.from_bytes(signature[32:], "little") >= edwards.ORDER:
            return False
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Es256Key:
    """A P-256 key, 65 bytes: an uncompressed point on the curve."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != _POINT_BYTES or raw[0] != _UNCOMPRESSED:
            raise BadKeyError("a P-256 key is an uncompressed point of 65 bytes")
        try:
            self._key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
        except ValueError:
            raise BadKeyError("the point is not on P-256") from None
        self._raw = raw

    def thumbprint(self) -> str:
        """The key id: RFC 7638, base64url without padding."""
        x, y = _base64url(self._raw[1:33]), _base64url(self._raw[33:])
        return _digest(f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}')

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """ECDSA with SHA-256 over r and s of 32 bytes each, s in the lower half."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if not (0 < r < _P256_ORDER and 0 < s <= _P256_ORDER // 2):
            return False
        try:
            self._key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def public_key(algorithm: int, raw: bytes) -> PublicKey:
    """Check a public key; `algorithm` is a dancu.v1.KeyAlgorithm. Raises BadKeyError."""
    if algorithm == KEY_ALGORITHM_ED25519:
        return Ed25519Key(raw)
    if algorithm == KEY_ALGORITHM_ES256:
        return Es256Key(raw)
    raise BadKeyError(f"unknown key algorithm {algorithm}")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _digest(canonical_json: str) -> str:
    return _base64url(hashlib.sha256(canonical_json.encode()).digest())
