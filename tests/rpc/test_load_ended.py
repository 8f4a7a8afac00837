"""A load test that its user ends with Ctrl-C, against a real gateway."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from clients.loadtest.arrivals import Spacing
from clients.loadtest.errors import NothingMeasuredError
from clients.loadtest.execution import LoadTest, Target
from clients.loadtest.people import Person
from clients.loadtest.scenario import Part, Rpc, Scenario, Shape, Steady, Sweep
from clients.loadtest.tally import Seconds
from tests.rpc.gateways import CONTEXT, Running

LONG = 600.0  # seconds
PEOPLE = [
    Person("079088000001", "", "Trần Minh Khôi", "1988-03-14"),
    Person("001148000017", "", "Hoà", "1948"),
]


@dataclass
class Impatient:
    """A user who ends a test as soon as a phase begins, or as its first second was seen."""

    phase_of_end: str
    at_once: bool
    test: LoadTest | None = None
    phases: list[str] = field(default_factory=list)

    def phase(self, name: str, seconds: float | None) -> None:  # noqa: ARG002 - as it is called
        """Something begins."""
        self.phases.append(name)
        if self.at_once:
            self._end(name)

    def seen(self, seconds: Seconds) -> None:  # noqa: ARG002 - as it is called
        """A second is over."""
        self._end(self.phases[-1])

    def _end(self, phase: str) -> None:
        if self.test and phase.startswith(self.phase_of_end):
            self.test.stop()


async def run(running: Running, shape: Shape, user: Impatient, **changes: Any) -> dict[str, Any]:
    """The result of a test that its user ends."""
    scenario = Scenario("long", "", shape, (Part(Rpc.VERIFY),), duration=LONG, workers=1)
    target = Target(running.grpc, running.trust, (CONTEXT,), (None,), timeout=30.0)
    user.test = LoadTest(replace(scenario, **changes), target, PEOPLE, user)
    return await asyncio.to_thread(user.test.run, "the test")


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("shape", [Steady(20.0), Sweep(20.0, 40.0)], ids=["steady", "sweep"])
async def test_ended_while_it_warms_up(running: Running, shape: Shape, *, at_once: bool) -> None:
    """A word during the warm-up ends the test, not the warm-up only."""
    user = Impatient("warming up", at_once)
    with pytest.raises(NothingMeasuredError, match="ended before anything was measured"):
        await run(running, shape, user, warm_up=LONG)
    assert user.phases == ["connecting", "warming up"]


async def test_ended_while_it_connects(running: Running) -> None:
    """A word that comes while workers connect is no trouble to them, and nothing is sent."""
    user = Impatient("connecting", at_once=True)
    with pytest.raises(NothingMeasuredError):
        await run(running, Steady(20.0), user, warm_up=LONG)
    assert user.phases == ["connecting"]


async def test_ended_before_a_call_was_due(running: Running) -> None:
    """Where no call was due yet there is no result to believe in."""
    never = Steady(1e-9)
    with pytest.raises(NothingMeasuredError):
        await run(running, never, Impatient("sending", at_once=False), spacing=Spacing.POISSON)


async def test_ended_while_it_is_measured(running: Running) -> None:
    """What there was makes a result that says how much of the test it is."""
    result = await run(running, Steady(20.0), Impatient("sending", at_once=False))
    assert result["stopped_early"]
    assert result["scenario"]["planned_seconds"] == LONG
    assert 0 < result["scenario"]["seconds"] < LONG
    assert 0 < result["counts"]["due"] == result["counts"]["answered"]
    assert any(each.startswith("ended early: ") for each in result["doubts"])


async def test_ended_in_the_first_step_of_a_sweep(running: Running) -> None:
    """The step that was cut is no step that failed."""
    result = await run(
        running, Sweep(20.0, 40.0, step=LONG), Impatient("20 calls/s", at_once=False)
    )
    assert (result["stopped_early"], result["steps"], result["knee"]) == (True, [], None)


async def test_ended_when_all_was_sent(running: Running) -> None:
    """A word that comes when nothing is left to end changes nothing."""
    result = await run(running, Steady(20.0), Impatient("verifying", at_once=True), duration=0.5)
    assert not result["stopped_early"]
    assert result["counts"]["due"] == 10
