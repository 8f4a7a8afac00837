"""Entries for a record store, and what is needed to check what became of them."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.core.access import access_root
from gateway.core.ledger import Tree, checkpoint_text, leaf_data
from gateway.core.model import Access, AccessCall
from gateway.core.signing import note_is_signed, raw_public
from gateway.flows.ports import Authority, Committed, Entry
from gateway.store.audit import Report, audit
from tests.support import merkle
from tests.support.scene import (
    CHECKPOINT_KEY,
    CONTEXT,
    ISSUER,
    NOW,
    ORIGIN,
    REVISION,
    VERIFY_RPC,
)

COMMON = AccessCall(NOW, "plain", VERIFY_RPC, CONTEXT, REVISION)
LEAVES = "SELECT leaves FROM window ORDER BY first"
ANYBODY = Access(b"s" * 16, 1, 5)


def certify(tree: Tree) -> str:
    """A checkpoint signed by the log's key."""
    text = checkpoint_text(ORIGIN, tree)
    return f"{text}\n{CHECKPOINT_KEY.sign_note(ORIGIN, text)}"


def authorize(_at: datetime) -> Authority:
    """The keys of the tests, at every moment."""
    return Authority(ISSUER, certify)


def is_signed(note: str) -> bool:
    """Whether a checkpoint carries the log's signature."""
    text, _, line = note.partition("\n\n")
    return note_is_signed(text + "\n", line, ORIGIN, raw_public(CHECKPOINT_KEY.private))


def entry(number: int, rows: Sequence[Access] = (ANYBODY,), common: AccessCall = COMMON) -> Entry:
    """An entry like no other number's."""
    digest = hashlib.sha256(b"statement %d" % number).digest()
    return Entry(digest, access_root(common, rows), common, rows)


def entries(start: int, end: int) -> list[Entry]:
    """Entries numbered [start, end), each touching one person."""
    return [entry(number) for number in range(start, end)]


def by(caller: str) -> AccessCall:
    """The common part of another caller's call."""
    return COMMON._replace(caller=caller)


def data_of(one: Entry) -> bytes:
    """An entry's leaf data."""
    return leaf_data(one.statement_digest, one.access_root)


def check_committed(committed: Committed, sent: Sequence[Entry], *, every: int = 1) -> None:
    """Every n-th entry is proven, by its path, under a checkpoint that the log signed."""
    size, root = size_and_root(committed.checkpoint)
    assert is_signed(committed.checkpoint)
    assert committed.first_index + len(sent) == size
    assert len(committed.paths) == len(sent)
    for offset in range(0, len(sent), every):
        leaf = merkle.leaf_hash(data_of(sent[offset]))
        index = committed.first_index + offset
        assert merkle.root_by_path(leaf, index, size, committed.paths[offset]) == root


def size_and_root(checkpoint: str) -> tuple[int, bytes]:
    """The size and root that a checkpoint tells."""
    proof = merkle.read_proof(f"c2sp.org/tlog-proof@v1\nindex 0\n\n{checkpoint}")
    return proof.size, proof.root


def audited(
    path: Path, checkpoints: dict[int, bytes] | None = None, revision: int | None = REVISION
) -> Report:
    """What an audit of the store finds."""
    return audit(
        path,
        checkpoints=checkpoints or {},
        register_revision=revision,
        is_signed=is_signed,
        progress=lambda _done, _total: None,
    )


def names(report: Report) -> set[str]:
    """The names of what an audit found."""
    return {finding.invariant for finding in report.findings}


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Read, or change, a SQLite file behind everybody's back."""
    with closing(sqlite3.connect(path)) as db, db:
        return db.execute(sql).fetchall()


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of a SQLite file."""
    tables = query(path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return {str(name): query(path, f"SELECT * FROM {name}") for (name,) in tables}  # noqa: S608 - names of the schema
