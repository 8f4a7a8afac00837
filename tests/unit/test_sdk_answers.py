"""The SDK over a real channel: what it asks, and what it hands over."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta

import pytest

from clients import receipts
from clients.receipts.tlog import is_included, leaf_hash
from clients.sdk import (
    CallContext,
    Claim,
    DateLevel,
    FieldStatus,
    Gateway,
    IdentifierKind,
    NameLevel,
    Notice,
    Outcome,
    PersonStatus,
    UntrustedAnswer,
    list_personas,
    vocabulary,
)
from clients.sdk.requests import date_text, partial_date
from dancu.v1 import (
    attribute_pb2,
    change_pb2,
    citizen_pb2,
    identity_service_pb2,
    population_event_pb2,
    reconciliation_pb2,
    residence_pb2,
)
from tests.unit.client_fake_gateway import AN, HOA, FakeGateway

STRANGER = AN | {"full_name": "Lê Văn Ân"}


async def test_verified(gateway: Gateway) -> None:
    """A yes comes with person, levels and evidence."""
    answer = await gateway.verify_identity(**AN)
    assert answer.verified
    assert answer.outcome is Outcome.VERIFIED
    assert answer.claim.birth_date == "1990-05-12"
    assert answer.person is not None
    assert answer.person.status is PersonStatus.ALIVE
    assert answer.person.identifier_used is IdentifierKind.PERSONAL_ID
    assert answer.levels is not None
    assert answer.levels.full_name is NameLevel.EXACT
    assert answer.levels.birth_date is DateLevel.EXACT
    assert datetime.now(UTC) - answer.evidence.issued_at < timedelta(minutes=1)


async def test_dead_person_with_year_of_birth(gateway: Gateway) -> None:
    """A yes about a dead person says so, and that only the year of birth is known."""
    answer = await gateway.verify_identity(**HOA)
    assert answer.person is not None
    assert answer.person.status is PersonStatus.DEAD
    assert answer.person.notices == (Notice.BIRTH_DATE_INCOMPLETE,)


async def test_not_verified_is_an_answer(gateway: Gateway) -> None:
    """A no is a value with a receipt, and tells nothing else."""
    answer = await gateway.verify_identity(**STRANGER)
    assert not answer.verified
    assert (answer.person, answer.levels, answer.explanation) == (None, None, None)
    assert answer.evidence.receipt


async def test_answers_cannot_be_changed(gateway: Gateway) -> None:
    """An answer stays what was signed."""
    answer = await gateway.verify_identity(**STRANGER)
    with pytest.raises(FrozenInstanceError):
        answer.outcome = Outcome.VERIFIED  # type: ignore[misc]  # that it cannot is the test


async def test_context_and_request_id_are_sent(fake: FakeGateway, gateway: Gateway) -> None:
    """Each request carries the context of the connection and an id of its own."""
    first = await gateway.verify_identity(**AN)
    second = await gateway.verify_identity(**AN)
    named = await gateway.verify_identity(**AN, request_id="mine-1")
    sent = [
        identity_service_pb2.VerifyIdentityRequest.FromString(raw).context
        for name, raw in fake.calls
        if name.endswith("VerifyIdentity")
    ]
    assert {each.officer_id for each in sent} == {"DEMO-OFFICER"}
    assert {each.dossier_id for each in sent} == {"HS-1"}
    answers = (first, second, named)
    assert [each.request_id for each in sent] == [a.evidence.request_id for a in answers]
    assert len({each.request_id for each in sent}) == 3
    assert max(len(each.request_id) for each in sent) <= 40
    assert named.evidence.request_id == "mine-1"


async def test_context_of_one_call(fake: FakeGateway, gateway: Gateway) -> None:
    """One connection serves many officers."""
    await gateway.verify_identity(**AN, context=CallContext("P", "U", "another"))
    request = identity_service_pb2.VerifyIdentityRequest.FromString(fake.calls[0][1])
    assert request.context.officer_id == "another"


async def test_receipt_verifies_offline(fake: FakeGateway, gateway: Gateway) -> None:
    """What the SDK hands over as receipt stands alone, with nothing but the key set."""
    answer = await gateway.verify_identity(**AN)
    raw = next(raw for name, raw in fake.calls if name.endswith("VerifyIdentity"))
    verdict = receipts.verify_offline(
        answer.evidence.receipt,
        fake.key_set().SerializeToString(),
        at=datetime.now(UTC),
        trust=receipts.Trust(frozenset({fake.root.key_id})),
        expected=receipts.Expectations(request_digest=hashlib.sha256(raw).digest()),
    )
    assert verdict.result is receipts.Result.VALID


async def test_key_set_is_fetched_once(fake: FakeGateway, gateway: Gateway) -> None:
    """Many answers, one key set."""
    for _ in range(3):
        await gateway.verify_identity(**AN)
    assert fake.count("GetKeySet") == 1


async def test_batch(fake: FakeGateway, gateway: Gateway) -> None:
    """Items come in the order of the claims, and each can be cut out as a receipt."""
    answer = await gateway.batch_verify_identities([Claim(**AN), Claim(**STRANGER), Claim(**HOA)])
    assert [item.verified for item in answer.items] == [True, False, True]
    assert answer.items[2].claim.birth_date == "1948"
    item = answer.receipt_of(2)
    assert "Nguyễn Thị Hoà".encode() in item
    assert "Lê Văn".encode() not in item
    verdict = receipts.verify_item(
        item,
        await gateway.key_set(),
        at=datetime.now(UTC),
        trust=receipts.Trust(frozenset({fake.root.key_id})),
    )
    assert verdict.result is receipts.Result.VALID


@pytest.mark.parametrize(
    "spoil",
    [
        lambda response: response.items[0].__setattr__("value", response.items[1].value),
        lambda response: response.items.reverse(),
        lambda response: response.items.pop(),
        lambda response: response.__setattr__("item_seed", bytes(32)),
        lambda response: response.items[0].__setattr__("type_url", "x/dancu.v1.Citizen"),
    ],
    ids=["swapped", "reversed", "missing", "other seed", "other type"],
)
async def test_batch_items_not_signed(fake: FakeGateway, gateway: Gateway, spoil: object) -> None:
    """Items that the signed digests do not fit are not handed over, not even the good ones."""
    fake.spoil_batch = spoil  # type: ignore[assignment]  # lambdas of one argument
    with pytest.raises(UntrustedAnswer) as caught:
        await gateway.batch_verify_identities([Claim(**AN), Claim(**STRANGER)])
    assert caught.value.refusal is receipts.Refusal.CONTEXT_MISMATCH


async def test_lookup(gateway: Gateway) -> None:
    """A look-up hands over the granted fields and says what became of the others."""
    answer = await gateway.lookup_citizen(**AN, fields=["name", "religion_code"])
    assert answer.citizen is not None
    assert answer.citizen.name.full == "Lê Văn An"
    assert answer.fields == {
        "name": FieldStatus.PRESENT,
        "religion_code": FieldStatus.WITHHELD,
    }


async def test_lookup_not_verified(gateway: Gateway) -> None:
    """A look-up with wrong data discloses nothing."""
    answer = await gateway.lookup_citizen(**STRANGER)
    assert (answer.verified, answer.citizen, dict(answer.fields)) == (False, None, {})


async def test_resolve(gateway: Gateway) -> None:
    """An old number leads to the current one, step by step."""
    answer = await gateway.resolve_identifier(
        old_id_number="012345678", full_name="Lê Văn An", birth_date=date(1990, 5, 12)
    )
    assert answer.current_personal_id == "001090000013"
    assert [step.former for step in answer.steps] == ["012345678"]


async def test_log(fake: FakeGateway, gateway: Gateway) -> None:
    """Checkpoint and proof are read, and the answer's leaf stands where its receipt says."""
    answers = [await gateway.verify_identity(**AN) for _ in range(5)]
    checkpoint = await gateway.checkpoint()
    assert checkpoint.size == 5
    signed = identity_service_pb2.VerifyIdentityResponse().signed
    signed.ParseFromString(answers[2].evidence.receipt)
    kind, value = signed.statement.type_url.encode(), signed.statement.value
    pae = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(value), value)
    leaf = b"dancu.leaf.v1\n" + hashlib.sha256(pae).digest() + signed.log_proof.access_root
    assert answers[2].evidence.log_index == 2
    assert is_included(leaf_hash(leaf), await gateway.inclusion_proof(2))
    assert not is_included(leaf_hash(leaf), await gateway.inclusion_proof(3))


