"""The stories behind the calls: what each reads, states and records, from end to end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from dancu.v1 import statement_pb2
from gateway.core.access import pseudonym
from gateway.core.errors import MalformedRequest, Refused
from gateway.core.hmac_key import HmacKey
from gateway.core.items import digests
from gateway.core.model import Call, Claim, Outcome
from gateway.core.policy import FIELDS, Grant, Policy
from gateway.flows.admission import Gate
from gateway.flows.lookup import Lookup
from gateway.flows.ports import Entry
from gateway.flows.verification import BatchReceipt, Verification
from gateway.flows.window import Window, open_window
from mock_population_db.snapshot import Keys
from tests.support.policies import DEMO_POLICY, policy
from tests.support.records import authorize
from tests.support.scene import (
    CALL,
    NOW,
    NUMBER,
    OLD_NUMBER,
    OTHER_NUMBER,
    claim,
    message_of,
    person,
)
from tests.support.stores import FakeRecords, FakeRegister

EXPLAINING = CALL._replace(caller="explain")
BY_OLD_NUMBER = claim(number="", old=OLD_NUMBER)
UNKNOWN = claim(OTHER_NUMBER)


@dataclass
class House:
    """Both stories over one window, one person known."""

    window: Window
    register: FakeRegister
    records: FakeRecords
    policy: Policy = DEMO_POLICY
    verification: Verification = field(init=False)
    lookup: Lookup = field(init=False)

    def __post_init__(self) -> None:
        gate = Gate(self.policy, self.window, NOW.timestamp)
        self.verification = Verification(gate)
        self.lookup = Lookup(gate)

    async def batch(self, call: Call, claims: Sequence[Claim]) -> BatchReceipt:
        """Ask about many at once."""
        sent = [message_of(one) for one in claims]
        return await self.verification.batch_verify_identities(call, claims, sent)

    @property
    def entry(self) -> Entry:
        """The one entry that was recorded."""
        ((entry,),) = self.records.commits
        return entry

    def knows(self, number: str) -> bytes:
        """A person's pseudonym of the month."""
        return pseudonym(HmacKey(b"2026-03".ljust(32)), number)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A house at work."""
    register = FakeRegister({NUMBER: person(old_id_number=OLD_NUMBER)})
    records = FakeRecords()
    async with open_window(Window(register, records, authorize, lambda: NOW)) as window:
        yield House(window, register, records)


@pytest.mark.parametrize(
    ("asked", "outcome", "subject"),
    [
        (claim(), Outcome.VERIFIED, NUMBER),
        (BY_OLD_NUMBER, Outcome.VERIFIED, NUMBER),
        (claim(name="Lê Văn Bình"), Outcome.NOT_VERIFIED, NUMBER),
        (UNKNOWN, Outcome.NOT_VERIFIED, OTHER_NUMBER),
    ],
)
async def test_a_verification_states_and_records_its_outcome(
    house: House, asked: Claim, outcome: Outcome, subject: str
) -> None:
    """One statement, one access row, under the person's own number where there is one."""
    receipt = await house.verification.verify_identity(CALL, asked)
    said = statement_pb2.IdentityVerification.FromString(receipt.statement.value)
    assert int(said.outcome) == outcome
    assert house.entry.rows == ((house.knows(subject), outcome, 0),)
    assert house.entry.call.caller == "plain"


async def test_an_explanation_needs_the_grant(house: House) -> None:
    """The same claim by two callers."""
    asked = claim(name="Lê Văn Bình")
    plain = await house.verification.verify_identity(CALL, asked)
    told = await house.verification.verify_identity(EXPLAINING, asked)
    one, other = (
        statement_pb2.IdentityVerification.FromString(receipt.statement.value)
        for receipt in (plain, told)
    )
    assert not one.HasField("levels")
    assert not one.explanation
    assert other.HasField("levels")
    assert other.explanation
    assert house.register.asked == [
        Keys(numbers=(NUMBER,)),
        Keys(numbers=(NUMBER,), former=(NUMBER,)),
    ]


async def test_a_batch_commits_to_every_item(house: House) -> None:
    """One statement over all digests; one access row each, in order."""
    claims = [claim(), UNKNOWN, BY_OLD_NUMBER, claim(name="Lê Văn Bình")]
    answer = await house.batch(CALL, claims)
    said = statement_pb2.BatchIdentityVerification.FromString(answer.receipt.statement.value)
    assert list(said.item_digests) == digests(answer.seed, answer.items)
    items = [statement_pb2.ItemVerification.FromString(item) for item in answer.items]
    assert [item.index for item in items] == [0, 1, 2, 3]
    assert [int(item.outcome) for item in items] == [1, 2, 1, 2]
    assert [row.subject for row in house.entry.rows] == [
        house.knows(number) for number in (NUMBER, OTHER_NUMBER, NUMBER, NUMBER)
    ]
    assert house.register.asked == [Keys(numbers=(NUMBER, OTHER_NUMBER), old_numbers=(OLD_NUMBER,))]


