"""The figures as a table, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.figures import Figure, Target, Verdict

WIDTH = 132  # columns that the table needs
_STYLES = {
    Verdict.MEETS_GOAL: "green",
    Verdict.MEETS_MUST: "yellow",
    Verdict.FALLS_SHORT: "bold red",
    Verdict.INFORMATION: "",
}
_FINE = 10  # values below are shown with two digits after the point


def show(console: Console, figures: Sequence[Figure], machine: Mapping[str, str]) -> None:
    """Print the table, and below it plainly what falls short."""
    table = Table(caption=", ".join(f"{name} {value}" for name, value in machine.items()))
    table.add_column("what", no_wrap=True)
    for heading in ("median", "spread", "must", "goal"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for figure in figures:
        table.add_row(*_cells(figure), style=_STYLES[figure.verdict])
    console.print(table)
    for figure in figures:
        if figure.target is not None and figure.verdict is Verdict.FALLS_SHORT:
            console.print(_shortfall(figure, figure.target), style="bold red", highlight=False)


def write_json(
    file: Path, figures: Sequence[Figure], machine: Mapping[str, str], skipped: Sequence[str]
) -> None:
    """Write everything measured, for scripts."""
    told = [
        {
            **asdict(figure),
            "what": figure.what.strip(),
            "median": figure.median,
            "verdict": figure.verdict or None,
        }
        for figure in figures
    ]
    report = {"machine": dict(machine), "figures": told, "skipped": list(skipped)}
    file.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _cells(figure: Figure) -> tuple[str, ...]:
    low, high = min(figure.values), max(figure.values)
    spread = f"{_number(low)} - {_number(high)}" if len(figure.values) > 1 else ""
    bounds = ("", "")
    if (target := figure.target) is not None:
        bounds = (_bound(target, target.must), _bound(target, target.goal))
    median = f"{_number(figure.median)} {figure.unit}"
    return (figure.what, median, spread, *bounds, figure.verdict)


def _shortfall(figure: Figure, target: Target) -> str:
    what, reached = figure.what.strip(), f"{_number(figure.median)} {figure.unit}"
    return f"FALLS SHORT: {what} is {reached}, must be {_bound(target, target.must)}"


def _bound(target: Target, value: float) -> str:
    return f"{'≤' if target.at_most else '≥'} {_number(value)}"


def _number(value: float) -> str:
    return f"{value:.2f}" if value < _FINE else f"{value:,.0f}"
