"""What a reconciliation hands over, chunk by chunk: nothing but what was signed.

Items are opened all at once, in tight loops: there are a thousand to a signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from google.protobuf.message import DecodeError

from clients.receipts import Refusal, open_record
from clients.sdk.answers import Claimed, Evidence
from clients.sdk.errors import UntrustedAnswer
from clients.sdk.requests import date_text
from clients.sdk.vocabulary import Agreement, RecordFlag, RecordVerdict
from dancu.v1 import reconciliation_pb2, statement_pb2, sync_service_pb2

_ITEM_PREFIX = b"dancu.item.v1\n"
_ITEM_TYPE = "type.googleapis.com/dancu.v1.ReconciledRecord"
_SEED_BYTES = 32
_BLOCK_BYTES = 64  # of SHA-256, for HMAC
_VERDICTS = range(
    reconciliation_pb2.RECORD_VERDICT_MATCHED, reconciliation_pb2.RECORD_VERDICT_INVALID + 1
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a session stands on the gateway.

    Attributes:
        next_chunk_number: The first chunk that has no answer yet.
        record_count: Records answered so far.
        max_chunks_in_flight: So many chunks may wait for their answers.
        closed: Answers may be fetched, but no new chunk is taken.
        first_kept_chunk_number: The first chunk whose answer is still kept.
    """

    next_chunk_number: int
    record_count: int
    max_chunks_in_flight: int
    closed: bool
    first_kept_chunk_number: int

    @classmethod
    def of(cls, message: sync_service_pb2.ReconciliationStanding) -> Standing:
        """Read the contract's message."""
        return cls(
            message.next_chunk_number,
            message.record_count,
            message.max_chunks_in_flight,
            message.closed,
            message.first_kept_chunk_number,
        )


@dataclass(frozen=True, slots=True)
class Parked:
    """The session waits for quota, and goes on by itself at ``resumes_at`` (UTC)."""

    chunk_number: int
    resumes_at: datetime
    reason: str

    @classmethod
    def of(cls, message: sync_service_pb2.ReconciliationParked) -> Parked:
        """Read the contract's message."""
        moment = message.resumes_at.ToDatetime(tzinfo=UTC)
        return cls(message.chunk_number, moment, message.reason)


@dataclass(frozen=True, slots=True)
class Closed:
    """The session is closed; its answers may be fetched until ``kept_until`` (UTC)."""

    chunk_count: int
    record_count: int
    kept_until: datetime

    @classmethod
    def of(cls, message: sync_service_pb2.ReconciliationClosed) -> Closed:
        """Read the contract's message."""
        moment = message.kept_until.ToDatetime(tzinfo=UTC)
        return cls(message.chunk_count, message.record_count, moment)


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """How one compared field agrees; ``register_value`` only where it differs."""

    field: str
    agreement: Agreement
    register_value: str


@dataclass(frozen=True, slots=True)
class RecordViolation:
    """Why a record cannot be asked: a field, the rule it breaks, and what to do."""

    field: str
    rule: str
    description: str


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """What became of one record.

    Attributes:
        row_key: As sent.
        verdict: What became of it.
        flags: What else to know, in ascending order.
        claim: As it was asked, after repair; None when INVALID.
        fields: Each field that was given besides the claim, if that agreed.
        current_personal_id: The number that followed a superseded one; else empty.
        death_date: YYYY-MM-DD as far as known; empty unless dead, and granted.
        violations: Only when INVALID.
    """

    row_key: str
    verdict: RecordVerdict
    flags: tuple[RecordFlag, ...]
    claim: Claimed | None
    fields: tuple[FieldAgreement, ...]
    current_personal_id: str
    death_date: str
    violations: tuple[RecordViolation, ...]

    @classmethod
    def of(cls, message: reconciliation_pb2.ReconciledRecord) -> RecordAnswer:
        """Read the contract's message."""
        return cls(
            message.row_key,
            RecordVerdict(message.verdict),
            tuple(RecordFlag(each) for each in message.flags),
            Claimed.of(message.claim) if message.HasField("claim") else None,
            tuple(
                FieldAgreement(each.field, Agreement(each.agreement), each.register_value)
                for each in message.fields
            ),
            message.current_personal_id,
            date_text(message.death_date),
            tuple(
                RecordViolation(each.field, each.rule, each.description)
                for each in message.violations
            ),
        )


