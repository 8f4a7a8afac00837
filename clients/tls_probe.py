"""Whether an address that gives no answer in plain text shakes hands over TLS."""

from __future__ import annotations

import socket
import ssl

_PATIENCE = 1.0  # seconds


def speaks_tls(target: str) -> bool:
    """Shake hands and hang up. Nobody is believed for it, and nothing is sent.

    Args:
        target: HOST:PORT.
    """
    host, _, port = target.rpartition(":")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    try:
        with (
            socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE) as raw,
            context.wrap_socket(raw),
        ):
            return True
    except OSError:
        return False
