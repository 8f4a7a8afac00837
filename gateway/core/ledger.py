"""The log's arithmetic: an RFC 6962 tree that only grows, its checkpoints and proofs.

A tree of n leaves is known by its *peaks*: the roots of the complete subtrees that n's
binary digits name, largest first. Peaks and new leaves are enough to grow the tree and to
prove every new leaf; proofs of older leaves read nodes through a ``Nodes`` function.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
NO_ACCESS = bytes(HASH_SIZE)  # access root of a statement that touched nobody
LEAF_PREFIX = b"dancu.leaf.v1\n"
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT  # C2SP tlog-tiles

Nodes = Callable[[int, int], bytes]
"""(level, index) -> hash of a complete subtree of 2**level leaves."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree's size and peaks, largest subtree first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The Merkle tree hash (RFC 6962 §2.1)."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


@dataclass(frozen=True, slots=True)
class Growth:
    """A tree after new leaves, and for each of them the path to the new root."""

    tree: Tree
    paths: tuple[tuple[bytes, ...], ...]


def leaf_data(statement_hash: bytes, access_root: bytes) -> bytes:
    """What the log commits to for one statement (hash of its encoding, 32 bytes each)."""
    return LEAF_PREFIX + statement_hash + access_root


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962: a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962: an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; the empty tree's root for none."""
    if not hashes:
        return EMPTY_ROOT
    level, sha256 = list(hashes), hashlib.sha256
    while len(level) > 1:
        odd = level.pop() if len(level) & 1 else None
        pairs = zip(level[::2], level[1::2], strict=True)
        # node_hash written out: a bulk call has a thousand rows
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        if odd is not None:
            level.append(odd)
    return level[0]


def grow(tree: Tree, leaves: Sequence[bytes]) -> Growth:
    """Append leaf hashes (at least one)."""
    size = tree.size + len(leaves)
    levels = _levels(tree, leaves)
    ragged = _ragged_right_edge(levels, size)
    # from the level where all new leaves hang under one node, they share the way to the root
    shared = (tree.size ^ (size - 1)).bit_length()
    upper = _path(levels, ragged, tree.size, size, (shared, len(levels)))
    paths = tuple(
        _path(levels, ragged, index, size, (0, shared)) + upper for index in range(tree.size, size)
    )
    return Growth(Tree(size, _peaks(tree, levels, size)), paths)


def inclusion_path(nodes: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    """The path of any leaf to the root of the tree of ``size`` leaves."""
    path = []
    last = size - 1
    level = 0
    while last:
        sibling = index ^ 1
        if sibling < last:
            path.append(nodes(level, sibling))
        elif sibling == last:
            path.append(range_root(nodes, sibling << level, size))
        index >>= 1
        last >>= 1
        level += 1
    return tuple(path)


def range_root(nodes: Nodes, start: int, end: int) -> bytes:
    """The root over leaves [start, end), where start is aligned to a subtree of that size."""
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(nodes(level, start >> level))
        start += 1 << level
    root = parts.pop()
    while parts:
        root = node_hash(parts.pop(), root)
    return root


def checkpoint_text(origin: str, tree: Tree) -> str:
    """The signed part of a C2SP tlog-checkpoint: three lines."""
    return f"{origin}\n{tree.size}\n{base64.b64encode(tree.root).decode()}\n"


def tlog_proof(index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """A proof by c2sp.org/tlog-proof@v1, without extra data."""
    lines = "".join(map(_hash_line, path))
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n{checkpoint}"


@lru_cache(maxsize=4096)  # the upper nodes of a path are the same for many leaves
def _hash_line(node: bytes) -> str:
    return base64.b64encode(node).decode() + "\n"


@dataclass(slots=True)
class _Level:
    """Consecutive complete nodes of one level, from index ``start`` on."""

    start: int
    nodes: list[bytes]

    def at(self, index: int) -> bytes:
        return self.nodes[index - self.start]


def _levels(tree: Tree, leaves: Sequence[bytes]) -> list[_Level]:
    """Every node that the new leaves complete, and the peaks that they lean on."""
    peaks = list(tree.peaks)  # smallest last: the one of the lowest set bit
    levels = []
    old, new = tree.size, list(leaves)
    while True:
        start = old
        if old & 1:  # the peak of this level becomes the left sibling of the first new node
            start -= 1
            new.insert(0, peaks.pop())
        levels.append(_Level(start, new))
        if len(new) < 2 and not peaks:  # noqa: PLR2004 - a pair makes a parent
            return levels
        new = [node_hash(new[i], new[i + 1]) for i in range(0, len(new) - 1, 2)]
        old >>= 1


def _ragged_right_edge(levels: list[_Level], size: int) -> list[bytes]:
    """Per level, the hash of its last node, complete or not."""
    last = size - 1
    edge = [levels[0].at(last)]
    for level in levels:
        if last & 1:
            edge.append(node_hash(level.at(last - 1), edge[-1]))
        else:
            edge.append(edge[-1])
        last >>= 1
    return edge


def _path(
    levels: list[_Level], ragged: list[bytes], index: int, size: int, heights: tuple[int, int]
) -> tuple[bytes, ...]:
    """The part of a new leaf's path that lies between two heights."""
    low, high = heights
    path = []
    index >>= low
    last = (size - 1) >> low
    for height in range(low, min(high, len(levels))):
        sibling = index ^ 1
        if sibling < last:
            path.append(levels[height].at(sibling))
        elif sibling == last:
            path.append(ragged[height])
        index >>= 1
        last >>= 1
    return tuple(path)


def _peaks(tree: Tree, levels: list[_Level], size: int) -> tuple[bytes, ...]:
    """The peaks of the grown tree: new ones where the new leaves reach, else the old."""
    kept = dict(zip(_set_bits(tree.size), tree.peaks, strict=True))
    peaks = []
    for bit in _set_bits(size):
        index = (size >> bit) - 1
        level = levels[bit] if bit < len(levels) else None
        reached = level is not None and level.start <= index < level.start + len(level.nodes)
        peaks.append(level.at(index) if level is not None and reached else kept[bit])
    return tuple(peaks)


def _set_bits(number: int) -> list[int]:
    """Positions of the ones, highest first."""
    return [bit for bit in range(number.bit_length() - 1, -1, -1) if number >> bit & 1]
