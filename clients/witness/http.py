"""Fetching a log's files over HTTP: one request a connection, no redirects, no proxies."""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from clients.witness.findings import LogUnreachable
from clients.witness.tiles import Fetch

MAX_BYTES = 64 * 1024  # the largest file of a log, a full bundle of entries, is of 20 KiB
TIMEOUT = 10.0  # seconds without a byte

_CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}


def fetcher(url: str, *, timeout: float = TIMEOUT) -> Fetch:
    """Reads files below a URL, e.g. ``http://127.0.0.1:50054``.

    The fetcher raises LogUnreachable.

    Raises:
        ValueError: not an http or https URL.
    """
    parts = urlsplit(url)
    connect = _CONNECTIONS.get(parts.scheme)
    if connect is None or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write http://HOST:PORT")
    host, port, base = parts.hostname, parts.port, parts.path.rstrip("/")

    def fetch(path: str) -> bytes | None:
        connection = connect(host, port, timeout=timeout)
        try:
            connection.request("GET", f"{base}/{path}", headers={"Connection": "close"})
            response = connection.getresponse()
            body: bytes = response.read(MAX_BYTES + 1)
        except (OSError, HTTPException, UnicodeError) as error:  # the last: no such host name
            raise LogUnreachable(
                f"no answer from {url} ({error or type(error).__name__})"
            ) from None
        finally:
            connection.close()
        if response.status == HTTPStatus.NOT_FOUND:
            return None
        if response.status != HTTPStatus.OK or len(body) > MAX_BYTES:
            raise LogUnreachable(f"{url}/{path}: status {response.status}, {len(body)} bytes")
        return body

    return fetch
