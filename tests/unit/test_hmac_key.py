"""HMAC with a prepared key: the standard library's, only sooner."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.hmac_key import HmacKey


@given(st.binary(max_size=64), st.binary(max_size=200))
def test_it_is_the_standard_librarys(key: bytes, message: bytes) -> None:
    """For every key that fits into a block, and every message."""
    assert HmacKey(key).digest(message) == hmac.digest(key, message, "sha256")


@given(st.binary(max_size=64), st.lists(st.binary(max_size=80), max_size=4))
def test_many_at_once_are_what_each_is_alone(key: bytes, messages: list[bytes]) -> None:
    """In order, and none leaves anything behind for the next."""
    prepared = HmacKey(key)
    assert prepared.digests(messages) == [prepared.digest(one) for one in messages]


def test_a_key_may_be_used_again() -> None:
    """One message leaves nothing behind for the next."""
    key = HmacKey(b"k" * 32)
    assert key.digest(b"one") != key.digest(b"two")
    assert key.digest(b"one") == hmac.digest(b"k" * 32, b"one", "sha256")


def test_a_key_longer_than_a_block_is_refused() -> None:
    """It would have to be hashed first, and no key here is."""
    with pytest.raises(ValueError, match="more than one block"):
        HmacKey(bytes(65))
