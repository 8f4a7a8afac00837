"""The plots of a result: each a figure of the page, with a sentence that says how to read it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from clients.loadtest.svg import Axes, Line, legend, line_chart, nice_top, number, stacked_columns

_MOST_POINTS = 240
_COLOURS = ("red", "orange", "violet", "gold", "slate")
_TICKS = 7
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800)
_SECONDS_AN_HOUR, _MINUTE, _HOURS = 3600, 60, 24
_PERCENT = 100.0

Row = Mapping[str, Any]


def plots(result: Row) -> Iterator[str]:
    """All that there is something to show of."""
    if result["steps"]:
        yield _sweep(result["steps"])
    if result["latency"]["count"]:
        yield _by_percentile(result)
    seconds = result["scenario"]["seconds"]
    rows = _buckets([row for row in result["series"] if row["second"] < seconds])
    if len(rows) > 1:
        axes = _Time(result, rows)
        yield _rates(rows, axes, "due", "answered", "calls")
        if any(row["records"] != row["answered"] for row in rows):
            yield _persons(rows, axes)
        yield _latencies(rows, axes)
        yield _errors(rows, axes)


class _Time:
    """The x-axis of what happens over time: seconds, or the hours of the nation's day."""

    def __init__(self, result: Row, rows: Sequence[Row]) -> None:
        load = result["scenario"]["load"]
        self._day = load if load["kind"] == "national-day" else None
        self.end = rows[-1]["second"] + rows[0]["width"]

    def axes(self, title: str, unit: str) -> Axes:
        """Axes of a plot over time."""
        step = next((each for each in _STEPS if each * _TICKS >= self.end), _STEPS[-1])
        ticks = [(at, self.text(at)) for at in range(0, int(self.end) + 1, step)]
        name = "hour of the simulated day" if self._day else ""
        return Axes(title, unit, ticks, self.text, name)

    def text(self, second: float) -> str:
        """A moment in words."""
        if self._day is None:
            minutes, seconds = divmod(round(second), _MINUTE)
            return f"{minutes}:{seconds:02d} min" if minutes else f"{seconds} s"
        hour = self._day["start"] + second * self._day["compress"] / _SECONDS_AN_HOUR
        whole, minute = divmod(round(hour * _MINUTE), _MINUTE)
        return f"{whole % _HOURS:02d}:{minute:02d}"


def _by_percentile(result: Row) -> str:
    lines = [
        Line("service time, from when it was sent", "slate", _percentiles(result["service"])),
        Line("latency, from when it was due", "blue", _percentiles(result["latency"]), filled=True),
    ]
    last = max(x for line in lines for x, _ in line.points)
    marks = [(0.0, "0 %"), (50.0, "50 %")]
    marks += [(_PERCENT - _PERCENT / 10**nines, f"{_PERCENT - _PERCENT / 10**nines:g} %")
              for nines in range(1, 6)]  # fmt: skip
    ticks = [(_nines(at), text) for at, text in marks if _nines(at) <= last + 0.05]
    title, below = "Latency by percentile", "of all calls waited no longer"
    drawn = line_chart(lines, Axes(title, "ms", ticks, _percent_text, below))
    note = "Where the lines part, calls waited to be sent; their callers saw the upper one."
    return _figure(title, lines, drawn, note)


def _percentiles(found: Row) -> list[tuple[float, float]]:
    """(place on the axis, ms); the last point stands where the slowest call does."""
    most = math.log10(max(found["count"], 10))
    return [
        (min(_nines(at), most) if at < _PERCENT else most, value)
        for at, value in found["percentiles_ms"]
    ]


def _nines(percent: float) -> float:
    """90 % at 1, 99 % at 2, 99.9 % at 3."""
    return -math.log10(1 - percent / _PERCENT) if percent < _PERCENT else math.inf


def _percent_text(place: float) -> str:
    return f"{_PERCENT - _PERCENT / 10**place:.6g} %"


def _rates(rows: Sequence[Row], time: _Time, due: str, done: str, what: str) -> str:
    lines = [
        Line("offered", "slate", _over_time(rows, due)),
        Line("achieved", "teal", _over_time(rows, done), filled=True),
    ]
    title = f"{what.capitalize()} a second"
    note = "Offered is the schedule, which does not wait; achieved are OK answers as they came."
    return _figure(title, lines, line_chart(lines, time.axes(title, "")), note)


