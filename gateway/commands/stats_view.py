"""``dancu stats`` for people: a table where there is room for one, else a paragraph a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.core.standing import Standing
from gateway.store.statistics import Figures, Key

_FIGURES = ("answers", "refused", "records", "verified", "not")
_LEAST = 110  # columns of a terminal that shows a table; narrower ones would fold every cell
_IN_A_PIPE = 160  # columns: what is searched should stand in one line
_IN_ALL = "in all"


class Today(NamedTuple):
    """How far the daily quotas are used."""

    day: str  # in Viet Nam
    ends: str  # ISO 8601, +07:00
    policy: str  # version
    quotas: Sequence[Standing]


def show(found: Mapping[Key, Figures], first: str, last: str, today: Today) -> None:
    """Print who asked how much from a first to a last day, and what is left of today's quotas."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_IN_A_PIPE)
    console.print(f"{first} to {last}")
    if console.width < _LEAST:
        console.print(*_paragraphs(found), sep="\n")
    else:
        console.print(_figures_table(found))
    if today.quotas:
        console.print(f"daily quotas of policy {today.policy}, on {today.day} until {today.ends}")
        console.print(_quotas_table(today.quotas))


def _figures_table(found: Mapping[Key, Figures]) -> Table:
    table = _table(("caller", "unit", "officer", "procedure", "RPC"), _FIGURES)
    for key, figures in sorted(found.items()):
        table.add_row(*key._replace(rpc=_method(key)), *_texts(figures))
    table.add_section()
    table.add_row(_IN_ALL, "", "", "", "", *_texts(_total(found)))
    return table


def _paragraphs(found: Mapping[Key, Figures]) -> Iterator[Text]:
    """Caller and unit once above all that they asked, and the figures below each row."""
    for place, rows in groupby(sorted(found.items()), lambda row: (row[0].caller, row[0].unit)):
        yield Text("\n" + "  ".join(filter(None, place)), "bold")
        for key, figures in rows:
            what = filter(None, (_method(key), key.procedure, key.officer))
            yield Text("  " + "  ".join(what))
            yield Text(f"    {_sentence(figures)}", "dim")
    yield Text(f"\n{_IN_ALL}", "bold")
    yield Text(f"    {_sentence(_total(found))}\n")


def _quotas_table(quotas: Sequence[Standing]) -> Table:
    table = _table(("caller", "procedure"), ("used", "per day", "left"))
    for caller, procedure, *figures in quotas:
        table.add_row(caller, procedure, *(f"{one:,}" for one in figures))
    return table


def _table(texts: Sequence[str], figures: Sequence[str]) -> Table:
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for name in texts:
        table.add_column(name, overflow="fold")
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _method(key: Key) -> str:
    return key.rpc.rpartition("/")[2]


def _total(found: Mapping[Key, Figures]) -> Figures:
    total = Figures()
    for figures in found.values():
        total.add(figures)
    return total


def _sentence(figures: Figures) -> str:
    told = zip(_FIGURES, _texts(figures), strict=True)
    return ", ".join(f"{name} {text}" for name, text in told)


def _texts(figures: Figures) -> tuple[str, ...]:
    told = (figures.answers, figures.refusals, figures.records, figures.verified)
    return tuple(f"{one:,}" for one in (*told, figures.records - figures.verified))
