"""``dancu keys init-tls``: a certificate authority for tests, and what it issues."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.errors import one_line_errors
from gateway.config import DEFAULT_AUDIENCE
from gateway.store.authority import SERVER_CERTIFICATE, TestAuthority
from gateway.store.credentials import Issued, issue_credentials

CALLERS = "callers"  # below the authority's directory


def init_tls(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to make it.")],
    host: Annotated[
        list[str] | None,
        typer.Option(
            help="Name or address of the gateway. Repeatable.", show_default="localhost, 127.0.0.1"
        ),
    ] = None,
    caller: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Make credentials for this caller, too. Repeatable."),
    ] = None,
    audience: Annotated[
        str, typer.Option(help="The gateway's name in session tokens.")
    ] = DEFAULT_AUDIENCE,
) -> None:
    """Make a test CA, the server's certificate, and keys and certificates of callers.

    For trying the rules out: valid for 90 days, unencrypted, and named SIMULATOR. Run again with
    --caller on the same directory it issues more callers, and the server's certificate anew.
    """
    with one_line_errors():
        now = datetime.now(UTC)
        authority = open_or_create(out, now)
        authority.issue_server(host or ["localhost", "127.0.0.1"], now)
        for one in caller or ():
            issue_client(authority, one, audience, now)
    sys.stderr.write(f"{out / SERVER_CERTIFICATE} is for a SIMULATOR; trust it nowhere else.\n")


def open_or_create(folder: Path, now: datetime) -> TestAuthority:
    """The authority of a directory, made on first use."""
    if (folder / "ca.key.pem").exists():
        return TestAuthority.open(folder)
    return TestAuthority.create(folder, now)


def issue_client(authority: TestAuthority, caller: str, audience: str, now: datetime) -> Issued:
    """A caller's credentials, beside the authority."""
    return issue_credentials(authority.folder / CALLERS, caller, audience, authority, now)
