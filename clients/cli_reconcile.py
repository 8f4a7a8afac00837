"""``dancu sync reconcile`` and ``dancu sync verify-bundle``: a file compared, and the proof of it.

Exit codes of ``reconcile``: 0 done and every row matched, 1 done and some rows want a look, 2 bad
usage, 3 refused, unreachable, or an answer that does not verify, 130 interrupted. Of
``verify-bundle``: 0 VALID, 1 INVALID, 4 INDETERMINATE, 2 bad usage.
"""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from clients import receipts
from clients.cli_errors import UsageError, note, plain_errors, read_file
from clients.cli_options import (
    DEFAULT_DATA_DIR,
    DEFAULT_OFFICER,
    DEFAULT_PROCEDURE,
    DEFAULT_SERVER,
    DEFAULT_TIMEOUT,
    DEFAULT_UNIT,
    Asking,
    CredentialsFile,
    DataDir,
    Dossier,
    Json,
    Keys,
    Officer,
    Procedure,
    Root,
    Server,
    Timeout,
    Unit,
    pinned_roots,
)
from clients.cli_receipt import EXIT_CODES
from clients.reconcile.books import Places, beside
from clients.reconcile.bundle import find_row, read_delimited
from clients.reconcile.checking import BundleVerdict, check_bundle
from clients.reconcile.columns import parse_map
from clients.reconcile.encodings import AUTO, NAMES
from clients.reconcile.errors import FileError
from clients.reconcile.job import Done, Job
from clients.reconcile.job import reconcile as run_job
from clients.render import print_json, show_panel
from clients.render_reconciliation import Bar, show_summary, summary_json
from clients.sdk import CallContext, Refused, Unreachable, UntrustedAnswer

SOME_DIFFER = 1
INTERRUPTED = 130

_File = Annotated[Path, typer.Argument(help="Your records: CSV, JSON Lines or Parquet.")]
_Out = Annotated[Path, typer.Option(metavar="FILE", help="Where the result goes.")]
_Bundle = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The signed statements. Default: OUT.bundle."),
]
_Answers = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Keep the whole answers, too: for `dancu sync open`, see there."
    ),
]
_Map = Annotated[
    str,
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN,…",
        help="Columns that are called otherwise, e.g. personal_id=SO_CCCD,full_name=HO_TEN.",
    ),
]
_Encoding = Annotated[str, typer.Option(metavar="NAME", help=f"{AUTO}, {', '.join(NAMES)}.")]
_Session = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Name the session, e.g. to fetch its answers once more."),
]
_ChunkSize = Annotated[int, typer.Option(min=1, max=1000, help="Records under one signature.")]
_Patience = Annotated[
    float, typer.Option(min=0, help="Seconds to go on trying when the connection is lost.")
]
_BundleFile = Annotated[Path, typer.Argument(help="What `dancu sync reconcile` left.")]
_KeySet = Annotated[
    Path, typer.Option(metavar="FILE", help="The gateway's key set, e.g. .dancu/keyset.binpb.")
]


