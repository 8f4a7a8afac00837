"""The report: one HTML page that needs nothing else, for whoever must decide by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib import resources
from typing import Any

from clients.loadtest.facts import facts, threshold_text
from clients.loadtest.plots import plots
from clients.loadtest.words import bytes_text, milliseconds, share, summary

_FOOT = "Made by dancu, a simulator: no real person was asked about."
_LATENCIES = ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms", "mean_ms")


def page(result: Mapping[str, Any]) -> str:
    """The whole page."""
    style = (resources.files("clients.loadtest") / "page.css").read_text("utf-8")
    title = f"Load test: {result['scenario']['name']}"
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{style}</style></head><body>",
            *_head(result, title),
            *_tiles(result),
            *_doubts(result),
            *_thresholds(result),
            *plots(result),
            *_tables(result),
            f'<p class="dim">{_FOOT}</p></body></html>',
        ]
    )


def _head(result: Mapping[str, Any], title: str) -> Iterator[str]:
    good = result["passed"]
    verdict = "passed" if good else "missed"
    yield f"<h1>{escape(title)}</h1>"
    yield f'<p class="dim">{escape(result["scenario"]["about"])}</p>'
    yield f'<p><span class="verdict {"good" if good else "bad"}">{verdict}</span></p>'
    yield f"<p>{escape(summary(result))}.</p>"
    ended = " (ended early)" if result["stopped_early"] else ""
    yield f'<p class="dim">{escape(result["began"])} to {escape(result["ended"])}{ended}</p>'


def _tiles(result: Mapping[str, Any]) -> Iterator[str]:
    metrics, counts = result["metrics"], result["counts"]
    tiles = [
        (f"{metrics['offered_rate']:,.0f}", "calls/s offered"),
        (f"{metrics['achieved_rate']:,.0f}", "calls/s achieved"),
        (f"{metrics['records_rate']:,.0f}", "persons/s"),
        (f"{milliseconds(metrics.get('p50_ms'))} ms", "half waited at most"),
        (f"{milliseconds(metrics.get('p99_ms'))} ms", "99 % waited at most"),
        (share(metrics["error_rate"]), f"errors of {counts['due']:,} calls"),
    ]
    if result["knee"]:
        tiles.insert(0, (f"{result['knee']['rate']:,.0f}", "calls/s at the knee"))
    cells = "".join(
        f'<div class="tile"><b>{escape(figure)}</b><span>{escape(text)}</span></div>'
        for figure, text in tiles
    )
    yield f'<div class="tiles">{cells}</div>'


def _doubts(result: Mapping[str, Any]) -> Iterator[str]:
    if result["doubts"]:
        items = "".join(f"<li>{escape(each)}</li>" for each in result["doubts"])
        yield f'<h2>Read with care</h2><ul class="doubts">{items}</ul>'


def _thresholds(result: Mapping[str, Any]) -> Iterator[str]:
    if not result["thresholds"]:
        return
    yield "<h2>Thresholds</h2><ul>"
    for each in result["thresholds"]:
        word = "missed" if each["failed"] else "held"
        yield f'<li><b class="{word}">{word}</b> {escape(threshold_text(each))}</li>'
    yield "</ul>"


def _tables(result: Mapping[str, Any]) -> Iterator[str]:
    if result["steps"]:
        yield "<h2>Every rate that was tried</h2>"
        yield _table(("offered/s", "achieved/s", "p50 ms", "p99 ms", ""), _step_rows(result))
    yield "<h2>Latency by method, in milliseconds</h2>"
    heads = ("", *(name.removesuffix("_ms") for name in _LATENCIES))
    figures = {"all calls": result["metrics"], **result["metrics_by_rpc"]}
    yield _table(heads, ((k, *(milliseconds(v.get(n)) for n in _LATENCIES))
                         for k, v in figures.items()))  # fmt: skip
    yield "<h2>Calls</h2>"
    heads = ("", "due", "answered", "failed", "dropped", "persons", "out", "back")
    yield _table(heads, _call_rows(result))
    yield "<h2>Under what conditions</h2>"
    rows = (
        f'<tr><td>{escape(name)}</td><td class="text">{escape(value)}</td></tr>'
        for name, value in facts(result)
    )
    yield f'<div class="scroll"><table>{"".join(rows)}</table></div>'


def _step_rows(result: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for step in sorted(result["steps"], key=lambda step: float(step["rate"])):
        found = step["metrics"]
        yield (
            f"{step['rate']:,.0f}",
            f"{found['achieved_rate']:,.0f}",
            milliseconds(found.get("p50_ms")),
            milliseconds(found.get("p99_ms")),
            step["why"] or "kept up with",
        )


def _call_rows(result: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for each in result["calls"]:
        sent, back = each["due"] - each["dropped"], each["answered"]
        numbers = (each[name] for name in ("due", "answered", "failed", "dropped", "records"))
        yield (
            each["call"],
            *(f"{value:,}" for value in numbers),
            bytes_text(each["bytes_out"] / sent) if sent else "-",
            bytes_text(each["bytes_in"] / back) if back else "-",
        )


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
