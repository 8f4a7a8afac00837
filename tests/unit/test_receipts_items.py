"""Cutting one item out of a batch, and verifying it on its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google.protobuf.any_pb2 import Any

from clients.receipts import (
    Expectations,
    ItemNotFoundError,
    RefusedError,
    Result,
    Trust,
    is_item_receipt,
    open_item,
    verify_item_offline,
)
from dancu.v1 import citizen_pb2
from dancu.v1 import statement_pb2 as pb
from dancu.v1.identity_service_pb2 import BatchVerifyIdentitiesResponse
from tests.vectors import good
from tests.vectors import scene as v

AT = datetime(2026, 3, 1, tzinfo=UTC)
TRUST = Trust(roots=frozenset({v.ROOT.key_id}))


def _response() -> BatchVerifyIdentitiesResponse:
    items = []
    for item in good.items():
        packed = Any(type_url=v.PREFIX + "ItemVerification")
        packed.value = item.SerializeToString(deterministic=True)
        items.append(packed)
    return BatchVerifyIdentitiesResponse(
        signed=v.seal(v.Draft(good.batch())), items=items, item_seed=good.SEED
    )


def test_every_item_opens_and_verifies() -> None:
    """Each receipt holds, and shows its own item."""
    data = _response().SerializeToString()
    for index, item in enumerate(good.items()):
        receipt = open_item(data, index)
        verdict = verify_item_offline(receipt, v.MAIN_KEY_SET, at=AT, trust=TRUST)
        assert verdict.result is Result.VALID
        assert verdict.item == item
        assert isinstance(verdict.statement, pb.BatchIdentityVerification)


def test_a_receipt_is_an_item_receipt_and_shows_nobody_else() -> None:
    """It parses as the contract's message, with the salt of one item and not the seed."""
    data = open_item(_response().SerializeToString(), 1)
    receipt = pb.ItemReceipt.FromString(data)
    assert receipt.SerializeToString(deterministic=True) == data
    assert receipt.signed == v.seal(v.Draft(good.batch()))
    assert receipt.item_salt == good.item_salt(1)
    assert good.SEED not in data
    assert b"098085000101" in data
    assert b"098085000100" not in data
    assert b"098085000102" not in data


def test_the_expected_claim_is_compared_with_the_item() -> None:
    """The batch names nobody; its item does."""
    receipt = good.item_receipt(2)
    for name, result in (("Trần Văn Thử", Result.VALID), ("Trần Văn", Result.INVALID)):
        wanted = Expectations(full_name=name, audience="demo")
        verdict = verify_item_offline(receipt, v.MAIN_KEY_SET, at=AT, trust=TRUST, expected=wanted)
        assert verdict.result is result


def test_an_item_of_a_doubtful_batch_is_doubtful() -> None:
    """The item shares its batch's verdict."""
    batch = v.sealed(v.Draft(good.batch(), signers=(v.REVOKED,)))
    receipt = good.item_receipt(0, signed=batch)
    verdict = verify_item_offline(receipt, v.MAIN_KEY_SET, at=AT, trust=TRUST)
    assert (verdict.result, verdict.refusal) == (Result.INDETERMINATE, "KEY_REVOKED")
    assert verdict.item == good.items()[0]


def test_receipts_and_statements_are_told_apart() -> None:
    """Neither can be taken for the other."""
    assert is_item_receipt(good.item_receipt(0))
    assert not is_item_receipt(v.sealed(v.Draft()))
    assert not is_item_receipt(v.sealed(v.Draft(good.batch())))


@pytest.mark.parametrize("index", [-1, 3, 2**32])
def test_an_item_that_is_not_there(index: int) -> None:
    """Positions count from 0, and not from the end."""
    with pytest.raises(ItemNotFoundError):
        open_item(_response().SerializeToString(), index)


def test_a_response_that_does_not_fit_is_refused() -> None:
    """A receipt that would never verify is not made."""
    swapped, reseeded, seedless, plain = (_response() for _ in range(4))
    swapped.items[0].value, swapped.items[1].value = swapped.items[1].value, b"\x10\x01"
    reseeded.item_seed = b"\1" * 32
    seedless.item_seed = b"\1" * 31
    plain.signed.CopyFrom(v.seal(v.Draft()))
    refused = {
        "CONTEXT_MISMATCH": (swapped, reseeded),
        "ENVELOPE_MALFORMED": (seedless,),
        "TYPE_NOT_ALLOWED": (plain,),
    }
    for refusal, responses in refused.items():
        for response in responses:
            with pytest.raises(RefusedError, match=refusal):
                open_item(response.SerializeToString(), 0)


def test_a_committed_item_must_say_yes_or_no() -> None:
    """An item with an outcome that an item cannot have is malformed, though it is signed."""
    item = good.items()[0]
    item.outcome = citizen_pb2.OUTCOME_AMBIGUOUS
    batch = good.batch()
    batch.item_digests[0] = good.item_digest(0, item)
    receipt = good.item_receipt(
        0, signed=v.sealed(v.Draft(batch)), item=item.SerializeToString(deterministic=True)
    )
    verdict = verify_item_offline(receipt, v.MAIN_KEY_SET, at=AT, trust=TRUST)
    assert verdict.refusal == "STATEMENT_MALFORMED"


def test_a_receipt_of_more_than_a_mebibyte_is_refused() -> None:
    """However large the item is made, it is not read."""
    receipt = good.item_receipt(0, item=b"\x7a" + b"\xff\xff\x3f" + b"x" * 0x0FFFFF)
    verdict = verify_item_offline(receipt, v.MAIN_KEY_SET, at=AT, trust=TRUST)
    assert verdict.refusal == "ENVELOPE_MALFORMED"
