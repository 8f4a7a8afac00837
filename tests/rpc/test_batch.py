"""BatchVerifyIdentities: one statement over many people, and the receipt of each of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import grpc
import pytest

from clients.receipts import Expectations, Result, open_item, verify_item_offline
from clients.sdk import Claim, Gateway, Outcome
from dancu.v1 import citizen_pb2, identity_service_pb2
from mock_population_db.personas import personas_for
from tests.rpc.gateways import Running, audited
from tests.rpc.raw import BATCH, RawClient, claim, failure_of, request_context

CAST = personas_for(date(2026, 1, 1)).personas


def claims(count: int) -> list[Claim]:
    """The cast's claims, over and over."""
    told = [one.claim for one in CAST]
    return [
        Claim(
            personal_id=each.personal_id,
            old_id_number=each.old_id_number,
            full_name=each.full_name,
            birth_date=each.birth_date,
        )
        for each in (told[index % len(told)] for index in range(count))
    ]


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 1000])
async def test_batches_of_every_size(sdk: Gateway, data_dir: Path, count: int) -> None:
    """Up to 1,000 claims are answered in order, in one leaf that touches each person."""
    answer = await sdk.batch_verify_identities(claims(count))
    expected = [Outcome[CAST[index % len(CAST)].expect] for index in range(count)]
    assert [item.outcome for item in answer.items] == expected
    report = audited(data_dir)
    assert (report.leaves, report.accesses) == (1, count)


async def test_one_item_is_cut_out_and_checked_alone(running: Running, sdk: Gateway) -> None:
    """The receipt of one item verifies offline and has nothing of the other people."""
    answer = await sdk.batch_verify_identities(claims(30))
    receipt = open_item(answer.response, 17)
    verdict = verify_item_offline(
        receipt,
        (running.data_dir / "keyset.binpb").read_bytes(),
        at=datetime.now(UTC),
        trust=running.trust.anchor,
        expected=Expectations(full_name=CAST[17].claim.full_name),
    )
    assert verdict.result is Result.VALID
    assert verdict.item is not None
    assert verdict.item.index == 17
    assert CAST[16].claim.personal_id.encode() not in receipt


@pytest.mark.parametrize("count", [0, 1001])
async def test_a_batch_of_another_size_is_refused(raw: RawClient, count: int) -> None:
    """None and 1,001 claims are refused, naming the limit."""
    failure = await failure_of(raw.send(BATCH, _request([claim()] * count)))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.rules == {"claims": "BATCH_SIZE"}
    assert "1000" in failure.violations[0].description


async def test_one_malformed_claim_refuses_the_batch(raw: RawClient, data_dir: Path) -> None:
    """Each malformed claim is named by its position; nothing is answered or recorded."""
    asked = [claim() for _ in range(20)]
    asked[3].personal_id = "123"
    asked[19].full_name = ""
    failure = await failure_of(raw.send(BATCH, _request(asked)))
    assert failure.rules == {
        "claims[3].personal_id": "PERSONAL_ID_FORMAT",
        "claims[19].full_name": "NAME_REQUIRED",
    }
    assert audited(data_dir).leaves == 0


async def test_a_thousand_malformed_claims_fit_into_a_status(raw: RawClient) -> None:
    """Violations are cut off before the status outgrows what HTTP/2 headers may carry."""
    failure = await failure_of(raw.send(BATCH, _request([citizen_pb2.CitizenClaim()] * 1000)))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.reason == "INVALID_FIELD"
    assert failure.rules["claims[0].personal_id"] == "NUMBER_REQUIRED"
    assert len(failure.violations) >= 10


def _request(asked: list[citizen_pb2.CitizenClaim]) -> bytes:
    message = identity_service_pb2.BatchVerifyIdentitiesRequest(
        context=request_context(), claims=asked
    )
    return message.SerializeToString()
