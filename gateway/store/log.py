"""The log inside a transaction: head, leaves and tiles of ``gateway.db``.

Plain functions over an open sqlite3 connection; ``sqlite.py`` decides when they run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from gateway.core.access import pack
from gateway.core.errors import OutOfRange
from gateway.core.ledger import (
    EMPTY_ROOT,
    HASH_SIZE,
    TILE_HEIGHT,
    TILE_WIDTH,
    Growth,
    Tree,
    grow,
    inclusion_path,
    leaf_data,
    leaf_hash,
    range_root,
    root_of,
    tlog_proof,
)
from gateway.flows.ports import Certify, Entry

ENTRY_SIZE = 2 * HASH_SIZE


class LogConflict(Exception):
    """The head moved although it was locked: another writer ignores the lock."""


def read_head(db: sqlite3.Connection) -> tuple[Tree, str]:
    """The tree and its signed checkpoint."""
    size, peaks, checkpoint = db.execute("SELECT size, peaks, checkpoint FROM head").fetchone()
    return Tree(size, tuple(_split(peaks))), checkpoint


def read_revision(db: sqlite3.Connection) -> int:
    """The latest revision of the register that anything in the log was read at."""
    (revision,) = db.execute("SELECT revision FROM head").fetchone()
    return int(revision)


def write_first_head(db: sqlite3.Connection, certify: Certify) -> None:
    """The head of a log without leaves."""
    tree = Tree()
    db.execute("INSERT INTO head VALUES (1, 0, ?, ?, ?, 0)", (tree.root, b"", certify(tree)))


class Packed(NamedTuple):
    """Entries as the log stores them."""

    hashes: Sequence[bytes]  # of their leaves
    leaves: bytes
    accesses: bytes
    revision: int  # the latest of the register that any of them was read at


def packed(entries: Sequence[Entry]) -> Packed:
    """All of entries that can be worked out before the log's head is known."""
    pairs = [(entry.statement_digest, entry.access_root) for entry in entries]
    return Packed(
        [leaf_hash(leaf_data(*pair)) for pair in pairs],
        b"".join(digest + root for digest, root in pairs),
        b"".join(pack(entry.call, entry.rows) for entry in entries),
        max(entry.call.register_revision for entry in entries),
    )


def append(db: sqlite3.Connection, new: Packed, certify: Certify) -> tuple[int, Growth, str]:
    """Grow the log; returns the first index, the growth and the new signed checkpoint."""
    tree, _ = read_head(db)
    growth = grow(tree, new.hashes)
    checkpoint = certify(growth.tree)
    db.execute("INSERT INTO window VALUES (?, ?, ?)", (tree.size, new.leaves, new.accesses))
    _fill_tiles(db, tree.size, growth.tree.size)
    _move_head(db, tree, growth.tree, checkpoint, new.revision)
    return tree.size, growth, checkpoint


def prove(db: sqlite3.Connection, index: int) -> str:
    """The tlog-proof of a leaf under the latest checkpoint. Raises OutOfRange."""
    tree, checkpoint = read_head(db)
    _check_range(index, index + 1, tree.size)
    path = inclusion_path(lambda level, number: node(db, level, number), index, tree.size)
    return tlog_proof(index, path, checkpoint)


