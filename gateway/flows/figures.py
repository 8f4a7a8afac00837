"""What is counted of windows: how many calls and records, how long each step took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from gateway.core.histogram import Histogram

CALLS = tuple(float(2**power) for power in range(9))  # up to the most that a window holds
RECORDS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1000.0, 2000.0, 3000.0)
STEP_SECONDS = (
    *(0.00025, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)

Timer = Callable[[], float]
"""Seconds since some moment."""


class Step(StrEnum):
    """A part of a window's work; the numbers are those of ``verification.py``."""

    READ = "read"  # (3) from the register
    DECIDE = "decide"  # (4) to (6), of all its calls
    COMMIT = "commit"  # (7)


class Lap:
    """One window at work.

    Attributes:
        began: by the timer.
        ended: when each step ended, in their order.
    """

    __slots__ = ("_figures", "_last", "began", "ended")

    def __init__(self, figures: WindowFigures) -> None:
        self._figures = figures
        self._last = self.began = figures.timer()
        self.ended: list[tuple[Step, float]] = []

    def timer(self) -> float:
        """Now, by the same timer."""
        return self._figures.timer()

    def done(self, step: Step) -> None:
        """A step ended."""
        now = self._figures.timer()
        self._figures.seconds[step].observe(now - self._last)
        self.ended.append((step, now))
        self._last = now


class WindowFigures:
    """What is known of all windows.

    Attributes:
        calls: of each window.
        records: claims of each window.
        seconds: by step.
        failed: windows that answered nobody, by reason.
        told: is handed the lap of each call, in the task of its caller; None: nobody asks.
    """

    def __init__(self, timer: Timer, told: Callable[[Lap], None] | None = None) -> None:
        self.timer = timer
        self.told = told
        self.calls = Histogram(CALLS)
        self.records = Histogram(RECORDS)
        self.seconds = {step: Histogram(STEP_SECONDS) for step in Step}
        self.failed: Counter[str] = Counter()

    def begin(self, calls: int, records: int) -> Lap:
        """A window sets to work."""
        self.calls.observe(calls)
        self.records.observe(records)
        return Lap(self)