async def test_no_two_batches_share_a_seed(house: House) -> None:
    """Or digests of the same item could be compared."""
    one, other = [await house.batch(CALL, [claim()]) for _ in range(2)]
    assert len(one.seed) == 32
    assert one.seed != other.seed
    assert one.items == other.items


async def test_a_resolution_leads_to_the_number_of_today(house: House) -> None:
    """From the old number; the access is the person's."""
    receipt = await house.verification.resolve_identifier(CALL, BY_OLD_NUMBER)
    said = statement_pb2.IdentifierResolution.FromString(receipt.statement.value)
    assert said.current_personal_id == NUMBER
    assert house.entry.rows == ((house.knows(NUMBER), Outcome.VERIFIED, 0),)


@pytest.mark.parametrize("asked", [claim(), BY_OLD_NUMBER])
async def test_a_lookup_records_what_it_disclosed(house: House, asked: Claim) -> None:
    """The bits of the fields that went out."""
    receipt = await house.lookup.lookup_citizen(CALL, asked, ["personal_id", "phone"])
    said = statement_pb2.CitizenDisclosure.FromString(receipt.statement.value)
    assert said.citizen.personal_id == NUMBER
    bits = 1 << FIELDS.index("personal_id")  # the register has no phone
    assert house.entry.rows == ((house.knows(NUMBER), Outcome.VERIFIED, bits),)


@pytest.mark.parametrize("asked", [UNKNOWN, claim(name="Lê Văn Bình"), claim(old="000000014")])
async def test_a_lookup_of_nobody_discloses_nothing(house: House, asked: Claim) -> None:
    """And reads the same as one that finds somebody."""
    receipt = await house.lookup.lookup_citizen(EXPLAINING, asked, [])
    said = statement_pb2.CitizenDisclosure.FromString(receipt.statement.value)
    assert not said.HasField("citizen")
    assert not said.HasField("person")
    assert not said.fields
    number = asked.personal_id
    assert house.register.asked == [Keys(numbers=(number,), details=(number,))]
    assert house.entry.rows == ((house.knows(number), Outcome.NOT_VERIFIED, 0),)


async def test_a_field_that_is_not_granted_is_refused_and_recorded(house: House) -> None:
    """With its reason, and without anybody's number."""
    with pytest.raises(Refused) as caught:
        await house.lookup.lookup_citizen(CALL, claim(), ["religion_code"])
    assert caught.value.reason == "FIELD_NOT_GRANTED"
    assert house.entry.rows == ()


@pytest.mark.parametrize("paths", [["sex"], []])
async def test_a_lookup_shows_no_more_than_the_grant(house: House, paths: list[str]) -> None:
    """A caller that may see one field."""
    one = policy(plain=Grant(frozenset({"sex"})))
    narrow = House(house.window, house.register, house.records, one)
    receipt = await narrow.lookup.lookup_citizen(CALL, claim(), paths)
    said = statement_pb2.CitizenDisclosure.FromString(receipt.statement.value)
    assert not said.citizen.personal_id
    assert not said.citizen.HasField("name")


async def test_a_malformed_request_reads_and_records_nothing(house: House) -> None:
    """Every story checks the shape first, before it asks who may."""
    bad = claim(number="1")
    stranger = CALL._replace(caller="nobody")
    verification, lookup = house.verification, house.lookup
    for call in (CALL, stranger):
        for story in (
            verification.verify_identity(call, bad),
            house.batch(call, [claim(), bad]),
            verification.resolve_identifier(call, bad),
            lookup.lookup_citizen(call, bad, []),
            lookup.lookup_citizen(CALL, claim(), ["no_field"]),
        ):
            with pytest.raises(MalformedRequest):
                await story
    assert (house.register.asked, house.records.commits) == ([], [])


async def test_a_stranger_is_refused_by_every_story(house: House) -> None:
    """And each refusal has its leaf."""
    stranger = CALL._replace(caller="nobody")
    verification, lookup = house.verification, house.lookup
    for story in (
        verification.verify_identity(stranger, claim()),
        house.batch(stranger, [claim()]),
        verification.resolve_identifier(stranger, claim()),
        lookup.lookup_citizen(stranger, claim(), []),
    ):
        with pytest.raises(Refused):
            await story
    assert [entry.rows for (entry,) in house.records.commits] == [()] * 4
    assert house.register.asked == [Keys()] * 4
