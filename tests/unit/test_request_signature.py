"""Signatures over requests: what the SDK makes is sound, and every rule can be broken."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import ECKey, OKPKey

from clients.sdk.credentials import TokenSource
from clients.sdk.request_signature import sign_request
from gateway.core.errors import Unauthenticated
from gateway.core.request_signature import MAX_BYTES, TYPE, verify_request_signature

REQUEST = b"\x0a\x03abc\x12\x00"
PRIVATE = Ed25519PrivateKey.generate()
OTHER = Ed25519PrivateKey.generate()
HEADER = {"alg": "EdDSA", "typ": TYPE}


def jwk(private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """A public key as it is registered."""
    key = (
        OKPKey.import_key(private)
        if isinstance(private, Ed25519PrivateKey)
        else ECKey.import_key(private)
    )
    return json.dumps(key.as_dict(private=False))


def tokens(private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> TokenSource:
    """A caller of the SDK with this key."""
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return TokenSource("H26", pem)


def encode(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(request: bytes = REQUEST, /, **header: Any) -> str:
    """A signature by the registered key, whatever its header says."""
    head = {name: value for name, value in (HEADER | header).items() if value is not None}
    first = encode(json.dumps(head).encode())
    return f"{first}..{encode(PRIVATE.sign(f'{first}.{encode(request)}'.encode()))}"


def is_taken(text: str, request: bytes = REQUEST, *keys: str) -> bool:
    """Whether a signature is taken for a request; there is one reason to refuse it."""
    try:
        verify_request_signature(text, request, keys or (jwk(PRIVATE),))
    except Unauthenticated as error:
        return error.reason != "REQUEST_SIGNATURE_INVALID"
    return True


@pytest.mark.parametrize(
    "private", [PRIVATE, ec.generate_private_key(ec.SECP256R1())], ids=["ed25519", "p256"]
)
def test_the_sdk_signs_as_gateways_ask(
    private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
) -> None:
    """With either kind of key, also where the caller has several; and for no other request."""
    made = sign_request(tokens(private), REQUEST)
    assert is_taken(made, REQUEST, jwk(OTHER), jwk(private))
    assert not is_taken(made, REQUEST, jwk(OTHER))
    assert not is_taken(made, REQUEST + b"\0", jwk(private))


@pytest.mark.parametrize("header", [{}, {"kid": "1"}, {"alg": "Ed25519"}], ids=str)
def test_headers_that_are_taken(header: dict[str, str]) -> None:
    """The forger of these tests can make sound ones, so what follows fails for its own reason."""
    assert is_taken(forged(**header))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "ES256"},
        {"alg": "HS256"},
        {"alg": ["EdDSA"]},
        {"alg": None},
        {"typ": "dancu-session+jwt"},
        {"typ": None},
        {"b64": False, "crit": ["b64"]},
        {"jwk": json.loads(jwk(OTHER))},
        {"jku": "https://example.org/keys"},
        {"nonce": "1"},
    ],
    ids=",".join,
)
def test_headers_that_are_not(header: dict[str, Any]) -> None:
    """Algorithms, types and parameters that nobody agreed on."""
    assert not is_taken(forged(**header))


def test_a_signature_of_another_request() -> None:
    """What was signed for one request fits no other."""
    assert not is_taken(forged(b"another"))
    assert not is_taken(forged(REQUEST + b"\0"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "a",
        "....",
        forged().replace("..", "."),
        forged().replace("..", f".{encode(REQUEST)}."),
        forged().replace("..", "..."),
        f"{forged()}.",
        f"[]{forged()}",
        forged() + "á",
        forged() + "A" * MAX_BYTES,
        f"{encode(b'[]')}..{encode(b'x' * 64)}",
        f"{encode(b'{')}..{encode(b'x' * 64)}",
    ],
    ids=lambda text: text[:12] or "empty",
)
def test_texts_that_are_no_detached_signature(text: str) -> None:
    """Also one that brings the request along."""
    assert not is_taken(text)


def test_any_flipped_character() -> None:
    """No character of a signature can be changed, but for the last, with bits that mean nothing."""
    sound = forged()
    for at in range(len(sound) - 1):
        changed = "A" if sound[at] != "A" else "B"
        assert not is_taken(sound[:at] + changed + sound[at + 1 :])
