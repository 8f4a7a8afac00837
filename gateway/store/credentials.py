"""What a caller holds to prove itself, made for trying the rules out; and reading such files."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from gateway.core.caller import certificate_thumbprint, is_caller_id
from gateway.core.token import import_public
from gateway.store.authority import CA_CERTIFICATE, TestAuthority, private_pem
from gateway.store.durable import write_private
from gateway.store.errors import StoreError


@dataclass(frozen=True, slots=True)
class Issued:
    """What the registry must know of a caller's new credentials."""

    jwk: str
    thumbprint: str | None  # of its client certificate


def issue_credentials(
    folder: Path, caller: str, audience: str, authority: TestAuthority | None, now: datetime
) -> Issued:
    """Make a caller's keys in ``folder``, with a client certificate if there is an authority.

    ``<caller>.toml`` names them all: it is what ``--credentials`` takes.

    Raises:
        StoreError: the directory cannot be written.
    """
    if not is_caller_id(caller):
        raise StoreError(f"{caller!r} cannot be a caller's id, and so no file's name")
    token_key = Ed25519PrivateKey.generate()
    lines = {"caller": caller, "audience": audience, "token_key": f"{caller}.token.key.pem"}
    thumbprint = None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(folder / lines["token_key"], private_pem(token_key))
        if authority is not None:
            lines |= {"tls_certificate": f"{caller}.pem", "tls_key": f"{caller}.key.pem"}
            lines["tls_ca"] = os.path.relpath(authority.folder / CA_CERTIFICATE, folder)
            key, pem = authority.issue_client(caller, now)
            write_private(folder / lines["tls_key"], private_pem(key))
            write_private(folder / lines["tls_certificate"], pem)
            thumbprint = thumbprint_of(pem)
        text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
        write_private(folder / f"{caller}.toml", text.encode())
    except OSError as error:
        raise StoreError(f"cannot write the credentials to {folder}: {error}") from error
    return Issued(_jwk(token_key.public_key()), thumbprint)


def read_public_jwk(path: Path) -> str:
    """The JWK text of a public key in a PEM file.

    Raises:
        StoreError: it is no Ed25519 or P-256 public key.
    """
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
        if not isinstance(key, Ed25519PublicKey | ec.EllipticCurvePublicKey):
            raise ValueError("of another kind")  # noqa: TRY004, TRY301 - told with the others
        jwk = _jwk(key)
        import_public(jwk)
    except (OSError, ValueError, JoseError) as error:
        raise StoreError(
            f"{path} holds no public key of Ed25519 or P-256 in PEM ({error}); make one with "
            "`openssl pkey -in KEY.pem -pubout`, and keep the private key to yourself"
        ) from error
    return jwk


def read_thumbprint(path: Path) -> str:
    """``x5t#S256`` of the first certificate in a PEM file.

    Raises:
        StoreError: there is none.
    """
    try:
        return thumbprint_of(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} holds no certificate in PEM: {error}") from error


def thumbprint_of(pem: bytes) -> str:
    """``x5t#S256`` of a certificate in PEM. Raises ValueError."""
    certificate = x509.load_pem_x509_certificate(pem)
    return certificate_thumbprint(certificate.public_bytes(serialization.Encoding.DER))


def _jwk(key: Ed25519PublicKey | ec.EllipticCurvePublicKey) -> str:
    imported = (
        OKPKey.import_key(key) if isinstance(key, Ed25519PublicKey) else ECKey.import_key(key)
    )
    return json.dumps(imported.as_dict(private=False), sort_keys=True)
