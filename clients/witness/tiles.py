"""Hashes out of a log's tiles (C2SP tlog-tiles).

What comes out is what the log says. It means something only once it leads to a signed root.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clients.receipts.tlog import HASH_BYTES, node_hash
from clients.witness.findings import TilesInvalid
from clients.witness.proofs import Range, complete_subtrees

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT

Fetch = Callable[[str], bytes | None]
"""The file at a path of the log, e.g. ``tile/0/000``; None where there is none."""


class Tiles:
    """The tiles of a log of so many leaves; each is fetched once."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._known: dict[tuple[int, int], list[bytes]] = {}

    def roots(self, ranges: Sequence[Range]) -> list[bytes]:
        """The root over each range. Raises TilesInvalid."""
        return [self._root(part) for part in ranges]

    def _root(self, part: Range) -> bytes:
        *left, root = [self._node(*place) for place in complete_subtrees(part)]
        for node in reversed(left):
            root = node_hash(node, root)
        return root

    def _node(self, level: int, number: int) -> bytes:
        """The root of a complete subtree of 2**level leaves."""
        inner = level % TILE_HEIGHT
        first = number << inner  # in hashes of the tile's own level
        hashes = self._tile(level // TILE_HEIGHT, first // TILE_WIDTH)
        nodes = hashes[first % TILE_WIDTH :][: 1 << inner]
        while len(nodes) > 1:
            nodes = [node_hash(*nodes[at : at + 2]) for at in range(0, len(nodes), 2)]
        return nodes[0]

    def _tile(self, level: int, number: int) -> list[bytes]:
        if (level, number) not in self._known:
            width = (self._size >> TILE_HEIGHT * level) - number * TILE_WIDTH
            self._known[level, number] = self._fetched(level, number, min(width, TILE_WIDTH))
        return self._known[level, number]

    def _fetched(self, level: int, number: int, width: int) -> list[bytes]:
        path = tile_path(level, number)
        # a log may drop partial tiles once the full one is there
        content = self._fetch(f"{path}.p/{width}") if width < TILE_WIDTH else None
        expected = width
        if content is None:
            content, expected = self._fetch(path), TILE_WIDTH
        if content is None or len(content) != expected * HASH_BYTES:
            raise TilesInvalid(f"{path} is missing or has another size")
        return [content[at : at + HASH_BYTES] for at in range(0, width * HASH_BYTES, HASH_BYTES)]


def tile_path(level: int, number: int) -> str:
    """The path of a full tile: its number in groups of three digits, all but the last with x."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:  # noqa: PLR2004 - as the line above
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    return f"tile/{level}/{'/'.join(reversed(groups))}"
