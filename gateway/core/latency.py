"""How long a simulated call takes: distributions, drawn by a share of all calls.

A distribution is asked with a share from 0 to 1, the place of a call among all others from the
fastest to the slowest; so whoever draws shares decides what is drawn, and can draw it again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

LONGEST = 900.0  # seconds; no stream lives longer either

_STANDARD = NormalDist()
_EDGE = 2.0**-53  # the smallest share that the log-normal can be asked for


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same, in seconds."""

    seconds: float

    def at(self, _share: float) -> float:
        """The time of a call at this place among all."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Uniform:
    """Between two times, in seconds."""

    low: float
    high: float

    def at(self, share: float) -> float:
        """The time of a call at this place among all."""
        return self.low + (self.high - self.low) * share


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Most near the median, a few far beyond; times in seconds, ``sigma`` of their logarithm."""

    median: float
    sigma: float
    at_most: float = LONGEST

    def at(self, share: float) -> float:
        """The time of a call at this place among all."""
        place = _STANDARD.inv_cdf(min(max(share, _EDGE), 1 - _EDGE))
        return min(self.median * math.exp(self.sigma * place), self.at_most)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """As it was measured: (percentile, seconds), ascending, evenly spread between two points."""

    points: tuple[tuple[float, float], ...]

    def at(self, share: float) -> float:
        """The time of a call at this place among all."""
        percentile = 100 * share
        first, last = self.points[0], self.points[-1]
        if percentile <= first[0]:
            return first[1]
        for (left, fast), (right, slow) in pairwise(self.points):
            if percentile <= right:
                return fast + (slow - fast) * (percentile - left) / (right - left)
        return last[1]


Latency = Constant | Uniform | LogNormal | Percentiles

# An assumption: nobody has published how fast the real link answers. A request goes from a
# ministry's or province's system through its own integration platform (LGSP), the national one
# (NDXP) and a leased line, and back: some tens of milliseconds at best, and seconds at times.
REAL_LINK = Percentiles(
    ((1, 0.06), (50, 0.18), (90, 0.45), (95, 0.7), (99, 1.8), (99.9, 6.0), (100, 12.0))
)
READY_MADE = {"real-link": REAL_LINK}
