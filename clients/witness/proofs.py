"""Which parts of a tree prove what (RFC 9162 §2.1.3 and §2.1.4), as ranges of leaves.

A range [start, end) stands for the root over those leaves. Nothing here reads a log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from clients.receipts.tlog import node_hash


class Range(NamedTuple):
    """The leaves from ``start`` up to, and without, ``end``."""

    start: int
    end: int


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The siblings of a leaf on its way to the root, from the leaf upwards."""
    siblings = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_part(end - start)
        if index < middle:
            siblings.append(Range(middle, end))
            end = middle
        else:
            siblings.append(Range(start, middle))
            start = middle
    return siblings[::-1]


def growth_ranges(old: int, new: int) -> list[Range]:
    """What proves that the tree of ``new`` leaves begins with the first ``old``, 0 < old < new.

    The standard's proof, with one difference: its first hash, which the standard leaves out
    where it is the old root itself, always stands here. So hashes that lead to the new root
    show which old root it is that the new tree has.
    """
    parts = []
    start, end = 0, new
    while old < end:
        middle = start + _left_part(end - start)
        if old <= middle:
            parts.append(Range(middle, end))
            end = middle
        else:
            parts.append(Range(start, middle))
            start = middle
    return [Range(start, end), *parts[::-1]]


def grown_roots(old: int, new: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root that the hashes of `growth_ranges` lead to (RFC 9162 §2.1.4.2).

    ``fn`` and ``sn`` are the standard's names: the last leaf's position in the old and in the
    new tree, on the level that the walk has reached.
    """
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old_root = new_root = hashes[0]
    for part in hashes[1:]:
        if fn & 1 or fn == sn:
            old_root, new_root = node_hash(part, old_root), node_hash(part, new_root)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            new_root = node_hash(new_root, part)
        fn, sn = fn >> 1, sn >> 1
    return old_root, new_root


def complete_subtrees(part: Range) -> list[tuple[int, int]]:
    """(level, number) of the complete subtrees that make up a range, left to right.

    ``start`` must be aligned to a subtree of the range's size, as in the ranges above.
    """
    found = []
    start, end = part
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def _left_part(size: int) -> int:
    """The largest power of two below a size of at least 2: how many leaves the left child has."""
    return 1 << (size - 1).bit_length() - 1
