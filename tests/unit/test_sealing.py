"""What is kept to be given out once more is opened by the same request, and by nothing else."""

from __future__ import annotations

import pytest

from gateway.core.sealing import NONCE_SIZE, seal, unseal

REQUEST, ANSWER, NONCE = b"a chunk of records", b"what became of them" * 9, bytes(range(NONCE_SIZE))


def test_the_same_request_opens_it() -> None:
    """And the answer does not show through."""
    sealed = seal(REQUEST, ANSWER, NONCE)
    assert unseal(REQUEST, sealed) == ANSWER
    assert ANSWER[:8] not in sealed


@pytest.mark.parametrize("request_", [b"", b"a chunk of record", REQUEST + b"s"])
def test_another_request_does_not(request_: bytes) -> None:
    """Not even one that differs by a byte."""
    with pytest.raises(ValueError, match="another request"):
        unseal(request_, seal(REQUEST, ANSWER, NONCE))


def test_every_byte_counts() -> None:
    """Whatever is flipped, the answer is not given out."""
    sealed = seal(REQUEST, ANSWER, NONCE)
    for at in range(len(sealed)):
        flipped = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
        with pytest.raises(ValueError, match="damaged"):
            unseal(REQUEST, flipped)
