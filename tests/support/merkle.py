"""The log's arithmetic once more, written from the standards alone: slow, plain, recursive.

Nothing of the gateway is imported here, so that agreement means something.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_PROOF = re.compile(
    r"c2sp\.org/tlog-proof@v1\n"
    r"index (?P<index>0|[1-9][0-9]*)\n"
    r"(?P<path>(?:[A-Za-z0-9+/]{43}=\n){0,63})"
    r"\n"
    r"(?P<text>(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]*)\n(?P<root>[A-Za-z0-9+/]{43}=)\n)"
    r"\n"
    r"(?P<signatures>(?:— [^ \n]+ [A-Za-z0-9+/]+=*\n){1,16})"
)


@dataclass(frozen=True)
class Proof:
    """A tlog-proof, read by a grammar."""

    index: int
    path: list[bytes]
    origin: str
    size: int
    root: bytes
    text: str  # the checkpoint's three lines: what is signed
    signatures: str


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962 §2.1: the hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def tree_hash(data: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1: MTH(D[n])."""
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return leaf_hash(data[0])
    k = _split(len(data))
    return hashlib.sha256(b"\x01" + tree_hash(data[:k]) + tree_hash(data[k:])).digest()


def audit_path(m: int, data: Sequence[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.1: PATH(m, D[n])."""
    if len(data) == 1:
        return []
    k = _split(len(data))
    if m < k:
        return [*audit_path(m, data[:k]), tree_hash(data[k:])]
    return [*audit_path(m - k, data[k:]), tree_hash(data[:k])]


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """RFC 9162 §2.1.3.2: the root that a path leads to, or None where it cannot be one."""
    if index >= size:
        return None
    fn, sn, node = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        fn, sn = fn >> 1, sn >> 1
    return node if sn == 0 else None


def read_proof(text: str) -> Proof:
    """Read a tlog-proof@v1 without extra data; AssertionError where it is none."""
    found = _PROOF.fullmatch(text)
    assert found, f"not a tlog-proof: {text!r}"
    path = found["path"].splitlines()
    return Proof(
        int(found["index"]),
        [base64.b64decode(line) for line in path],
        found["origin"],
        int(found["size"]),
        base64.b64decode(found["root"]),
        found["text"],
        found["signatures"],
    )


def proves(text: str, data: bytes) -> bool:
    """Whether a tlog-proof leads from a leaf's data to its own checkpoint's root."""
    proof = read_proof(text)
    return root_by_path(leaf_hash(data), proof.index, proof.size, proof.path) == proof.root


def _split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k
