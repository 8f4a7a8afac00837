"""When calls are due: rates over time, their integral, and the shares of workers."""

from __future__ import annotations

import numpy as np
import pytest

from clients.loadtest.arrivals import Spacing, arrivals, count_due
from clients.loadtest.curve import Curve

RAMP = Curve((0.0, 10.0, 20.0, 30.0), (0.0, 20.0, 20.0, 0.0))


def all_due(
    curve: Curve, workers: int, spacing: Spacing = Spacing.EVEN, seed: int = 1
) -> list[float]:
    """The due times of all workers together, in order."""
    return sorted(
        second
        for worker in range(workers)
        for second, _ in arrivals(
            [curve], worker=worker, workers=workers, spacing=spacing, seed=seed
        )
    )


def test_integral() -> None:
    """The calls of a curve are the area under it, up to any moment."""
    assert RAMP.calls == 400
    assert [RAMP.calls_until(at) for at in (0, 5, 10, 15, 30, 99)] == [0, 25, 100, 200, 400, 400]


def test_due_is_the_inverse_of_the_integral() -> None:
    """A call is due when the area under the curve reaches its number."""
    counts = np.linspace(0.0, RAMP.calls, 101)
    assert [RAMP.calls_until(at) for at in RAMP.due(counts)] == pytest.approx(counts)


@pytest.mark.parametrize("slope", [0.0, 1e-12, -1e-12, 1e-6])
def test_nearly_flat(slope: float) -> None:
    """A line that hardly rises is as exact as a flat one."""
    curve = Curve((0.0, 100.0), (5.0, 5.0 + slope))
    assert curve.due(np.array([250.0]))[0] == pytest.approx(50.0, abs=1e-4)


def test_nothing_is_due_while_the_rate_is_zero() -> None:
    """A gap of no calls is passed over, and the next call is due after it."""
    curve = Curve((0.0, 1.0, 1.001, 9.0, 9.001, 10.0), (10.0, 10.0, 0.0, 0.0, 10.0, 10.0))
    inside = [at for at in all_due(curve, 1) if 1.01 < at < 8.99]
    assert inside == []


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_workers_share_a_schedule(workers: int) -> None:
    """However many workers there are, together they send the same schedule."""
    assert all_due(RAMP, workers) == pytest.approx(all_due(RAMP, 1))
    assert len(all_due(RAMP, workers)) == count_due(RAMP) == 400


def test_even_spacing() -> None:
    """At a constant rate calls are due at equal distances, the first at once."""
    due = all_due(Curve.constant(50.0, 2.0), 2)
    assert due == pytest.approx([call / 50 for call in range(100)])


def test_poisson() -> None:
    """Calls at random: as many as the curve has, with gaps that vary as much as their mean."""
    due = np.array(all_due(Curve.constant(200.0, 50.0), 3, Spacing.POISSON))
    gaps = np.diff(due)
    assert len(due) == pytest.approx(10_000, rel=0.04)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.06)


def test_seed() -> None:
    """The same seed gives the same random schedule, another seed another one."""
    first, again, other = (all_due(RAMP, 2, Spacing.POISSON, seed) for seed in (1, 1, 2))
    assert first == again != other


def test_several_curves() -> None:
    """Calls of several curves come in order of time, and say whose they are."""
    curves = [Curve.constant(10.0, 1.0), Curve.constant(5.0, 1.0)]
    found = list(arrivals(curves, worker=0, workers=1, spacing=Spacing.EVEN, seed=1))
    assert found == sorted(found)
    assert [sum(of == at for _, of in found) for at in range(2)] == [10, 5]


def test_window_and_compression() -> None:
    """A part of a curve has the calls of that part; played faster it has them in less time."""
    part = RAMP.window(5.0, 10.0)
    assert part.seconds == 10.0
    assert part.calls == pytest.approx(RAMP.calls_until(15) - 25)
    fast = RAMP.compressed(10.0)
    assert (fast.seconds, fast.peak) == (3.0, 200.0)
    assert fast.calls == pytest.approx(400)


@pytest.mark.parametrize(
    ("times", "rates"),
    [
        ((0.0,), (1.0,)),
        ((0.0, 0.0), (1.0, 1.0)),
        ((1.0, 2.0), (1.0, 1.0)),
        ((0.0, 1.0), (1.0, -1.0)),
    ],
)
def test_no_curve(times: tuple[float, ...], rates: tuple[float, ...]) -> None:
    """What is no curve is refused."""
    with pytest.raises(ValueError, match="curve"):
        Curve(times, rates)
