"""``dancu ledger``: the gateway's own log."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from gateway.commands.errors import EXIT_FAILED, one_line_errors
from gateway.commands.progress import building
from gateway.config import DevConfig
from gateway.core.signing import note_is_signed
from gateway.datadir import SetupError
from gateway.engines.choice import engine_in, engine_of
from gateway.engines.engine import Engine
from gateway.engines.sqlite import SqliteEngine
from gateway.store.audit import Expected, Report
from gateway.store.keys import checkpoint_keys

DataDir = Annotated[Path, typer.Option(help="Where everything is kept.")]
File = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="A log that was put aside. Default: the one of the data directory."
    ),
]
_CHECKPOINT_LINES = 3
_STEP = 5_000  # leaves between two steps of a bar


def verify(
    data_dir: DataDir = Path(".dancu"),
    file: File = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint or receipt proof that you hold, as text. Repeatable."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Recompute the whole log: leaves, head, access rows, charges, tiles, events, revision.

    The register's events and the log's receipts must be one to one; of a gateway at work an event
    may be named whose receipt is just being written: look again. A log that was put aside is not
    compared with the register, which went on without it.

    Exits 0 when everything holds, and 1 when something does not or cannot be read.
    """
    with one_line_errors():
        report = _audit(DevConfig(data_dir=data_dir), file, checkpoint or [])
    if as_json:
        sys.stdout.write(json.dumps(_to_json(report), indent=2) + "\n")
    else:
        _render(report)
    if report.findings:
        raise SystemExit(EXIT_FAILED)


def export(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write JSON Lines.")],
    data_dir: DataDir = Path(".dancu"),
    file: File = None,
) -> None:
    """Write every leaf: index, statement hash, access root and leaf hash, in base64.

    Whoever has the file can compute the log's root, and look whether a receipt stands in it. It
    tells nothing of people, callers or times.

    Exits 0 done, 1 failed.
    """
    with one_line_errors():
        engine = _engine(DevConfig(data_dir=data_dir), file)
        _origin_of(engine)  # whether it is a log at all
        with building("writing the leaves") as progress:
            count = _write_leaves(engine, out, progress)
    sys.stderr.write(f"{count} leaves written to {out}\n")


def new_epoch(data_dir: DataDir = Path(".dancu")) -> None:
    """Put the log aside, so that the next start begins a new one under a new name.

    For a log that was restored from a backup: it must not go on under its old name. It is kept
    as gateway.EPOCH.db and still verifies, with `dancu ledger verify --file`; so do its receipts.
    In PostgreSQL it is kept as the schema gateway_EPOCH.

    Exits 0 done, 1 failed.
    """
    with one_line_errors():
        kept = engine_in(data_dir).set_aside()
    sys.stderr.write(
        f"the log is kept as {kept}; the next start begins a new one and issues a key set that "
        "lists both: hand that to verifiers\n"
    )


def _engine(config: DevConfig, named: Path | None) -> Engine:
    return SqliteEngine(config, named) if named else engine_of(config)


def _origin_of(engine: Engine) -> str:
    origin = engine.origin()
    if origin is None:
        raise SetupError(f"there is no log at {engine.records_name}; name the --data-dir")
    return origin


def _write_leaves(engine: Engine, out: Path, progress: Callable[[int], None]) -> int:
    count = 0
    try:
        with out.open("w", encoding="utf-8") as stream:
            for count, leaf in enumerate(engine.leaves(), 1):
                stream.write(json.dumps(leaf) + "\n")
                if count % _STEP == 0:
                    progress(count)
    except OSError as error:
        raise SetupError(f"cannot write {out}: {error}") from error
    return count


def _audit(config: DevConfig, named: Path | None, files: list[Path]) -> Report:
    engine = _engine(config, named)
    origin = _origin_of(engine)
    keys = checkpoint_keys(config.data_dir, origin)
    expected = Expected(
        dict(_held_checkpoint(each, origin) for each in files),
        None if named else engine.register_info().revision,
        lambda note: _is_signed(note, origin, keys),
        None if named else engine.submitted_events,
    )
    with building("checking the log") as progress:
        return engine.audit(expected, lambda done, _total: progress(done))


def _is_signed(note: str, origin: str, keys: Sequence[bytes]) -> bool:
    text, _, lines = note.partition("\n\n")
    return any(
        note_is_signed(text + "\n", line, origin, key)
        for line in lines.splitlines()
        for key in keys
    )


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
