"""Latencies in microseconds, as HdrHistograms: from 1 µs to an hour, to three digits."""

from __future__ import annotations

from collections.abc import Iterable

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # has no annotations

_LOWEST, _HIGHEST, _DIGITS = 1, 3_600_000_000, 3
_MICROSECONDS = 1e6


def histogram() -> HdrHistogram:
    """An empty one."""
    return HdrHistogram(_LOWEST, _HIGHEST, _DIGITS)


def merged(encoded: Iterable[bytes]) -> HdrHistogram:
    """The sum of encoded ones."""
    total = histogram()
    for each in encoded:
        total.decode_and_add(each)
    return total


def microseconds(seconds: float) -> int:
    """As a histogram counts them; what is out of its range becomes its lowest or highest."""
    return min(max(int(seconds * _MICROSECONDS), _LOWEST), _HIGHEST)


__all__ = ["HdrHistogram", "histogram", "merged", "microseconds"]
