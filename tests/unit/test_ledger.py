"""The log's tree, its checkpoints and its proofs, against the standards written down once more."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.ledger import (
    EMPTY_ROOT,
    NO_ACCESS,
    Growth,
    Tree,
    checkpoint_text,
    grow,
    inclusion_path,
    leaf_data,
    leaf_hash,
    range_root,
    root_of,
    tlog_proof,
)
from tests.support import merkle
from tests.support.scene import CHECKPOINT_KEY, ORIGIN

# the test vectors of Certificate Transparency's reference implementation
CT_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_PATH_5_OF_8 = [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]

growth_patterns = st.lists(st.integers(1, 15), min_size=1, max_size=5)


def leaves_up_to(count: int) -> list[bytes]:
    """The data of so many different leaves."""
    return [b"leaf %d" % number for number in range(count)]


def grown(data: list[bytes], pattern: list[int]) -> list[Growth]:
    """A tree grown by so many leaves at a time."""
    growths, tree = [], Tree()
    for count in pattern:
        new = [leaf_hash(one) for one in data[tree.size : tree.size + count]]
        growths.append(grow(tree, new))
        tree = growths[-1].tree
    return growths


def test_the_roots_are_those_of_certificate_transparency() -> None:
    """The published roots of 0 to 8 leaves, by both ways of computing them."""
    hashes = [leaf_hash(leaf) for leaf in CT_LEAVES]
    for size, expected in enumerate(CT_ROOTS):
        assert root_of(hashes[:size]).hex() == expected
        assert merkle.tree_hash(CT_LEAVES[:size]).hex() == expected
        tree = grow(Tree(), hashes[:size]).tree if size else Tree()
        assert tree.root.hex() == expected


def test_a_path_is_that_of_certificate_transparency() -> None:
    """The published path of leaf 5 in the tree of 8."""
    growth = grow(Tree(), [leaf_hash(leaf) for leaf in CT_LEAVES])
    assert [node.hex() for node in growth.paths[5]] == CT_PATH_5_OF_8


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    """RFC 6962: MTH of no leaves is SHA-256 of the empty string."""
    assert Tree().root == root_of([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()


@given(growth_patterns)
def test_growth_is_the_same_however_it_comes(pattern: list[int]) -> None:
    """Windows of any sizes lead to the tree over all leaves, and every new leaf has its path."""
    data = leaves_up_to(sum(pattern))
    size = 0
    for count, growth in zip(pattern, grown(data, pattern), strict=True):
        first, size = size, size + count
        assert growth.tree.size == size
        assert growth.tree.root == merkle.tree_hash(data[:size])
        assert [list(path) for path in growth.paths] == [
            merkle.audit_path(index, data[:size]) for index in range(first, size)
        ]


@given(growth_patterns)
def test_peaks_are_the_complete_subtrees_of_the_size(pattern: list[int]) -> None:
    """One peak for each binary one of the size, largest first."""
    data = leaves_up_to(sum(pattern))
    for growth in grown(data, pattern):
        start, expected = 0, []
        for bit in reversed(range(growth.tree.size.bit_length())):
            if growth.tree.size >> bit & 1:
                expected.append(merkle.tree_hash(data[start : start + (1 << bit)]))
                start += 1 << bit
        assert growth.tree.peaks == tuple(expected)


@given(st.integers(1, 150), st.data())
def test_old_leaves_are_proven_from_complete_subtrees(size: int, choice: st.DataObject) -> None:
    """Any leaf of any tree is proven by nodes that never change again."""
    data = leaves_up_to(size)
    index = choice.draw(st.integers(0, size - 1))

    def complete(level: int, number: int) -> bytes:
        start, end = number << level, (number + 1) << level
        assert end <= size, "asked for a subtree that is not complete"
        return merkle.tree_hash(data[start:end])

    assert list(inclusion_path(complete, index, size)) == merkle.audit_path(index, data)
    assert range_root(complete, 0, size) == merkle.tree_hash(data)


@given(st.integers(2, 90), st.data())
def test_a_path_proves_nothing_else(size: int, choice: st.DataObject) -> None:
    """The path of one leaf does not lead another leaf, or another place, to the root."""
    data = leaves_up_to(size)
    index, other = choice.draw(
        st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(
            lambda pair: pair[0] != pair[1]
        )
    )
    growth = grow(Tree(), [leaf_hash(one) for one in data])
    path = growth.paths[index]
    right = merkle.root_by_path(leaf_hash(data[index]), index, size, path)
    assert right == growth.tree.root
    assert merkle.root_by_path(leaf_hash(data[other]), index, size, path) != growth.tree.root
    assert merkle.root_by_path(leaf_hash(data[index]), other, size, path) != growth.tree.root


def test_leaves_and_nodes_cannot_be_taken_for_each_other() -> None:
    """A leaf whose data are two hashes is not the node above them."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != root_of([left, right])


def test_leaf_data_commit_to_the_statement_and_to_its_access_rows() -> None:
    """The exact bytes that verifiers recompute."""
    digest, root = b"d" * 32, b"r" * 32
    assert leaf_data(digest, root) == b"dancu.leaf.v1\n" + b"d" * 32 + b"r" * 32
    assert bytes(32) == NO_ACCESS


def test_a_checkpoint_is_three_lines() -> None:
    """Origin, size and root, as C2SP tlog-checkpoint has them."""
    text = checkpoint_text("example.com/log", Tree())
    assert text == "example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100])
def test_a_proof_reads_by_its_grammar(size: int) -> None:
    """The text of a tlog-proof, read back by a grammar written from the standard."""
    data = leaves_up_to(size)
    growth = grow(Tree(), [leaf_hash(one) for one in data])
    text = checkpoint_text(ORIGIN, growth.tree)
    note = f"{text}\n{CHECKPOINT_KEY.sign_note(ORIGIN, text)}"
    for index, path in enumerate(growth.paths):
        proof = merkle.read_proof(tlog_proof(index, path, note))
        assert (proof.index, proof.size, proof.root) == (index, size, growth.tree.root)
        assert proof.path == list(path)
        assert (proof.origin, proof.text) == (ORIGIN, text)
        assert merkle.proves(tlog_proof(index, path, note), data[index])


def test_a_proof_is_these_exact_lines() -> None:
    """The whole text for a tree of two."""
    growth = grow(Tree(), [leaf_hash(b"a"), leaf_hash(b"b")])
    assert tlog_proof(1, growth.paths[1], "CHECKPOINT") == (
        "c2sp.org/tlog-proof@v1\n"
        "index 1\n"
        "Aippeebat6pa5MPl5F9+l3ESp+Y1k4INvsHsc4ok+Tw=\n"
        "\n"
        "CHECKPOINT"
    )
