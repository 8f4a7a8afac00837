"""A scenario as stretches of load: what is due when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from clients.loadtest.curve import Curve
from clients.loadtest.orders import Run, Stream
from clients.loadtest.scenario import Flow, NationalDay, Part, Saturation, Scenario, Steady

Stretch = Callable[[float], Run]
"""A run, once the moment of its start is known."""


def main_stretch(scenario: Scenario) -> Stretch:
    """The measured stretch of a scenario that has one; a sweep has many."""
    shape = scenario.shape
    if isinstance(shape, Steady):
        return at_rate(scenario, shape.rate, _lasting(scenario))
    if isinstance(shape, Saturation):
        return _closed(scenario, shape.in_flight, _lasting(scenario))
    if isinstance(shape, NationalDay):
        return _of(streams_of_day(scenario, shape))
    raise TypeError(f"{scenario.name} is not one stretch")


def warm_up_stretch(scenario: Scenario) -> Stretch | None:
    """What is sent before, as it begins; None for nothing."""
    seconds, shape = scenario.warm_up, scenario.shape
    if not seconds:
        return None
    if isinstance(shape, Saturation):
        return _closed(scenario, shape.in_flight, seconds)
    if isinstance(shape, NationalDay):
        begun = [
            replace(each, curve=Curve.constant(each.curve.rate_at(0.0), seconds))
            for each in streams_of_day(scenario, shape)
        ]
        return _of(tuple(begun))
    rate = shape.rate if isinstance(shape, Steady) else shape.first
    return at_rate(scenario, rate, seconds)


def at_rate(scenario: Scenario, rate: float, seconds: float) -> Stretch:
    """All of the mix at one rate."""
    return _of((Stream(Curve.constant(rate, seconds), _shares(scenario)),))


def streams_of_day(scenario: Scenario, day: NationalDay) -> tuple[Stream, ...]:
    """The flows of a nation's day as calls: persons a second, divided by the persons in a call."""
    streams = []
    for flow in Flow:
        parts = [(at, part) for at, part in enumerate(scenario.mix) if part.flow is flow]
        calls = day.curve(flow).scaled(1 / persons_a_call([part for _, part in parts]))
        if scenario.duration is not None:
            calls = calls.window(0.0, min(scenario.duration, calls.seconds))
        streams.append(Stream(calls, tuple((at, part.share) for at, part in parts)))
    return tuple(streams)


def persons_a_call(parts: list[Part]) -> float:
    """The mean of a flow's calls, by their shares."""
    return sum(part.share * part.records for part in parts) / sum(part.share for part in parts)


def _shares(scenario: Scenario) -> tuple[tuple[int, float], ...]:
    return tuple((at, part.share) for at, part in enumerate(scenario.mix))


def _lasting(scenario: Scenario) -> float:
    if scenario.duration is None:
        raise ValueError(f"{scenario.name} has no end")
    return scenario.duration


def _of(streams: tuple[Stream, ...]) -> Stretch:
    return lambda start: Run(start, streams[0].curve.seconds, streams)


def _closed(scenario: Scenario, in_flight: int, seconds: float) -> Stretch:
    streams = (Stream(Curve.constant(0.0, seconds), _shares(scenario)),)
    return lambda start: Run(start, seconds, streams, in_flight)
