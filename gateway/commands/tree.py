"""The one command, ``dancu``: what runs here, and the commands that call a gateway.

Of all that is named here only what somebody asks for is imported, see ``lazy.py``.
"""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.commands.lazy import group

_ACCESSES = group(
    "Lịch sử khai thác: who looked at a person's data.",
    {
        "list": "clients.cli_accesses:list_accesses",
        "dispute": "clients.cli_accesses:dispute",
        "forget": "gateway.commands.accesses:forget_accesses",
    },
)
_SYNC = group(
    "Đồng bộ: keep your own records in step with the register.",
    {
        "reconcile": "clients.cli_reconcile:reconcile",
        "verify-bundle": "clients.cli_reconcile:verify_bundle",
        "open": "clients.cli_reconcile:open_row",
        "follow": "clients.cli_follow:follow",
        "watch": "clients.cli_watch:app",
    },
)
_LEDGER = group(
    "The gateway's append-only log.",
    {
        "verify": "gateway.commands.ledger:verify",
        "export": "gateway.commands.ledger:export",
        "new-epoch": "gateway.commands.ledger:new_epoch",
        "witness": "clients.cli_witness:witness",
    },
)

app = group(
    "A simulator of the link to Vietnam's national population database. No real person "
    "is in it, and its statements vouch for nobody.",
    {
        "dev": "gateway.commands.dev:dev",
        "serve": "gateway.commands.serve:serve",
        "verify": "clients.cli:verify",
        "lookup": "clients.cli:lookup",
        "resolve": "clients.cli:resolve",
        "residence": "clients.cli_residence:residence",
        "household": "clients.cli_residence:household",
        "attributes": "clients.cli_attributes:attributes",
        "call": "clients.cli_call:call",
        "token": "clients.cli_call:token",
        "descriptor": "clients.cli_descriptor:descriptor",
        "health": "clients.cli_health:health",
        "personas": "gateway.commands.personas:personas",
        "stats": "gateway.commands.stats:stats",
        "explain": "gateway.commands.explain:explain",
        "doctor": "gateway.commands.doctor:doctor",
        "migrate": "gateway.commands.migrate:migrate",
        "accesses": _ACCESSES,
        "event": "clients.cli_event:app",
        "load": "clients.cli_load:app",
        "receipt": "clients.cli_receipt:app",
        "simulate": "clients.cli_simulate:app",
        "sync": _SYNC,
        "policy": "gateway.commands.policy:app",
        "population": "gateway.commands.population:app",
        "keys": "gateway.commands.keys:app",
        "callers": "gateway.commands.callers:app",
        "ledger": _LEDGER,
    },
    name="dancu",
)


def _say_version(*, asked: bool) -> None:
    if asked:
        # only here: nobody else is to wait for it
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"dancu {version('dancu')}")
        raise typer.Exit


@app.callback()
def dancu(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Say which version this is."
        ),
    ] = False,
) -> None:
    """What holds for every command."""
