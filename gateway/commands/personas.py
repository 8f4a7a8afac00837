"""``dancu personas``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clients.cli import fetch_personas
from clients.render import render_personas
from gateway.commands.errors import one_line_errors
from gateway.datadir import SetupError, list_personas
from gateway.engines.choice import engine_in


def personas(
    data_dir: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path(".dancu"),
    control: Annotated[
        str | None, typer.Option(help="Ask a running gateway's control port, HOST:PORT, instead.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """The documented people to test with, and what a claim of exactly their values answers."""
    if control is not None:
        render_personas(fetch_personas(control), json=as_json)
        return
    with one_line_errors():
        engine = engine_in(data_dir)
        if not engine.has_register():
            raise SetupError(
                f"there is no register in {data_dir}; run `dancu dev` once, or name --data-dir"
            )
        people = list_personas(data_dir, engine.register_info().as_of)
    render_personas(people, json=as_json)
