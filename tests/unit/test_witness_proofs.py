"""A witness's arithmetic against the definition of the tree and against the gateway's."""

from __future__ import annotations

import pytest

from clients.receipts.tlog import Checkpoint, InclusionProof, is_included
from clients.witness.findings import TilesInvalid
from clients.witness.proofs import (
    Range,
    complete_subtrees,
    grown_roots,
    growth_ranges,
    inclusion_ranges,
)
from clients.witness.tiles import Tiles, tile_path
from gateway.core import ledger
from tests.support import merkle
from tests.support.memory_log import MemoryLog

LEAVES = [b"leaf %d" % number for number in range(70)]
HASHES = [merkle.leaf_hash(data) for data in LEAVES]
BIG = 256 * 256 + 3 * 256 + 5  # a tile of level 1 is full, and one of level 2 is begun


@pytest.fixture(scope="module")
def big() -> MemoryLog:
    """A log with three levels of tiles."""
    log = MemoryLog()
    log.grow(BIG)
    return log


def _root(part: Range) -> bytes:
    return merkle.tree_hash(LEAVES[part.start : part.end])


def _node(level: int, number: int) -> bytes:
    return merkle.tree_hash(LEAVES[number << level : (number + 1) << level])


def test_inclusion_is_the_standards() -> None:
    """The siblings of every leaf in every small tree are those of RFC 6962, and the gateway's."""
    for size in range(1, 71):
        for index in range(size):
            path = [_root(part) for part in inclusion_ranges(index, size)]
            assert path == merkle.audit_path(index, LEAVES[:size])
            assert path == list(ledger.inclusion_path(_node, index, size))


def test_growth_leads_to_both_roots() -> None:
    """For every pair of small trees the hashes lead to the old root and to the new one."""
    for new in range(2, 71):
        for old in range(1, new):
            hashes = [_root(part) for part in growth_ranges(old, new)]
            assert len(hashes) <= 2 * new.bit_length()
            roots = merkle.tree_hash(LEAVES[:old]), merkle.tree_hash(LEAVES[:new])
            assert grown_roots(old, new, hashes) == roots


def test_growth_of_the_gateways_tree() -> None:
    """The trees that the gateway grows are consistent with each other."""
    trees = [ledger.Tree()]
    for size in range(1, 41):
        trees.append(ledger.grow(trees[-1], [HASHES[size - 1]]).tree)
    for new in range(2, 41):
        for old in range(1, new):
            hashes = [_root(part) for part in growth_ranges(old, new)]
            assert grown_roots(old, new, hashes) == (trees[old].root, trees[new].root)


def test_a_changed_hash_leads_elsewhere() -> None:
    """Each hash of a proof matters to the new root, and the first ones to the old."""
    for old, new in ((1, 2), (3, 7), (4, 7), (6, 8), (7, 8), (8, 9), (33, 70)):
        ranges = growth_ranges(old, new)
        hashes = [_root(part) for part in ranges]
        for at, part in enumerate(ranges):
            changed = [*hashes[:at], b"x" * 32, *hashes[at + 1 :]]
            old_root, new_root = grown_roots(old, new, changed)
            assert new_root != merkle.tree_hash(LEAVES[:new])
            assert (old_root != merkle.tree_hash(LEAVES[:old])) == (part.start < old)


def test_ranges_are_made_of_complete_subtrees() -> None:
    """Each range of a proof is covered once, by subtrees that stand in tiles."""
    for old, new in ((1, 2), (3, 7), (5, 70), (64, 70)):
        for part in growth_ranges(old, new):
            covered = [
                leaf
                for level, number in complete_subtrees(part)
                for leaf in range(number << level, (number + 1) << level)
            ]
            assert covered == list(range(part.start, part.end))


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "tile/3/000"),
        (67, "tile/3/067"),
        (999, "tile/3/999"),
        (1000, "tile/3/x001/000"),
        (1_234_067, "tile/3/x001/x234/067"),
        (1_000_000, "tile/3/x001/x000/000"),
    ],
)
def test_paths_of_tiles(number: int, path: str) -> None:
    """Numbers are written in groups of three digits, all but the last with an x."""
    assert tile_path(3, number) == path


@pytest.mark.parametrize("old", [1, 255, 256, 257, 65_535, 65_536, 65_537, BIG - 1])
def test_growth_out_of_tiles(big: MemoryLog, old: int) -> None:
    """Over three levels of tiles, with few fetches, each once."""
    big.fetched.clear()
    hashes = Tiles(big.fetch, BIG).roots(growth_ranges(old, BIG))
    roots = merkle.tree_hash(big.leaves[:old]), merkle.tree_hash(big.leaves)
    assert grown_roots(old, BIG, hashes) == roots
    assert len(set(big.fetched)) == len(big.fetched) <= 7


@pytest.mark.parametrize("index", [0, 255, 256, 65_535, 65_536, BIG - 1])
def test_inclusion_out_of_tiles(big: MemoryLog, index: int) -> None:
    """The verifier for receipts agrees with the path that was put together from tiles."""
    path = tuple(Tiles(big.fetch, BIG).roots(inclusion_ranges(index, BIG)))
    checkpoint = Checkpoint("log", BIG, merkle.tree_hash(big.leaves), b"", ())
    leaf = merkle.leaf_hash(big.leaves[index])
    assert is_included(leaf, InclusionProof(index, path, checkpoint))


def test_a_partial_tile_that_became_full_is_cut_out_of_it() -> None:
    """A log need not keep partial tiles once there is the full one."""
    log = MemoryLog()
    log.grow(256)

    def only_full(path: str) -> bytes | None:
        return None if ".p/" in path else log.fetch(path)

    (root,) = Tiles(only_full, 10).roots([Range(0, 10)])
    assert root == merkle.tree_hash(log.leaves[:10])


@pytest.mark.parametrize("content", [None, b"", b"x" * 31, b"x" * 33, b"x" * 32 * 256])
def test_a_tile_of_another_size_is_refused(content: bytes | None) -> None:
    """Missing, cut off, or too long."""
    with pytest.raises(TilesInvalid):
        Tiles(lambda path: content if ".p/" in path else None, 1).roots([Range(0, 1)])
