"""Two results side by side: what changed, and whether they may be compared at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clients.loadtest.words import described

_METRICS = (
    "offered_rate",
    "achieved_rate",
    "records_rate",
    "answered",
    "p50_ms",
    "p90_ms",
    "p95_ms",
    "p99_ms",
    "p999_ms",
    "max_ms",
    "mean_ms",
    "error_rate",
    "late_share",
    "dropped",
)
_RATES = frozenset({"achieved_rate", "records_rate"})
_BETTER_HIGHER = _RATES | {"answered"}
_NEITHER = frozenset({"offered_rate", "late_share"})
_NOISE = 0.05
"""Changes of less than this are not called better or worse: two runs of the same differ as much."""

_CONDITIONS = (
    ("scenario", "name"),
    ("scenario", "load"),
    ("scenario", "model"),
    ("scenario", "seconds"),
    ("scenario", "seed"),
    ("scenario", "arrivals"),
    ("scenario", "outcomes"),
    ("scenario", "spellings"),
    ("target", "tls"),
    ("target", "on_this_machine"),
    ("people", "count"),
    ("client", "workers"),
    ("client", "connections"),
    ("machine", "processor"),
    ("machine", "cores"),
    ("versions", "grpcio"),
    ("versions", "python"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One figure in both results.

    Attributes:
        metric: Which.
        before, after: Its values; None where it was not measured.
        ratio: After by before; None where that says nothing.
        verdict: ``better``, ``worse`` or empty.
    """

    metric: str
    before: float | None
    after: float | None
    ratio: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two results.

    Attributes:
        changes: Of figures.
        differences: Conditions that were not the same, one line each: the less of them, the more
            the changes mean.
    """

    changes: tuple[Change, ...]
    differences: tuple[str, ...]

    @property
    def worse(self) -> bool:
        """Whether any figure is."""
        return any(each.verdict == "worse" for each in self.changes)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Compare two results."""
    one, other = before["metrics"], after["metrics"]
    neither = _NEITHER if _same_offer(before, after) else _NEITHER | _RATES
    changes = (_change(name, one.get(name), other.get(name), neither) for name in _METRICS)
    return Comparison(tuple(changes), tuple(_differences(before, after)))


def _same_offer(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a higher rate is an achievement, and not only what was asked for."""
    one, other = (float(each["metrics"]["offered_rate"]) for each in (before, after))
    closed = before["scenario"]["model"] == after["scenario"]["model"] == "closed"
    return closed or abs(one - other) <= _NOISE * max(one, other)


def _change(
    name: str, before: float | None, after: float | None, neither: frozenset[str]
) -> Change:
    ratio = after / before if before and after is not None else None
    verdict = "" if name in neither else _verdict(name, before, after)
    return Change(name, before, after, ratio, verdict)


def _verdict(name: str, before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return ""
    if abs(after - before) <= _NOISE * max(abs(before), abs(after)):
        return ""
    return "better" if (after > before) == (name in _BETTER_HIGHER) else "worse"


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for group, name in _CONDITIONS:
        one, other = before[group].get(name), after[group].get(name)
        if one != other:
            yield f"{group}.{name}: {described(one)} and {described(other)}"
