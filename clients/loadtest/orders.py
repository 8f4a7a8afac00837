"""What a worker is told, and what it tells: plain values that pass through a pipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clients.loadtest.curve import Curve
from clients.loadtest.people import Person
from clients.loadtest.recorder import Tick, Totals
from clients.loadtest.scenario import Kind, Rpc, Scenario
from clients.sdk.requests import CallContext


@dataclass(frozen=True, slots=True)
class Job:
    """Told once, at the beginning.

    Attributes:
        worker: Which one, from 0.
        workers: Of how many.
        server: HOST:PORT.
        scenario: What is sent.
        people: Whom it is about.
        contexts: Of each of the scenario's callers.
        credentials: Likewise; None for none.
        samples: How many answers to keep.
    """

    worker: int
    workers: int
    server: str
    scenario: Scenario
    people: list[Person]
    contexts: tuple[CallContext, ...]
    credentials: tuple[Path | None, ...]
    samples: int


@dataclass(frozen=True, slots=True)
class Stream:
    """Calls that follow one curve: places in the scenario's mix, with their shares."""

    curve: Curve
    parts: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of load.

    Attributes:
        start: When, by the system's monotonic clock.
        seconds: How long.
        streams: Open loop: what is due when.
        in_flight: Closed loop: how many callers, in all workers together; 0 for open loop.
    """

    start: float
    seconds: float
    streams: tuple[Stream, ...]
    in_flight: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """An answer that was kept, to be verified when there is time.

    Attributes:
        rpc: What was called.
        kind: What kind of claim the first one was.
        request: The bytes that were sent.
        request_id: As it stands in them, or in the session.
        answer: The bytes that came back.
        caller: Which of the scenario's callers asked.
    """

    rpc: Rpc
    kind: Kind
    request: bytes
    request_id: str
    answer: bytes
    caller: int


@dataclass(frozen=True, slots=True)
class Ready:
    """Connected, requests at hand."""


@dataclass(frozen=True, slots=True)
class Unconnected:
    """No connection could be made."""

    detail: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Told a worker: send no more in the stretch that runs. Between stretches it means nothing."""


@dataclass(frozen=True, slots=True)
class End:
    """Told a worker between stretches: there is no more to do."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The last word of a worker."""

    samples: list[Sample]


Told = Job | Run | Stop | End
Heard = Ready | Unconnected | Tick | Totals | Samples
