"""Unknown number and mismatch look alike to those who may not be told why.

This is about shapes; what they cost is measured in tests/e2e/test_timing.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from clients.sdk import Gateway
from dancu.v1 import citizen_pb2, identity_service_pb2, statement_pb2
from tests.rpc.raw import (
    BATCH,
    LOOKUP,
    RESOLVE,
    VERIFY,
    RawClient,
    claim,
    request_context,
)

UNKNOWN = claim("079088000999")
MISMATCH = claim("079088000001", birth=(1988, 3, 15))
CANCELLED = claim("038077000030", "Lưu Đình Phúc", (1977, 9, 16))


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        (VERIFY, identity_service_pb2.VerifyIdentityRequest),
        (LOOKUP, identity_service_pb2.LookupCitizenRequest),
        (RESOLVE, identity_service_pb2.ResolveIdentifierRequest),
    ],
    ids=["verify", "lookup", "resolve"],
)
async def test_the_statements_have_one_shape(
    raw: RawClient, method: str, kind: type[identity_service_pb2.VerifyIdentityRequest]
) -> None:
    """The statements carry the same fields, and are as long as the claims they repeat."""
    shapes = set()
    for asked in (UNKNOWN, MISMATCH, CANCELLED):
        request = kind(context=request_context(), claim=asked).SerializeToString()
        answer = identity_service_pb2.VerifyIdentityResponse.FromString(
            await raw.send(method, request)
        )
        stated = raw.checked(answer.signed)
        assert not isinstance(stated, statement_pb2.BatchIdentityVerification)
        stated.header.ClearField("issued_at")  # nanoseconds have lengths of their own
        names = tuple(descriptor.name for descriptor, _ in stated.ListFields())
        shapes.add((names, stated.ByteSize() - stated.claim.ByteSize(), stated.outcome))
    assert len(shapes) == 1


async def test_items_of_a_batch_have_one_shape(raw: RawClient) -> None:
    """The same in a batch."""
    request = identity_service_pb2.BatchVerifyIdentitiesRequest(
        context=request_context(), claims=[claim("079088000998"), UNKNOWN, MISMATCH]
    )
    answer = identity_service_pb2.BatchVerifyIdentitiesResponse.FromString(
        await raw.send(BATCH, request.SerializeToString())
    )
    items = [statement_pb2.ItemVerification.FromString(each.value) for each in answer.items[1:]]
    shapes = {
        (tuple(field.name for field, _ in each.ListFields()), each.ByteSize()) for each in items
    }
    assert {names for names, _ in shapes} == {("index", "claim", "outcome")}
    assert len({each.ByteSize() for each in items}) == 1
    assert {each.outcome for each in items} == {citizen_pb2.OUTCOME_NOT_VERIFIED}


async def test_the_same_question_twice_is_answered_twice(sdk: Gateway) -> None:
    """Reads are not deduplicated: each answer has a leaf and a salt of its own."""
    asked: dict[str, Any] = {
        "personal_id": "079088000999", "full_name": "Trần Minh Khôi", "birth_date": "1988-03-14",
        "request_id": "SAME",
    }  # fmt: skip
    first, second = [await sdk.verify_identity(**asked) for _ in range(2)]
    assert second.evidence.log_index == first.evidence.log_index + 1
    assert second.evidence.receipt != first.evidence.receipt