def node(db: sqlite3.Connection, level: int, number: int) -> bytes:
    """The hash of a complete subtree of 2**level leaves, from tiles and the newest leaves."""
    inner = level % TILE_HEIGHT
    first = number << inner  # in hashes of the tile's own level
    hashes = _tile(db, level // TILE_HEIGHT, first // TILE_WIDTH)
    offset = first % TILE_WIDTH
    return root_of(hashes[offset : offset + (1 << inner)])


def root_at(db: sqlite3.Connection, size: int) -> bytes:
    """The root that the log had with its first ``size`` leaves, at most those that it has."""
    if size == 0:
        return EMPTY_ROOT
    return range_root(lambda level, number: node(db, level, number), 0, size)


def tile(db: sqlite3.Connection, level: int, number: int, width: int) -> bytes:
    """The first ``width`` hashes of a tile. Raises OutOfRange."""
    leaves = TILE_WIDTH**level  # under each hash
    start = number * TILE_WIDTH * leaves
    _check_range(start, start + width * leaves, read_head(db)[0].size)
    return b"".join(_tile(db, level, number)[:width])


def leaves(db: sqlite3.Connection, start: int, end: int) -> list[bytes]:
    """The data of the leaves [start, end). Raises OutOfRange."""
    _check_range(start, end, read_head(db)[0].size)
    return stored_leaves(db, start, end)


def leaf_hashes(db: sqlite3.Connection, start: int, end: int) -> list[bytes]:
    """Hashes of the leaves [start, end), as far as the log has them."""
    return [leaf_hash(data) for data in stored_leaves(db, start, end)]


def stored_leaves(db: sqlite3.Connection, start: int, end: int) -> list[bytes]:
    """Data of the leaves [start, end), as far as the log has them."""
    rows = db.execute(
        "SELECT first, leaves FROM window WHERE first < ? AND first >= "
        "(SELECT max(first) FROM window WHERE first <= ?) ORDER BY first",
        (end, start),
    )
    found: list[bytes] = []
    for first, entries in rows:
        for at in range(0, len(entries), ENTRY_SIZE):
            if start <= first + at // ENTRY_SIZE < end:
                digest, root = (
                    entries[at : at + HASH_SIZE],
                    entries[at + HASH_SIZE : at + ENTRY_SIZE],
                )
                found.append(leaf_data(digest, root))
    return found


def _check_range(start: int, end: int, size: int) -> None:
    """Raises OutOfRange unless the log has the leaves [start, end)."""
    if not 0 <= start < end <= size:
        raise OutOfRange(
            "LEAF_OUT_OF_RANGE",
            f"the log has {size} leaves, numbered from 0",
            f"nhật ký có {size} mục, đánh số từ 0",
        )


def _move_head(
    db: sqlite3.Connection, old: Tree, new: Tree, checkpoint: str, revision: int
) -> None:
    moved = db.execute(
        "UPDATE head SET size = ?, root = ?, peaks = ?, checkpoint = ?, "
        "revision = max(revision, ?) WHERE size = ? AND root = ?",
        (new.size, new.root, b"".join(new.peaks), checkpoint, revision, old.size, old.root),
    )
    if moved.rowcount != 1:  # the last fence
        raise LogConflict


def _fill_tiles(db: sqlite3.Connection, old_size: int, new_size: int) -> None:
    """Store every tile that became full, and those above that became full by it."""
    for number in range(old_size // TILE_WIDTH, new_size // TILE_WIDTH):
        start = number * TILE_WIDTH
        _store_tile(db, 0, number, leaf_hashes(db, start, start + TILE_WIDTH))
        level, above = 0, number
        while (above + 1) % TILE_WIDTH == 0:
            above //= TILE_WIDTH
            level += 1
            _store_tile(db, level, above, _tile_roots(db, level - 1, above))


def _store_tile(db: sqlite3.Connection, level: int, number: int, hashes: Sequence[bytes]) -> None:
    row = (level, number, root_of(hashes), b"".join(hashes))
    db.execute("INSERT INTO tile VALUES (?, ?, ?, ?)", row)


def _tile(db: sqlite3.Connection, level: int, number: int) -> list[bytes]:
    """The hashes of a tile, full or not yet."""
    full = db.execute(
        "SELECT hashes FROM tile WHERE level = ? AND number = ?", (level, number)
    ).fetchone()
    if full is not None:
        return _split(full[0])
    if level == 0:
        return leaf_hashes(db, number * TILE_WIDTH, (number + 1) * TILE_WIDTH)
    return _tile_roots(db, level - 1, number)


def _tile_roots(db: sqlite3.Connection, level: int, parent: int) -> list[bytes]:
    """Roots of the full tiles of a level that lie under one tile of the next."""
    rows = db.execute(
        "SELECT root FROM tile WHERE level = ? AND number BETWEEN ? AND ? ORDER BY number",
        (level, parent * TILE_WIDTH, (parent + 1) * TILE_WIDTH - 1),
    )
    return [row[0] for row in rows]


def _split(blob: bytes) -> list[bytes]:
    return [blob[at : at + HASH_SIZE] for at in range(0, len(blob), HASH_SIZE)]
