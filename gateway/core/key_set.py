"""The public keys into a message, by which others check what was signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dancu.v1 import statement_pb2
from gateway.core.disclosure import code
from gateway.core.signing import PublicKey, note_key_id
from gateway.core.statement import timestamp


def key_set(
    version: int,
    issuer: str,
    issued_at: datetime,
    expires_at: datetime,
    keys: Sequence[PublicKey],
) -> statement_pb2.KeySet:
    """The public keys, to be signed by a root key."""
    return statement_pb2.KeySet(
        version=version,
        issued_at=timestamp(issued_at),
        expires_at=timestamp(expires_at),
        issuer=issuer,
        keys=[_key(key) for key in keys],
    )


def _key(key: PublicKey) -> statement_pb2.Key:
    message = statement_pb2.Key(
        key_id=key.key_id,
        role=code(key.role),
        algorithm=code(key.algorithm),
        public_key=key.raw,
        not_before=timestamp(key.not_before) if key.not_before else None,
        not_after=timestamp(key.not_after) if key.not_after else None,
        revoked_at=timestamp(key.revoked_at) if key.revoked_at else None,
    )
    for name in key.note_names:
        message.note_keys.add(name=name, note_key_id=note_key_id(name, key.raw, key.note_kind))
    return message
