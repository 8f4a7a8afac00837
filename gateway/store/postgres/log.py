"""The log inside a transaction: head, leaves and tiles of the schema ``gateway``.

Plain coroutines over a connection; ``records.py`` decides when they run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import asyncpg

from gateway.core.errors import OutOfRange
from gateway.core.ledger import (
    EMPTY_ROOT,
    HASH_SIZE,
    TILE_HEIGHT,
    TILE_WIDTH,
    Growth,
    Nodes,
    Tree,
    grow,
    inclusion_path,
    leaf_data,
    leaf_hash,
    range_root,
    root_of,
    tlog_proof,
)
from gateway.flows.ports import Certify
from gateway.store.log import ENTRY_SIZE, LogConflict, Packed
from gateway.store.postgres.database import Columns, Db, one_row

TileId = tuple[int, int]
"""Level and number."""

_T = TypeVar("_T")

# one statement: what depends on the head's having been where it was, and the head
_APPEND = """
WITH moved AS (
  UPDATE gateway.head SET size = $3, root = $4, peaks = $5, checkpoint = $6,
    revision = greatest(revision, $7)
  WHERE size = $1 AND root = $2 RETURNING 1
), appended AS (
  INSERT INTO gateway.window SELECT $1, $8, $9 FROM moved
), tiled AS (
  INSERT INTO gateway.tile SELECT one.* FROM moved,
    unnest($10::smallint[], $11::bigint[], $12::bytea[], $13::bytea[]) AS one
), charged AS (
  INSERT INTO gateway.usage AS stored SELECT one.* FROM moved,
    unnest($14::text[], $15::text[], $16::text[], $17::text[],
      $18::bigint[], $19::bigint[], $20::bigint[]) AS one
  ON CONFLICT (day, caller, procedure, rpc) DO UPDATE SET
    answers = stored.answers + excluded.answers, records = stored.records + excluded.records,
    verified = stored.verified + excluded.verified
)
SELECT count(*) FROM moved
"""


async def lock_head(db: Db) -> Tree:
    """The tree; whoever else wants it waits until this transaction ends."""
    row = await one_row(db, "SELECT size, peaks FROM gateway.head FOR UPDATE")
    return _tree(row)


async def read_head(db: Db) -> tuple[Tree, str]:
    """The tree and its signed checkpoint."""
    row = await one_row(db, "SELECT size, peaks, checkpoint FROM gateway.head")
    return _tree(row), str(row["checkpoint"])


async def read_revision(db: Db) -> int:
    """The latest revision of the register that anything in the log was read at."""
    return int(await db.fetchval("SELECT revision FROM gateway.head"))


async def append(
    db: Db, tree: Tree, new: Packed, charges: Columns, certify: Certify
) -> tuple[Growth, str]:
    """Grow the log, whose head is locked; returns the growth and the new signed checkpoint.

    Raises:
        LogConflict: the head is not where it was.
    """
    growth = grow(tree, new.hashes)
    checkpoint = certify(growth.tree)
    tiles = await _new_tiles(db, tree.size, new.hashes)
    moved = await db.fetchval(
        _APPEND,
        tree.size,
        tree.root,
        growth.tree.size,
        growth.tree.root,
        b"".join(growth.tree.peaks),
        checkpoint,
        new.revision,
        new.leaves,
        new.accesses,
        [level for level, _ in tiles],
        [number for _, number in tiles],
        [root_of(one) for one in tiles.values()],
        [b"".join(one) for one in tiles.values()],
        *charges,
    )
    if moved != 1:  # the last fence
        raise LogConflict
    return growth, checkpoint


async def prove(db: Db, index: int) -> str:
    """The tlog-proof of a leaf under the latest checkpoint. Raises OutOfRange."""
    tree, checkpoint = await read_head(db)
    _check_range(index, index + 1, tree.size)
    path = await _over_nodes(db, lambda nodes: inclusion_path(nodes, index, tree.size))
    return tlog_proof(index, path, checkpoint)


async def root_at(db: Db, size: int) -> bytes:
    """The root that the log had with its first ``size`` leaves, at most those that it has."""
    if size == 0:
        return EMPTY_ROOT
    return await _over_nodes(db, lambda nodes: range_root(nodes, 0, size))


async def tile(db: Db, level: int, number: int, width: int) -> bytes:
    """The first ``width`` hashes of a tile. Raises OutOfRange."""
    leaves_under = TILE_WIDTH**level  # each hash
    start = number * TILE_WIDTH * leaves_under
    _check_range(start, start + width * leaves_under, (await read_head(db))[0].size)
    tiles = await _read_tiles(db, {(level, number)})
    return b"".join(tiles[level, number][:width])


async def leaves(db: Db, start: int, end: int) -> list[bytes]:
    """The data of the leaves [start, end). Raises OutOfRange."""
    _check_range(start, end, (await read_head(db))[0].size)
    return await stored_leaves(db, start, end)


async def stored_leaves(db: Db, start: int, end: int) -> list[bytes]:
    """Data of the leaves [start, end), as far as the log has them."""
    rows = await db.fetch(
        "SELECT first, leaves FROM gateway.window WHERE first < $1 AND first >= "
        "(SELECT first FROM gateway.window WHERE first <= $2 ORDER BY first DESC LIMIT 1) "
        "ORDER BY first",
        end,
        start,
    )
    found: list[bytes] = []
    for first, packed in rows:
        within = packed[max(0, start - first) * ENTRY_SIZE : (end - first) * ENTRY_SIZE]
        found += [
            leaf_data(within[at : at + HASH_SIZE], within[at + HASH_SIZE : at + ENTRY_SIZE])
            for at in range(0, len(within), ENTRY_SIZE)
        ]
    return found


def _tree(row: asyncpg.Record) -> Tree:
    return Tree(row["size"], tuple(_split(row["peaks"])))


def _check_range(start: int, end: int, size: int) -> None:
    """Raises OutOfRange unless the log has the leaves [start, end)."""
    if not 0 <= start < end <= size:
        raise OutOfRange(
            "LEAF_OUT_OF_RANGE",
            f"the log has {size} leaves, numbered from 0",
            f"nhật ký có {size} mục, đánh số từ 0",
        )


async def _new_tiles(
    db: Db, old_size: int, hashes: Sequence[bytes]
) -> dict[TileId, Sequence[bytes]]:
    """Every tile that becomes full, and those above that become full by it."""
    first = old_size // TILE_WIDTH
    end = (old_size + len(hashes)) // TILE_WIDTH
    if first == end:
        return {}
    start = first * TILE_WIDTH
    lying = await _leaf_hashes(db, start, old_size) if start < old_size else []
    level = [*lying, *hashes]
    made: dict[TileId, Sequence[bytes]] = {}
    for number in range(first, end):
        at = (number - first) * TILE_WIDTH
        made[0, number] = level[at : at + TILE_WIDTH]
        height, above = 0, number
        while (above + 1) % TILE_WIDTH == 0:
            above //= TILE_WIDTH
            height += 1
            roots = await _tile_roots(db, height - 1, above)
            roots += [root_of(made[one]) for one in sorted(made) if _is_under(one, height, above)]
            made[height, above] = roots
    return made


def _is_under(one: TileId, level: int, number: int) -> bool:
    return one[0] == level - 1 and one[1] // TILE_WIDTH == number


async def _over_nodes(db: Db, compute: Callable[[Nodes], _T]) -> _T:
    """Compute something over nodes of the tree: once to learn which, then with those."""
    needed: set[TileId] = set()

    def note(level: int, number: int) -> bytes:
        tile_id, _, _ = _place(level, number)
        needed.add(tile_id)
        return bytes(HASH_SIZE)

    def node(level: int, number: int) -> bytes:
        tile_id, offset, width = _place(level, number)
        return root_of(tiles[tile_id][offset : offset + width])

    compute(note)
    tiles = await _read_tiles(db, needed)
    return compute(node)


def _place(level: int, number: int) -> tuple[TileId, int, int]:
    """In which tile a node's hashes are, from where on, and how many."""
    inner = level % TILE_HEIGHT
    first = number << inner  # in hashes of the tile's own level
    return (level // TILE_HEIGHT, first // TILE_WIDTH), first % TILE_WIDTH, 1 << inner


async def _read_tiles(db: Db, wanted: Collection[TileId]) -> dict[TileId, list[bytes]]:
    """The hashes of tiles, full or not yet."""
    rows = await db.fetch(
        "SELECT level, number, hashes FROM gateway.tile JOIN "
        "unnest($1::smallint[], $2::bigint[]) AS wanted (level, number) USING (level, number)",
        [level for level, _ in wanted],
        [number for _, number in wanted],
    )
    found = {(level, number): _split(hashes) for level, number, hashes in rows}
    for level, number in set(wanted) - set(found):
        if level == 0:
            start = number * TILE_WIDTH
            found[level, number] = await _leaf_hashes(db, start, start + TILE_WIDTH)
        else:
            found[level, number] = await _tile_roots(db, level - 1, number)
    return found


async def _leaf_hashes(db: Db, start: int, end: int) -> list[bytes]:
    return [leaf_hash(data) for data in await stored_leaves(db, start, end)]


async def _tile_roots(db: Db, level: int, parent: int) -> list[bytes]:
    """Roots of the full tiles of a level that lie under one tile of the next."""
    rows = await db.fetch(
        "SELECT root FROM gateway.tile WHERE level = $1 AND number BETWEEN $2 AND $3 "
        "ORDER BY number",
        level,
        parent * TILE_WIDTH,
        (parent + 1) * TILE_WIDTH - 1,
    )
    return [root for (root,) in rows]


def _split(blob: bytes) -> list[bytes]:
    return [blob[at : at + HASH_SIZE] for at in range(0, len(blob), HASH_SIZE)]