def _persons(rows: Sequence[Row], time: _Time) -> str:
    lines = [Line("persons in OK answers", "violet", _over_time(rows, "records"), filled=True)]
    title = "Persons a second"
    note = "A batch counts as many persons as are in it; it stands in the second of its answer."
    return _figure(title, lines, line_chart(lines, time.axes(title, "")), note)


def _latencies(rows: Sequence[Row], time: _Time) -> str:
    lines = [
        Line("99 % waited no longer", "orange", _measured(rows, "p99_ms"), filled=True),
        Line("half waited no longer", "blue", _measured(rows, "p50_ms")),
    ]
    title = "Latency over time"
    return _figure(title, lines, line_chart(lines, time.axes(title, "ms")), "Second by second.")


def _errors(rows: Sequence[Row], time: _Time) -> str:
    found = sorted({name for row in rows for name in row["statuses"] if name != "OK"})
    names = [*found, *(["dropped"] if any(row["dropped"] for row in rows) else [])]
    if not names:
        return "<h2>Errors over time</h2><figure><p>There were none.</p></figure>"
    colours = [(name, _COLOURS[at % len(_COLOURS)]) for at, name in enumerate(names)]
    columns = [
        (row["second"], [row["statuses"].get(name, 0) for name in found]
         + [row["dropped"]] * ("dropped" in names))
        for row in rows
    ]  # fmt: skip
    axes = time.axes("Errors over time", "")
    drawn = stacked_columns(colours, columns, rows[0]["width"], axes)
    return f"<h2>Errors over time</h2><figure>{legend(colours)}{drawn}</figure>"


def _sweep(steps: Sequence[Row]) -> str:
    ordered = sorted(steps, key=lambda step: float(step["rate"]))
    lines = [
        Line("offered", "slate", [(step["rate"], step["rate"]) for step in ordered]),
        Line("achieved", "teal",
             [(step["rate"], step["metrics"]["achieved_rate"]) for step in ordered], filled=True),
    ]  # fmt: skip
    waits = [(step["rate"], step["metrics"].get("p99_ms", 0.0)) for step in ordered]
    waiting = [Line("99 % waited no longer", "orange", waits, filled=True)]
    step = nice_top(ordered[-1]["rate"]) / 5
    ticks = [(step * at, number(step * at)) for at in range(6)]

    def text(rate: float) -> str:
        return f"{rate:,.0f} calls/s offered"

    rates = Axes("Achieved by offered", "", ticks, text, "calls a second offered")
    times = Axes("Latency by offered rate", "ms", ticks, text, "calls a second offered")
    return _figure(
        "The knee", lines, line_chart(lines, rates), "Where the lines part, the gateway is full."
    ) + _figure("Latency by rate", waiting, line_chart(waiting, times), "The price of each rate.")


def _figure(title: str, lines: Sequence[Line], drawn: str, note: str) -> str:
    keys = legend([(line.name, line.colour) for line in lines])
    return (
        f"<h2>{escape(title)}</h2><figure>{keys}{drawn}"
        f"<figcaption>{escape(note)}</figcaption></figure>"
    )


def _buckets(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Neighbouring seconds together, so that a long run has no more points than pixels."""
    width = max(-(-len(rows) // _MOST_POINTS), 1)
    return [_bucket(rows[at : at + width]) for at in range(0, len(rows), width)]


def _bucket(rows: Sequence[Row]) -> dict[str, Any]:
    names = {name for row in rows for name in row["statuses"]}
    found: dict[str, Any] = {"second": rows[0]["second"], "width": len(rows)}
    for name in ("due", "answered", "records", "dropped"):
        found[name] = sum(row[name] for row in rows) / len(rows)
    for name in ("p50_ms", "p99_ms"):
        found[name] = max((row[name] for row in rows if row[name] is not None), default=None)
    found["statuses"] = {name: sum(row["statuses"].get(name, 0) for row in rows) for name in names}
    return found


def _over_time(rows: Sequence[Row], name: str) -> list[tuple[float, float]]:
    return [(row["second"], row[name]) for row in rows]


def _measured(rows: Sequence[Row], name: str) -> list[tuple[float, float]]:
    return [(row["second"], row[name]) for row in rows if row[name] is not None]
