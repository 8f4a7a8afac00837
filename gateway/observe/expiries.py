"""Until when a gateway can be trusted, if nobody renews anything."""

from __future__ import annotations

from datetime import datetime

from gateway.rpc.tls import TlsFiles, certificates
from gateway.store.keys import LiveKeys


def expiries(keys: LiveKeys, tls: TlsFiles | None) -> dict[str, datetime]:
    """When what expires does so, by what it is.

    Raises:
        OSError, ValueError: a certificate cannot be read.
    """
    found = {"key_set": keys.ring().published.expires_at}
    if tls is not None:
        found["server_certificate"] = certificates(tls.certificate)[0].not_valid_after_utc
        found["client_ca"] = certificates(tls.client_ca)[0].not_valid_after_utc
    return found
