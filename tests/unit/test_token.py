"""Session tokens: every rule, broken one at a time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey

from clients.sdk.credentials import TokenSource
from gateway.core.caller import Caller
from gateway.core.errors import Unauthenticated
from gateway.core.token import MAX_BYTES, Session, import_public, verify_token

NOW = 1_790_000_000
AUDIENCE = "dancu-simulator"
CERTIFICATE = "x" * 43
PRIVATE = Ed25519PrivateKey.generate()
KEY = OKPKey.import_key(PRIVATE)
PUBLIC = json.dumps(KEY.as_dict(private=False))
CALLERS = {
    "H26": Caller("H26", keys=(PUBLIC,), certificates=frozenset({CERTIFICATE})),
    "H29": Caller("H29", keys=(PUBLIC,), certificates=frozenset({"y" * 43}), active=False),
}
HEADER = {"alg": "EdDSA", "typ": "dancu-session+jwt"}
CLAIMS = {
    "iss": "H26",
    "sub": "H26",
    "aud": AUDIENCE,
    "iat": NOW,
    "exp": NOW + 300,
    "jti": "1",
    "cnf": {"x5t#S256": CERTIFICATE},
}


def encode(value: object) -> bytes:
    """A part of a token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def forged(header: object, claims: object, private: Ed25519PrivateKey = PRIVATE) -> str:
    """A token signed with Ed25519 whatever its header says: no library would make most of them."""
    signed = encode(header) + b"." + encode(claims)
    return (signed + b"." + encode(private.sign(signed))).decode()


