"""Which numbers a session has seen, at 8 bytes a number.

What is kept of a number is a hash keyed by the session's random salt: without the salt, which is
deleted when the session closes, nobody can find the number by trying. Two of ten million numbers
share a hash with a chance of one in 400,000.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator

_BITS = 12  # of a hash say in which part it lies: parts stay short, and inserting cheap
_SHIFT = 64 - _BITS


class Seen:
    """A set of numbers that only grows."""

    __slots__ = ("_fresh", "_hash", "_parts")

    def __init__(self, salt: bytes) -> None:
        self._hash = hashlib.blake2b(digest_size=8, key=salt)
        self._parts = [array("Q") for _ in range(1 << _BITS)]
        self._fresh = array("Q")

    def note(self, number: str) -> bool:
        """Take a number in; returns whether it came before."""
        keyed = self._hash.copy()
        keyed.update(number.encode())
        digest = int.from_bytes(keyed.digest(), "little")
        part = self._parts[digest >> _SHIFT]
        at = bisect_left(part, digest)
        if at < len(part) and part[at] == digest:
            return True
        part.insert(at, digest)
        self._fresh.append(digest)
        return False

    def take_fresh(self) -> bytes:
        """The hashes of the numbers that were new since this was asked last."""
        fresh, self._fresh = self._fresh, array("Q")
        return fresh.tobytes()

    def load(self, fresh: bytes) -> None:
        """Take in what ``take_fresh`` once gave; run through ``settle`` after the last."""
        digests = array("Q")
        digests.frombytes(fresh)
        for digest in digests:
            self._parts[digest >> _SHIFT].append(digest)

    def settle(self) -> Iterator[None]:
        """Make ready for ``note`` after loading, a little with each step."""
        for at, part in enumerate(self._parts):
            self._parts[at] = array("Q", sorted(part))
            yield
