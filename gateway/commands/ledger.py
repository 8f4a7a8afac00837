"""``dancu ledger``: the gateway's own log."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from gateway.commands.errors import EXIT_FAILED, one_line_errors
from gateway.commands.progress import building
from gateway.config import DevConfig
from gateway.core.signing import note_is_signed
from gateway.datadir import SetupError, register_info
from gateway.store.audit import Report, audit
from gateway.store.keys import checkpoint_key
from gateway.store.sqlite import read_origin

app = typer.Typer(help="The gateway's append-only log.", no_args_is_help=True)

DataDir = Annotated[Path, typer.Option(help="Where everything is kept.")]
_CHECKPOINT_LINES = 3


@app.callback()
def ledger() -> None:
    """The gateway's append-only log."""


@app.command()
def verify(
    data_dir: DataDir = Path(".dancu"),
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint or receipt proof that you hold, as text. Repeatable."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Recompute the whole log: leaves, head, access rows, charges, tiles, register revision.

    Exits 0 when everything holds and 1 when something does not.
    """
    with one_line_errors():
        report = _audit(DevConfig(data_dir=data_dir), checkpoint or [])
    if as_json:
        sys.stdout.write(json.dumps(_to_json(report), indent=2) + "\n")
    else:
        _render(report)
    if report.findings:
        raise SystemExit(EXIT_FAILED)


def _audit(config: DevConfig, files: list[Path]) -> Report:
    if not config.records_path.exists():
        raise SetupError(f"there is no log at {config.records_path}; name the --data-dir")
    origin = read_origin(config.records_path)
    key = checkpoint_key(config.data_dir, origin)
    held = dict(_held_checkpoint(path, origin) for path in files)
    revision = register_info(config.population_path).revision
    with building("checking the log") as progress:
        return audit(
            config.records_path,
            checkpoints=held,
            register_revision=revision,
            is_signed=lambda note: _is_signed(note, origin, key),
            progress=lambda done, _total: progress(done),
        )


def _is_signed(note: str, origin: str, key: bytes) -> bool:
    text, _, lines = note.partition("\n\n")
    return any(note_is_signed(text + "\n", line, origin, key) for line in lines.splitlines())


def _held_checkpoint(path: Path, origin: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint note, or of the one at the end of a tlog-proof."""
    try:
        text = path.read_text("utf-8")
        lines = text[text.index(origin + "\n") :].split("\n")[:_CHECKPOINT_LINES]
        return int(lines[1]), base64.b64decode(lines[2], validate=True)
    except (OSError, ValueError, IndexError) as error:
        raise SetupError(f"{path} is no checkpoint of the log {origin}: {error}") from error


def _to_json(report: Report) -> dict[str, Any]:
    return {
        "holds": not report.findings,
        "origin": report.origin,
        "leaves": report.leaves,
        "accesses": report.accesses,
        "root": base64.b64encode(report.root).decode(),
        "findings": [
            {"invariant": one.invariant, "message": one.message} for one in report.findings
        ],
    }


def _render(report: Report) -> None:
    console = Console(highlight=False)
    console.print(f"log       {report.origin}")
    console.print(f"leaves    {report.leaves:,}, touching citizens {report.accesses:,} times")
    console.print(f"root      {base64.b64encode(report.root).decode()}")
    for one in report.findings:
        console.print(f"[red]{one.invariant}[/red]  {one.message}")
    console.print("everything holds" if not report.findings else "[red]the log does not hold[/red]")
