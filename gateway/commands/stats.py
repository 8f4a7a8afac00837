"""``dancu stats``: who asked how much, and what is left of today's quotas."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from time import time
from typing import Annotated, Any, NamedTuple

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from gateway.commands.config_file import read_config
from gateway.commands.errors import one_line_errors
from gateway.config import DevConfig, GatewayConfig
from gateway.core.days import day_name, day_of, end_of, moment
from gateway.core.quota import Account
from gateway.core.standing import Standing, standings
from gateway.datadir import read_policy
from gateway.engines.choice import engine_of
from gateway.engines.engine import Engine
from gateway.store.statistics import Figures, Key
from gateway.telemetry import mask

_SHOWN = 3  # last characters of an officer's id
_FIGURES = ("answers", "refused", "records", "verified", "not")


class _Today(NamedTuple):
    """How far the daily quotas are used."""

    day: str  # in Viet Nam
    ends: str  # ISO 8601, +07:00
    policy: str  # version
    quotas: Sequence[Standing]


def stats(
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Settings of `dancu serve`, with its policy.",
            show_default="what `dancu dev` would use",
        ),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Where everything is kept.", show_default="that of --config, or .dancu"),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="TOML file with the quotas.", show_default="that of --config, or the demo policy"
        ),
    ] = None,
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

    Answers: a batch is one. Refused calls have a figure of their own; for want of quota they are
    counted by the minute, with unit, officer and procedure of the first. Records are what daily
    quotas count: below stands what was used of each today, and what is left. Unknown numbers and
    mismatches are one figure, officers are masked.
    """
    now = time()
    last = last_day.date().isoformat() if last_day else day_name(day_of(now))
    first = first_day.date().isoformat() if first_day else last
    with one_line_errors():
        settings = _settings(config, data_dir, policy)
        engine = engine_of(settings)
        found = _masked(engine.statistics(first, last), caller)
        today = _today(settings, engine, caller, now)
    if as_json:
        _write_json(found, first, last, today)
    else:
        _render(found, first, last, today)


def _settings(config: Path | None, data_dir: Path | None, policy: Path | None) -> GatewayConfig:
    """The gateway's, as far as they matter here. Raises SetupError."""
    settings: GatewayConfig = read_config(config) if config else DevConfig()
    if data_dir is not None:
        settings = replace(settings, data_dir=data_dir)
    return replace(settings, policy=policy) if policy is not None else settings


def _today(settings: GatewayConfig, engine: Engine, caller: str | None, now: float) -> _Today:
    """One caller's daily quotas, or everybody's. Raises PolicyFileError, StoreError."""
    found, day = read_policy(settings), day_of(now)
    used: Counter[Account] = Counter()
    for key, figures in engine.statistics(day_name(day), day_name(day)).items():
        used[key.caller, key.procedure] += figures.records
    quotas = [one for one in standings(found.quotas, used) if caller in (None, one.caller)]
    return _Today(day_name(day), moment(end_of(day)).isoformat(), found.version, quotas)


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


def _write_json(found: Mapping[Key, Figures], first: str, last: str, today: _Today) -> None:
    told = {
        "first_day": first,
        "last_day": last,
        "rows": [_row(key, figures) for key, figures in sorted(found.items())],
        "today": {**today._asdict(), "quotas": [one._asdict() for one in today.quotas]},
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")


def _row(key: Key, figures: Figures) -> dict[str, Any]:
    return {
        **key._asdict(),
        **asdict(figures),
        "not_verified": figures.records - figures.verified,
    }


def _render(found: Mapping[Key, Figures], first: str, last: str, today: _Today) -> None:
    console = Console(highlight=False)
    console.print(f"{first} to {last}")
    console.print(_figures_table(found))
    if today.quotas:
        told = f"daily quotas of policy {today.policy}, on {today.day} until {today.ends}"
        console.print(told, soft_wrap=True)
        console.print(_quotas_table(today.quotas))


def _figures_table(found: Mapping[Key, Figures]) -> Table:
    table = _table(("caller", "unit", "officer", "procedure", "RPC"), _FIGURES)
    total = Figures()
    for key, figures in sorted(found.items()):
        total.add(figures)
        table.add_row(*key._replace(rpc=key.rpc.rpartition("/")[2]), *_texts(figures))
    table.add_section()
    table.add_row("in all", "", "", "", "", *_texts(total))
    return table


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


def _texts(figures: Figures) -> tuple[str, ...]:
    told = (figures.answers, figures.refusals, figures.records, figures.verified)
    return tuple(f"{one:,}" for one in (*told, figures.records - figures.verified))
