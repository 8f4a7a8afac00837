"""Answers that are kept with their entries: the same request gets the same bytes.

Plain functions over an open sqlite3 connection; ``sqlite.py`` decides when they run.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence

from gateway.core.ledger import tlog_proof
from gateway.core.signing import pre_authentication_encoding
from gateway.core.statement import Statement
from gateway.flows.ports import AlreadyKept, Committed, Entry, Kept, KeptKey
from gateway.store import session_rows

_EXISTS = "SELECT 1 FROM kept WHERE caller = ? AND rpc = ? AND request = ? AND number = ?"
_FIND = """
SELECT fingerprint, type_url, value, signatures, proof, access_root, beside
FROM kept WHERE caller = ? AND rpc = ? AND request = ? AND number = ?
"""


def check_new(db: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Raises AlreadyKept when an answer to one of these requests is kept already.

    Or when it cannot be the next one of its session, because another one was.
    """
    known = frozenset(
        position
        for position, entry in enumerate(entries)
        if entry.keep is not None and db.execute(_EXISTS, entry.keep.key).fetchone()
    )
    known |= session_rows.misplaced(db, entries)
    if known:
        raise AlreadyKept(known)


def keep(db: sqlite3.Connection, entries: Sequence[Entry], committed: Committed) -> None:
    """Keep the answers that are to be kept, with their proofs."""
    for position, entry in enumerate(entries):
        if entry.keep is None:
            continue
        key, fingerprint, statement, beside, _ = entry.keep
        signatures = [(key_id, signature.hex()) for key_id, signature in statement.signatures]
        proof = tlog_proof(
            committed.first_index + position, committed.paths[position], committed.checkpoint
        )
        db.execute(
            "INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *key,
                fingerprint,
                statement.type_url,
                statement.value,
                json.dumps(signatures),
                proof,
                entry.access_root,
                beside,
            ),
        )


def find(db: sqlite3.Connection, key: KeptKey) -> Kept | None:
    """The answer that was kept for a request, or None."""
    row = db.execute(_FIND, key).fetchone()
    if row is None:
        return None
    fingerprint, type_url, value, signatures, proof, access_root, beside = row
    statement = Statement(
        type_url,
        value,
        tuple((key_id, bytes.fromhex(text)) for key_id, text in json.loads(signatures)),
        hashlib.sha256(pre_authentication_encoding(type_url, value)).digest(),
    )
    return Kept(fingerprint, statement, proof, access_root, beside)
