"""The search for the knee: the highest rate that is kept up with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clients.loadtest.scenario import Sweep

Metrics = dict[str, float]


@dataclass(frozen=True, slots=True)
class Step:
    """One rate, and what came of it.

    Attributes:
        rate: Calls a second that were due.
        metrics: As of a whole run.
        why: Why it failed; empty when it was kept up with.
    """

    rate: float
    metrics: Metrics
    why: str


def complaint(sweep: Sweep, metrics: Metrics) -> str:
    """Why a step is not kept up with; empty when it is."""
    p99, answered = metrics.get("p99_ms"), metrics["answered"]
    if answered < sweep.answered:
        return f"{answered:.1%} answered in time"
    if p99 is None or p99 > sweep.p99_ms:
        return "nothing was answered" if p99 is None else f"p99 {p99:,.0f} ms"
    return ""


def climb(sweep: Sweep, measure: Callable[[float], Metrics | None]) -> list[Step]:
    """Higher and higher rates until one fails; then between the last good and the first bad one.

    Args:
        sweep: Where to begin, how far to go, and when a step fails.
        measure: Sends at a rate; None when the user has had enough.
    """
    steps: list[Step] = []

    def kept_up(rate: float) -> bool | None:
        metrics = measure(rate)
        if metrics is None:
            return None
        steps.append(Step(rate, metrics, complaint(sweep, metrics)))
        return not steps[-1].why

    good, rate = 0.0, sweep.first
    while (kept := kept_up(rate)) and rate < sweep.last:
        good, rate = rate, min(rate * sweep.factor, sweep.last)
    if kept is not False or not good:
        return steps
    bad = rate
    for _ in range(sweep.refine):
        middle = (good + bad) / 2
        kept = kept_up(middle)
        if kept is None:
            break
        good, bad = (middle, bad) if kept else (good, middle)
    return steps


def knee(steps: list[Step]) -> Step | None:
    """The highest rate that was kept up with; None where none was."""
    return max((step for step in steps if not step.why), key=lambda step: step.rate, default=None)
