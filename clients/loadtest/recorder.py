"""What one worker saw: counts, and latencies in HdrHistograms, in microseconds.

*Latency* is counted from the moment a call was due, whether or not it could be sent then: the
caller who waits does not mind whose fault it is. *Service time* is counted from when it was sent.
Their difference is what a client of the closed-loop kind never sees (coordinated omission).

Latency is of calls that were answered OK and of those that ran into their deadline, with the time
they waited. Refusals come back fast and would flatter it: they are counted by status.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from clients.loadtest.histograms import histogram, microseconds

OK = "OK"
DEADLINE = "DEADLINE_EXCEEDED"
LATE_US = 5_000
"""A call that is sent so much after it was due is late."""


@dataclass(slots=True)
class Tick:
    """About a second of a run, from one worker.

    Attributes:
        second: Since the start, whole.
        due: Calls that were due.
        answered: OK answers.
        records: Persons in those.
        late: Calls that were sent late.
        dropped: Calls that were not sent.
        statuses: Answers by gRPC status.
        latency: Encoded histogram.
        cpu: Seconds of CPU time that the worker has used since the start.
    """

    second: int
    due: int = 0
    answered: int = 0
    records: int = 0
    late: int = 0
    dropped: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    latency: bytes = b""
    cpu: float = 0.0


@dataclass(slots=True)
class PartTotals:
    """One sort of call over a whole run, from one worker.

    Bytes are of messages, without frames; ``waited`` is the sum of all latencies, in seconds.
    """

    due: int = 0
    answered: int = 0
    records: int = 0
    failed: int = 0
    dropped: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    waited: float = 0.0
    latency: bytes = b""


@dataclass(slots=True)
class Totals:
    """A whole run, from one worker.

    Attributes:
        parts: As in the scenario's mix.
        statuses: Answers by gRPC status.
        lasting: Seconds in which calls were due.
        in_time: OK answers that came before the schedule ended, and ...
        in_time_records: ... the persons in them.
        drained: Answers that came after that.
        late: Calls sent late.
        service, lag: Encoded histograms: from sent to answered, and from due to sent.
        errors: What gRPC said of failures, one example of each status.
    """

    parts: list[PartTotals]
    statuses: Counter[str]
    lasting: float
    in_time: int
    in_time_records: int
    drained: int
    late: int
    service: bytes
    lag: bytes
    errors: dict[str, str]


class Recorder:
    """Counts; ``flush`` gives a second away, ``totals`` the whole."""

    def __init__(self, parts: int) -> None:
        self._parts = [PartTotals() for _ in range(parts)]
        self._latency = [histogram() for _ in range(parts)]
        self._service, self._lag = histogram(), histogram()
        self._statuses: Counter[str] = Counter()
        self._errors: dict[str, str] = {}
        self._late = self._drained = self._in_time = self._in_time_records = 0
        self._tick, self._tick_latency = Tick(0), histogram()
        self._lasting, self._draining = 0.0, False

    def due(self, part: int, size: int, lag: float) -> None:
        """A call is sent, ``lag`` seconds after it was due."""
        micros = microseconds(lag)
        self._lag.record_value(micros)
        late = micros > LATE_US
        self._late += late
        self._tick.late += late
        self._tick.due += 1
        totals = self._parts[part]
        totals.due += 1
        totals.bytes_out += size

    def dropped(self, part: int) -> None:
        """A call was due, but too many were waiting already."""
        self._tick.due += 1
        self._tick.dropped += 1
        self._parts[part].due += 1
        self._parts[part].dropped += 1

    def answered(self, part: int, records: int, size: int, latency: float, service: float) -> None:
        """An OK answer of ``size`` bytes; seconds since it was due and since it was sent."""
        totals = self._parts[part]
        totals.answered += 1
        totals.records += records
        totals.bytes_in += size
        self._tick.answered += 1
        self._tick.records += records
        if self._draining:
            self._drained += 1
        else:
            self._in_time += 1
            self._in_time_records += records
        self._count(OK)
        self._time(part, latency, service)

    def failed(self, part: int, status: str, detail: str, latency: float, service: float) -> None:
        """Another status than OK."""
        self._parts[part].failed += 1
        self._drained += self._draining
        self._errors.setdefault(status, detail)
        self._count(status)
        if status == DEADLINE:
            self._time(part, latency, service)

    def drain(self, lasting: float) -> None:
        """No more calls are due, so many seconds after the first: what comes now is drained."""
        self._lasting, self._draining = lasting, True

    def flush(self, second: int, cpu: float) -> Tick:
        """What there was since the last flush."""
        tick, self._tick = self._tick, Tick(0)
        tick.second, tick.cpu = second, cpu
        tick.latency = self._tick_latency.encode()
        self._tick_latency.reset()
        return tick

    def totals(self) -> Totals:
        """All there was."""
        for totals, latency in zip(self._parts, self._latency, strict=True):
            totals.latency = latency.encode()
        return Totals(
            self._parts,
            self._statuses,
            self._lasting,
            self._in_time,
            self._in_time_records,
            self._drained,
            self._late,
            self._service.encode(),
            self._lag.encode(),
            self._errors,
        )

    def _count(self, status: str) -> None:
        self._statuses[status] += 1
        self._tick.statuses[status] += 1

    def _time(self, part: int, latency: float, service: float) -> None:
        self._parts[part].waited += latency
        micros = microseconds(latency)
        self._latency[part].record_value(micros)
        self._tick_latency.record_value(micros)
        self._service.record_value(microseconds(service))
