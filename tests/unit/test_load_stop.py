"""A load that is ended before its time, by the user's word or because nobody is left to hear of it.

No stretch of these tests ends by itself in the time that a test has.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, Pipe
from types import SimpleNamespace

import pytest

from clients.loadtest import pacer
from clients.loadtest.crew import Crew
from clients.loadtest.orders import Heard, Ready, Told
from clients.loadtest.recorder import Tick, Totals
from clients.loadtest.scenario import Part, Rpc, Saturation, Scenario, Steady
from clients.loadtest.stretches import at_rate, main_stretch
from tests.support.load_server import Stalling, job, stalling

LONG, PATIENCE = 600.0, 60  # seconds
MIX = (Part(Rpc.VERIFY),)
OPEN = Scenario("open", "", Steady(100.0), MIX, duration=LONG, workers=1)
CLOSED = Scenario("closed", "", Saturation(2), MIX, duration=LONG, workers=1)


@pytest.fixture
def server() -> Iterator[Stalling]:
    """One that answers at once."""
    with stalling() as running:
        yield running


def stopped(scenario: Scenario, server: Stalling) -> Totals:
    """What a worker tells of a stretch that was stopped when its first second was told of."""
    with Crew(1, 10.0) as crew:
        crew.prepare([job(scenario, server.address)])
        (totals,) = crew.run(main_stretch(scenario), lambda _worker, _tick: crew.stop())
        crew.dismiss()
    return totals


@pytest.mark.parametrize("scenario", [OPEN, CLOSED], ids=lambda scenario: str(scenario.name))
def test_stopped(scenario: Scenario, server: Stalling) -> None:
    """A stretch that is stopped ends soon, with what there was, and tells how long it was."""
    totals = stopped(scenario, server)
    assert totals.in_time > 0
    assert 1.0 <= totals.lasting < LONG


def test_stopped_while_nothing_is_due(server: Stalling) -> None:
    """Who waits for a call that is due much later does not wait for it."""
    rare = Scenario("rare", "", Steady(1 / LONG), MIX, duration=2 * LONG, workers=1)
    assert stopped(rare, server).lasting < LONG


def test_stopped_before_it_runs(server: Stalling) -> None:
    """A word that came before the stretch is not forgotten, and is not taken for the end."""
    with Crew(2, 10.0) as crew:
        crew.stop()
        crew.prepare([job(OPEN, server.address, worker, 2) for worker in range(2)])
        crew.stop()
        totals = crew.run(main_stretch(OPEN), lambda _worker, _tick: None)
        crew.stop()
        crew.dismiss()
    crew.stop()  # when all is over it does no harm
    assert max(each.lasting for each in totals) < LONG


def test_stopped_when_a_worker_is_done(server: Stalling) -> None:
    """A worker that has sent all it had to does not take the word for its end."""
    with Crew(2, 10.0) as crew:
        crew.prepare([job(OPEN, server.address, worker, 2) for worker in range(2)])

        def seen(_worker: int, tick: Tick) -> None:
            if tick.second:  # the last word of one, which is done before the other's is heard
                crew.stop()

        crew.run(at_rate(OPEN, 100.0, 1.5), seen)
        assert crew.dismiss()


def test_a_whole_stretch(server: Stalling) -> None:
    """A stretch that nobody stops lasts exactly as long as it was to last."""
    with Crew(1, 10.0) as crew:
        crew.prepare([job(OPEN, server.address)])
        (totals,) = crew.run(at_rate(OPEN, 100.0, 0.1), lambda _worker, _tick: None)
    assert (totals.lasting, totals.parts[0].due) == (0.1, 10)


@pytest.mark.parametrize("scenario", [OPEN, CLOSED], ids=lambda scenario: str(scenario.name))
def test_nobody_to_tell(scenario: Scenario, server: Stalling) -> None:
    """A worker whose test was killed stops sending at once, however long the stretch."""
    ours, theirs = Pipe()
    with theirs:
        command = [sys.executable, "-m", "clients.loadtest.worker", str(theirs.fileno())]
        worker = subprocess.Popen(  # noqa: S603 - our own module
            command, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE, text=True
        )
    with ours:
        begin(ours, scenario, server)
    try:
        _, said = worker.communicate(timeout=PATIENCE)
    finally:
        worker.kill()
    assert (worker.returncode, said) == (1, "")


def begin(pipe: Connection[Told, Heard], scenario: Scenario, server: Stalling) -> None:
    """Let a worker send until it has told of its first second."""
    pipe.send(job(scenario, server.address))
    assert isinstance(pipe.recv(), Ready)
    pipe.send(main_stretch(scenario)(time.monotonic()))
    heard = pipe.recv()
    assert isinstance(heard, Tick)


@pytest.mark.parametrize("platform", ["linux", "darwin"])
async def test_pacer(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for a moment, until it is released; on Linux by a clock of its own."""
    monkeypatch.setattr(pacer, "sys", SimpleNamespace(platform=platform))
    moment = time.monotonic() + 0.02
    with pacer.Pacer() as waiting:
        await waiting.until(moment)
        assert time.monotonic() >= moment - 0.001  # a loop's clock counts milliseconds
        asyncio.get_running_loop().call_soon(waiting.release)
        await waiting.until(moment + LONG)
        await waiting.until(moment + LONG)
        assert waiting.released
        assert time.monotonic() < moment + LONG
