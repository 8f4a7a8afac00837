"""``dancu sync``: keep a system's own records in step with the register (đồng bộ dữ liệu)."""

from __future__ import annotations

import typer

from clients import cli_follow, cli_reconcile, cli_watch

app = typer.Typer(
    help="Đồng bộ: keep your own records in step with the register.", no_args_is_help=True
)


@app.callback()
def sync() -> None:
    """Đồng bộ: keep your own records in step with the register."""


app.command()(cli_reconcile.reconcile)
app.command()(cli_reconcile.verify_bundle)
app.command("open")(cli_reconcile.open_row)
app.command()(cli_follow.follow)
app.add_typer(cli_watch.app, name="watch")
