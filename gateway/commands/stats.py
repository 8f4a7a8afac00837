"""``dancu stats``: who asked how much, and what is left of today's quotas."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from time import time
from typing import Annotated, Any

import typer

from gateway.commands.config_file import read_config
from gateway.commands.errors import one_line_errors
from gateway.commands.stats_view import Today, show
from gateway.config import DevConfig, GatewayConfig
from gateway.core.days import day_name, day_of, end_of, moment
from gateway.core.quota import Account
from gateway.core.standing import standings
from gateway.datadir import read_policy
from gateway.engines.choice import engine_of
from gateway.engines.engine import Engine
from gateway.store.statistics import Figures, Key
from gateway.telemetry import mask

_SHOWN = 3  # last characters of an officer's id


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
        show(found, first, last, today)


def _settings(config: Path | None, data_dir: Path | None, policy: Path | None) -> GatewayConfig:
    """The gateway's, as far as they matter here. Raises SetupError."""
    settings: GatewayConfig = read_config(config) if config else DevConfig()
    if data_dir is not None:
        settings = replace(settings, data_dir=data_dir)
    return replace(settings, policy=policy) if policy is not None else settings


def _today(settings: GatewayConfig, engine: Engine, caller: str | None, now: float) -> Today:
    """One caller's daily quotas, or everybody's. Raises PolicyFileError, StoreError."""
    found, day = read_policy(settings), day_of(now)
    used: Counter[Account] = Counter()
    for key, figures in engine.statistics(day_name(day), day_name(day)).items():
        used[key.caller, key.procedure] += figures.records
    quotas = [one for one in standings(found.quotas, used) if caller in (None, one.caller)]
    return Today(day_name(day), moment(end_of(day)).isoformat(), found.version, quotas)


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


def _write_json(found: Mapping[Key, Figures], first: str, last: str, today: Today) -> None:
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
