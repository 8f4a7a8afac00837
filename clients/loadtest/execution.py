"""One load test from beginning to end: workers, warm-up, load, drain, verification, result."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from clients.loadtest import result as results
from clients.loadtest.crew import Crew
from clients.loadtest.environment import cores
from clients.loadtest.errors import NothingMeasuredError
from clients.loadtest.orders import Job, Sample
from clients.loadtest.people import Person
from clients.loadtest.recorder import Tick
from clients.loadtest.sampled import Verified, verify_samples
from clients.loadtest.scenario import Scenario, Sweep
from clients.loadtest.stretches import Stretch, at_rate, main_stretch, warm_up_stretch
from clients.loadtest.sweeping import Metrics, Step, climb, knee
from clients.loadtest.tally import Seconds, Whole
from clients.loadtest.words import counted
from clients.sdk.credentials import Credentials
from clients.sdk.exchange import Exchange
from clients.sdk.requests import CallContext
from clients.sdk.transport import Transport
from clients.sdk.trust import Trust

_SAMPLES = 200
_GREETING = "/dancu.v1.EvidenceService/GetCheckpoint"


class Watcher(Protocol):
    """Whom to tell how it goes."""

    def phase(self, name: str, seconds: float | None) -> None:
        """Something begins that takes so many seconds, if that is known."""

    def seen(self, seconds: Seconds) -> None:
        """Another second was told of."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the load goes, and on whose behalf.

    Attributes:
        server: HOST:PORT.
        trust: Whose statements to believe.
        contexts: Of each of the scenario's callers.
        credentials: Likewise; None for none.
        timeout: Seconds for the calls that are no load.
    """

    server: str
    trust: Trust
    contexts: tuple[CallContext, ...]
    credentials: tuple[Path | None, ...]
    timeout: float

    @property
    def secure(self) -> bool:
        """Whether the load goes over TLS."""
        return any(one and Credentials.from_file(one).channel for one in self.credentials)


@dataclass(slots=True)
class Stretched:
    """A stretch that is over."""

    whole: Whole
    seconds: Seconds
    planned: float  # seconds that it was to last
    lasting: float  # seconds in which calls were due; less when the user ended it
    taken: float  # seconds until the last answer

    @property
    def cut(self) -> bool:
        """Whether the user ended it before all was sent."""
        return self.lasting < self.planned


class LoadTest:
    """A scenario against a target.

    Args:
        scenario: What is sent.
        target: Where to.
        people: Whom it is about.
        watcher: Whom to tell.
    """

    def __init__(
        self, scenario: Scenario, target: Target, people: list[Person], watcher: Watcher
    ) -> None:
        self._scenario, self._target = scenario, target
        self._people, self._watcher = people, watcher
        self._workers = scenario.workers or max(cores() - 1, 1)
        self._crew = Crew(self._workers, scenario.timeout)
        self._stopped = False

    def run(self, people_from: str) -> dict[str, Any]:
        """Run it, and return the result.

        Args:
            people_from: Where the people come from, for the reader of the result.

        Raises:
            LoadError: It could not be run to its end.
            NothingMeasuredError: The user ended it too early for a result.
            Refused, Unreachable, UntrustedAnswer: The gateway cannot be asked, or believed.
        """
        began = datetime.now(UTC)
        with self._crew as crew:
            self._begin()
            own = _cpu_seconds()
            done, steps = self._measure()
            own = _cpu_seconds() - own
            stopped = self._ended(done)
            samples = crew.dismiss()
        self._watcher.phase(f"verifying {counted(len(samples), 'answer')}", None)
        verified = asyncio.run(self._verified(samples))
        return results.assemble(
            self._scenario,
            done,
            steps,
            results.Conditions(
                began=began,
                server=self._target.server,
                secure=self._target.secure,
                tokens=any(self._target.credentials),
                workers=self._workers,
                own_cpu=own,
                people=len(self._people),
                people_from=people_from,
                stopped=stopped,
            ),
            verified,
        )

    def stop(self) -> None:
        """End early: what is under way is still waited for, and told of."""
        self._stopped = True
        self._crew.stop()

    def _begin(self) -> None:
        """Connect and warm up; NothingMeasuredError when the user ends it meanwhile."""
        asyncio.run(self._greet())
        self._watcher.phase("connecting", None)
        self._crew.prepare(self._jobs())
        warming = warm_up_stretch(self._scenario)
        if warming and not self._stopped:
            self._stretch("warming up", warming)
        if self._stopped:
            self._crew.dismiss()
            raise NothingMeasuredError

    def _ended(self, done: Sequence[Stretched]) -> bool:
        """Whether the user ended it before all was sent; NothingMeasuredError if all was unsent."""
        if self._stopped and not any(each.whole.counts()["due"] for each in done):
            self._crew.dismiss()
            raise NothingMeasuredError
        return self._stopped and (isinstance(self._scenario.shape, Sweep) or done[0].cut)

    def _measure(self) -> tuple[list[Stretched], list[Step]]:
        """The stretches that count, the one that the result is about first."""
        shape = self._scenario.shape
        if not isinstance(shape, Sweep):
            return [self._stretch("sending", main_stretch(self._scenario))], []
        done: list[Stretched] = []

        def measure(rate: float) -> Metrics | None:
            if self._stopped:
                return None
            stretch = at_rate(self._scenario, rate, shape.step)
            done.append(self._stretch(f"{rate:,.0f} calls/s", stretch))
            return None if done[-1].cut else done[-1].whole.metrics()

        steps = climb(shape, measure)
        best = knee(steps)
        place = steps.index(best) if best else 0
        return [*done[place : place + 1], *done[:place], *done[place + 1 :]], steps

    def _stretch(self, name: str, stretch: Stretch) -> Stretched:
        seconds, planned = Seconds(), stretch(0.0).seconds
        self._watcher.phase(name, planned)

        def seen(worker: int, tick: Tick) -> None:
            seconds.add(worker, tick)
            self._watcher.seen(seconds)

        began = time.monotonic()
        totals = self._crew.run(stretch, seen)
        taken = time.monotonic() - began
        lasting = min(planned, max(each.lasting for each in totals))
        whole = Whole(self._scenario.mix, totals, lasting)
        return Stretched(whole, seconds, planned, lasting, taken)

    def _jobs(self) -> Sequence[Job]:
        target = self._target
        return [
            Job(
                worker,
                self._workers,
                target.server,
                self._scenario,
                self._people,
                target.contexts,
                target.credentials,
                -(-_SAMPLES // self._workers),
            )
            for worker in range(self._workers)
        ]

    async def _greet(self) -> None:
        """Is anybody there, and to be believed? Better asked now than by all workers at once."""
        async with self._exchange() as exchange:
            await exchange.transport.call(_GREETING, b"")
            await exchange.checker.key_set()

    async def _verified(self, samples: Sequence[Sample]) -> Verified:
        known = [Credentials.from_file(one) if one else None for one in self._target.credentials]
        audiences = [one.tokens.caller if one and one.tokens else None for one in known]
        async with self._exchange() as exchange:
            return await verify_samples(samples, exchange.checker, audiences)

    @asynccontextmanager
    async def _exchange(self) -> AsyncIterator[Exchange]:
        """A connection as the first caller."""
        target, file = self._target, self._target.credentials[0]
        known = Credentials.from_file(file) if file else None
        transport = Transport(target.server, known, target.timeout)
        exchange = Exchange(transport, target.trust, target.contexts[0], None)
        try:
            yield exchange
        finally:
            await exchange.close()


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
