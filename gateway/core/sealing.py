"""What is kept to be given out once more is sealed: only the same request opens it.

An answer to a chunk names people, and the gateway's records must not. So its key is made of the
request itself, which whoever wants the answer again has to send anyway; the records hold another
hash of it, from which the key does not follow.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_SIZE = 12
_KEY = b"dancu.kept.v1\n"


def seal(request: bytes, answer: bytes, nonce: bytes) -> bytes:
    """An answer that only this request opens. The nonce is random, of NONCE_SIZE bytes."""
    return nonce + _cipher(request).encrypt(nonce, answer, None)


def unseal(request: bytes, sealed: bytes) -> bytes:
    """What ``seal`` sealed.

    Raises:
        ValueError: it was sealed for another request, or is damaged.
    """
    try:
        return _cipher(request).decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], None)
    except InvalidTag as error:
        raise ValueError("sealed for another request, or damaged") from error


def _cipher(request: bytes) -> AESGCM:
    return AESGCM(hashlib.sha256(_KEY + request).digest())
