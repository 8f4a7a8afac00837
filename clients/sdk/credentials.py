"""How a procedure system proves itself: mutual TLS, and a session token signed by its own key.

>>> credentials = Credentials.from_file(Path("H26.toml"))
>>> async with Gateway.connect("gateway:50051", credentials=credentials, trust=..., context=...):
"""

from __future__ import annotations

import hashlib
import json
import secrets
import ssl
import time
import tomllib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

DEFAULT_AUDIENCE = "dancu-simulator"
TOKEN_TYPE = "dancu-session+jwt"  # noqa: S105 - a media type
LONGEST_LIFE = 300  # seconds; gateways refuse more
_LIFE = 240  # leaves a minute for clocks that differ
_RENEWAL = 60  # seconds left when a new token is made

_REQUIRED = frozenset({"caller", "token_key"})
_TLS = frozenset({"tls_ca", "tls_certificate", "tls_key"})
_NAMES = _REQUIRED | _TLS | {"audience"}


class TokenSource:
    """Makes session tokens, and new ones before they expire.

    Args:
        caller: The id under which the gateway knows this system.
        key: Its private key, Ed25519 or P-256, as PEM without a password.
        audience: The gateway's name.
        certificate: The client certificate of the connection, as PEM; tokens are bound to it.
        life: Seconds that a token is valid, at most 300.
        clock: Seconds since the epoch.

    Raises:
        ValueError: The key is none of these kinds, or a life is asked for that no gateway takes.
    """

    def __init__(
        self,
        caller: str,
        key: bytes,
        *,
        audience: str = DEFAULT_AUDIENCE,
        certificate: bytes | None = None,
        life: int = _LIFE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not 0 < life <= LONGEST_LIFE:
            raise ValueError(f"a token lives 1 to {LONGEST_LIFE} s, not {life}")
        self.caller = caller
        self._algorithm, self._key = _signing_key(key)
        self._audience = audience
        self._bound_to = {"x5t#S256": _thumbprint(certificate)} if certificate else None
        self._life = life
        self._clock = clock
        self._token, self._made = "", float("-inf")

    def token(self) -> str:
        """One that is valid for at least a minute more, or for half of a shorter life."""
        now = self._clock()
        age = now - self._made
        if not 0 <= age < self._life - min(_RENEWAL, self._life / 2):  # < 0: the clock was set back
            self._token, self._made = self._make(int(now)), now
        return self._token

    def sign(self, kind: str, content: bytes) -> str:
        """A compact JWS over some bytes by the caller's key; ``kind`` becomes its ``typ``."""
        header = {"alg": self._algorithm, "typ": kind}
        return jws.serialize_compact(header, content, self._key, algorithms=[self._algorithm])

    def _make(self, now: int) -> str:
        claims = {
            "iss": self.caller,
            "sub": self.caller,
            "aud": self._audience,
            "iat": now,
            "exp": now + self._life,
            "jti": secrets.token_urlsafe(16),
        }
        if self._bound_to:
            claims["cnf"] = self._bound_to
        return self.sign(TOKEN_TYPE, json.dumps(claims).encode())


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a connection brings along.

    Attributes:
        channel: TLS, with or without a client certificate; None for plain text on loopback.
        tokens: Sent with every call; None where the gateway asks for none.
    """

    channel: grpc.ChannelCredentials | None = None
    tokens: TokenSource | None = None

    @classmethod
    def from_file(cls, path: Path) -> Credentials:
        """Read what a TOML file names, by paths from where it lies.

        ``caller`` and ``token_key``; for TLS ``tls_ca``, ``tls_certificate`` and ``tls_key``;
        ``audience`` where the gateway has another name.

        Raises:
            OSError: A file cannot be read.
            ValueError: The file, or one that it names, is not what it should be.
        """
        return cls(_channel(path), token_source(path))


def token_source(path: Path, *, life: int = _LIFE) -> TokenSource:
    """The tokens of a credentials file; raises as ``Credentials.from_file``."""
    given = _read(path)
    key, certificate = path.parent / given["token_key"], given.get("tls_certificate")
    try:
        return TokenSource(
            given["caller"],
            key.read_bytes(),
            audience=given.get("audience", DEFAULT_AUDIENCE),
            certificate=(path.parent / certificate).read_bytes() if certificate else None,
            life=life,
        )
    except ValueError as error:
        raise ValueError(f"cannot sign tokens with {key}: {error}") from error


def _channel(path: Path) -> grpc.ChannelCredentials | None:
    given = _read(path)
    if not given.keys() & _TLS:
        return None
    files = [path.parent / given[name] for name in ("tls_ca", "tls_key", "tls_certificate")]
    return grpc.ssl_channel_credentials(*(file.read_bytes() for file in files))


def _read(path: Path) -> dict[str, str]:
    given = tomllib.loads(path.read_text("utf-8"))
    unknown = given.keys() - _NAMES
    if unknown:
        raise ValueError(f"{path} names {', '.join(sorted(unknown))}, which is no credential")
    wanted = _REQUIRED | (_TLS if given.keys() & _TLS else frozenset())
    missing = {name for name in wanted if not isinstance(given.get(name), str)}
    if missing or not isinstance(given.get("audience", ""), str):
        raise ValueError(f"{path} must name {', '.join(sorted(wanted))}, each as a text")
    return given


def _signing_key(pem: bytes) -> tuple[str, OKPKey | ECKey]:
    """The algorithm that goes with a private key, and the key."""
    key = serialization.load_pem_private_key(pem, None)
    if isinstance(key, Ed25519PrivateKey):
        return "Ed25519", OKPKey.import_key(key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return "ES256", ECKey.import_key(key)
    raise ValueError("a token key must be Ed25519 or P-256")


def _thumbprint(pem: bytes) -> str:
    """``x5t#S256`` of the first certificate."""
    end = b"-----END CERTIFICATE-----"
    first = pem[pem.index(b"-----BEGIN") : pem.index(end) + len(end)]
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first.decode("ascii"))).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
