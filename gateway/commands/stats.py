"""``dancu stats``: who asked how much."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from gateway.commands.errors import one_line_errors
from gateway.core.days import day_name, day_of
from gateway.engines.choice import engine_in
from gateway.store.statistics import Figures, Key
from gateway.telemetry import mask

_SHOWN = 3  # last characters of an officer's id


def stats(
    data_dir: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path(".dancu"),
    first_day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="In Viet Nam.", show_default="the last day"),
    ] = None,
    last_day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="In Viet Nam.", show_default="today"),
    ] = None,
    caller: Annotated[str | None, typer.Option(help="Only this caller.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Who asked how much: by caller (agency), unit, officer, procedure and RPC.

    Entries are what the log has: answers, a batch as one, and refusals. Records are what daily
    quotas count. Unknown numbers and mismatches are one figure, officers are masked.
    """
    today = day_name(day_of(datetime.now(UTC).timestamp()))
    last = last_day.date().isoformat() if last_day else today
    first = first_day.date().isoformat() if first_day else last
    with one_line_errors():
        found = _masked(engine_in(data_dir).statistics(first, last), caller)
    if as_json:
        rows = [_row(key, figures) for key, figures in sorted(found.items())]
        told = {"first_day": first, "last_day": last, "rows": rows}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        _render(found, first, last)


def _masked(found: Mapping[Key, Figures], caller: str | None) -> dict[Key, Figures]:
    """One caller's, or everybody's, with officers who look alike put together."""
    masked: dict[Key, Figures] = {}
    for key, figures in found.items():
        if caller in (None, key.caller):
            shown = key._replace(officer=_mask(key.officer))
            masked.setdefault(shown, Figures()).add(figures)
    return masked


def _mask(officer: str) -> str:
    return mask(officer) if len(officer) > 2 * _SHOWN else "*" * len(officer)


def _row(key: Key, figures: Figures) -> dict[str, Any]:
    return {
        **key._asdict(),
        **asdict(figures),
        "not_verified": figures.records - figures.verified,
    }


def _render(found: Mapping[Key, Figures], first: str, last: str) -> None:
    console = Console(highlight=False)
    table = Table(title=f"{first} to {last}", box=SIMPLE, padding=(0, 1, 0, 0))
    for name in ("caller", "unit", "officer", "procedure", "RPC"):
        table.add_column(name, overflow="fold")
    for name in ("entries", "records", "verified", "not"):
        table.add_column(name, justify="right", no_wrap=True)
    total = Figures()
    for key, figures in sorted(found.items()):
        total.add(figures)
        table.add_row(*key._replace(rpc=key.rpc.rpartition("/")[2]), *_texts(figures))
    table.add_section()
    table.add_row("in all", "", "", "", "", *_texts(total))
    console.print(table)


def _texts(figures: Figures) -> tuple[str, ...]:
    failed = figures.records - figures.verified
    return tuple(f"{one:,}" for one in (figures.answers, figures.records, figures.verified, failed))
