"""``dancu explain``: how a call came to be refused, or not verified."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.commands.errors import one_line_errors
from gateway.config import GatewayConfig
from gateway.datadir import SetupError
from gateway.store.decisions import find_decision

_TRACE = re.compile(r"[0-9a-f]{32}")
_HEAD = ("at", "rpc", "caller", "reason", "side", "rule")


def explain(
    trace: Annotated[str, typer.Argument(metavar="TRACE_ID", help="As the error names it.")],
    data_dir: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path(".dancu"),
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Show a whole decision: every check in order, what became of it, and the rule that decided.

    The gateway keeps the latest refusals and errors; answers NOT_VERIFIED where the grant has
    explain, or with --log-level debug all. Levels and masked ids only.
    """
    with one_line_errors():
        found = _find(GatewayConfig(data_dir=data_dir).decisions_path, trace.lower())
    if as_json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    else:
        _render(found)


def _find(path: Path, trace: str) -> dict[str, Any]:
    if not _TRACE.fullmatch(trace):
        raise SetupError(
            "a trace is 32 hexadecimal digits, no request's id; copy it from the error"
        )
    try:
        found = find_decision(path, trace)
    except OSError as error:
        raise SetupError(f"cannot read {path}: {error.strerror}") from error
    if found is None:
        raise SetupError(
            f"{path} has no decision {trace}: only the latest are kept; give the trace that a "
            "refusal names, not a request's id, and the --data-dir of the gateway that refused"
        )
    return found


def _render(found: dict[str, Any]) -> None:
    console = Console(highlight=False, width=200)
    about = [(name, found[name]) for name in _HEAD] + list(found["context"].items())
    for name, value in about:
        if value:
            console.print(Text(f"{name:<15}{value}"), soft_wrap=True)
    table = Table("check", "result", "detail", "rule", box=None)
    for check in found["checks"]:
        table.add_row(*(Text(check[key]) for key in ("name", "result", "detail", "rule")))
    console.print(table)