async def test_checkpoint_by_somebody_else(fake: FakeGateway, gateway: Gateway) -> None:
    """A checkpoint that the log did not sign is not handed over."""
    await gateway.verify_identity(**AN)
    fake.checkpointer = type(fake.checkpointer)(fake.checkpointer.role)
    with pytest.raises(UntrustedAnswer) as caught:
        await gateway.checkpoint()
    assert caught.value.refusal is receipts.Refusal.CHECKPOINT_SIGNATURE_INVALID


async def test_personas(fake: FakeGateway) -> None:
    """The control port's personas are ready to be claimed."""
    personas = await list_personas(fake.target)
    assert [each.birth_date for each in personas] == ["1990-05-12", "1948"]
    assert {each.expect for each in personas} == {Outcome.VERIFIED}


@pytest.mark.parametrize("text", ["1948", "1948-05", "1948-05-12"])
def test_partial_dates(text: str) -> None:
    """A date is read and written with exactly the parts that are known."""
    assert date_text(partial_date(text)) == text


@pytest.mark.parametrize("text", ["", "48", "12/05/1990", "1990-05-12T00:00", "１９９０"])
def test_no_birth_dates(text: str) -> None:
    """What has another shape is refused before anything is sent."""
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        partial_date(text)


def test_impossible_days_are_the_gateways_business() -> None:
    """31 April has the right shape: the gateway names what is wrong with it."""
    assert partial_date("1990-04-31").day == 31


@pytest.mark.parametrize(
    "name",
    [
        "Outcome",
        "PersonStatus",
        "Notice",
        "NameLevel",
        "DateLevel",
        "IdentifierKind",
        "Explanation",
        "FieldStatus",
        "Sex",
        "MaritalStatus",
        "CodeEpoch",
        "HouseholdRelation",
        "ResidenceKind",
        "ResidenceState",
        "HeadState",
        "AssertionResult",
        "RecordVerdict",
        "RecordFlag",
        "Agreement",
        "EventState",
        "ChangeKind",
        "ChangeCause",
    ],
)
def test_vocabulary_is_the_contracts(name: str) -> None:
    """The SDK's words are the contract's, all of them, without their prefix."""
    words = getattr(vocabulary, name)
    files = (
        citizen_pb2,
        residence_pb2,
        attribute_pb2,
        reconciliation_pb2,
        population_event_pb2,
        change_pb2,
    )
    enums = {
        key: enum for file in files for key, enum in file.DESCRIPTOR.enum_types_by_name.items()
    }
    contract = enums[name].values_by_name
    prefix = next(iter(contract)).removesuffix("UNSPECIFIED")
    assert {prefix + word.name: word.value for word in words} == {
        key: value.number for key, value in contract.items()
    }


def test_words_of_a_later_contract() -> None:
    """A number that this version does not know is UNSPECIFIED, not a crash."""
    assert Notice(99) is Notice.UNSPECIFIED
