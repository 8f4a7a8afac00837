"""What a load test does, as plain values. Defaults are those of a scenario file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from clients.loadtest.arrivals import Spacing
from clients.loadtest.curve import Curve
from clients.loadtest.national import Nation, beginning_at


class Rpc(StrEnum):
    """What can be called."""

    VERIFY = "VerifyIdentity"
    BATCH = "BatchVerifyIdentities"
    LOOKUP = "LookupCitizen"
    RESOLVE = "ResolveIdentifier"
    RECONCILE = "ReconcileCitizens"


IN_BULK = frozenset({Rpc.BATCH, Rpc.RECONCILE})
MOST_RECORDS = 1000


class Kind(StrEnum):
    """What kind of claim a call makes."""

    KNOWN = "known"
    WRONG_NAME = "wrong_name"
    WRONG_BIRTH_DATE = "wrong_birth_date"
    UNKNOWN_NUMBER = "unknown_number"
    OLD_NUMBER = "old_number"


class Spelling(StrEnum):
    """How a name is written."""

    REGISTERED = "registered"
    """As the register has it, composed (NFC)."""
    DECOMPOSED = "decomposed"
    """The same letters, decomposed (NFD)."""
    UPPER = "upper"
    """In capitals, with marks."""
    UNMARKED = "unmarked"
    """Without tone and other marks."""
    JOINED = "joined"
    """As several real systems send it: capitals, no marks, no spaces."""


class Flow(StrEnum):
    """The parts of a nation's day."""

    COUNTERS = "counters"
    BULK = "bulk"
    SYNC = "sync"


@dataclass(frozen=True, slots=True)
class Part:
    """One sort of call.

    Attributes:
        rpc: What is called.
        share: How often, relative to the other parts of its flow.
        records: Persons a call; 1 unless the call is one of many.
        fields: Of LookupCitizen: what is asked for; empty for all that is granted.
        flow: Which curve of a nation's day it follows.
    """

    rpc: Rpc
    share: float = 1.0
    records: int = 1
    fields: tuple[str, ...] = ()
    flow: Flow = Flow.COUNTERS

    @property
    def label(self) -> str:
        """What a reader sees."""
        return f"{self.rpc} ×{self.records}" if self.rpc in IN_BULK else str(self.rpc)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        share: How often, relative to the other callers.
        credentials: TOML file that names caller, token key and TLS files; None for the command's.
        procedure, unit, officer: Of the context of every request; empty for the command's.
        units: How many units ask under this caller, by Zipf's law: the second half as often as
            the first, the third a third as often. 0 for the one unit alone.
    """

    share: float = 1.0
    credentials: Path | None = None
    procedure: str = ""
    unit: str = ""
    officer: str = ""
    units: int = 0


@dataclass(frozen=True, slots=True)
class Steady:
    """Open loop: the same rate all the time."""

    rate: float  # calls a second


@dataclass(frozen=True, slots=True)
class Sweep:
    """Open loop, one rate after the other, until the gateway cannot follow; then in between.

    Attributes:
        first: The first rate, calls a second.
        last: No higher one is tried.
        factor: From one rate to the next, until a step fails.
        refine: How often the gap between the last good and the first bad rate is halved.
        step: Seconds at each rate.
        p99_ms: A step fails when its 99th percentile is higher.
        answered: A step fails when a smaller part of what was offered was answered.
    """

    first: float
    last: float
    factor: float = 1.5
    refine: int = 2
    step: float = 10.0
    p99_ms: float = 100.0
    answered: float = 0.98


@dataclass(frozen=True, slots=True)
class Saturation:
    """Closed loop: so many callers, each of whom asks again once answered."""

    in_flight: int


@dataclass(frozen=True, slots=True)
class NationalDay:
    """Open loop: the nation's day, or a part of it.

    Attributes:
        nation: What is asked in a day.
        scale: A part of the nation; 0.01 is a hundredth of its calls.
        compress: As many times faster as the day is shorter; 60 plays an hour in a minute.
        start: The hour at which it begins.
    """

    nation: Nation
    scale: float = 1.0
    compress: float = 1.0
    start: float = 0.0

    def curve(self, flow: Flow) -> Curve:
        """Persons a second over the played time."""
        whole = {
            Flow.COUNTERS: self.nation.counters,
            Flow.BULK: self.nation.bulk,
            Flow.SYNC: self.nation.sync,
        }[flow]()
        return beginning_at(whole, self.start).scaled(self.scale).compressed(self.compress)


Shape = Steady | Sweep | Saturation | NationalDay


@dataclass(frozen=True, slots=True)
class Scenario:
    """A load test. Durations are seconds.

    Attributes:
        duration: Measured time; None for a whole day, or as many steps as a sweep takes.
        warm_up: Time before that, which is not measured.
        connections: Of each worker and caller.
        workers: Processes; None for one to each core but one, and at least one.
        timeout: Deadline of a call, from when it is sent.
        max_in_flight: Calls of one worker that wait for answers; what is due beyond is dropped.
        fail_if: Conditions that fail the test, see ``thresholds``.
    """

    name: str
    about: str
    shape: Shape
    mix: tuple[Part, ...]
    outcomes: dict[Kind, float] = field(default_factory=lambda: {Kind.KNOWN: 1.0})
    spellings: dict[Spelling, float] = field(default_factory=lambda: {Spelling.REGISTERED: 1.0})
    callers: tuple[Caller, ...] = (Caller(),)
    duration: float | None = 30.0
    warm_up: float = 3.0
    spacing: Spacing = Spacing.EVEN
    seed: int = 1
    connections: int = 4
    workers: int | None = None
    timeout: float = 10.0
    max_in_flight: int = 2000
    fail_if: tuple[str, ...] = ()

    @property
    def closed_loop(self) -> bool:
        """Whether calls wait for each other, so that a stall hides its own victims."""
        return isinstance(self.shape, Saturation)
