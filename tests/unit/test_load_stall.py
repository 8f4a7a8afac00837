"""The trap that load tests fall into: a server stalls, and who waits for it does not ask meanwhile.

A call that is due during a stall waits for its end. A client that asks again once answered sees one
slow call (coordinated omission); who asks on a schedule sees all that were due.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import grpc
import pytest

from clients.loadtest.crew import Crew
from clients.loadtest.errors import NoGatewayError
from clients.loadtest.orders import Run
from clients.loadtest.recorder import Tick, Totals
from clients.loadtest.scenario import Part, Rpc, Saturation, Scenario, Steady
from clients.loadtest.stretches import main_stretch
from clients.loadtest.tally import Whole
from tests.support.load_server import STALL, Stalling, job, stalling

RATE, SECONDS = 100.0, 2.0
STALL_FROM = 0.6  # seconds
MIX = (Part(Rpc.VERIFY),)
OPEN = Scenario("open", "", Steady(RATE), MIX, duration=SECONDS, connections=2, workers=2)


@pytest.fixture
def server() -> Iterator[Stalling]:
    """One that has not stalled yet."""
    with stalling() as running:
        yield running


def measured(scenario: Scenario, server: Stalling, *, stall: bool) -> tuple[Whole, list[Tick]]:
    """Run a scenario on two workers, with a stall in its middle or without."""
    ticks: list[Tick] = []
    stretch = main_stretch(scenario)

    def started(start: float) -> Run:
        if stall:
            server.begins = start + STALL_FROM
        return stretch(start)

    with Crew(2, 10.0) as crew:
        crew.prepare([job(scenario, server.address, worker, 2) for worker in range(2)])
        totals: list[Totals] = crew.run(started, lambda _, tick: ticks.append(tick))
        assert len(crew.dismiss()) == 10
    return Whole(scenario.mix, totals, SECONDS), ticks


def test_a_stall_is_in_the_percentiles(server: Stalling) -> None:
    """Open loop: every call that was due during a stall counts with the time it waited."""
    whole, ticks = measured(OPEN, server, stall=True)
    counts, metrics = whole.counts(), whole.metrics()
    due_in_stall = STALL * RATE
    assert counts["due"] == counts["answered"] == RATE * SECONDS
    assert counts["dropped"] == counts["failed"] == 0
    # two fifths of the calls waited, the first of them for the whole stall
    assert metrics["p50_ms"] < STALL * 1000 / 2
    assert metrics["p90_ms"] > STALL * 1000 / 2
    assert metrics["max_ms"] == pytest.approx(STALL * 1000, rel=0.35)
    waited = sum(
        1 for at in range(101) if whole.latency.get_value_at_percentile(at) > STALL * 100_000
    )
    assert waited >= 0.8 * (100 * due_in_stall / counts["due"])
    assert sum(tick.due for tick in ticks) == counts["due"]


def test_a_closed_loop_does_not_see_it(server: Stalling) -> None:
    """Closed loop: the same stall is a few calls among thousands, which is why it is marked."""
    closed = Scenario("closed", "", Saturation(2), MIX, duration=SECONDS, connections=1, workers=2)
    whole, _ = measured(closed, server, stall=True)
    assert whole.metrics()["max_ms"] > STALL * 1000 / 2
    assert whole.metrics()["p90_ms"] < STALL * 1000 / 8


def test_too_many_wait(server: Stalling) -> None:
    """Calls beyond the limit of those that wait are dropped, and counted as such."""
    narrow = Scenario("narrow", "", Steady(RATE), MIX, duration=SECONDS, workers=2, max_in_flight=5)
    counts = measured(narrow, server, stall=True)[0].counts()
    assert counts["dropped"] == pytest.approx(STALL * RATE - 10, abs=15)
    assert counts["answered"] + counts["dropped"] == counts["due"] == RATE * SECONDS


def test_statuses(server: Stalling) -> None:
    """What is refused is counted by its status, with what was said."""
    server.status = grpc.StatusCode.RESOURCE_EXHAUSTED
    with Crew(1, 10.0) as crew:
        crew.prepare([job(OPEN, server.address)])
        totals = crew.run(main_stretch(OPEN), lambda _worker, _tick: None)
        assert crew.dismiss() == []
    whole = Whole(MIX, totals, SECONDS)
    assert whole.statuses == {"RESOURCE_EXHAUSTED": RATE * SECONDS}
    assert whole.errors == {"RESOURCE_EXHAUSTED": "as the test wants it"}
    assert whole.metrics()["error_rate"] == 1.0
    assert "p50_ms" not in whole.metrics()


def test_drained(server: Stalling) -> None:
    """What is under way when the schedule ends is waited for, and counted apart."""
    short = Scenario("short", "", Steady(RATE), MIX, duration=1.0, workers=2)
    counts = measured(short, server, stall=True)[0].counts()
    assert counts["drained"] == pytest.approx((1.0 - STALL_FROM) * RATE, abs=15)
    assert counts["in_time"] + counts["drained"] == counts["answered"] == counts["due"] == RATE


def test_nobody_there() -> None:
    """A worker that cannot connect says so."""
    with Crew(1, 10.0) as crew, pytest.raises(NoGatewayError, match="no connection within 2 s"):
        crew.prepare([job(replace(OPEN, timeout=0.5), "127.0.0.1:1")])
