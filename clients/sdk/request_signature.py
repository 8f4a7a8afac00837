"""A caller's signature over the bytes of a request, which the register keeps as evidence.

A detached JWS (RFC 7515, appendix F): header and signature, without the request between them.
"""

from __future__ import annotations

from clients.sdk.credentials import TokenSource

METADATA_KEY = "dancu-request-signature"
TYPE = "dancu-request+jws"


def sign_request(tokens: TokenSource, request: bytes) -> str:
    """Sign a request with the key that signs the caller's tokens.

    Args:
        tokens: who signs.
        request: the message's bytes, exactly as they are sent.

    Returns:
        ``header..signature``, for the metadata ``dancu-request-signature``.
    """
    header, _, signature = tokens.sign(TYPE, request).split(".")
    return f"{header}..{signature}"
