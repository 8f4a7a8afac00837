"""A caller's signature over the bytes of a request: a detached JWS (RFC 7515, appendix F).

``header..signature``: what was signed is the request itself, exactly as it was sent, so that a
signature of another request does not fit. Whoever holds the caller's public keys can check it
years later. Pure: the keys are an argument.
"""

from __future__ import annotations

from collections.abc import Sequence

from joserfc import jws
from joserfc.errors import JoseError

from gateway.core.errors import Unauthenticated
from gateway.core.token import ALGORITHMS, is_signed_by

TYPE = "dancu-request+jws"
MAX_BYTES = 2048

_HEADERS = frozenset({"alg", "typ", "kid"})


def verify_request_signature(signature: str, request: bytes, keys: Sequence[str]) -> None:
    """Check that one of a caller's keys signed these bytes.

    Args:
        signature: as it stood in the metadata.
        request: the message's bytes as they were received.
        keys: the caller's registered keys, as JWK texts.

    Raises:
        Unauthenticated: none of them did, or the signature is of another form.
    """
    parts = _read(signature, request)
    if not any(is_signed_by(parts, jwk) for jwk in keys):
        raise _invalid()


def _read(signature: str, request: bytes) -> jws.CompactSignature:
    header, detached, rest = signature.partition("..")
    if not detached or "." in header + rest or len(signature) > MAX_BYTES:
        raise _invalid()
    try:
        parts = jws.extract_compact(signature.encode("ascii"), request)
    except (JoseError, ValueError, RecursionError):
        raise _invalid() from None
    if not isinstance(parts.protected, dict) or not _is_ours(parts.protected):
        raise _invalid()
    return parts


def _is_ours(header: dict[str, object]) -> bool:
    """Whether it says what it must, and nothing else: no key may come with the signature."""
    algorithm = header.get("alg")
    known = isinstance(algorithm, str) and algorithm in ALGORITHMS
    return known and header.get("typ") == TYPE and header.keys() <= _HEADERS


def signature_missing() -> Unauthenticated:
    """The error for a request that must be signed and is not."""
    return Unauthenticated(
        "REQUEST_SIGNATURE_MISSING",
        "sign the request: a detached JWS over its bytes in the metadata dancu-request-signature",
        "hãy ký yêu cầu: chữ ký JWS tách rời trên dữ liệu gửi, trong metadata "
        "dancu-request-signature",
    )


def _invalid() -> Unauthenticated:
    return Unauthenticated(
        "REQUEST_SIGNATURE_INVALID",
        "the request signature must be one detached JWS, header..signature, by a registered key of "
        "the caller over these very bytes; alg Ed25519, EdDSA or ES256, typ dancu-request+jws, "
        "kid if you like, and nothing else",
        "chữ ký yêu cầu phải là một JWS tách rời, header..signature, do khóa đã đăng ký của hệ "
        "thống gọi ký trên đúng dữ liệu này; alg là Ed25519, EdDSA hoặc ES256, typ là "
        "dancu-request+jws, có thể có kid, ngoài ra không gì khác",
    )
