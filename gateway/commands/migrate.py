"""``dancu migrate``: register and records of an earlier version, made this version's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.errors import one_line_errors
from gateway.engines.choice import engine_in


def migrate(
    data_dir: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path(".dancu"),
) -> None:
    """Bring register and records of a database to this version; needed where a start says so.

    Stop every gateway first, and make a backup: an earlier version does not read what was migrated.
    Each of the two is migrated whole or not at all; run it again after a failure. Where there is
    nothing to do, gateways may be running. Files have had one version so far.

    Exits 0 when both are of this version, 1 when they are in use, newer, or a migration fails.
    """
    with one_line_errors():
        done = engine_in(data_dir).migrate()
    sys.stdout.write("".join(f"{one}\n" for one in done) or "nothing to do\n")
