"""The access log's rows: whom a call touched, so that a citizen can be told.

A row knows its person by a keyed pseudonym of the month. The statement's ledger leaf
commits to the root over its rows, so none can vanish or change unseen.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from gateway.core.ledger import NO_ACCESS, leaf_hash, root_of
from gateway.core.model import Access, AccessCall

PSEUDONYM_SIZE = 16  # bytes of the HMAC that are kept
_ROW = b"dancu.access.v1\n"


def month_of(at: datetime) -> str:
    """The pseudonym key's name: the month in UTC, ``YYYY-MM``."""
    return f"{at.year:04d}-{at.month:02d}"


def pseudonym(key: bytes, number: str) -> bytes:
    """How a person's number stands in the log (HMAC-SHA-256, 16 bytes)."""
    return hmac.digest(key, number.encode(), "sha256")[:PSEUDONYM_SIZE]


def call_digest(call: AccessCall) -> bytes:
    """What the rows of one call have in common, hashed: one line a field.

    No field can hold a line break: validation lets only printable characters through.
    """
    lines = (call.at.isoformat(), call.caller, call.rpc, *call.context, str(call.register_revision))
    return hashlib.sha256(_ROW + "\n".join(lines).encode()).digest()


def access_root(call: AccessCall, rows: Sequence[Access]) -> bytes:
    """RFC 6962 root over the rows; 32 zero bytes if nobody was touched."""
    if not rows:
        return NO_ACCESS
    common = call_digest(call)
    return root_of(
        [
            leaf_hash(common + row.subject + bytes((row.outcome,)) + row.fields.to_bytes(4, "big"))
            for row in rows
        ]
    )
