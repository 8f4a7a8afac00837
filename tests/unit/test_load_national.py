"""The nation's day: published totals, assumed hours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clients.loadtest.arrivals import Spacing, arrivals
from clients.loadtest.curve import Curve
from clients.loadtest.national import beginning_at, day
from clients.loadtest.scenario import Flow, NationalDay
from clients.loadtest.scenario_file import built_in
from clients.loadtest.stretches import main_stretch, streams_of_day, warm_up_stretch

SCENARIO = built_in()["national-day"]
assert isinstance(SCENARIO.shape, NationalDay)
NATION: NationalDay = SCENARIO.shape
HOUR = 3600


def between(curve: Curve, first: float, last: float) -> float:
    """Calls between two hours."""
    return curve.calls_until(last * HOUR) - curve.calls_until(first * HOUR)


def test_totals_are_the_published_ones() -> None:
    """184 such days have the look-ups and syncs of nine months, to the call."""
    look_ups = NATION.curve(Flow.COUNTERS).calls + NATION.curve(Flow.BULK).calls
    assert look_ups * 184 == pytest.approx(1_200_000_000)
    assert NATION.curve(Flow.SYNC).calls * 184 == pytest.approx(536_000_000)
    assert NATION.nation.records_a_day == pytest.approx(9_434_783, abs=1)


def test_calls_ask_about_as_many_persons() -> None:
    """What is sent, call by call, is about as many persons as the figures say."""
    shape = replace(NATION, scale=0.001, compress=5000.0)
    scenario = replace(SCENARIO, shape=shape, spacing=Spacing.EVEN)
    persons = 0.0
    for stream in streams_of_day(scenario, shape):
        a_call = sum(share * scenario.mix[at].records for at, share in stream.parts) / sum(
            share for _, share in stream.parts
        )
        due = arrivals([stream.curve], worker=0, workers=1, spacing=Spacing.EVEN, seed=1)
        persons += a_call * sum(1 for _ in due)
    assert persons == pytest.approx(9_434_783 * 0.001, rel=0.1)


def test_counters_are_open_by_day() -> None:
    """80 % of the counters' calls fall into eight hours; the busiest has 1.8 times their mean."""
    counters = NATION.curve(Flow.COUNTERS)
    inside = between(counters, 7.5, 11.5) + between(counters, 13.5, 17.5)
    hours = [between(counters, hour, hour + 1) for hour in range(24)]
    assert inside / counters.calls == pytest.approx(0.8)
    assert max(hours) == hours[9] == pytest.approx(1.8 * inside / 8)


def test_files_run_at_night() -> None:
    """Most of the bulk is worked through between 19 and 6 o'clock."""
    bulk = NATION.curve(Flow.BULK)
    assert (between(bulk, 19, 24) + between(bulk, 0, 6)) / bulk.calls > 0.8


@pytest.mark.parametrize(("scale", "compress"), [(1.0, 1.0), (0.01, 60.0), (0.1, 1440.0)])
def test_scale_and_compression(scale: float, compress: float) -> None:
    """A part of the nation has that part of the calls; a faster day has the same calls."""
    curve = replace(NATION, scale=scale, compress=compress).curve(Flow.SYNC)
    assert curve.calls == pytest.approx(NATION.curve(Flow.SYNC).calls * scale)
    assert curve.seconds == pytest.approx(24 * HOUR / compress)


def test_start() -> None:
    """A day that begins in the morning is the same day, told from there on."""
    morning = replace(NATION, start=9.0).curve(Flow.COUNTERS)
    whole = NATION.curve(Flow.COUNTERS)
    assert morning.calls == pytest.approx(whole.calls)
    assert morning.rate_at(0.0) == pytest.approx(whole.rate_at(9 * HOUR))
    assert between(morning, 15, 16) == pytest.approx(between(whole, 0, 1))
    assert beginning_at(whole, 0) is whole


def test_a_day_that_is_not_told_to_its_ends() -> None:
    """What a shape leaves open at midnight is drawn from its last to its first point."""
    curve = day(((6.0, 1.0), (18.0, 3.0)), 48.0)
    assert curve.calls == pytest.approx(48.0)
    assert curve.rate_at(0.0) == curve.rate_at(24 * HOUR)


def test_duration_cuts() -> None:
    """Of a run that is shorter than the day only its beginning is played, after a warm-up."""
    shape = replace(NATION, compress=60.0)
    scenario = replace(SCENARIO, shape=shape, duration=10.0)
    run = main_stretch(scenario)(5.0)
    warming = warm_up_stretch(scenario)
    assert warming is not None
    assert (run.start, run.seconds, run.in_flight) == (5.0, 10.0, 0)
    assert warming(0.0).streams[0].curve.peak == pytest.approx(run.streams[0].curve.rates[0])
