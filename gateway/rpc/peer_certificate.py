"""Whose certificate a call came with: the connection's, or the one that our balancer saw.

A balancer that ends TLS (Envoy) connects with a certificate of its own and tells in the header
``x-forwarded-client-cert`` whose it let in. Only a balancer that is named in the settings is
believed; of anybody else that header is not even read.
"""

from __future__ import annotations

import functools
import re
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Collection
from pathlib import Path
from typing import Any

import grpc

from gateway.core.caller import certificate_thumbprint
from gateway.core.errors import Unauthenticated

FORWARDED = "x-forwarded-client-cert"
# one element only: the balancer sets the header anew, it does not append (SANITIZE_SET)
_VALUE = r'(?:[^",;]|"(?:[^"\\]|\\.)*")*'
_ELEMENT = re.compile(
    rf"(?:(?!Hash=)\w+={_VALUE};)*Hash=([0-9a-f]{{64}})(?:;(?!Hash=)\w+={_VALUE})*"
)

ServicerContext = grpc.aio.ServicerContext[Any, Any]


def read_certificates(path: Path) -> frozenset[str]:
    """The thumbprints of the certificates in a PEM file.

    Raises:
        OSError: it cannot be read.
        ValueError: there is none in it, or one is damaged.
    """
    blocks = re.findall(
        r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----",
        path.read_text("ascii"),
        re.DOTALL,
    )
    if not blocks:
        raise ValueError(f"there is no certificate in {path}")
    return frozenset(_thumbprint(block.encode("ascii")) for block in blocks)


class PeerCertificates:
    """Gives the thumbprint of a call's certificate (``x5t#S256`` of RFC 8705).

    Args:
        balancers: thumbprints of those that tell whose certificate they saw.
    """

    def __init__(self, balancers: Collection[str] = ()) -> None:
        self._balancers = frozenset(balancers)

    def __call__(self, context: ServicerContext) -> str:
        """The thumbprint. Raises Unauthenticated when there is no certificate."""
        pem = next(iter(context.auth_context().get("x509_pem_cert", ())), b"")
        if not pem:  # the handshake asks for one; without TLS there is none
            raise _missing()
        thumbprint = _thumbprint(pem)
        return _forwarded(context) if thumbprint in self._balancers else thumbprint


def _forwarded(context: ServicerContext) -> str:
    """What a balancer tells; a call that it makes by itself comes with no certificate."""
    told = [value for key, value in context.invocation_metadata() or () if key == FORWARDED]
    text = told[0] if len(told) == 1 and isinstance(told[0], str) else ""
    digest = _digest(text)
    if not digest:
        raise _missing()
    return digest


@functools.lru_cache(maxsize=4096)  # one a caller's certificate, asked for at every call
def _digest(text: str) -> str:
    found = _ELEMENT.fullmatch(text)
    if found is None:
        return ""
    return urlsafe_b64encode(bytes.fromhex(found[1])).rstrip(b"=").decode()


@functools.lru_cache(maxsize=4096)  # one a connection, asked for at every call
def _thumbprint(pem: bytes) -> str:
    return certificate_thumbprint(ssl.PEM_cert_to_DER_cert(pem.decode("ascii")))


def _missing() -> Unauthenticated:
    return Unauthenticated(
        "CERTIFICATE_MISSING",
        "connect with TLS and the certificate that is registered for this caller",
        "hãy kết nối bằng TLS với chứng thư đã đăng ký của hệ thống gọi",
    )
