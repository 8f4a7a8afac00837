"""Events are reported once, whatever happens to the answers."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.rpc import error_details_pb2 as details
from joserfc import jws
from joserfc.jwk import OKPKey

from clients import receipts
from clients.sdk import (
    Claim,
    Credentials,
    EventState,
    Gateway,
    OutcomeUnknown,
    Paper,
    Refused,
    Sex,
    TokenSource,
    Trust,
    UntrustedAnswer,
    event_forms,
)
from tests.support.event_desk import NEWBORN, FakeEventDesk
from tests.unit.client_fake_gateway import AN, CONTEXT, refusal, serving

PAPER = Paper("12/2025", "2025-12-30", "UBND phường Giả Định")
FATHER = Claim(**AN)
BIRTH = event_forms.birth(
    PAPER,
    name="Lê Gia Bảo",
    birth_date="2025-12-28",
    sex=Sex.MALE,
    commune="00070",
    father=FATHER,
)


@pytest.fixture
async def desk() -> AsyncIterator[FakeEventDesk]:
    """A register that takes events in."""
    async with serving(FakeEventDesk()) as served:
        assert isinstance(served, FakeEventDesk)
        yield served


@pytest.fixture
async def gateway(desk: FakeEventDesk) -> AsyncIterator[Gateway]:
    """The SDK in front of it."""
    trust = Trust.pinned([desk.root.key_id])
    async with Gateway.connect(desk.target, trust=trust, context=CONTEXT) as connected:
        yield connected


async def test_submit(gateway: Gateway, desk: FakeEventDesk) -> None:
    """The answer says what became of the event, and its receipt is checkable offline."""
    answer = await gateway.submit_event(BIRTH)
    assert (answer.kind, answer.state) == ("birth", EventState.APPLIED)
    assert answer.personal_id == NEWBORN
    assert (answer.first_revision, answer.last_revision) == (7, 7)
    verdict = receipts.verify_offline(
        answer.evidence.receipt,
        desk.key_set().SerializeToString(),
        at=answer.evidence.issued_at,
        trust=receipts.Trust(frozenset({desk.root.key_id})),
    )
    assert verdict.result is receipts.Result.VALID


async def test_lost_answers(gateway: Gateway, desk: FakeEventDesk) -> None:
    """While answers are lost the same bytes are sent again, and the event is on file once."""
    desk.losing = 6  # more than gRPC tries by itself
    answer = await gateway.submit_event(BIRTH)
    assert answer.event_id == "EV-1"
    assert len(desk.taken_in) == 1
    sent = [raw for rpc, raw in desk.calls if rpc.endswith("SubmitPopulationEvent")]
    assert len(sent) == 7
    assert len(set(sent)) == 1


async def test_patience_runs_out(gateway: Gateway, desk: FakeEventDesk) -> None:
    """What is not known is said with the id, under which the answer can still be had."""
    desk.losing = 100
    with pytest.raises(OutcomeUnknown) as caught:
        await gateway.submit_event(BIRTH, patience=0)
    desk.losing = 0
    answer = await gateway.submit_event(BIRTH, request_id=caught.value.request_id)
    assert answer.evidence.request_id == caught.value.request_id
    assert len(desk.taken_in) == 1


async def test_what_stands_in_the_way(gateway: Gateway, desk: FakeEventDesk) -> None:
    """An obstacle is told by its reason and field, and nothing is sent again."""
    state = details.PreconditionFailure(
        violations=[details.PreconditionFailure.Violation(subject="event.death.person")]
    )
    desk.fail_with = [refusal(grpc.StatusCode.FAILED_PRECONDITION, "ALREADY_DEAD", state)]
    with pytest.raises(Refused) as caught:
        await gateway.submit_event(event_forms.death(PAPER, person=FATHER, on="2025-12-01"))
    assert caught.value.reason == "ALREADY_DEAD"
    assert caught.value.violations[0].field == "event.death.person"
    assert desk.count("SubmitPopulationEvent") == 1


async def test_defect(gateway: Gateway, desk: FakeEventDesk) -> None:
    """After a defect of the gateway nobody knows either; it is not asked again and again."""
    desk.fail_with = [refusal(grpc.StatusCode.INTERNAL, "INTERNAL")]
    with pytest.raises(OutcomeUnknown):
        await gateway.submit_event(BIRTH)
    assert desk.count("SubmitPopulationEvent") == 1


async def test_receipt_for_another_event(gateway: Gateway) -> None:
    """A receipt that was made for another request is no receipt for this one."""
    await gateway.submit_event(BIRTH, request_id="r-1")
    with pytest.raises(UntrustedAnswer):
        await gateway.submit_event(
            event_forms.death(PAPER, person=FATHER, on="2025-12-01"), request_id="r-1"
        )


async def test_get_and_annul(gateway: Gateway) -> None:
    """An event is found by its id, and annulled by it."""
    event_id = (await gateway.submit_event(BIRTH)).event_id
    annulled = await gateway.annul_event(event_id, document=PAPER.to_message(), reason="nhầm")
    assert annulled.state is EventState.ANNULLED
    assert (await gateway.get_event(event_id)).annulled_by == "EV-0"


async def test_requests_are_signed(desk: FakeEventDesk) -> None:
    """A caller with a token signs the bytes of an event as it sends them, and of nothing else."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    credentials = Credentials(tokens=TokenSource("demo", pem))
    trust = Trust.pinned([desk.root.key_id])
    async with Gateway.connect(
        desk.target, trust=trust, context=CONTEXT, credentials=credentials
    ) as gateway:
        await gateway.submit_event(BIRTH)
        await gateway.verify_identity(**AN)
    [sent] = [raw for rpc, raw in desk.calls if rpc.endswith("SubmitPopulationEvent")]
    detached = str(desk.metadata["SubmitPopulationEvent"]["dancu-request-signature"])
    header, between, signature = detached.split(".")
    assert between == ""
    payload = base64.urlsafe_b64encode(sent).rstrip(b"=").decode()  # RFC 7515, appendix F
    found = jws.deserialize_compact(
        f"{header}.{payload}.{signature}", OKPKey.import_key(pem), algorithms=["Ed25519"]
    )
    assert found.headers() == {"alg": "Ed25519", "typ": "dancu-request+jws"}
    assert "dancu-request-signature" not in desk.metadata["VerifyIdentity"]
