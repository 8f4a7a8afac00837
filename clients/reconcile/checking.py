"""A bundle checked offline: each statement, and that none is missing between the first and last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from clients import receipts
from clients.receipts import ChunkChain, Refusal, RefusedError, Result, Trust, TrustedKeySet
from dancu.v1 import statement_pb2


@dataclass(slots=True)
class BundleVerdict:
    """What a bundle is worth.

    Attributes:
        result: VALID when every statement is, and follows the one before.
        refusal: The first failure, or the first doubt.
        detail: What exactly was found.
        chunks: Statements that hold.
        records: Records that they are over.
        session_id: Of all of them; empty when there are none.
        audience: Whom they were stated to.
        first: When the first one was issued, UTC.
        last: When the last one was.
    """

    result: Result = Result.VALID
    refusal: Refusal | None = None
    detail: str = ""
    chunks: int = 0
    records: int = 0
    session_id: str = ""
    audience: str = ""
    first: datetime | None = None
    last: datetime | None = None


def check_bundle(
    statements: Iterable[bytes], key_set: TrustedKeySet, *, at: datetime, trust: Trust
) -> BundleVerdict:
    """Check statements in their order; the first that fails ends it.

    Args:
        statements: SignedStatement each, as bytes.
        key_set: What they are signed by.
        at: The moment of checking, with a time zone.
        trust: Whom to believe.
    """
    found, chain = BundleVerdict(), ChunkChain()
    for receipt in statements:
        try:
            _check(receipt, found, chain, key_set, at, trust)
        except RefusedError as error:
            found.result, found.refusal = Result.INVALID, error.refusal
            found.detail = f"statement {found.chunks}: {error.detail}"
            break
    return found


def _check(
    receipt: bytes,
    found: BundleVerdict,
    chain: ChunkChain,
    key_set: TrustedKeySet,
    at: datetime,
    trust: Trust,
) -> None:
    verdict = receipts.verify(receipt, key_set, at=at, trust=trust)
    statement = verdict.statement
    if verdict.refusal is not None and verdict.result is Result.INVALID:
        raise RefusedError(verdict.refusal, verdict.detail)
    if not isinstance(statement, statement_pb2.ReconciledChunk):
        raise RefusedError(Refusal.TYPE_NOT_ALLOWED, "not the statement of a chunk")
    chain.follow(receipt, statement)
    if verdict.result is Result.INDETERMINATE and found.result is Result.VALID:
        found.result, found.refusal = verdict.result, verdict.refusal
        found.detail = f"statement {found.chunks}: {verdict.detail}"
    found.chunks += 1
    found.records += len(statement.item_digests)
    found.session_id, found.audience = statement.session_id, statement.header.audience
    found.first = found.first or verdict.issued_at
    found.last = verdict.issued_at
