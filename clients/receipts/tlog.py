"""Proofs of inclusion in a log: the text form (C2SP tlog-proof) and the hashing (RFC 9162)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from clients.receipts.note import (
    NoteSignature,
    decode_base64,
    decode_decimal,
    parse_signature_line,
)

HASH_BYTES = 32
MAX_PATH = 63
MAX_SIGNATURES = 16

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = "index "
_CHECKPOINT_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head, as it signs it.

    Attributes:
        origin: the name of the log.
        size: number of leaves.
        root: 32 bytes.
        text: the three lines with their newlines: what is signed.
        signatures: all signature lines, known and unknown, none of them checked.
    """

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That the leaf `index` stands under `checkpoint`; `path` goes from the leaf to the root."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint


def parse_proof(text: str) -> InclusionProof:
    """Read a tlog-proof without ``extra``; ValueError for any deviation from its grammar."""
    lines = _lines(text)
    if len(lines) < 2 or lines[0] != _HEADER or not lines[1].startswith(_INDEX):  # noqa: PLR2004 - the two lines looked at
        raise ValueError("not a tlog-proof@v1")
    index = decode_decimal(lines[1].removeprefix(_INDEX))
    if "" not in lines:
        raise ValueError("no blank line after the hashes")
    blank = lines.index("")
    if blank - 2 > MAX_PATH:
        raise ValueError(f"more than {MAX_PATH} hashes")
    path = tuple(_decode_hash(line) for line in lines[2:blank])
    return InclusionProof(index, path, _parse_checkpoint(lines[blank + 1 :]))


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a signed checkpoint (C2SP tlog-checkpoint); ValueError for any other form."""
    return _parse_checkpoint(_lines(text))


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf with these data (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_included(leaf: bytes, proof: InclusionProof) -> bool:
    """Whether the path leads from the leaf's hash to the checkpoint's root."""
    size, root = proof.checkpoint.size, proof.checkpoint.root
    return root_by_path(leaf, proof.index, size, proof.path) == root


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to; None where it has not the right length (RFC 9162 §2.1.3.2).

    ``fn`` and ``sn`` are the standard's names: the leaf's and the last leaf's position on
    the level that the walk has reached.
    """
    fn, sn = index, size - 1
    if fn > sn:
        return None
    node = leaf
    for sibling in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, sibling)
        fn, sn = fn >> 1, sn >> 1
    return node if sn == 0 else None


def _lines(text: str) -> list[str]:
    """The lines of a text that ends with a newline; no other control character may occur."""
    if any(c < " " and c != "\n" for c in text):
        raise ValueError("a control character")
    *lines, rest = text.split("\n")
    if rest:
        raise ValueError("the last line does not end")
    return lines


def _parse_checkpoint(lines: list[str]) -> Checkpoint:
    head, signatures = lines[:_CHECKPOINT_LINES], lines[_CHECKPOINT_LINES + 1 :]
    if lines[_CHECKPOINT_LINES : _CHECKPOINT_LINES + 1] != [""] or "" in head:
        raise ValueError("a checkpoint has three lines and a blank one")
    if not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise ValueError(f"a checkpoint has 1 to {MAX_SIGNATURES} signature lines")
    origin, size, root = head
    return Checkpoint(
        origin=origin,
        size=decode_decimal(size),
        root=_decode_hash(root),
        text=f"{origin}\n{size}\n{root}\n".encode(),
        signatures=tuple(parse_signature_line(line) for line in signatures),
    )


def _decode_hash(line: str) -> bytes:
    data = decode_base64(line)
    if len(data) != HASH_BYTES:
        raise ValueError("a hash has 32 bytes")
    return data
