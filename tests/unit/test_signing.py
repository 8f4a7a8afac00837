"""Keys by name, signatures over exact bytes, and signed notes."""

from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from clients.receipts.keys import Es256Key
from gateway.core.signing import (
    NOTE_COSIGNATURE,
    NOTE_ED25519,
    Algorithm,
    PublicKey,
    Role,
    is_signed,
    jwk,
    note_is_signed,
    note_key_id,
    pre_authentication_encoding,
    raw_public,
    signer,
    thumbprint,
)
from tests.support.scene import CHECKPOINT_KEY, NOW, STATEMENT_KEY

# RFC 8037, appendix A: an Ed25519 key and its thumbprint
RFC_8037_PRIVATE = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
RFC_8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
RFC_8037_PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(
    base64.urlsafe_b64decode(RFC_8037_PRIVATE)
)
# the verifier key of the example in Go's golang.org/x/mod/sumdb/note
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
P256_KEY = derive_private_key(7, SECP256R1())
NAME, TEXT = "example.com/log", "example.com/log\n0\nroot\n"


def test_a_key_is_known_by_its_thumbprint() -> None:
    """The published example of RFC 8037."""
    assert thumbprint(raw_public(RFC_8037_PRIVATE_KEY)) == RFC_8037_THUMBPRINT
    assert signer(RFC_8037_PRIVATE_KEY).key_id == RFC_8037_THUMBPRINT


def test_the_encoding_that_is_signed_is_dsses() -> None:
    """The example of the DSSE specification, to the byte."""
    encoding = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
    assert encoding == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_lengths_count_bytes() -> None:
    """Not characters, and not the bytes of a text: value may hold anything."""
    assert pre_authentication_encoding("ê", b"\0\n\xff") == b"DSSEv1 2 \xc3\xaa 3 \0\n\xff"
    assert pre_authentication_encoding("", b"") == b"DSSEv1 0  0 "


@given(
    st.tuples(st.text(alphabet="a 1", max_size=4), st.binary(max_size=4)),
    st.tuples(st.text(alphabet="a 1", max_size=4), st.binary(max_size=4)),
)
def test_no_two_statements_have_one_encoding(
    one: tuple[str, bytes], other: tuple[str, bytes]
) -> None:
    """Whatever is moved from the type to the value changes what is signed."""
    same = pre_authentication_encoding(*one) == pre_authentication_encoding(*other)
    assert same == (one == other)


def test_a_signature_is_over_the_message() -> None:
    """64 bytes, the same every time, and of no other message."""
    signature = STATEMENT_KEY.sign(b"message")
    assert len(signature) == 64
    assert signature == STATEMENT_KEY.sign(b"message")
    public = STATEMENT_KEY.private.public_key()
    public.verify(signature, b"message")
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"massage")


def test_a_note_key_id_depends_on_name_kind_and_key() -> None:
    """The published example, and changes of each part."""
    name, key_id, encoded = PETER.split("+", 2)
    kind, raw = base64.b64decode(encoded)[0], base64.b64decode(encoded)[1:]
    assert kind == NOTE_ED25519
    assert note_key_id(name, raw, kind).hex() == key_id
    ids = {
        note_key_id("a", raw, NOTE_ED25519),
        note_key_id("b", raw, NOTE_ED25519),
        note_key_id("a", raw, NOTE_COSIGNATURE),
        note_key_id("a", bytes(32), NOTE_ED25519),
    }
    assert len(ids) == 4
    assert {len(one) for one in ids} == {4}


def test_a_note_line_verifies() -> None:
    """Em dash, name, base64 of key id and signature, newline."""
    line = CHECKPOINT_KEY.sign_note(NAME, TEXT)
    dash, name, encoded = line.removesuffix("\n").split(" ")
    assert (dash, name) == ("—", NAME)
    blob = base64.b64decode(encoded, validate=True)
    raw = raw_public(CHECKPOINT_KEY.private)
    assert blob[:4] == note_key_id(NAME, raw, NOTE_ED25519)
    CHECKPOINT_KEY.private.public_key().verify(blob[4:], TEXT.encode())
    assert note_is_signed(TEXT, line, NAME, raw)


def test_a_note_line_verifies_nothing_else() -> None:
    """Another text, name, key, key id, or no signature at all."""
    raw = raw_public(CHECKPOINT_KEY.private)
    line = CHECKPOINT_KEY.sign_note(NAME, TEXT)
    encoded = line.split(" ")[2]
    blob = base64.b64decode(encoded)
    wrong_id = base64.b64encode(b"\0\0\0\0" + blob[4:]).decode()
    assert not note_is_signed(TEXT + "\n", line, NAME, raw)
    assert not note_is_signed(TEXT, line, "example.com/other", raw)
    assert not note_is_signed(TEXT, f"— other {encoded}", NAME, raw)
    assert not note_is_signed(TEXT, line, NAME, raw_public(STATEMENT_KEY.private))
    assert not note_is_signed(TEXT, line, NAME, b"no key")
    assert not note_is_signed(TEXT, f"— {NAME} {wrong_id}\n", NAME, raw)
    for nothing in ("", "no base64", "AAAA"):
        assert not note_is_signed(TEXT, f"— {NAME} {nothing}\n", NAME, raw)


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (Role.CHECKPOINT, NOTE_ED25519),
        (Role.WITNESS, NOTE_COSIGNATURE),
    ],
)
def test_a_witness_signs_notes_in_another_way(role: Role, kind: int) -> None:
    """C2SP gives cosignatures a type of their own."""
    assert PublicKey("id", role, bytes(32), NOW).note_kind == kind


def test_a_p256_key_is_known_by_its_thumbprint() -> None:
    """As an implementation that shares no code with this one computes it."""
    one = signer(P256_KEY)
    raw = raw_public(P256_KEY)
    assert (len(raw), raw[0]) == (65, 4)
    assert one.key_id == Es256Key(raw).thumbprint()
    assert set(jwk(raw, Algorithm.ES256)) == {"kty", "crv", "x", "y"}


def test_p256_signatures_have_one_form() -> None:
    """R and s of 32 bytes each, s in the lower half: else the independent verifier refuses."""
    one, public = signer(P256_KEY), Es256Key(raw_public(P256_KEY))
    for number in range(64):  # with high s let through, half of them would fail
        message = b"message %d" % number
        signature = one.sign(message)
        assert len(signature) == 64
        assert public.verifies(signature, message)
        assert not public.verifies(signature, message + b".")


def test_only_the_keys_own_signature_counts() -> None:
    """Another message, another key, no key, no signature."""
    raw = raw_public(STATEMENT_KEY.private)
    signature = STATEMENT_KEY.sign(b"message")
    assert is_signed(raw, signature, b"message")
    assert not is_signed(raw, signature, b"massage")
    assert not is_signed(raw_public(CHECKPOINT_KEY.private), signature, b"message")
    assert not is_signed(b"no key", signature, b"message")
    assert not is_signed(raw, b"", b"message")
