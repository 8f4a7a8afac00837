"""Whose certificate a call came with, and whose word is taken for it."""

from __future__ import annotations

import hashlib
import ssl
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from gateway.core.errors import Unauthenticated
from gateway.rpc.peer_certificate import FORWARDED, PeerCertificates, read_certificates


def _pem(content: bytes) -> bytes:
    """As much of a certificate as is looked at: its bytes."""
    return ssl.DER_cert_to_PEM_cert(content).encode()


def _thumbprint(content: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


CALLER, BALANCER, CALLER_BEHIND = b"caller", b"balancer", b"caller behind the balancer"
HASH = hashlib.sha256(CALLER_BEHIND).hexdigest()
peer = PeerCertificates([_thumbprint(BALANCER)])


class Context:
    """As much of a call's context as is looked at."""

    def __init__(self, certificate: bytes | None, *forwarded: str) -> None:
        self._certificate = certificate
        self._forwarded = forwarded

    def auth_context(self) -> dict[str, list[bytes]]:
        """The connection's certificate."""
        return {"x509_pem_cert": [_pem(self._certificate)]} if self._certificate else {}

    def invocation_metadata(self) -> list[tuple[str, str]]:
        """What came with the call."""
        return [(FORWARDED, value) for value in self._forwarded]


def certificate(connection: bytes | None, *forwarded: str) -> str:
    """The thumbprint of a call's certificate."""
    return peer(Context(connection, *forwarded))  # type: ignore[arg-type]  # as above


def test_the_connections_own() -> None:
    """A caller that connects itself is known by its own certificate."""
    assert certificate(CALLER) == _thumbprint(CALLER)


def test_without_tls_there_is_none() -> None:
    """A connection without a certificate is refused, whatever it tells."""
    for forwarded in ((), (f"Hash={HASH}",)):
        with pytest.raises(Unauthenticated, match="connect with TLS"):
            certificate(None, *forwarded)


@pytest.mark.parametrize("text", [f"Hash={HASH}", f'Hash={HASH};Subject="CN=another"', "anything"])
def test_a_caller_cannot_name_another(text: str) -> None:
    """Only a balancer is believed: a caller that sends the header is still itself."""
    assert certificate(CALLER, text) == _thumbprint(CALLER)


@pytest.mark.parametrize(
    "text",
    [
        f"Hash={HASH}",
        f"By=spiffe://dancu/balancer;Hash={HASH}",
        f'Hash={HASH};Subject="CN=H26, O=Sở Tư pháp";URI=;DNS=h26.example',
        f'Subject="CN=\\"H26;Hash=1\\", O=x";Hash={HASH}',
    ],
)
def test_a_balancer_tells_whose_it_saw(text: str) -> None:
    """In the words of Envoy's header, whatever stands beside the hash."""
    assert certificate(BALANCER, text) == _thumbprint(CALLER_BEHIND)


@pytest.mark.parametrize(
    "forwarded",
    [
        (),
        ("",),
        ("Hash=",),
        (f"Hash={HASH[:-1]}",),
        (f"Hash={HASH.upper()}",),
        (f"hash={HASH}",),
        (f'Subject="Hash={HASH}"',),
        (f"Hash={HASH},Hash={HASH}",),  # appended to what the caller sent
        (f'By=x,Subject="y";Hash={HASH}',),
        (f"Hash={HASH}", f"Hash={HASH}"),
    ],
)
def test_a_balancer_that_tells_nothing_clear(forwarded: tuple[str, ...]) -> None:
    """Its own certificate is nobody's: the call is refused."""
    with pytest.raises(Unauthenticated):
        certificate(BALANCER, *forwarded)


def test_reading_balancers(tmp_path: Path) -> None:
    """A file of several certificates, and one of none."""
    path = tmp_path / "balancers.pem"
    path.write_bytes(b"one of Envoy's\n" + _pem(BALANCER) + _pem(CALLER))
    assert read_certificates(path) == {_thumbprint(BALANCER), _thumbprint(CALLER)}
    path.write_text("nothing")
    with pytest.raises(ValueError, match="no certificate in"):
        read_certificates(path)
