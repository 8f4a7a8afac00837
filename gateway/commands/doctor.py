"""``dancu doctor``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from gateway.commands.config_file import read_config
from gateway.commands.errors import EXIT_FAILED, one_line_errors
from gateway.config import DevConfig, GatewayConfig
from gateway.doctor.examination import examine
from gateway.doctor.finding import Finding, Level, worst

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


def doctor(
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Settings of `dancu serve`.",
            show_default="what `dancu dev` would use",
        ),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Where everything is kept.", show_default="that of --config, or .dancu"),
    ] = None,
    store: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="postgresql://… of both stores.",
            show_default="files in the data directory",
        ),
    ] = "",
    *,
    deep: Annotated[bool, typer.Option(help="Read every page of the databases.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Check an installation, and say what to do: docs/observability.md lists the checks.

    Looks at the machine (disk, clock, limits), ports, databases, keys and certificates; changes
    nothing, and may run beside a gateway. Exits 1 if anything is FAIL.
    """
    with one_line_errors():
        settings: GatewayConfig = read_config(config) if config else DevConfig()
        if data_dir is not None:
            settings = replace(settings, data_dir=data_dir)
        if store:
            settings = replace(settings, store=store)
        found = list(examine(settings, datetime.now(UTC), deep=deep))
    _write_json(found) if as_json else _render(found)
    if worst(found) is Level.FAIL:
        raise SystemExit(EXIT_FAILED)


def _write_json(found: Sequence[Finding]) -> None:
    told = {"worst": worst(found), "findings": [one._asdict() for one in found]}
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")


def _render(found: Sequence[Finding]) -> None:
    console = Console(highlight=False)
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("found", overflow="fold")
    table.add_column("what to do", overflow="fold")
    for one in found:
        level = f"[{_STYLES[one.level]}]{one.level}[/]"
        table.add_row(level, one.check, _plain(one.found), _plain(one.remedy))
    console.print(table)
    counts = {level: sum(one.level is level for one in found) for level in Level}
    console.print(", ".join(f"{count} {level}" for level, count in counts.items()))


def _plain(text: str) -> str:
    """As it is: brackets in it are no markup."""
    return text.replace("[", r"\[")
