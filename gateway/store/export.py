"""The log's leaves for others: what it commits to, and nobody's pseudonym."""

from __future__ import annotations

import base64
import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.core.ledger import HASH_SIZE, leaf_data, leaf_hash
from gateway.store.errors import StoreError
from gateway.store.log import ENTRY_SIZE


def exported_leaves(path: Path) -> Iterator[dict[str, int | str]]:
    """Every leaf in order: index, and in base64 statement hash, access root and leaf hash.

    The log may be in use meanwhile; the leaves are those of the moment of the first one.

    Raises:
        StoreError: the file cannot be read.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            yield from leaves_of(db.execute("SELECT first, leaves FROM window ORDER BY first"))
    except (sqlite3.Error, TypeError) as error:
        raise StoreError(f"{path} cannot be read: {error}; restore it from a backup") from error


def leaves_of(windows: Iterable[tuple[int, bytes]]) -> Iterator[dict[str, int | str]]:
    """Every leaf of some windows, which are given by first leaf and packed leaves."""
    for first, leaves in windows:
        for at in range(0, len(leaves), ENTRY_SIZE):
            yield _leaf(first + at // ENTRY_SIZE, leaves[at : at + ENTRY_SIZE])


def _leaf(index: int, entry: bytes) -> dict[str, int | str]:
    statement_hash, access_root = entry[:HASH_SIZE], entry[HASH_SIZE:]
    return {
        "index": index,
        "statement_hash": _base64(statement_hash),
        "access_root": _base64(access_root),
        "leaf_hash": _base64(leaf_hash(leaf_data(statement_hash, access_root))),
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
