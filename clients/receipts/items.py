"""One item of a batch: cut it out of the batch's answer, and verify it on its own.

A batch statement commits to each item without showing any. An ItemReceipt is the batch
statement with one item and that item's salt: what belongs into one person's dossier, and
nothing of the other people of the batch. The records of a reconciled chunk are such items, too.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from google.protobuf.message import DecodeError

from clients.receipts.envelope import (
    TYPE_PREFIX,
    Payload,
    check_size,
    parse_envelope,
    parse_payload,
)
from clients.receipts.keyset import TrustedKeySet
from clients.receipts.refusal import Refusal, RefusedError
from clients.receipts.rollback import RollbackState
from clients.receipts.statement import (
    NO_EXPECTATIONS,
    Expectations,
    Statement,
    check_claim,
    check_outcome,
    check_type,
    parse_statement,
)
from clients.receipts.trust import Trust
from clients.receipts.verdict import Result, Verdict, invalid
from clients.receipts.verifier import verify, verify_offline
from clients.receipts.wire import Shape, malformed, read_message
from dancu.v1 import reconciliation_pb2, sync_service_pb2
from dancu.v1 import statement_pb2 as pb

Batch = pb.BatchIdentityVerification | pb.ReconciledChunk
Item = pb.ItemVerification | reconciliation_pb2.ReconciledRecord

ITEM_TYPE_URL = TYPE_PREFIX + "ItemVerification"
RECORD_TYPE_URL = TYPE_PREFIX + "ReconciledRecord"
SALT_BYTES = 32

_RESPONSE = Shape("BatchVerifyIdentitiesResponse", frozenset({1, 3}), repeated=frozenset({2}))
_RECEIPT = Shape("ItemReceipt", frozenset({1, 2, 3}))
_ITEM_PREFIX = b"dancu.item.v1\n"
_VERDICTS = frozenset(reconciliation_pb2.RecordVerdict.values()) - {
    reconciliation_pb2.RECORD_VERDICT_UNSPECIFIED
}


class ItemNotFoundError(LookupError):
    """The batch has no item at this position."""


@dataclass(frozen=True, slots=True)
class _Receipt:
    signed: bytes
    item: Payload
    salt: bytes


def open_item(batch_response_bytes: bytes, index: int) -> bytes:
    """Cut one item out of a BatchVerifyIdentitiesResponse.

    Args:
        batch_response_bytes: the whole response, as received or serialised again.
        index: position of the claim in the request, from 0.

    Returns:
        The bytes of an ItemReceipt. Its statement is the batch's, byte for byte.

    Raises:
        ItemNotFoundError: the batch has no such item.
        RefusedError: the response is malformed, or the statement does not commit to the item,
            so that the receipt would never verify. No signature is checked here.
    """
    fields = read_message(batch_response_bytes, _RESPONSE)
    return _cut(fields[1][0], fields.get(2, []), fields[3][0], index)


def open_record(result_bytes: bytes, index: int) -> bytes:
    """Cut one record out of a ReconciledChunkResult; as `open_item` does, and raises.

    Args:
        result_bytes: the answer to one chunk, serialised.
        index: position of the record in the chunk, from 0.
    """
    try:
        result = sync_service_pb2.ReconciledChunkResult.FromString(result_bytes)
    except DecodeError:
        raise malformed("no answer to a chunk") from None
    signed = result.signed.SerializeToString(deterministic=True)
    items = [item.SerializeToString(deterministic=True) for item in result.items]
    return _cut(signed, items, result.item_seed, index)


def is_item_receipt(data: bytes) -> bool:
    """Whether these bytes are built as an ItemReceipt, and so not as a SignedStatement."""
    try:
        parse_envelope(_parse_receipt(data).signed)
    except RefusedError:
        return False
    return True


def verify_item(
    receipt_bytes: bytes,
    key_set: TrustedKeySet,
    *,
    at: datetime,
    trust: Trust,
    expected: Expectations = NO_EXPECTATIONS,
) -> Verdict:
    """Verify an ItemReceipt: its batch statement as `verify` does, then that the item is in it.

    The claim of `expected` is compared with the item's. The verdict carries the item.
    """
    return _verify_item(
        receipt_bytes,
        expected,
        lambda signed, rest: verify(signed, key_set, at=at, trust=trust, expected=rest),
    )


def verify_item_offline(
    receipt_bytes: bytes,
    keyset_bytes: bytes,
    *,
    at: datetime,
    trust: Trust,
    expected: Expectations = NO_EXPECTATIONS,
    state: RollbackState | None = None,
) -> Verdict:
    """As `verify_item`, with a key set as it was received; see `verify_offline`."""
    return _verify_item(
        receipt_bytes,
        expected,
        lambda signed, rest: verify_offline(
            signed, keyset_bytes, at=at, trust=trust, expected=rest, state=state
        ),
    )


def item_salt(seed: bytes, index: int) -> bytes:
    """salt_i: from the seed that travels beside a batch, for the item at this position."""
    return hmac.digest(seed, index.to_bytes(4, "big"), "sha256")


def _cut(signed: bytes, items: list[bytes], seed: bytes, index: int) -> bytes:
    if not 0 <= index < len(items):
        raise ItemNotFoundError(f"the batch has {len(items)} items, counted from 0")
    if len(seed) != SALT_BYTES:
        raise malformed("an item seed has 32 bytes")
    salt = item_salt(seed, index)
    _read_item(_Receipt(signed, parse_payload(items[index]), salt), _batch(signed))
    return b"".join(
        _field(number, content) for number, content in enumerate((signed, items[index], salt), 1)
    )


def _verify_item(
    receipt_bytes: bytes,
    expected: Expectations,
    verify_batch: Callable[[bytes, Expectations], Verdict],
) -> Verdict:
    no_claim = replace(
        expected, personal_id=None, old_id_number=None, full_name=None, birth_date=None
    )
    try:
        receipt = _parse_receipt(receipt_bytes)
        verdict = verify_batch(receipt.signed, no_claim)
        if verdict.result is Result.INVALID:
            return verdict
        item = _read_item(receipt, _require_batch(verdict.statement))
        check_claim(item.claim, expected)
    except RefusedError as error:
        return invalid(error)
    return replace(verdict, item=item)


def _parse_receipt(data: bytes) -> _Receipt:
    check_size(data)
    fields = read_message(data, _RECEIPT)
    if len(fields[3][0]) != SALT_BYTES:
        raise malformed("an item salt has 32 bytes")
    return _Receipt(fields[1][0], parse_payload(fields[2][0]), fields[3][0])


def _batch(signed: bytes) -> Batch:
    """The batch statement inside, not verified."""
    payload = parse_envelope(signed).payload
    check_type(payload.type_url)
    return _require_batch(parse_statement(payload))


def _require_batch(statement: Statement | None) -> Batch:
    if not isinstance(statement, Batch):
        raise RefusedError(Refusal.TYPE_NOT_ALLOWED, "the statement is not of a batch")
    return statement


def _read_item(receipt: _Receipt, batch: Batch) -> Item:
    """The item, once the batch is found to commit to its exact bytes at its position."""
    item = _parse_item(receipt.item, batch)
    digest = hashlib.sha256(_ITEM_PREFIX + receipt.salt + receipt.item.value).digest()
    if item.index >= len(batch.item_digests) or batch.item_digests[item.index] != digest:
        raise RefusedError(Refusal.CONTEXT_MISMATCH, "the batch does not commit to this item")
    if isinstance(item, pb.ItemVerification):
        check_outcome(item.outcome)
    else:
        check_outcome(item.verdict, _VERDICTS)
    return item


def _parse_item(packed: Payload, batch: Batch) -> Item:
    verification = isinstance(batch, pb.BatchIdentityVerification)
    kind: type[Item] = pb.ItemVerification if verification else reconciliation_pb2.ReconciledRecord
    if packed.type_url != (ITEM_TYPE_URL if verification else RECORD_TYPE_URL):
        raise RefusedError(Refusal.TYPE_NOT_ALLOWED, f"the item is no {kind.DESCRIPTOR.name}")
    try:
        return kind.FromString(packed.value)
    except DecodeError:
        raise RefusedError(Refusal.STATEMENT_MALFORMED, "the item does not parse") from None


def _field(number: int, content: bytes) -> bytes:
    """One length-delimited field."""
    length, encoded = len(content), bytearray([number << 3 | 2])
    while length > 0x7F:  # noqa: PLR2004 - seven bits a byte of a varint
        encoded.append(length & 0x7F | 0x80)
        length >>= 7
    encoded.append(length)
    return bytes(encoded) + content