def token(*, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A sound token but for what is given; a claim that is None is left out."""
    left = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return forged(HEADER | (header or {}), left)


def verified(text: str, certificate: str | None = CERTIFICATE, now: float = NOW) -> Session:
    """The session that a token opens."""
    return verify_token(text, CALLERS.get, AUDIENCE, certificate, now)


def reason(text: str, certificate: str | None = CERTIFICATE, now: float = NOW) -> str:
    """Why a token is refused."""
    with pytest.raises(Unauthenticated) as caught:
        verified(text, certificate, now)
    return caught.value.reason


def test_a_sound_token_names_its_caller() -> None:
    """A token that keeps every rule opens a session until it expires."""
    assert verified(token()) == Session(CALLERS["H26"], NOW + 300, CERTIFICATE)


def test_without_tls_no_certificate_is_asked_for() -> None:
    """On loopback a token without cnf opens a session."""
    assert verified(token(cnf=None), None).caller.id == "H26"


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
def test_the_sdk_makes_sound_tokens(kind: str) -> None:
    """What the SDK makes of either kind of key is let in."""
    private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey = (
        Ed25519PrivateKey.generate()
        if kind == "ed25519"
        else ec.generate_private_key(ec.SECP256R1())
    )
    imported = (
        OKPKey.import_key(private)
        if isinstance(private, Ed25519PrivateKey)
        else ECKey.import_key(private)
    )
    caller = Caller("G15", keys=(json.dumps(imported.as_dict(private=False)),))
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    made = TokenSource("G15", pem, clock=lambda: NOW + 0.9).token()
    assert verify_token(made, {"G15": caller}.get, AUDIENCE, None, NOW + 0.9).caller is caller


def test_the_sdk_renews_tokens_in_time() -> None:
    """A token serves until it has a minute left, and not on a clock that was set back."""
    pem = PRIVATE.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    moment = [float(NOW)]
    source = TokenSource("H26", pem, clock=lambda: moment[0])
    first = source.token()
    moment[0] += 179
    assert source.token() == first
    moment[0] += 1
    second = source.token()
    assert second != first
    moment[0] -= 3600
    assert source.token() != second


def test_alg_none() -> None:
    """An unsigned token is refused, with and without bytes for a signature."""
    header = HEADER | {"alg": "none"}
    unsigned = (encode(header) + b"." + encode(CLAIMS) + b".").decode()
    assert reason(unsigned) == reason(forged(header, CLAIMS)) == "TOKEN_ALGORITHM"


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_the_public_key_as_a_secret(algorithm: str) -> None:
    """HMAC with the registered public key, in any of its forms, is refused."""
    for secret in (
        PUBLIC.encode(),
        PRIVATE.public_key().public_bytes_raw(),
        PRIVATE.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    ):
        signed = encode(HEADER | {"alg": algorithm}) + b"." + encode(CLAIMS)
        digest = hashlib.sha256 if algorithm == "HS256" else hashlib.sha512
        mac = hmac.new(secret, signed, digest).digest()
        assert reason((signed + b"." + encode(mac)).decode()) == "TOKEN_ALGORITHM"


@pytest.mark.parametrize(
    "algorithm", ["RS256", "ES384", "ES256K", "Ed448", "eddsa", "", None, 1, []]
)
def test_other_algorithms(algorithm: object) -> None:
    """Only EdDSA and ES256 are accepted, written exactly so."""
    assert reason(token(header={"alg": algorithm})) in {"TOKEN_ALGORITHM", "TOKEN_MALFORMED"}


def test_an_algorithm_of_another_key() -> None:
    """ES256 by name over an Ed25519 key is no signature."""
    assert reason(token(header={"alg": "ES256"})) == "TOKEN_SIGNATURE"


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["b64"], "b64": True},
        {"crit": ["exp"]},
        {"crit": ["dancu"], "dancu": 1},
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/chain"},
        {"jwk": KEY.as_dict(private=False)},
        {"x5c": ["MIIB"]},
        {"cty": "JWT"},
        {"zip": "DEF"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_headers_that_nobody_needs(header: dict[str, Any]) -> None:
    """A header that could bring a key, or change what is signed, is refused unread."""
    assert reason(token(header=header)) == "TOKEN_HEADER"


def test_b64_false() -> None:
    """A token whose payload is not encoded (RFC 7797) is refused."""
    header = HEADER | {"b64": False, "crit": ["b64"]}
    assert reason(forged(header, CLAIMS)) in {"TOKEN_HEADER", "TOKEN_MALFORMED"}


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "DANCU-SESSION+JWT", None, ""])
def test_wrong_type(kind: str | None) -> None:
    """A token made for something else is refused by its typ."""
    assert reason(token(header={"typ": kind})) in {"TOKEN_TYPE", "TOKEN_MALFORMED"}


@pytest.mark.parametrize("key", ["alg", "typ"])
def test_header_names_left_out(key: str) -> None:
    """A header without alg or typ is refused."""
    header = {name: value for name, value in HEADER.items() if name != key}
    assert reason(forged(header, CLAIMS)) in {"TOKEN_ALGORITHM", "TOKEN_TYPE", "TOKEN_MALFORMED"}


@pytest.mark.parametrize(
    "audience", [[AUDIENCE], [AUDIENCE, "other"], "other", "", None, f"{AUDIENCE} "]
)
def test_audience(audience: object) -> None:
    """The audience is one string and this gateway; a list with it is not."""
    assert reason(token(aud=audience)) == "TOKEN_AUDIENCE"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"exp": None}, "TOKEN_LIFETIME"),
        ({"exp": NOW}, "TOKEN_EXPIRED"),
        ({"exp": NOW - 3600, "iat": NOW - 3700}, "TOKEN_EXPIRED"),
        ({"exp": NOW + 301}, "TOKEN_LIFETIME"),
        ({"exp": 10**300}, "TOKEN_LIFETIME"),
        ({"exp": NOW + 100.5}, "TOKEN_LIFETIME"),
        ({"exp": str(NOW + 100)}, "TOKEN_LIFETIME"),
        ({"exp": True}, "TOKEN_LIFETIME"),
        ({"exp": float("inf")}, "TOKEN_LIFETIME"),
        ({"iat": None}, "TOKEN_LIFETIME"),
        ({"iat": NOW + 31}, "TOKEN_LIFETIME"),
        ({"iat": NOW - 10, "exp": NOW + 291}, "TOKEN_LIFETIME"),
        ({"nbf": NOW + 31}, "TOKEN_LIFETIME"),
        ({"nbf": "soon"}, "TOKEN_LIFETIME"),
    ],
)
def test_times(claims: dict[str, Any], expected: str) -> None:
    """A token must say until when, as whole seconds, and for at most 300 of them."""
    assert reason(token(**claims)) == expected


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps(hours: int) -> None:
    """A clock an hour off refuses tokens; it never makes them last longer."""
    expected = {1: "TOKEN_EXPIRED", -1: "TOKEN_LIFETIME"}[hours]
    assert reason(token(), now=NOW + hours * 3600) == expected


@pytest.mark.parametrize("token_id", [None, "", 7, "x" * 129])
def test_token_id(token_id: object) -> None:
    """A token has an id of 1 to 128 characters."""
    assert reason(token(jti=token_id)) == "TOKEN_MALFORMED"


@pytest.mark.parametrize(
    "claims",
    [{"iss": "H99", "sub": "H99"}, {"sub": "H29"}, {"iss": None}, {"iss": ["H26"]}, {"sub": None}],
    ids=str,
)
def test_unknown_callers(claims: dict[str, Any]) -> None:
    """Issuer and subject are one and the same enrolled caller."""
    assert reason(token(**claims)) == "CALLER_UNKNOWN"


def test_a_revoked_caller() -> None:
    """A revoked caller's token is refused, however sound."""
    assert reason(token(iss="H29", sub="H29")) == "CALLER_REVOKED"


def test_another_key() -> None:
    """A signature by a key that is not registered is refused, even for a revoked caller."""
    other = Ed25519PrivateKey.generate()
    for caller in ("H26", "H29"):
        claims = CLAIMS | {"iss": caller, "sub": caller}
        assert reason(forged(HEADER, claims, other)) == "TOKEN_SIGNATURE"


def test_any_flipped_character() -> None:
    """No character of a token can be changed: all but its claims' text are refused by signature."""
    sound = token()
    for at in range(0, len(sound), 3):
        changed = "A" if sound[at] != "A" else "B"
        text = sound[:at] + changed + sound[at + 1 :]
        if at != len(sound) - 1:  # the last one has bits that mean nothing
            assert reason(text)


@pytest.mark.parametrize(
    "confirmation",
    [
        None,
        {},
        {"x5t#S256": "z" * 43},
        {"x5t#S256": CERTIFICATE, "jkt": "1"},
        {"x5t#S256": [CERTIFICATE]},
        CERTIFICATE,
    ],
    ids=str,
)
def test_replaced_confirmation(confirmation: object) -> None:
    """The token names the certificate of the connection, and nothing else."""
    assert reason(token(cnf=confirmation)) == "TOKEN_BINDING"


def test_a_stolen_token() -> None:
    """On another connection a token is worth nothing."""
    assert reason(token(), "z" * 43) == "TOKEN_BINDING"


def test_a_certificate_that_is_not_registered() -> None:
    """A caller cannot bind its token to a certificate that is not registered for it."""
    stray = "z" * 43
    assert reason(token(cnf={"x5t#S256": stray}), stray) == "TOKEN_BINDING"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "a.b.c.d",
        "..",
        "é.é.é",
        "x" * (MAX_BYTES + 1),
        "x" * 2**20,
        forged(HEADER | {"kid": "k" * 2**20}, CLAIMS),
        forged(b"[]", CLAIMS),
        forged(b"nothing", CLAIMS),
        forged(b"\xff", CLAIMS),
        forged(HEADER, b"[]"),
        forged(HEADER, b"null"),
        forged(HEADER, b"\xff\xfe"),
        forged(HEADER, b"[" * 5000),
        forged(HEADER, json.dumps(CLAIMS).replace('"aud"', '"exp": 1, "aud"').encode()),
    ],
    ids=range(16),
)
def test_malformed(text: str) -> None:
    """What is no token, or too long to be looked at, is refused without a trace."""
    assert reason(text) == "TOKEN_MALFORMED"


def test_json_serialisation() -> None:
    """A JWS in JSON form is no token."""
    made = jws.serialize_json(
        {"protected": {"alg": "HS256"}}, b"{}", OctKey.generate_key(256), algorithms=["HS256"]
    )
    assert reason(json.dumps(made)) == "TOKEN_MALFORMED"


@pytest.mark.parametrize(
    "jwk",
    [
        KEY.as_dict(private=True),
        ECKey.generate_key("P-384").as_dict(private=False),
        OKPKey.generate_key("X25519").as_dict(private=False),
        OctKey.generate_key(256).as_dict(),
    ],
    ids=["private", "P-384", "X25519", "secret"],
)
def test_keys_that_cannot_be_registered(jwk: dict[str, Any]) -> None:
    """Only public Ed25519 and P-256 keys verify tokens."""
    with pytest.raises(ValueError, match="Ed25519 or P-256"):
        import_public(json.dumps(jwk))
