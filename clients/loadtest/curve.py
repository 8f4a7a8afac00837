"""Rates over time, and when each call of such a rate is due.

A curve is piecewise linear. Its integral is exact, and so is the inverse of that: the n-th call
is due when the integral reaches n. Nothing is simulated tick by tick, so nothing drifts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Calls a second over time.

    Attributes:
        times: Seconds, ascending, from 0; at least two.
        rates: Calls a second at each of them, none negative; in between on a straight line.
    """

    times: tuple[float, ...]
    rates: tuple[float, ...]

    def __post_init__(self) -> None:
        """ValueError when it is no curve."""
        ascending = all(a < b for a, b in zip(self.times, self.times[1:], strict=False))
        if len(self.times) != len(self.rates) or len(self.times) < 2 or not ascending:  # noqa: PLR2004 - a line has two ends
            raise ValueError("a curve has as many rates as times, and the times ascend")
        if self.times[0] != 0 or min(self.rates) < 0:
            raise ValueError("a curve begins at 0 s, and no rate is negative")

    @classmethod
    def constant(cls, rate: float, seconds: float) -> Self:
        """The same rate all the time."""
        return cls((0.0, seconds), (rate, rate))

    @classmethod
    def of(cls, points: Sequence[tuple[float, float]]) -> Self:
        """From (second, rate) pairs."""
        return cls(tuple(at for at, _ in points), tuple(rate for _, rate in points))

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.times[-1]

    @property
    def calls(self) -> float:
        """Its integral."""
        return float(self._reached()[-1])

    @property
    def peak(self) -> float:
        """The highest rate."""
        return max(self.rates)

    def rate_at(self, second: float) -> float:
        """Calls a second at a moment; 0 outside."""
        return float(np.interp(second, self.times, self.rates, left=0.0, right=0.0))

    def calls_until(self, second: float) -> float:
        """The integral from the beginning to a moment."""
        inside = min(max(second, 0.0), self.seconds)
        at = int(np.searchsorted(self.times, inside, side="right")) - 1
        begun = min(at, len(self.times) - 2)
        passed = inside - self.times[begun]
        mean = (self.rates[begun] + self.rate_at(inside)) / 2
        return float(self._reached()[begun] + passed * mean)

    def scaled(self, factor: float) -> Curve:
        """The same shape, higher or lower."""
        return Curve(self.times, tuple(rate * factor for rate in self.rates))

    def compressed(self, times: float) -> Curve:
        """The same calls in a fraction of the time: as many times faster as shorter."""
        shorter = tuple(at / times for at in self.times)
        return Curve(shorter, tuple(rate * times for rate in self.rates))

    def window(self, start: float, seconds: float) -> Curve:
        """A part of it, which begins at 0 again."""
        end = min(start + seconds, self.seconds)
        inner = [at for at in self.times if start < at < end]
        points = [start, *inner, end]
        return Curve.of([(at - start, self.rate_at(at)) for at in points])

    def due(self, counts: Floats) -> Floats:
        """When the integral reaches each of these counts, in seconds; ascending, within it."""
        reached, times, rates = self._reached(), np.asarray(self.times), np.asarray(self.rates)
        at = np.clip(np.searchsorted(reached, counts, side="right") - 1, 0, len(times) - 2)
        slope = (rates[at + 1] - rates[at]) / (times[at + 1] - times[at])
        wanted, begun = counts - reached[at], rates[at]
        # of a x^2 / 2 + b x = n the root that stays exact where a is nearly 0
        root = np.sqrt(np.maximum(begun * begun + 2 * slope * wanted, 0.0))
        passed = np.divide(
            2 * wanted, begun + root, out=np.zeros_like(wanted), where=begun + root > 0
        )
        found: Floats = np.minimum(times[at] + passed, times[-1])
        return found

    def _reached(self) -> Floats:
        """The integral at each of the times."""
        times, rates = np.asarray(self.times), np.asarray(self.rates)
        pieces = np.diff(times) * (rates[1:] + rates[:-1]) / 2
        return np.concatenate(([0.0], np.cumsum(pieces)))
