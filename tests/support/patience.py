"""A patient stranger with a stopwatch: can two kinds of answers be told apart by their time?

The statistic is the AUC: the chance that an answer of one kind takes longer than one of the
other; 0.5 tells nothing. Every question is asked in several rounds and its fastest answer
counts, which is what a stranger would do on a noisy machine; only ranks are compared, and by
their 95 % bound. How many rounds a machine's noise asks for shows where a delay is planted:
what it takes to notice that one, the gateway as it is must withstand.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np

Z = 1.96  # 95 %
T = TypeVar("T")
Times = Sequence[float]  # seconds, of the two kinds in turn


def after(count: int, rounds: Iterator[T]) -> T:
    """The fastest times after so many rounds."""
    return next(itertools.islice(rounds, count - 1, None))


def bound(seconds: Times) -> float:
    """The upper 95 % bound of |AUC - 0.5|, by the normal approximation of Mann and Whitney."""
    ones, others = np.array(seconds[::2]), np.array(seconds[1::2])
    area = (ones[:, None] > others).mean() + (ones[:, None] == others).mean() / 2
    error = np.sqrt((len(seconds) + 1) / (12 * len(ones) * len(others)))
    return float(abs(area - 0.5) + Z * error)


def rounds_to_notice(told_apart: Iterable[bool], at_most: int) -> int:
    """After how many rounds the kinds are told apart.

    ``told_apart`` says it round by round, of the fastest times so far.

    Raises:
        AssertionError: they were not, after ``at_most``.
    """
    for count, noticed in enumerate(itertools.islice(told_apart, at_most), 1):
        if noticed:
            return count
    raise AssertionError(f"the planted delay was not noticed in {at_most} rounds")
