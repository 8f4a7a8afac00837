"""Until when a gateway can be trusted, if nobody renews anything."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cryptography import x509

from gateway.rpc.tls import TlsFiles
from gateway.store.keys import LiveKeys


def expiries(keys: LiveKeys, tls: TlsFiles | None) -> dict[str, datetime]:
    """When what expires does so, by what it is.

    Raises:
        OSError, ValueError: a certificate cannot be read.
    """
    found = {"key_set": keys.ring().published.expires_at}
    if tls is not None:
        found["server_certificate"] = _end_of(tls.certificate)
        found["client_ca"] = _end_of(tls.client_ca)
    return found


def _end_of(path: Path) -> datetime:
    """Of the first certificate in a file."""
    return x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc
