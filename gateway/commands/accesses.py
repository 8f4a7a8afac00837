"""``dancu accesses forget``: whose data were asked for is not kept for ever."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.errors import one_line_errors
from gateway.engines.choice import engine_in
from gateway.store.forgetting import RETENTION_MONTHS


def forget_accesses(
    *,
    before: Annotated[
        str, typer.Option(metavar="YYYY-MM", help="The first month that is kept, in UTC.")
    ],
    data_dir: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path(".dancu"),
    force: Annotated[
        bool,
        typer.Option(
            "--force", help=f"Also months that are not {RETENTION_MONTHS} months past yet."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Delete the pseudonym keys of past months: their accesses cannot be linked to anybody.

    The log stays whole, and every receipt verifies as before. There is no way back but a backup,
    which must be forgotten, too. A gateway may be running.

    Exits 0 when the months are forgotten, and 1 within the retention period or when the keys
    could not be removed from the disk.
    """
    with one_line_errors():
        months = engine_in(data_dir).forget(before, datetime.now(UTC), force=force)
    if as_json:
        sys.stdout.write(json.dumps({"forgotten": months}) + "\n")
    else:
        told = ", ".join(months) or f"nothing: there is no key of a month before {before}"
        sys.stdout.write(f"forgotten: {told}\n")
