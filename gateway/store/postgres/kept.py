"""Answers that are kept with their entries: the same request gets the same bytes.

Plain coroutines over a connection; ``records.py`` decides when they run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import asyncpg

from gateway.core.ledger import tlog_proof
from gateway.core.signing import pre_authentication_encoding
from gateway.core.statement import Statement
from gateway.flows.ports import AlreadyKept, Committed, Entry, Kept, KeptKey, ToKeep
from gateway.store.postgres import session_rows
from gateway.store.postgres.database import Db

COLUMNS = "fingerprint, type_url, value, signatures, proof, access_root, beside"

_KNOWN = """
SELECT wanted.at FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[])
  AS wanted (at, caller, rpc, request, number)
JOIN gateway.kept USING (caller, rpc, request, number)
"""
_FIND = f"""
SELECT {COLUMNS} FROM gateway.kept
WHERE caller = $1 AND rpc = $2 AND request = $3 AND number = $4
"""  # noqa: S608 - constants
_KEEP = "INSERT INTO gateway.kept VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"


async def check_new(db: Db, entries: Sequence[Entry]) -> None:
    """Raises AlreadyKept when an answer to one of these requests is kept already.

    Or when it cannot be the next one of its session, because another one was. The log's head is
    locked, so that what is new stays new.
    """
    asked = [(at, *entry.keep.key) for at, entry in enumerate(entries) if entry.keep is not None]
    if not asked:
        return
    rows = await db.fetch(_KNOWN, *map(list, zip(*asked, strict=True)))
    known = frozenset(at for (at,) in rows) | await session_rows.misplaced(db, entries)
    if known:
        raise AlreadyKept(known)


async def keep(db: Db, entries: Sequence[Entry], committed: Committed) -> None:
    """Keep the answers that are to be kept, with their proofs."""
    rows = [
        _row(entry.keep, entry.access_root, _proof(committed, at))
        for at, entry in enumerate(entries)
        if entry.keep is not None
    ]
    if rows:
        await db.executemany(_KEEP, rows)


async def find(db: Db, key: KeptKey) -> Kept | None:
    """The answer that was kept for a request, or None."""
    row = await db.fetchrow(_FIND, *key)
    return None if row is None else answer_of(row)


def answer_of(row: asyncpg.Record) -> Kept:
    """The answer that stands in a row of COLUMNS."""
    fingerprint, type_url, value, signatures, proof, access_root, beside = row
    statement = Statement(
        type_url,
        value,
        tuple((key_id, bytes.fromhex(text)) for key_id, text in json.loads(signatures)),
        hashlib.sha256(pre_authentication_encoding(type_url, value)).digest(),
    )
    return Kept(fingerprint, statement, proof, access_root, beside)


def _proof(committed: Committed, at: int) -> str:
    return tlog_proof(committed.first_index + at, committed.paths[at], committed.checkpoint)


def _row(one: ToKeep, access_root: bytes, proof: str) -> tuple[object, ...]:
    statement = one.statement
    signatures = [(key_id, signature.hex()) for key_id, signature in statement.signatures]
    return (
        *one.key,
        one.fingerprint,
        statement.type_url,
        statement.value,
        json.dumps(signatures),
        proof,
        access_root,
        one.beside,
    )
