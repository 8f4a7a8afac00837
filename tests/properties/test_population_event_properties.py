"""Whatever comes as a signature, or stands where a request was kept, is refused in one way."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from gateway.core.errors import Unauthenticated
from gateway.core.event_receipt import Original
from gateway.core.request_signature import TYPE, verify_request_signature

KEY = json.dumps(OKPKey.import_key(Ed25519PrivateKey.generate()).as_dict(private=False))

PARTS = st.text("ABCxyz019-_=.", max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
HEADERS = JSON | st.fixed_dictionaries(
    {"alg": JSON | st.sampled_from(["EdDSA", "ES256", "none"]), "typ": st.just(TYPE) | JSON},
    optional={"kid": JSON, "crit": JSON, "b64": JSON},
)


def encode(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@given(st.text(max_size=80) | st.builds("{}..{}".format, PARTS, PARTS), st.binary(max_size=20))
def test_any_text_is_refused(text: str, request: bytes) -> None:
    """As a signature that does not hold, never as a defect."""
    with pytest.raises(Unauthenticated):
        verify_request_signature(text, request, (KEY,))


@given(HEADERS, st.binary(max_size=70))
def test_any_header_is_refused(header: object, signature: bytes) -> None:
    """Well-formed JSON of every shape, beside bytes that nobody signed."""
    text = f"{encode(json.dumps(header).encode())}..{encode(signature)}"
    with pytest.raises(Unauthenticated):
        verify_request_signature(text, b"request", (KEY,))


@given(st.binary(max_size=60), st.text(max_size=20), st.lists(st.text("0123456789", max_size=12)))
def test_an_original_comes_back_as_it_was(request: bytes, version: str, named: list[str]) -> None:
    """Whatever bytes the request had, line breaks included."""
    original = Original(request, version, tuple(named))
    assert Original.unpack(original.pack()) == original


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_original(packed: bytes) -> None:
    """Is told as such."""
    with pytest.raises(ValueError, match="not the original of a request"):
        Original.unpack(packed)
