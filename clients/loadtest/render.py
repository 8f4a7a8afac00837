"""A result on the terminal: the verdict, the figures, and what a reader needs to trust them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clients.loadtest.comparison import Change, Comparison
from clients.loadtest.facts import facts, threshold_text
from clients.loadtest.scenario import Scenario
from clients.loadtest.words import bytes_text, milliseconds, summary

_WIDTH = 120
_COLOURS = {"better": "green", "worse": "red"}


def show_result(result: Mapping[str, Any]) -> None:
    """Everything, for people."""
    console = _console()
    passed = result["passed"]
    verdict = Text("PASSED" if passed else "MISSED", style=f"bold {'green' if passed else 'red'}")
    console.print(verdict, Text(summary(result)), soft_wrap=True)
    console.print(_latency(result))
    console.print(_calls(result))
    if result["steps"]:
        console.print(_steps(result))
    for name, value in facts(result):
        console.print(Text(f"{name:>12}  ", style="dim") + Text(value), soft_wrap=True)
    for each in result["thresholds"]:
        mark = Text("missed  ", style="red") if each["failed"] else Text("held    ", style="green")
        console.print(mark + Text(threshold_text(each)))
    for doubt in result["doubts"]:
        console.print(Text("doubt   ", style="yellow") + Text(doubt), soft_wrap=True)


def show_comparison(found: Comparison, before: str, after: str) -> None:
    """Two results, for people."""
    console = _console()
    table = Table("figure", before, after, "ratio", "", box=box.SIMPLE_HEAD)
    for each in found.changes:
        table.add_row(*_change(each), Text(each.verdict, style=_COLOURS.get(each.verdict, "")))
    console.print(table)
    if found.differences:
        console.print(Text("measured under other conditions:", style="yellow"))
        for line in found.differences:
            console.print(Text(f"  {line}"), soft_wrap=True)


def show_scenarios(scenarios: Mapping[str, Scenario]) -> None:
    """What there is, for people."""
    table = Table("scenario", "what it does", box=box.SIMPLE_HEAD)
    for name, each in scenarios.items():
        table.add_row(name, each.about)
    _console().print(table)


def _console() -> Console:
    """Standard output; where it is no terminal, wide enough for every table."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH)


def _latency(result: Mapping[str, Any]) -> Table:
    names = ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms", "mean_ms")
    table = _numbers("latency, ms", [name.removesuffix("_ms") for name in names])
    rows = {"all calls": result["metrics"], **result["metrics_by_rpc"]}
    for label, figures in rows.items():
        cells = [milliseconds(figures.get(name)) for name in names]
        table.add_row(label, *cells)
    return table


def _calls(result: Mapping[str, Any]) -> Table:
    names = ("due", "answered", "failed", "dropped", "records")
    table = _numbers("call", [*names, "out", "back"])
    for each in result["calls"]:
        sent, back = each["due"] - each["dropped"], each["answered"]
        table.add_row(
            each["call"],
            *(f"{each[name]:,}" for name in names),
            bytes_text(each["bytes_out"] / sent) if sent else "-",
            bytes_text(each["bytes_in"] / back) if back else "-",
        )
    return table


def _numbers(label: str, names: Sequence[str]) -> Table:
    """A table of numbers; where it is too wide the labels give way, not the numbers."""
    table = Table(box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    table.add_column(label, overflow="fold")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _steps(result: Mapping[str, Any]) -> Table:
    table = Table("offered/s", "achieved/s", "p50 ms", "p99 ms", "", box=box.SIMPLE_HEAD)
    for step in sorted(result["steps"], key=lambda step: float(step["rate"])):
        found = step["metrics"]
        table.add_row(
            f"{step['rate']:,.0f}",
            f"{found['achieved_rate']:,.0f}",
            milliseconds(found.get("p50_ms")),
            milliseconds(found.get("p99_ms")),
            Text(step["why"] or "kept up with", style="red" if step["why"] else "green"),
        )
    return table


def _change(each: Change) -> tuple[str, str, str, str]:
    values = ("-" if value is None else f"{value:,.4g}" for value in (each.before, each.after))
    return (each.metric, *values, "" if each.ratio is None else f"× {each.ratio:.2f}")  # type: ignore[return-value]
