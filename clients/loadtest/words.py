"""Figures and results in words, the same on the terminal and on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KILO = 1000


def summary(result: Mapping[str, Any]) -> str:
    """One sentence that says what was done and what came of it."""
    scenario, metrics = result["scenario"], result["metrics"]
    if scenario["load"]["kind"] == "sweep":
        return _knee(result)
    persons = metrics["records_rate"]
    people = f", {persons:,.0f} persons/s" if persons > metrics["achieved_rate"] * 1.01 else ""
    p99 = metrics.get("p99_ms")
    waited = f"99 % of the callers waited at most {milliseconds(p99)} ms" if p99 else "no answers"
    if scenario["model"] == "closed":
        callers = counted(scenario["load"]["in_flight"], "caller")
        return (
            f"{scenario['name']} (closed loop): {metrics['achieved_rate']:,.0f} calls/s{people}"
            f" with {callers}, each of whom asks again once answered; {waited}"
        )
    return (
        f"{scenario['name']}: {metrics['offered_rate']:,.1f} calls/s offered,"
        f" {metrics['achieved_rate']:,.1f} achieved{people}, for {scenario['seconds']:,.0f} s;"
        f" {waited}"
    )


def milliseconds(value: float | None) -> str:
    """Three digits that matter, without the unit."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004 - digits


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: ``many`` where it is not one, by default with an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def described(value: object) -> str:
    """A condition of a test, whatever its type: ``rate 200/s``, ``known 0.9, wrong_name 0.1``."""
    if isinstance(value, Mapping):
        return _pairs(value)
    if value is None or isinstance(value, bool):
        return "not told" if value is None else "yes" if value else "no"
    return f"{value:,.10g}" if isinstance(value, float) else f"{value}"


def _pairs(values: Mapping[str, object]) -> str:
    if values.get("kind") == "rate":
        return f"rate {described(values['rate'])}/s"
    return ", ".join(
        f"{value}" if name == "kind" else f"{name} {described(value)}"
        for name, value in values.items()
    )


def share(value: float) -> str:
    """In percent."""
    percent = 100 * value
    return f"{percent:.0f} %" if percent >= 10 or not percent else f"{percent:.2g} %"  # noqa: PLR2004 - digits


def bytes_text(value: float) -> str:
    """A size."""
    return f"{value:,.0f} B" if value < 10 * _KILO else f"{value / _KILO:,.0f} kB"


def _knee(result: Mapping[str, Any]) -> str:
    found, scenario = result["knee"], result["scenario"]
    limit = f"p99 ≤ {scenario['load']['p99_ms']:g} ms"
    if not result["steps"]:
        return f"{scenario['name']}: no rate was tried to its end"
    if found is None:
        return f"{scenario['name']}: not even the first rate was kept up with ({limit})"
    return (
        f"{scenario['name']}: the knee is at {found['rate']:,.0f} calls/s"
        f" (p99 {milliseconds(found['p99_ms'])} ms; kept up with: {limit} and"
        f" {scenario['load']['answered']:.0%} answered in time)"
    )
