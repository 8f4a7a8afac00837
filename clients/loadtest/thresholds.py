"""Conditions that fail a load test: ``p99_ms > 50``, ``VerifyIdentity.error_rate > 0.01``."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

_FORM = re.compile(r"\s*(?:(\w+)\.)?(\w+)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*")
_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

METRICS = {
    "p50_ms": "median latency from the intended moment, in milliseconds",
    "p90_ms": "90th percentile of it",
    "p95_ms": "95th percentile",
    "p99_ms": "99th percentile",
    "p999_ms": "99.9th percentile",
    "max_ms": "the longest",
    "mean_ms": "the mean",
    "error_rate": "part of the calls due that were refused, timed out, lost or dropped",
    "offered_rate": "calls due a second",
    "achieved_rate": "calls a second that were answered OK within the measured time",
    "records_rate": "persons a second in those answers",
    "answered": "achieved, as a part of offered",
    "dropped": "calls that were due, but never sent",
    "late_share": "part of the calls that were sent late",
}
_WITHIN_RPC = frozenset(METRICS) - {"dropped", "late_share", "answered", "offered_rate"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A condition under which a test fails.

    Attributes:
        rpc: Of which method; empty for all calls.
        metric: One of METRICS.
        sign: ``<``, ``<=``, ``>`` or ``>=``.
        limit: What the metric is compared with.
    """

    rpc: str
    metric: str
    sign: str
    limit: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a condition; ValueError tells what it must look like."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no condition; write e.g. 'p99_ms > 50'")
        rpc, metric, sign, limit = found.groups()
        known = _WITHIN_RPC if rpc else METRICS
        if metric not in known:
            names = ", ".join(name for name in METRICS if name in known)
            raise ValueError(f"there is no metric {metric!r}; there is {names}")
        return cls(rpc or "", metric, sign, float(limit))

    def __str__(self) -> str:
        """As it was written."""
        name = f"{self.rpc}.{self.metric}" if self.rpc else self.metric
        return f"{name} {self.sign} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a condition.

    Attributes:
        condition: As it was written.
        value: What was measured; None where nothing was.
        failed: Whether the test fails for it. What was not measured has failed.
    """

    condition: str
    value: float | None
    failed: bool


def judge(thresholds: tuple[Threshold, ...], result: Mapping[str, Any]) -> list[Judgement]:
    """Compare a result's metrics, of all calls and by method, with the conditions."""
    return [_judge(each, result) for each in thresholds]


def _judge(threshold: Threshold, result: Mapping[str, Any]) -> Judgement:
    metrics = result["metrics"]
    if threshold.rpc:
        metrics = result["metrics_by_rpc"].get(threshold.rpc, {})
    value = metrics.get(threshold.metric)
    failed = value is None or _COMPARE[threshold.sign](value, threshold.limit)
    return Judgement(str(threshold), value, failed)