@dataclass(frozen=True)
class ChunkResult:
    """The answer to one chunk: one statement, and the records it commits to.

    Attributes:
        chunk_number: From 0.
        messages: ReconciledRecord each, in order, checked against the signed digests.
        values: Their bytes, which the digests are over.
        evidence: Of the statement. Its receipt alone says nothing of anybody.
        digest: What the next chunk's statement repeats, 32 bytes; give it to ``run`` to go on
            after this chunk in another process.
        response: The bytes of the whole ReconciledChunkResult.
    """

    chunk_number: int
    messages: Sequence[reconciliation_pb2.ReconciledRecord]
    values: Sequence[bytes]
    evidence: Evidence
    digest: bytes
    response: bytes

    @cached_property
    def records(self) -> tuple[RecordAnswer, ...]:
        """The same in the SDK's words."""
        return tuple(RecordAnswer.of(each) for each in self.messages)

    def receipt_of(self, index: int) -> bytes:
        """What belongs into one person's dossier: that record alone, with the proof of it."""
        return open_record(self.response, index)


def open_records(
    result: sync_service_pb2.ReconciledChunkResult,
    statement: statement_pb2.ReconciledChunk,
    row_keys: Sequence[str],
) -> tuple[list[reconciliation_pb2.ReconciledRecord], list[bytes]]:
    """Open the records of a chunk whose statement has been verified.

    Returns:
        The records, and the bytes of each.

    Raises:
        UntrustedAnswer: A record is missing, is not the one that was signed, or stands at the
            place of another.
    """
    complaint = ""
    values = [item.value for item in result.items if item.type_url == _ITEM_TYPE]
    if not len(values) == len(result.items) == len(row_keys):
        complaint = "not as many records as were sent"
    elif len(result.item_seed) != _SEED_BYTES:
        complaint = "an item seed has 32 bytes"
    elif _digests(result.item_seed, values) != list(statement.item_digests):
        complaint = "a record is not the one that was signed"
    records = [] if complaint else _parse(values)
    complaint = complaint or _complaint_about(records, row_keys)
    if complaint:
        receipt = result.signed.SerializeToString(deterministic=True)
        raise UntrustedAnswer(Refusal.CONTEXT_MISMATCH, complaint, receipt)
    return records, values


def _parse(values: Sequence[bytes]) -> list[reconciliation_pb2.ReconciledRecord]:
    parse = reconciliation_pb2.ReconciledRecord.FromString
    try:
        return [parse(value) for value in values]
    except DecodeError:
        return []


def _complaint_about(
    records: Sequence[reconciliation_pb2.ReconciledRecord], row_keys: Sequence[str]
) -> str:
    """Why these are not the answers to the records sent; empty when they are."""
    if len(records) != len(row_keys):
        return "a record does not parse"
    for index, (record, row_key) in enumerate(zip(records, row_keys, strict=True)):
        if record.index != index or record.row_key != row_key:
            return f"record {index} stands at the place of another"
        if record.verdict not in _VERDICTS:
            return f"record {index} has no known verdict"
    return ""


def _digests(seed: bytes, values: Sequence[bytes]) -> list[bytes]:
    """item_digest of each value; its salt is HMAC-SHA-256(seed, index), written out.

    hmac.digest sets up its two keyed states for every call: twice the time of all the rest.
    """
    block = seed.ljust(_BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
    sha256, digests = hashlib.sha256, []
    for index, value in enumerate(values):
        within, salt = inner.copy(), outer.copy()
        within.update(index.to_bytes(4, "big"))
        salt.update(within.digest())
        digests.append(sha256(_ITEM_PREFIX + salt.digest() + value).digest())
    return digests
