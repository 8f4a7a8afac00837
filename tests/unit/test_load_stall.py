"""The trap that load tests fall into: a server stalls, and who waits for it does not ask meanwhile.

A call that is due during a stall waits for its end. A client that asks again once answered sees one
slow call (coordinated omission); who asks on a schedule sees all that were due.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import grpc
import pytest

from clients.loadtest.crew import Crew
from clients.loadtest.errors import NoGatewayError
from clients.loadtest.orders import Job, Run
from clients.loadtest.people import Person
from clients.loadtest.recorder import Tick, Totals
from clients.loadtest.scenario import Part, Rpc, Saturation, Scenario, Steady
from clients.loadtest.stretches import main_stretch
from clients.loadtest.tally import Whole
from clients.sdk import CallContext

RATE, SECONDS = 100.0, 2.0
STALL_FROM, STALL = 0.6, 0.8  # seconds
MIX = (Part(Rpc.VERIFY),)
PEOPLE = [
    Person("001090000013", "", "Lê Văn An", "1990"),
    Person("001148000017", "", "Hoà", "1948"),
]
CONTEXT = CallContext("P", "U", "O")
OPEN = Scenario("open", "", Steady(RATE), MIX, duration=SECONDS, connections=2, workers=2)


@dataclass
class Stalling:
    """A server that answers at once, but for one stall."""

    address: str
    begins: float = field(default=float("inf"))
    status: grpc.StatusCode | None = None

    def answer(self, _request: bytes, context: grpc.ServicerContext) -> bytes:
        """Wait until the stall is over, if there is one."""
        now = time.monotonic()
        if self.begins <= now < self.begins + STALL:
            time.sleep(self.begins + STALL - now)
        if self.status is not None:
            context.abort(self.status, "as the test wants it")
        return b"answer"


@pytest.fixture
def server() -> Iterator[Stalling]:
    """One of them, in threads of this process."""
    with ThreadPoolExecutor(256) as threads:
        running = grpc.server(threads)
        stalling = Stalling(f"127.0.0.1:{running.add_insecure_port('127.0.0.1:0')}")
        handler = grpc.method_handlers_generic_handler(
            "dancu.v1.IdentityService",
            {"VerifyIdentity": grpc.unary_unary_rpc_method_handler(stalling.answer)},
        )
        running.add_generic_rpc_handlers((handler,))
        running.start()
        yield stalling
        running.stop(None).wait()


def job(scenario: Scenario, address: str, worker: int = 0, workers: int = 1) -> Job:
    """A worker's job."""
    return Job(worker, workers, address, scenario, PEOPLE, (CONTEXT,), (None,), 5)


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


def test_stopped(server: Stalling) -> None:
    """A stretch that is stopped ends within a second or so, with what there was."""
    long = Scenario("long", "", Steady(RATE), MIX, duration=600.0, workers=1)
    with Crew(1, 10.0) as crew:
        crew.prepare([job(long, server.address)])
        timer = threading.Timer(0.5, crew.stop)
        timer.start()
        totals = crew.run(main_stretch(long), lambda _worker, _tick: None)
        timer.join()
    assert 0 < Whole(MIX, totals, 1.0).counts()["answered"] < 500


def test_nobody_there() -> None:
    """A worker that cannot connect says so."""
    with Crew(1, 10.0) as crew, pytest.raises(NoGatewayError, match="no connection within 2 s"):
        crew.prepare([job(replace(OPEN, timeout=0.5), "127.0.0.1:1")])
