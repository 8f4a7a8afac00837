"""Inclusion: the walk of RFC 9162 against the definition of the tree."""

from __future__ import annotations

from clients.receipts.tlog import Checkpoint, InclusionProof, is_included
from tests.vectors import signer as s

LEAVES = [s.leaf_hash(b"leaf %d" % number) for number in range(40)]


def _proof(index: int, size: int, path: list[bytes]) -> InclusionProof:
    checkpoint = Checkpoint("log", size, s.tree_root(LEAVES[:size]), b"", ())
    return InclusionProof(index, tuple(path), checkpoint)


def test_every_leaf_of_every_small_tree_is_included() -> None:
    """All trees of 1 to 40 leaves."""
    for size in range(1, 41):
        for index in range(size):
            path = s.tree_path(index, LEAVES[:size])
            assert is_included(LEAVES[index], _proof(index, size, path))


def test_no_leaf_is_included_at_another_index() -> None:
    """The path of one leaf proves no other position, nor another leaf at its own."""
    for size in range(2, 18):
        for index in range(size):
            path = s.tree_path(index, LEAVES[:size])
            for other in set(range(size + 3)) - {index}:
                assert not is_included(LEAVES[index], _proof(other, size, path))
                assert not is_included(LEAVES[other], _proof(index, size, path))


def test_a_path_of_another_length_is_refused() -> None:
    """One hash more or less, at either end."""
    for size in range(2, 18):
        for index in range(size):
            path = s.tree_path(index, LEAVES[:size])
            for changed in (path[1:], path[:-1], [*path, LEAVES[0]], [LEAVES[0], *path]):
                assert not is_included(LEAVES[index], _proof(index, size, changed))
