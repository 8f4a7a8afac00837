"""What all workers saw of a stretch, put together: while it runs, and when it is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from clients.loadtest.histograms import HdrHistogram, histogram, merged
from clients.loadtest.recorder import Tick, Totals
from clients.loadtest.scenario import Part

_MICROS_A_MILLI = 1000
_NAMES = {50.0: "p50_ms", 90.0: "p90_ms", 95.0: "p95_ms", 99.0: "p99_ms", 99.9: "p999_ms"}


class Seconds:
    """The stretch second by second, as the workers tell it."""

    def __init__(self) -> None:
        self._ticks: dict[int, list[Tick]] = {}
        self._cpu: dict[int, float] = {}
        self._rows: dict[int, tuple[int, dict[str, Any]]] = {}  # by second: of how many ticks

    def add(self, worker: int, tick: Tick) -> None:
        """One worker's second."""
        self._ticks.setdefault(tick.second, []).append(tick)
        self._cpu[worker] = tick.cpu

    @property
    def cpu_seconds(self) -> list[float]:
        """Of each worker, since the start."""
        return [self._cpu[worker] for worker in sorted(self._cpu)]

    def series(self) -> list[dict[str, Any]]:
        """One row a second. Answers stand in the second in which they came."""
        return [self._row(second) for second in sorted(self._ticks)]

    def latest(self) -> dict[str, Any] | None:
        """The last row that every worker has told of, as far as they have begun."""
        told = max(map(len, self._ticks.values()), default=0)
        whole = [second for second, ticks in self._ticks.items() if len(ticks) == told]
        return self._row(max(whole)) if whole else None

    def _row(self, second: int) -> dict[str, Any]:
        ticks = self._ticks[second]
        known = self._rows.get(second)
        if known is None or known[0] != len(ticks):
            known = self._rows[second] = (len(ticks), _row(second, ticks))
        return known[1]


class Whole:
    """A stretch that is over.

    Args:
        parts: The scenario's mix.
        totals: What each worker saw.
        seconds: How long calls were due.
    """

    def __init__(self, parts: Sequence[Part], totals: Sequence[Totals], seconds: float) -> None:
        self._parts, self._totals, self._seconds = parts, totals, seconds
        self.statuses = sum((each.statuses for each in totals), Counter[str]())
        self.errors = {status: text for each in totals for status, text in each.errors.items()}
        self.latency = merged([part.latency for each in totals for part in each.parts])
        self.service = merged([each.service for each in totals])
        self.lag = merged([each.lag for each in totals])

    def counts(self) -> dict[str, Any]:
        """How many calls there were, and what became of them."""
        return self._counts(range(len(self._parts))) | {
            "in_time": sum(each.in_time for each in self._totals),
            "drained": sum(each.drained for each in self._totals),
            "late": sum(each.late for each in self._totals),
        }

    def metrics(self) -> dict[str, float]:
        """The figures that thresholds are about."""
        counts = self.counts()
        records = sum(each.in_time_records for each in self._totals)
        sent = counts["due"] - counts["dropped"]
        return self._waits(self.latency, range(len(self._parts))) | {
            "error_rate": _part(counts["failed"] + counts["dropped"], counts["due"]),
            "offered_rate": counts["due"] / self._seconds,
            "achieved_rate": counts["in_time"] / self._seconds,
            "records_rate": records / self._seconds,
            "answered": _part(counts["in_time"], counts["due"]),
            "dropped": counts["dropped"],
            "late_share": _part(counts["late"], sent),
        }

    def parts(self) -> list[dict[str, Any]]:
        """Each sort of call."""
        return [
            {"call": part.label, "rpc": str(part.rpc), "records_a_call": part.records}
            | self._counts([at])
            | self._figures([at])
            for at, part in enumerate(self._parts)
        ]

    def by_rpc(self) -> dict[str, dict[str, float]]:
        """The figures of each method, for thresholds."""
        found: dict[str, list[int]] = {}
        for at, part in enumerate(self._parts):
            found.setdefault(str(part.rpc), []).append(at)
        return {rpc: self._figures(places) for rpc, places in found.items()}

    def _counts(self, places: Iterable[int]) -> dict[str, int]:
        names = ("due", "answered", "records", "failed", "dropped", "bytes_out", "bytes_in")
        chosen = [each.parts[at] for at in places for each in self._totals]
        return {name: sum(getattr(part, name) for part in chosen) for name in names}

    def _figures(self, places: Sequence[int]) -> dict[str, float]:
        counts = self._counts(places)
        latency = merged([each.parts[at].latency for at in places for each in self._totals])
        return self._waits(latency, places) | {
            "error_rate": _part(counts["failed"] + counts["dropped"], counts["due"]),
            "achieved_rate": counts["answered"] / self._seconds,
            "records_rate": counts["records"] / self._seconds,
        }

    def _waits(self, latency: HdrHistogram, places: Iterable[int]) -> dict[str, float]:
        """Percentiles and mean; the mean of a histogram takes long, that of a sum does not."""
        count = latency.get_total_count()
        if not count:
            return {}
        waited = sum(each.parts[at].waited for at in places for each in self._totals)
        return latency_figures(latency) | {"mean_ms": round(1000 * waited / count, 3)}


def latency_figures(found: HdrHistogram) -> dict[str, float]:
    """Percentiles and maximum in milliseconds; none when nothing was measured."""
    if not found.get_total_count():
        return {}
    values = found.get_percentile_to_value_dict(list(_NAMES))
    figures = {name: values[at] / _MICROS_A_MILLI for at, name in _NAMES.items()}
    return figures | {"max_ms": found.get_max_value() / _MICROS_A_MILLI}


def distribution(found: HdrHistogram) -> dict[str, Any]:
    """A histogram for the result: percentiles to plot, and the whole to compute more from."""
    values = found.get_percentile_to_value_dict(_curve(found))
    return {
        "count": found.get_total_count(),
        "percentiles_ms": [[at, value / _MICROS_A_MILLI] for at, value in values.items()],
        "hdr": found.encode().decode("ascii"),
    }


def _curve(found: HdrHistogram) -> list[float]:
    """Percentiles from 0 to 100, denser towards the end, as far as there are calls to tell of."""
    count, points, left = found.get_total_count(), [0.0], 100.0
    while count and left * count > 100:  # noqa: PLR2004 - one call more than there is to see
        points += [100 - left * (1 - step / 8) for step in range(1, 5)]
        left /= 2
    return [*dict.fromkeys(points), 100.0] if count else []


def _row(second: int, ticks: Sequence[Tick]) -> dict[str, Any]:
    latency = histogram()
    for tick in ticks:
        latency.decode_and_add(tick.latency)
    figures = latency_figures(latency)
    names = ("due", "answered", "records", "late", "dropped")
    statuses = sum((tick.statuses for tick in ticks), Counter[str]())
    return {
        "second": second,
        **{name: sum(getattr(tick, name) for tick in ticks) for name in names},
        "statuses": dict(statuses),
        "p50_ms": figures.get("p50_ms"),
        "p99_ms": figures.get("p99_ms"),
        "max_ms": figures.get("max_ms"),
    }


def _part(some: float, all_of_them: float) -> float:
    return some / all_of_them if all_of_them else 0.0
