"""The one command, ``dancu``: what runs here, and the commands that call a gateway."""

from __future__ import annotations

import typer

from clients.cli import register
from gateway.commands import ledger, population
from gateway.commands.dev import dev
from gateway.commands.personas import personas

app = typer.Typer(
    name="dancu",
    help="A simulator of the link to Vietnam's national population database. No real person "
    "is in it, and its statements vouch for nobody.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(dev)
register(app)
app.command()(personas)
app.add_typer(population.app, name="population")
app.add_typer(ledger.app, name="ledger")


def main() -> None:
    """Entry point of the ``dancu`` command."""
    app()
