"""The items of a batch: each is what the signed statement commits to, or none is handed over."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from google.protobuf.any_pb2 import Any
from google.protobuf.message import DecodeError

from clients.receipts import Refusal
from clients.sdk.answers import ItemAnswer, item_answer
from clients.sdk.errors import UntrustedAnswer
from dancu.v1 import citizen_pb2, identity_service_pb2, statement_pb2

_ITEM_PREFIX = b"dancu.item.v1\n"
_YES_NO = frozenset({citizen_pb2.OUTCOME_VERIFIED, citizen_pb2.OUTCOME_NOT_VERIFIED})
_ITEM_TYPE = "type.googleapis.com/dancu.v1.ItemVerification"


def open_items(
    response: identity_service_pb2.BatchVerifyIdentitiesResponse,
    statement: statement_pb2.BatchIdentityVerification,
    claims: Sequence[citizen_pb2.CitizenClaim],
) -> tuple[ItemAnswer, ...]:
    """Open the items of a batch whose statement has been verified.

    All at once: ``receipts.open_item`` would read the whole batch again for each of them.

    Args:
        response: The items and the seed of their salts.
        statement: The digests, signed.
        claims: What was asked, in order.

    Raises:
        UntrustedAnswer: An item is missing, is not the one that was signed, or answers
            another claim than the one asked at its place.
    """
    digests, seed = statement.item_digests, response.item_seed
    try:
        return tuple(
            _open(index, packed, seed, digest, claim)
            for index, (packed, digest, claim) in enumerate(
                zip(response.items, digests, claims, strict=True)
            )
        )
    except (ValueError, DecodeError) as error:
        raise UntrustedAnswer(
            Refusal.CONTEXT_MISMATCH, str(error), response.signed.SerializeToString()
        ) from error


def _open(
    index: int, packed: Any, seed: bytes, digest: bytes, claim: citizen_pb2.CitizenClaim
) -> ItemAnswer:
    salt = hmac.digest(seed, index.to_bytes(4, "big"), "sha256")
    if hashlib.sha256(_ITEM_PREFIX + salt + packed.value).digest() != digest:
        raise ValueError(f"item {index} is not the one that was signed")
    if packed.type_url != _ITEM_TYPE:
        raise ValueError(f"item {index} is no ItemVerification")
    item = statement_pb2.ItemVerification.FromString(packed.value)
    if item.index != index or item.claim != claim:
        raise ValueError(f"item {index} answers another claim")
    if item.outcome not in _YES_NO:
        raise ValueError(f"item {index} says neither yes nor no")
    return item_answer(item)
