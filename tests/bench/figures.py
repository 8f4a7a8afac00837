"""What was measured, and what it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median


class Verdict(StrEnum):
    """How a figure compares with its target."""

    MEETS_GOAL = "meets goal"
    MEETS_MUST = "meets must"
    FALLS_SHORT = "FALLS SHORT"
    INFORMATION = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What must be reached, and what should be. Both in the figure's unit."""

    must: float
    goal: float
    at_most: bool = True  # False: at least

    def verdict(self, value: float) -> Verdict:
        """Judge one value."""
        if self._reached(value, self.goal):
            return Verdict.MEETS_GOAL
        return Verdict.MEETS_MUST if self._reached(value, self.must) else Verdict.FALLS_SHORT

    def _reached(self, value: float, bound: float) -> bool:
        return value <= bound if self.at_most else value >= bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: the values of all rounds, in one unit."""

    what: str
    unit: str
    values: Sequence[float]
    target: Target | None = None

    @property
    def median(self) -> float:
        """The value that counts."""
        return median(self.values)

    @property
    def verdict(self) -> Verdict:
        """Of the median."""
        return Verdict.INFORMATION if self.target is None else self.target.verdict(self.median)


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Round by round: what disturbs a round disturbs both sides of it."""
    return [own / other for own, other in zip(ours, theirs, strict=True)]
