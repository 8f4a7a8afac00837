"""The one command, ``dancu``: what runs here, and the commands that call a gateway."""

from __future__ import annotations

import typer

from clients import cli_accesses
from clients.cli import register
from gateway.commands import callers, keys, ledger, policy, population
from gateway.commands.accesses import forget_accesses
from gateway.commands.dev import dev
from gateway.commands.doctor import doctor
from gateway.commands.explain import explain
from gateway.commands.migrate import migrate
from gateway.commands.personas import personas
from gateway.commands.serve import serve
from gateway.commands.stats import stats
from gateway.commands.tls import init_tls

app = typer.Typer(
    name="dancu",
    help="A simulator of the link to Vietnam's national population database. No real person "
    "is in it, and its statements vouch for nobody.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(dev)
app.command()(serve)
cli_accesses.app.command(name="forget")(forget_accesses)
register(app)
app.command()(personas)
app.command()(stats)
app.command()(explain)
app.command()(doctor)
app.command()(migrate)
app.add_typer(policy.app, name="policy")
app.add_typer(population.app, name="population")
keys.app.command(name="init-tls")(init_tls)
app.add_typer(keys.app, name="keys")
app.add_typer(callers.app, name="callers")
app.add_typer(ledger.app, name="ledger")
