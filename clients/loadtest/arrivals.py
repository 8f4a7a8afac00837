"""When one worker's calls are due: its share of each flow, in order of time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from enum import StrEnum

import numpy as np

from clients.loadtest.curve import Curve, Floats

_BLOCK = 1024  # due times that are worked out at once


class Spacing(StrEnum):
    """How calls follow each other."""

    EVEN = "even"
    """At equal distances, as far as the rate is constant."""
    POISSON = "poisson"
    """At random, as from many callers who do not know of each other."""


def arrivals(
    curves: Sequence[Curve], *, worker: int, workers: int, spacing: Spacing, seed: int
) -> Iterator[tuple[float, int]]:
    """When each call is due, in seconds from the start, and of which curve it is.

    The calls of all workers together are those of the curves; no worker knows of another.
    """
    flows = (
        _flow(curve, at, worker, workers, spacing, np.random.SeedSequence([seed, worker, at]))
        for at, curve in enumerate(curves)
    )
    return heapq.merge(*flows)


def count_due(curve: Curve) -> int:
    """How many evenly spaced calls a curve has: the first is due at once."""
    return int(np.ceil(curve.calls - 1e-9))


def _flow(
    curve: Curve, at: int, worker: int, workers: int, spacing: Spacing, seed: np.random.SeedSequence
) -> Iterator[tuple[float, int]]:
    counts = (
        _even(curve, worker, workers)
        if spacing is Spacing.EVEN
        else _poisson(curve, workers, np.random.Generator(np.random.Philox(seed)))
    )
    for block in counts:
        for second in curve.due(block).tolist():
            yield second, at


def _even(curve: Curve, worker: int, workers: int) -> Iterator[Floats]:
    """Every ``workers``-th call."""
    total = count_due(curve)
    for first in range(worker, total, workers * _BLOCK):
        last = min(first + workers * _BLOCK, total)
        yield np.arange(first, last, workers, dtype=np.float64)


def _poisson(curve: Curve, workers: int, random: np.random.Generator) -> Iterator[Floats]:
    """Gaps at random: several such flows together are one of the sum of their rates."""
    reached = 0.0
    while reached < curve.calls:
        counts = reached + np.cumsum(random.exponential(workers, _BLOCK))
        reached = float(counts[-1])
        yield counts[counts < curve.calls]
