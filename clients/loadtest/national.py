"""The nation's day: the published figures of nine months as a day of 24 hours.

Sources and arithmetic are told in docs/load-testing.md. What is published are totals; that most of
them are files which run at night, how long the counters are open and when they are busiest are
assumptions, and each is a field of the scenario.
"""

from __future__ import annotations

from dataclasses import dataclass

from clients.loadtest.curve import Curve

HOURS = 24
SECONDS_AN_HOUR = 3600

Shape = tuple[tuple[float, float], ...]
"""(hour, relative rate) pairs; hours ascend, and the day closes where it began."""


@dataclass(frozen=True, slots=True)
class Nation:
    """What a nation asks in a day.

    Attributes:
        look_ups: Look-ups and authentications in ``working_days``, counted by person.
        syncs: Records synchronised in the same time.
        working_days: How many days they are spread over.
        counter_share: The part of the look-ups that are single calls from counters; the rest are
            batches from files.
        counter_hours: When the counters ask.
        bulk_hours: When files are worked through, look-ups and syncs alike.
    """

    look_ups: float
    syncs: float
    working_days: float
    counter_share: float
    counter_hours: Shape
    bulk_hours: Shape

    @property
    def records_a_day(self) -> float:
        """Persons asked about, or synchronised, on one day."""
        return (self.look_ups + self.syncs) / self.working_days

    def counters(self) -> Curve:
        """Persons a second that counters ask about, each with a call."""
        return day(self.counter_hours, self.look_ups / self.working_days * self.counter_share)

    def bulk(self) -> Curve:
        """Persons a second in batches."""
        rest = 1 - self.counter_share
        return day(self.bulk_hours, self.look_ups / self.working_days * rest)

    def sync(self) -> Curve:
        """Records a second in reconciliations."""
        return day(self.bulk_hours, self.syncs / self.working_days)


def day(shape: Shape, total: float) -> Curve:
    """A curve over 24 hours with this shape, whose integral is ``total``."""
    raw = Curve.of([(hour * SECONDS_AN_HOUR, rate) for hour, rate in _closed(shape)])
    return raw.scaled(total / raw.calls)


def beginning_at(curve: Curve, hour: float) -> Curve:
    """The same day, told from another hour on."""
    shift = hour * SECONDS_AN_HOUR
    if not shift:
        return curve
    late = curve.window(shift, curve.seconds)
    early = curve.window(0.0, shift)
    after = zip(early.times[1:], early.rates[1:], strict=True)
    points = [*zip(late.times, late.rates, strict=True)]
    return Curve.of([*points, *((late.seconds + at, rate) for at, rate in after)])


def _closed(shape: Shape) -> Shape:
    """The shape with both ends of the day, at the rate between the last and the first point."""
    first, last = shape[0], shape[-1]
    gap = HOURS - last[0] + first[0]
    at_midnight = last[1] + (first[1] - last[1]) * (HOURS - last[0]) / gap if gap else last[1]
    head = () if first[0] == 0 else ((0.0, at_midnight),)
    tail = () if last[0] == HOURS else ((float(HOURS), at_midnight),)
    return (*head, *shape, *tail)
