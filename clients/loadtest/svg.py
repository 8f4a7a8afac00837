"""Plots as inline SVG, drawn here: no script, no font, nothing from elsewhere.

Colours are classes, which the page's style sheet fills in for light and dark. Every point says its
value when the pointer rests on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 16, 40
_GRID_LINES = 5
_MOST_SPOTS = 260  # points that tell their value; more would only make the page heavy

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot.

    Attributes:
        name: In the legend.
        colour: Class of the style sheet.
        points: (x, y), x ascending.
        filled: Whether the area below it is tinted.
    """

    name: str
    colour: str
    points: Sequence[Point]
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Axes:
    """What stands at the axes.

    Attributes:
        title: Of the plot, for those who cannot see it.
        y_unit: After the numbers of the y-axis.
        ticks: (x, text) along the x-axis.
        x_text: How to say an x in words.
        x_name: Below the axis; may be empty.
    """

    title: str
    y_unit: str
    ticks: Sequence[tuple[float, str]]
    x_text: Callable[[float], str]
    x_name: str = ""


class _Frame:
    """From values to places on the paper."""

    def __init__(self, low: float, high: float, top: float) -> None:
        self._low, self._span, self._top = low, (high - low) or 1.0, top or 1.0

    def x(self, value: float) -> float:
        return _LEFT + (value - self._low) / self._span * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - value / self._top * (HEIGHT - _TOP - _BOTTOM)


def line_chart(lines: Sequence[Line], axes: Axes) -> str:
    """Lines over a common x, from 0 upwards."""
    xs = [x for line in lines for x, _ in line.points] + [x for x, _ in axes.ticks]
    top = nice_top(max((y for line in lines for _, y in line.points), default=0.0))
    frame = _Frame(min(xs, default=0.0), max(xs, default=1.0), top)
    parts = [*_grid(frame, top, axes), *(_drawn(line, frame) for line in lines)]
    parts += [spot for line in lines for spot in _spots(line, frame, axes)]
    return _wrapped(parts, axes.title)


def stacked_columns(names: Sequence[tuple[str, str]], rows: Sequence[tuple[float, Sequence[float]]],
                    width: float, axes: Axes) -> str:  # fmt: skip
    """Columns of several parts each.

    Args:
        names: (name, colour class) of the parts, from below.
        rows: x of each column's left side, and its parts' heights.
        width: Of a column, as x.
        axes: What stands at the axes.
    """
    top = nice_top(max((sum(parts) for _, parts in rows), default=0.0))
    right = max([*(x + width for x, _ in rows), *(x for x, _ in axes.ticks)], default=1.0)
    frame = _Frame(0.0, right, top)
    parts = list(_grid(frame, top, axes))
    for x, heights in rows:
        below = 0.0
        for (name, colour), height in zip(names, heights, strict=True):
            if height:
                said = f"{name}: {height:,.0f} at {axes.x_text(x)}"
                parts.append(_column(frame, x, width, below, height, colour, said))
            below += height
    return _wrapped(parts, axes.title)


def legend(names: Sequence[tuple[str, str]]) -> str:
    """(name, colour class) beside its colour."""
    keys = (f'<span><i class="key {colour}"></i>{escape(name)}</span>' for name, colour in names)
    return f'<p class="legend">{"".join(keys)}</p>'


def nice_top(highest: float) -> float:
    """A round number that is not below the highest value."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    steps = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    return next(step * power for step in steps if step * power >= highest * (1 - 1e-9))


def number(value: float) -> str:
    """As short as it can be said."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.3g}"  # noqa: PLR2004 - digits


def _grid(frame: _Frame, top: float, axes: Axes) -> Iterator[str]:
    for step in range(_GRID_LINES + 1):
        value = top * step / _GRID_LINES
        y = frame.y(value)
        yield f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        text = f"{number(value)} {axes.y_unit}".strip()
        yield f'<text class="y" x="{_LEFT - 8}" y="{y + 4:.1f}">{escape(text)}</text>'
    for x, text in axes.ticks:
        place = f'x="{frame.x(x):.1f}" y="{HEIGHT - _BOTTOM + 18}"'
        yield f'<text class="x" {place}>{escape(text)}</text>'
    if axes.x_name:
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        yield f'<text class="x name" x="{middle}" y="{HEIGHT - 4}">{escape(axes.x_name)}</text>'


def _drawn(line: Line, frame: _Frame) -> str:
    if not line.points:
        return ""
    places = [f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in line.points]
    area = ""
    if line.filled:
        first, last = frame.x(line.points[0][0]), frame.x(line.points[-1][0])
        ends = f"{last:.1f},{frame.y(0):.1f} {first:.1f},{frame.y(0):.1f}"
        area = f'<polygon class="area {line.colour}" points="{" ".join(places)} {ends}"/>'
    return f'{area}<polyline class="line {line.colour}" points="{" ".join(places)}"/>'


def _spots(line: Line, frame: _Frame, axes: Axes) -> Iterator[str]:
    """Points that cannot be seen, but tell their value."""
    every = -(-len(line.points) // _MOST_SPOTS) or 1
    for x, y in line.points[::every]:
        said = escape(f"{line.name}: {number(y)} {axes.y_unit} at {axes.x_text(x)}")
        where = f'cx="{frame.x(x):.1f}" cy="{frame.y(y):.1f}"'
        yield f'<circle class="spot {line.colour}" {where} r="6"><title>{said}</title></circle>'


def _column(
    frame: _Frame, x: float, width: float, below: float, height: float, colour: str, said: str
) -> str:
    left, right = frame.x(x), frame.x(x + width)
    top, bottom = frame.y(below + height), frame.y(below)
    place = f'x="{left:.1f}" y="{top:.1f}" height="{bottom - top:.1f}"'
    wide = f'width="{max(right - left - 1, 1):.1f}"'
    return f'<rect class="column {colour}" {place} {wide}><title>{escape(said)}</title></rect>'


def _wrapped(parts: Sequence[str], title: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title, quote=True)}">'
        f"{''.join(parts)}</svg>"
    )