def reconcile(
    file: _File,
    *,
    out: _Out,
    bundle: _Bundle = None,
    answers: _Answers = None,
    mapping: _Map = "",
    encoding: _Encoding = AUTO,
    session: _Session = None,
    chunk_size: _ChunkSize = 1000,
    patience: _Patience = 60.0,
    json: Json = False,
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    keys: Keys = None,
    root: Root = None,
    credentials: CredentialsFile = None,
    procedure: Procedure = DEFAULT_PROCEDURE,
    unit: Unit = DEFAULT_UNIT,
    officer: Officer = DEFAULT_OFFICER,
    dossier: Dossier = "",
) -> None:
    """Đối soát: compare a file of your own records with the register, row by row.

    The result has the rows of the file, in their order, with the columns verdict, fields, flags
    and register_values. Interrupted, or cut off, the same command goes on where it stopped.

    Exits 0 every row matched, 1 some want a look, 2 bad usage, 3 refused or unreachable, 130
    interrupted.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    places = Places(out, bundle or beside(out, ".bundle"), answers)
    bar = Bar()
    with plain_errors(), _file_errors(), _going_on(bar), bar:
        job = Job(file, places, parse_map(mapping), encoding, chunk_size, session, patience)
        done = asyncio.run(_run(job, asking, bar))
    if json:
        print_json(summary_json(done, places.named(), bar))
    else:
        show_summary(done, places.named(), bar)
    raise typer.Exit(0 if done.tally.all_matched else SOME_DIFFER)


def verify_bundle(
    file: _BundleFile, *, keys: _KeySet, root: Root = None, json: Json = False
) -> None:
    """Check the signed statements of a reconciliation offline: each, and that none is missing.

    Exits 0 VALID, 1 INVALID, 4 INDETERMINATE, 2 bad usage.
    """
    with plain_errors(), _file_errors():
        trust = receipts.Trust(pinned_roots(root, keys))
        at = datetime.now(UTC)
        try:
            key_set = receipts.load_key_set(read_file(keys, "the key set"), trust, at)
        except receipts.RefusedError as error:
            found = BundleVerdict(receipts.Result.INVALID, error.refusal, error.detail)
        else:
            with file.open("rb") as statements:
                found = check_bundle(read_delimited(statements), key_set, at=at, trust=trust)
        show = _print_json if json else _show
        show(found)
        raise typer.Exit(EXIT_CODES[found.result])


def open_row(
    file: Annotated[Path, typer.Argument(help="What `dancu sync reconcile --answers` kept.")],
    *,
    row: Annotated[int, typer.Option(min=1, help="Which row of the result, from 1.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write its receipt.")],
) -> None:
    """Cut one row's receipt out of a reconciliation, with nothing of the others in it.

    It belongs into that person's dossier; `dancu receipt verify` checks it.
    """
    with plain_errors(), _file_errors():
        with file.open("rb") as answers:
            found = find_row(read_delimited(answers), row)
        if found is None:
            raise UsageError(f"{file} has no row {row}")
        try:
            out.write_bytes(receipts.open_record(*found))
        except receipts.RefusedError as error:
            raise UsageError(f"{file} holds no answers: {error.detail}") from None


async def _run(job: Job, asking: Asking, bar: Bar) -> Done:
    async with asking.connect() as gateway:
        return await run_job(job, gateway, bar)


@contextmanager
def _file_errors() -> Iterator[None]:
    """A file that does not fit is bad usage."""
    try:
        yield
    except FileError as error:
        raise UsageError(str(error)) from None


@contextmanager
def _going_on(bar: Bar) -> Iterator[None]:
    """Say how to go on when it ended too early."""
    try:
        yield
    except KeyboardInterrupt:
        _say_how(bar)
        raise typer.Exit(INTERRUPTED) from None
    except (Refused, Unreachable, UntrustedAnswer, OSError):
        if bar.rows:
            _say_how(bar)
        raise


def _say_how(bar: Bar) -> None:
    command = shlex.join(["dancu", *sys.argv[1:]])
    note(f"{bar.rows:,} rows are kept; to go on, give the same command again: {command}")


def _show(found: BundleVerdict) -> None:
    colour = "green" if found.result is receipts.Result.VALID else "red"
    why = f"{found.refusal}: {found.refusal.meaning} ({found.detail})" if found.refusal else ""
    when = [moment.isoformat(timespec="seconds") for moment in (found.first, found.last) if moment]
    rows = [
        ("chunks", f"{found.chunks:,}, without a gap"),
        ("records", f"{found.records:,}"),
        ("session", found.session_id),
        ("stated to", found.audience),
        ("issued", " to ".join(when)),
        ("because", why),
    ]
    show_panel(f"{found.result}: RECONCILIATION", colour, rows)


def _print_json(found: BundleVerdict) -> None:
    print_json({each.name: getattr(found, each.name) for each in fields(found)})
