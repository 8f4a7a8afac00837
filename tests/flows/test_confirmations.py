"""Who may have residence, household and attributes confirmed, and what is read and recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dancu.v1 import citizen_pb2, statement_pb2
from gateway.core.errors import MalformedRequest, Refused
from gateway.core.model import Assertion, SaidPerson
from gateway.core.policy import Grant
from gateway.core.residence import RESIDENCE_FIELDS
from gateway.flows.admission import Gate
from gateway.flows.attributes import Attributes
from gateway.flows.residence import Residence
from gateway.flows.window import Window, open_window
from mock_population_db.snapshot import Keys
from tests.support.policies import policy
from tests.support.records import authorize
from tests.support.scene import CALL, NOW, NUMBER, OLD_NUMBER, claim, person
from tests.support.stores import FakeRecords, FakeRegister

FATHER = Assertion("father", SaidPerson("Ai Đó", "", ""))
HEAD = Assertion("household_head", SaidPerson("Ai Đó", "", ""))
STRANGER = CALL._replace(caller="nobody")


class House:
    """The stories over one window, with one person known and one grant given."""

    def __init__(self, window: Window, register: FakeRegister, records: FakeRecords) -> None:
        self.window, self.register, self.records = window, register, records
        self.grant()

    def grant(self, *fields: str) -> None:
        """Let the plain caller see these fields, and no others."""
        gate = Gate(policy(plain=Grant(frozenset(fields))), self.window, NOW.timestamp)
        self.residence, self.attributes = Residence(gate), Attributes(gate)

    @property
    def refused(self) -> str:
        """The reason of the one refusal that was recorded, without anybody touched."""
        ((entry,),) = self.records.commits
        assert entry.rows == ()
        assert self.register.asked == [Keys()]
        return entry.call.rpc


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A house at work."""
    register = FakeRegister({NUMBER: person(old_id_number=OLD_NUMBER)})
    records = FakeRecords()
    async with open_window(Window(register, records, authorize, lambda: NOW)) as window:
        yield House(window, register, records)


async def test_residence_needs_one_of_its_fields(house: House) -> None:
    """With none of them there is nothing to confirm, and the refusal is recorded."""
    house.grant("name", "father")
    with pytest.raises(Refused) as caught:
        await house.residence.confirm_residence(CALL, claim())
    assert (caught.value.reason, caught.value.surplus) == ("FIELD_NOT_GRANTED", RESIDENCE_FIELDS)
    assert house.refused == CALL.rpc


async def test_residences_that_are_not_granted_are_withheld(house: House) -> None:
    """One field is enough for an answer, which says nothing of the others."""
    house.grant("temporary_residence")
    receipt = await house.residence.confirm_residence(CALL, claim())
    said = statement_pb2.ResidenceConfirmation.FromString(receipt.statement.value)
    withheld, missing = (
        citizen_pb2.FIELD_STATUS_WITHHELD,
        citizen_pb2.FIELD_STATUS_NOT_RECORDED,
    )
    assert [each.path for each in said.fields] == list(RESIDENCE_FIELDS)
    assert [each.status for each in said.fields] == [withheld, missing, withheld, withheld]


@pytest.mark.parametrize(
    ("granted", "kind", "surplus"),
    [
        ("temporary_residence", 1, "permanent_residence"),
        ("temporary_residence", 0, "permanent_residence"),
        ("permanent_residence", 2, "temporary_residence"),
    ],
)
async def test_a_household_needs_its_residence(
    house: House, granted: str, kind: int, surplus: str
) -> None:
    """The household of a residence is as open as the residence."""
    house.grant(granted)
    with pytest.raises(Refused) as caught:
        await house.residence.get_household(CALL, claim(), kind)
    assert (caught.value.reason, caught.value.surplus) == ("FIELD_NOT_GRANTED", (surplus,))
    assert house.refused == CALL.rpc


async def test_an_attribute_needs_its_field(house: House) -> None:
    """The surplus is named, each field once, and the refusal recorded."""
    house.grant("father")
    vital = Assertion("vital_status", 1)
    with pytest.raises(Refused) as caught:
        await house.attributes.verify_attributes(CALL, claim(), [FATHER, HEAD, vital, HEAD])
    assert caught.value.surplus == ("permanent_residence", "person_status")
    assert house.refused == CALL.rpc


async def test_what_is_granted_is_answered(house: House) -> None:
    """A caller that may have one attribute verified gets its result, and no value."""
    house.grant("father")
    receipt = await house.attributes.verify_attributes(CALL, claim(), [FATHER])
    said = statement_pb2.AttributeVerification.FromString(receipt.statement.value)
    assert len(said.results) == 1


@pytest.mark.parametrize(("asked", "homes"), [(FATHER, ()), (HEAD, (NUMBER,))])
async def test_households_are_read_for_their_head_alone(
    house: House, asked: Assertion, homes: tuple[str, ...]
) -> None:
    """What is read depends on the question, never on what is found."""
    house.grant("father", "permanent_residence")
    await house.attributes.verify_attributes(CALL, claim(), [asked])
    assert house.register.asked == [Keys((NUMBER,), details=(NUMBER,), households=homes)]


@pytest.mark.parametrize("old", [False, True])
async def test_one_read_for_residence_and_household(house: House, old: bool) -> None:  # noqa: FBT001 - a parameter
    """Identity, citizen and households are asked for at once, by the number of the claim."""
    house.grant(*RESIDENCE_FIELDS)
    asked = claim(number="", old=OLD_NUMBER) if old else claim()
    await house.residence.confirm_residence(CALL, asked)
    await house.residence.get_household(CALL, asked, 1)
    number = (OLD_NUMBER,) if old else (NUMBER,)
    decided = Keys(old_numbers=number) if old else Keys(numbers=number)
    assert house.register.asked == [decided._replace(details=number, households=number)] * 2


async def test_strangers_and_malformed_requests(house: House) -> None:
    """Who has no grant is refused and recorded; what is malformed is neither read nor recorded."""
    house.grant(*RESIDENCE_FIELDS, "father")
    residence, attributes = house.residence, house.attributes
    for story in (
        residence.confirm_residence(CALL, claim("1")),
        residence.get_household(CALL, claim(), 3),
        attributes.verify_attributes(CALL, claim(), []),
    ):
        with pytest.raises(MalformedRequest):
            await story
    assert house.records.commits == []
    for story in (
        residence.confirm_residence(STRANGER, claim()),
        residence.get_household(STRANGER, claim(), 1),
        attributes.verify_attributes(STRANGER, claim(), [FATHER]),
    ):
        with pytest.raises(Refused):
            await story
    assert [entry.rows for (entry,) in house.records.commits] == [()] * 3
