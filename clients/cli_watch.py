"""``dancu sync watch``: the list of citizens whose changes are followed with ``--watched``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from clients.cli_errors import plain_errors
from clients.cli_options import (
    DEFAULT_DATA_DIR,
    DEFAULT_OFFICER,
    DEFAULT_PROCEDURE,
    DEFAULT_SERVER,
    DEFAULT_TIMEOUT,
    DEFAULT_UNIT,
    Asking,
    BirthDate,
    CredentialsFile,
    DataDir,
    Dossier,
    Json,
    Keys,
    Name,
    Number,
    Officer,
    Procedure,
    Root,
    Server,
    Timeout,
    Unit,
    claim_of,
)
from clients.render import print_json
from clients.sdk import CallContext, Gateway, Outcome, WatchedAnswer

NOT_VERIFIED = 1

app = typer.Typer(help="Whose changes you want: your list of citizens.", no_args_is_help=True)

_A = TypeVar("_A")
_Numbers = Annotated[list[str], typer.Argument(help="Personal numbers, 12 digits.")]


@app.callback()
def watch() -> None:
    """Whose changes you want: your list of citizens."""


@app.command()
def add(
    number: Number,
    *,
    name: Name,
    birth_date: BirthDate,
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
    """Put a citizen on your list; number, name and birth date must agree with the register.

    Exits 0 on the list, 1 not verified, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors():
        claim = claim_of(number, name, birth_date)

        async def put(gateway: Gateway) -> WatchedAnswer:
            return await gateway.update_watched([claim])

        answer = asyncio.run(_ask(asking, put))
        _show(answer, json=json)
    raise typer.Exit(0 if answer.added == (Outcome.VERIFIED,) else NOT_VERIFIED)


@app.command()
def remove(
    numbers: _Numbers,
    *,
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
    """Take citizens off your list; who is not on it is passed over.

    Exits 0 done, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors():

        async def take_off(gateway: Gateway) -> WatchedAnswer:
            return await gateway.update_watched(remove=numbers)

        _show(asyncio.run(_ask(asking, take_off)), json=json)


@app.command("list")
def list_watched(
    *,
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
    """Who is on your list, by the numbers that they have now.

    Exits 0 listed, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors():
        numbers = asyncio.run(_ask(asking, _all))
        if json:
            print_json({"personal_ids": numbers})
        else:
            for number in numbers:
                typer.echo(number)


async def _all(gateway: Gateway) -> list[str]:
    found: list[str] = []
    token = ""
    while True:
        page = await gateway.list_watched(page_token=token)
        found += page.personal_ids
        token = page.next_page_token
        if not token:
            return found


async def _ask(asking: Asking, question: Callable[[Gateway], Awaitable[_A]]) -> _A:
    async with asking.connect() as gateway:
        return await question(gateway)


def _show(answer: WatchedAnswer, *, json: bool) -> None:
    told: dict[str, Any] = {
        "added": [outcome.name for outcome in answer.added],
        "removed": answer.removed_count,
        "watched": answer.watched_count,
    }
    if json:
        print_json(told)
        return
    for outcome in answer.added:
        typer.echo("on the list" if outcome is Outcome.VERIFIED else "not verified: not listed")
    if answer.removed_count:
        typer.echo(f"{answer.removed_count} taken off")
    typer.echo(f"{answer.watched_count} watched")
