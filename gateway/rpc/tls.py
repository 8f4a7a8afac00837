"""Mutual TLS whose certificates are read again when their files change.

gRPC asks at every handshake; connections that stand go on with what they began with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

if TYPE_CHECKING:
    from cryptography import x509

_log = structlog.get_logger(__name__)

_Stamp = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where the server's certificate (its own first), its key and the callers' CA lie; PEM."""

    certificate: Path
    key: Path
    client_ca: Path


def check_tls_files(files: TlsFiles, now: datetime) -> None:
    """Whether a server can be run with them.

    Raises:
        OSError: a file cannot be read.
        ValueError: one is damaged, or they do not belong together, or one expired.
    """
    chain = certificates(files.certificate)
    key = _private_key(files.key)
    if _spki(chain[0].public_key()) != _spki(key.public_key()):
        raise ValueError(f"{files.key} is not the key of {files.certificate}")
    for path, found in (
        (files.certificate, chain),
        (files.client_ca, certificates(files.client_ca)),
    ):
        if found[0].not_valid_after_utc <= now:
            raise ValueError(f"the certificate in {path} expired on {found[0].not_valid_after_utc}")


def certificates(path: Path) -> list[x509.Certificate]:
    """Those of a PEM file, in its order.

    Raises:
        OSError: it cannot be read.
        ValueError: there is none in it, or one is damaged.
    """
    # only here: without TLS nobody needs it, and it is slow to import
    from cryptography import x509  # noqa: PLC0415

    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError as error:  # the library's words name no file
        raise ValueError(f"{path} holds no certificate in PEM, or a damaged one") from error


class ServerTls:
    """TLS that asks every client for a certificate and follows the files, for several servers."""

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._seen = self._stamp()
        self._held = self._read()

    def credentials(self) -> grpc.ServerCredentials:
        """Those of one server: gRPC tells only the first that shares them what changed."""
        given = self._held

        def changed() -> grpc.ServerCertificateConfiguration | None:
            nonlocal given
            self._look()
            if given is self._held:
                return None
            given = self._held
            return given

        return grpc.dynamic_ssl_server_credentials(
            given,
            changed,  # type: ignore[arg-type]  # the stubs do not know that None is allowed
            require_client_authentication=True,
        )

    def _read(self) -> grpc.ServerCertificateConfiguration:
        files = self._files
        pair = (files.key.read_bytes(), files.certificate.read_bytes())
        return grpc.ssl_server_certificate_configuration([pair], files.client_ca.read_bytes())

    def _look(self) -> None:
        """Read what changed if it is usable, else keep the old. Called from gRPC's own threads."""
        try:
            stamp = self._stamp()
            if stamp == self._seen:
                return
            check_tls_files(self._files, datetime.now(UTC))
            self._held = self._read()
        except (OSError, ValueError, TypeError) as error:
            # half of a pair was written, most likely: the next handshake looks again
            _log.warning("certificate_not_reloaded", error=type(error).__name__)
            return
        self._seen = stamp
        _log.info("certificate_reloaded")

    def _stamp(self) -> _Stamp:
        found = (
            path.stat()
            for path in (self._files.certificate, self._files.key, self._files.client_ca)
        )
        return tuple((one.st_mtime_ns, one.st_ino, one.st_size) for one in found)


def _private_key(path: Path) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:  # a TypeError: it wants a password
        raise ValueError(f"{path} holds no private key in PEM without a password") from error


def _spki(key: object) -> bytes:
    return key.public_bytes(  # type: ignore[attr-defined,no-any-return]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
