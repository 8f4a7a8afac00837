"""How a load test goes on: a panel that is drawn again, or a line now and then."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from clients.loadtest.tally import Seconds

_LINE_EVERY = 10.0  # seconds, where there is no terminal
_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 48  # seconds that the small plot shows


class LivePanel:
    """Draws on standard error; to be used with ``with``.

    Args:
        title: What runs, and where.
    """

    def __init__(self, title: str) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._live = Live(console=self._console, refresh_per_second=4, transient=True)
        self._title = title
        self._phase, self._began = "starting workers", time.monotonic()
        self._lasting: float | None = None
        self._seconds: Seconds | None = None
        self._told = 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    def phase(self, name: str, seconds: float | None) -> None:
        """Something begins that takes so many seconds, if that is known."""
        self._phase, self._lasting, self._began = name, seconds, time.monotonic()
        self._seconds = None
        self._draw()
        if not self._console.is_terminal:
            lasting = f", {seconds:,.0f} s" if seconds else ""
            self._console.print(f"{name}{lasting} ...")

    def seen(self, seconds: Seconds) -> None:
        """Another second was told of."""
        self._seconds = seconds
        self._draw()
        now = time.monotonic()
        if not self._console.is_terminal and now - self._told > _LINE_EVERY:
            self._told = now
            if row := seconds.latest():
                self._console.print(_line(row), soft_wrap=True)

    def _draw(self) -> None:
        if self._live.is_started:
            self._live.update(Panel(self._body(), title=self._title, title_align="left"))

    def _body(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", justify="right")
        table.add_column()
        table.add_row("now", Text(self._now(), style="bold"))
        row = self._seconds.latest() if self._seconds else None
        if self._seconds and row:
            for name, value in _rows(row, self._seconds.series()):
                table.add_row(name, value)
        return table

    def _now(self) -> str:
        passed = time.monotonic() - self._began
        if self._lasting is None:
            return f"{self._phase}, {passed:,.0f} s"
        if passed > self._lasting:
            return "waiting for the last answers"
        return f"{self._phase}, {passed:,.0f} s of {self._lasting:,.0f} s"


def _line(row: Mapping[str, Any]) -> str:
    return "  ".join(f"{name} {value}" for name, value in _figures(row).items())


def _figures(row: Mapping[str, Any]) -> dict[str, str]:
    """One second in words."""
    statuses = ", ".join(f"{name} {count:,}" for name, count in row["statuses"].items())
    return {
        "offered": f"{row['due']:,}/s",
        "achieved": f"{row['answered']:,}/s",
        "persons": f"{row['records']:,}/s",
        "late": f"{row['late']:,}",
        "dropped": f"{row['dropped']:,}",
        "p50": _milliseconds(row["p50_ms"]),
        "p99": _milliseconds(row["p99_ms"]),
        "answers": statuses or "none",
    }


def _rows(
    row: Mapping[str, Any], series: list[dict[str, Any]]
) -> Iterator[tuple[str, RenderableType]]:
    for name, value in _figures(row).items():
        bad = name in ("late", "dropped") and value != "0"
        yield name, Text(value, style="yellow" if bad else "")
    total: Counter[str] = Counter()
    for each in series:
        total.update(each["statuses"])
    failed = {name: count for name, count in total.items() if name != "OK"}
    if failed:
        told = ", ".join(f"{name} {count:,}" for name, count in failed.items())
        yield "failed so far", Text(told, style="red")
    yield "achieved", Text(bars([each["answered"] for each in series[-_WIDTH:]]), style="green")
    yield "p99", Text(bars([each["p99_ms"] or 0 for each in series[-_WIDTH:]]), style="cyan")


def bars(values: list[float]) -> str:
    """Values as one line of bars, the highest of them full."""
    top = max(values, default=0)
    return "".join(_BARS[round(value / top * (len(_BARS) - 1))] if top else " " for value in values)


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f} ms"
