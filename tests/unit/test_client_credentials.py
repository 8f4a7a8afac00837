"""Credentials files, ``dancu token`` and ``dancu call``, without a gateway."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from typer.testing import CliRunner, Result

from clients.sdk import Credentials, TokenSource
from gateway.commands.tree import app
from gateway.store.authority import TestAuthority
from gateway.store.credentials import issue_credentials, read_thumbprint

NOW = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The credentials of a caller A, with TLS, and of B, without."""
    authority = TestAuthority.create(tmp_path, NOW)
    folder = tmp_path / "callers"
    issue_credentials(folder, "A", "the-gateway", authority, NOW)
    issue_credentials(folder, "B", "the-gateway", None, NOW)
    return folder


def dancu(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, list(arguments))


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unchecked."""
    header, claims, _ = token.strip().split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims))


def test_a_file_with_tls(folder: Path) -> None:
    """With TLS files there is a secure channel, and tokens are bound to the certificate."""
    credentials = Credentials.from_file(folder / "A.toml")
    assert credentials.channel is not None
    assert credentials.tokens is not None
    header, claims = read(credentials.tokens.token())
    assert header == {"alg": "Ed25519", "typ": "dancu-session+jwt"}
    assert claims["cnf"] == {"x5t#S256": read_thumbprint(folder / "A.pem")}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("A", "A", "the-gateway")
    assert claims["exp"] - claims["iat"] == 240


def test_a_file_without_tls(folder: Path) -> None:
    """Without TLS files there is no secure channel, and tokens are bound to nothing."""
    credentials = Credentials.from_file(folder / "B.toml")
    assert credentials.channel is None
    assert credentials.tokens is not None
    assert "cnf" not in read(credentials.tokens.token())[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must name caller, token_key"),
        ('caller = "A"\ntoken_key = 1', "must name caller, token_key"),
        ('caller = "A"\ntoken_key = "B.token.key.pem"\ntls_ca = "x"', "tls_certificate, tls_key"),
        ('caller = "A"\ntoken_key = "B.token.key.pem"\nkey = "x"', "names key, which is no"),
        ('caller = "A"\ntoken_key = "B.token.key.pem"\naudience = ["x"]', "each as a text"),
        ('caller = "A"\ntoken_key = "A.pem"', "A.pem"),
        ("caller = ", "Invalid value"),
    ],
)
def test_files_that_are_none(folder: Path, text: str, says: str) -> None:
    """What is wrong with a credentials file is told in one line, as bad usage."""
    path = folder / "broken.toml"
    path.write_text(text, "utf-8")
    done = dancu("call", "GetCheckpoint", "{}", "--credentials", str(path))
    assert done.exit_code == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("life", [0, 301])
def test_lives_that_no_gateway_takes(life: int) -> None:
    """A token lives for 1 to 300 seconds."""
    with pytest.raises(ValueError, match="1 to 300"):
        TokenSource("A", b"", life=life)


@pytest.mark.parametrize(
    "private",
    [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())],
    ids=["rsa", "p384"],
)
def test_keys_that_no_gateway_takes(
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
) -> None:
    """A token key is Ed25519 or P-256."""
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with pytest.raises(ValueError, match="Ed25519 or P-256"):
        TokenSource("A", pem)


def test_token_of_options(folder: Path) -> None:
    """``dancu token`` makes the same from a file as from single options."""
    by_file = dancu("token", "--credentials", str(folder / "A.toml"), "--ttl", "60")
    by_options = dancu(
        *("token", "--caller", "A", "--key", str(folder / "A.token.key.pem"), "--ttl", "60"),
        *("--certificate", str(folder / "A.pem"), "--audience", "the-gateway"),
    )
    assert by_file.exit_code == by_options.exit_code == 0
    one, other = read(by_file.stdout)[1], read(by_options.stdout)[1]
    assert one.pop("jti") != other.pop("jti")
    assert one.pop("exp") - one.pop("iat") == other.pop("exp") - other.pop("iat") == 60
    assert one == other


def test_token_of_nobody() -> None:
    """``dancu token`` must be told who calls."""
    done = dancu("token", "--caller", "A")
    assert done.exit_code == 2
    assert "name --credentials, or --caller and --key" in done.stderr


@pytest.mark.parametrize(
    ("method", "request_", "says"),
    [
        ("Verify", "{}", "no such method"),
        ("NoService/VerifyIdentity", "{}", "no such method"),
        ("VerifyIdentity", "{", "this is no VerifyIdentityRequest"),
        ("VerifyIdentity", '{"clam": {}}', "this is no VerifyIdentityRequest"),
        ("dancu.v1.IdentityService/VerifyIdentity", '{"claim": 1}', "this is no"),
        ("dancu.v1.IdentityService.LookupCitizen", "[1]", "this is no LookupCitizenRequest"),
        ("/dancu.control.v1.SimulatorService/ListPersonas", "x", "this is no ListPersonasRequest"),
    ],
)
def test_calls_that_cannot_be(method: str, request_: str, says: str) -> None:
    """A method that is not there, or a request that is none of its, is bad usage."""
    done = dancu("call", method, request_)
    assert done.exit_code == 2
    assert says in done.stderr


def test_nobody_answers() -> None:
    """Where there is no gateway, a call exits 3."""
    done = dancu("call", "GetKeySet", "{}", "--server", "127.0.0.1:1", "--timeout", "1")
    assert done.exit_code == 3
    assert "no answer from 127.0.0.1:1" in done.stderr
