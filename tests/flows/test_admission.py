"""Step (2): what is charged whatever becomes of a call, and how refusals are gathered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from gateway.core.errors import QuotaExceeded, Refused, Unavailable
from gateway.core.model import Call
from gateway.core.policy import Grant
from gateway.core.pool import Quota
from gateway.flows.admission import Gate, open_gate
from gateway.flows.lookup import Lookup
from gateway.flows.verification import Verification
from gateway.flows.window import Window, open_window
from tests.support.policies import policy
from tests.support.records import authorize
from tests.support.scene import CALL, NOW, NUMBER, claim, person
from tests.support.stores import FakeRecords, FakeRegister

OTHER = CALL._replace(caller="other")
SEX = Grant(frozenset({"sex"}))
POLICY = policy(
    {
        ("plain", "*"): Quota(per_day=5, mismatches_per_number_per_day=3),
        ("other", "*"): Quota(per_day=1),
    },
    plain=SEX,
    other=SEX,
)
WRONG = claim(name="Lê Văn Bình")


@dataclass
class House:
    """A gate before a window, and what it entered as refusals."""

    gate: Gate
    register: FakeRegister
    records: FakeRecords
    entered: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Records left of the plain caller's day."""
        found = self.gate.remaining("plain", CALL.context.procedure_code)
        assert found is not None
        return found.records

    def verify(self, call: Call = CALL) -> asyncio.Task[object]:
        """A call under way."""
        return asyncio.create_task(Verification(self.gate).verify_identity(call, claim()))

    async def use_up(self, call: Call, times: int) -> None:
        """Ask until nothing is left, and then some."""
        for _ in range(times):
            with pytest.raises(QuotaExceeded):
                await self._go_on(call)

    async def _go_on(self, call: Call) -> None:
        while True:
            await Verification(self.gate).verify_identity(call, claim())


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A house at work, whose minute is a moment."""
    register, records = FakeRegister({NUMBER: person()}), FakeRecords()
    async with open_window(Window(register, records, authorize, lambda: NOW)) as window:
        gate = Gate(POLICY, window, NOW.timestamp, gather_seconds=0.05)
        made = House(gate, register, records)
        record = gate.record

        async def noted(call: Call, reason: str, version: str, count: int = 1) -> None:
            await record(call, reason, version, count)
            made.entered.append((call.caller, reason, count))

        monkeypatch.setattr(gate, "record", noted)
        async with open_gate(gate):
            yield made


async def turn() -> None:
    """Let everybody who can go on, go on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_caller_that_goes_away_is_charged_for_what_was_recorded(house: House) -> None:
    """Cancelled while its record was being made: the leaf stands, and so does the charge."""
    house.records.gate = asyncio.Event()
    task = house.verify()
    await house.records.begun.wait()
    task.cancel()
    house.records.gate.set()
    await turn()
    assert (len(house.records.commits), house.left) == (1, 4)


async def test_a_caller_that_goes_away_in_time_is_not_charged(house: House) -> None:
    """Cancelled before its window began: it leaves nothing."""
    house.records.gate = asyncio.Event()
    first = house.verify()
    await house.records.begun.wait()
    second = house.verify()
    await turn()
    assert house.left == 3
    second.cancel()
    house.records.gate.set()
    await first
    await turn()
    assert (len(house.records.commits), house.left) == (1, 4)


@pytest.mark.parametrize("store", ["register", "records"])
async def test_what_could_not_be_answered_is_not_charged(house: House, store: str) -> None:
    """Whichever store is down; nor do wrong claims count as guesses then."""
    getattr(house, store).down = True
    for _ in range(9):
        with pytest.raises(Unavailable):
            await Verification(house.gate).verify_identity(CALL, WRONG)
    assert house.left == 5
    getattr(house, store).down = False
    for _ in range(3):
        await Verification(house.gate).verify_identity(CALL, WRONG)
    with pytest.raises(QuotaExceeded):
        await Verification(house.gate).verify_identity(CALL, WRONG)


async def test_a_refused_field_is_not_charged(house: House) -> None:
    """It has an entry of its own at once."""
    with pytest.raises(Refused):
        await Lookup(house.gate).lookup_citizen(CALL, claim(), ["name"])
    assert house.left == 5
    assert house.entered == [("plain", "FIELD_NOT_GRANTED", 1)]


async def test_refusals_for_want_of_quota_are_gathered(house: House) -> None:
    """One entry a caller and minute, with the count; the next minute's are apart."""
    await house.use_up(CALL, 7)
    await house.use_up(OTHER, 2)
    assert house.entered == []
    await asyncio.sleep(0.1)
    reason = "QUOTA_DAY_EXCEEDED"
    assert house.entered == [("plain", reason, 7), ("other", reason, 2)]
    await house.use_up(CALL, 1)
    await asyncio.sleep(0.1)
    assert house.entered[2:] == [("plain", reason, 1)]


async def test_what_was_gathered_is_entered_at_the_end(house: House) -> None:
    """A gate that closes waits for no minute."""
    window = house.gate.window
    gate = Gate(POLICY, window, NOW.timestamp, gather_seconds=3600)
    before = len(house.records.commits)
    async with open_gate(gate):
        verification = Verification(gate)
        await verification.verify_identity(OTHER, claim())
        for _ in range(3):
            with pytest.raises(QuotaExceeded):
                await verification.verify_identity(OTHER, claim())
    assert len(house.records.commits) == before + 2


async def test_gathered_refusals_outlast_an_outage(house: House) -> None:
    """They are entered once the records are back, with those that came meanwhile."""
    await house.use_up(CALL, 3)
    house.records.down = True
    await asyncio.sleep(0.1)
    assert house.entered == []
    await house.use_up(CALL, 2)
    house.records.down = False
    await asyncio.sleep(0.15)
    assert house.entered == [("plain", "QUOTA_DAY_EXCEEDED", 5)]


async def test_a_call_under_way_keeps_its_grant(house: House) -> None:
    """A policy that is adopted meanwhile decides from the next call on."""
    house.records.gate = asyncio.Event()
    first = house.verify()
    await house.records.begun.wait()
    second = house.verify()
    await turn()
    house.gate.adopt(policy(other=SEX))
    house.records.gate.set()
    await asyncio.gather(first, second)
    with pytest.raises(Refused):
        await house.verify()
