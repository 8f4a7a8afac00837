"""Unknown number and mismatch look alike to those who may not be told why.

This is about shapes; what they cost is measured in tests/e2e/test_timing.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from clients.sdk import Gateway
from dancu.v1 import (
    access_history_service_pb2,
    attribute_pb2,
    citizen_pb2,
    identity_service_pb2,
    residence_service_pb2,
    statement_pb2,
)
from tests.rpc.gateways import serving
from tests.rpc.raw import (
    ACCESSES,
    ATTRIBUTES,
    BATCH,
    HOUSEHOLD,
    LOOKUP,
    RESIDENCE,
    RESOLVE,
    VERIFY,
    RawClient,
    claim,
    request_context,
)

UNKNOWN = claim("079088000999")
MISMATCH = claim("079088000001", birth=(1988, 3, 15))
CANCELLED = claim("038077000030", "Lưu Đình Phúc", (1977, 9, 16))
AMBIGUOUS = claim("", "Nguyễn Văn Bình", (1970, 10, 10), "000000033")
ANSWERS = (
    statement_pb2.IdentityVerification,
    statement_pb2.CitizenDisclosure,
    statement_pb2.IdentifierResolution,
)
CONFIRMATIONS = (
    statement_pb2.ResidenceConfirmation,
    statement_pb2.HouseholdExtract,
    statement_pb2.AttributeVerification,
    statement_pb2.AccessHistory,
)
SAID = attribute_pb2.Assertion(father=attribute_pb2.PersonAssertion(full_name="Ai Đó"))


@pytest.fixture
async def explaining(data_dir: Path) -> AsyncIterator[RawClient]:
    """A caller that sees members and is told why: not here."""
    async with serving(data_dir, "explain") as ready, RawClient(ready) as client:
        yield client


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
        assert isinstance(stated, ANSWERS)
        stated.header.ClearField("issued_at")  # nanoseconds have lengths of their own
        names = tuple(descriptor.name for descriptor, _ in stated.ListFields())
        shapes.add((names, stated.ByteSize() - stated.claim.ByteSize(), stated.outcome))
    assert len(shapes) == 1


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        (RESIDENCE, residence_service_pb2.ConfirmResidenceRequest()),
        (HOUSEHOLD, residence_service_pb2.GetHouseholdRequest()),
        (ATTRIBUTES, identity_service_pb2.VerifyAttributesRequest(assertions=[SAID])),
        (ACCESSES, access_history_service_pb2.ListAccessesRequest()),
    ],
    ids=["residence", "household", "attributes", "accesses"],
)
async def test_confirmations_have_one_shape(
    explaining: RawClient, method: str, request_: identity_service_pb2.VerifyAttributesRequest
) -> None:
    """So have those about residence, household and attributes, to those who explain as well."""
    shapes = set()
    for asked in (UNKNOWN, MISMATCH, CANCELLED, AMBIGUOUS):
        request_.claim.CopyFrom(asked)
        request_.context.CopyFrom(request_context())
        answer = identity_service_pb2.VerifyAttributesResponse.FromString(
            await explaining.send(method, request_.SerializeToString())
        )
        stated = explaining.checked(answer.signed)
        assert isinstance(stated, CONFIRMATIONS)
        stated.header.ClearField("issued_at")  # nanoseconds have lengths of their own
        names = tuple(descriptor.name for descriptor, _ in stated.ListFields())
        shapes.add((names, stated.ByteSize() - stated.claim.ByteSize(), stated.outcome))
    ((names, _, outcome),) = shapes
    assert set(names) <= {"header", "claim", "outcome", "kind", "assertions"}
    assert outcome == citizen_pb2.OUTCOME_NOT_VERIFIED


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
