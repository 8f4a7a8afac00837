"""What the commands share that read a log over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from clients.cli_errors import UsageError
from clients.witness import fetcher
from clients.witness.tiles import Fetch

DEFAULT_LOG = "http://127.0.0.1:50054"

Log = Annotated[
    str, typer.Option(metavar="URL", help="Where the log shows its checkpoint and tiles.")
]


def log_at(url: str) -> Fetch:
    """Reads the log's files; UsageError when the URL is none."""
    try:
        return fetcher(url)
    except ValueError as error:
        raise UsageError(f"--log {url}: {error}") from None
