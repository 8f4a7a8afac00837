"""The questions that the ``dancu`` command asks a gateway, whose answers it checks.

Exit codes: 0 verified, 1 not verified, 2 bad usage, 3 refused, unreachable, or an answer that
does not verify. ``dancu receipt`` has its own, see ``cli_receipt.py``.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from clients.cli_asking import about_of, ask, finish
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
    Out,
    Procedure,
    RequestId,
    Root,
    Server,
    Timeout,
    Unit,
)
from clients.sdk import CallContext, list_personas

Fields = Annotated[
    str,
    typer.Option(
        metavar="A,B",
        help="Fields to ask for, e.g. name,permanent_residence. Default: all that are granted.",
    ),
]


def verify(
    number: Number,
    *,
    name: Name,
    birth_date: BirthDate,
    json: Json = False,
    out: Out = None,
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
    request_id: RequestId = "",
) -> None:
    """Xác thực: do this number, name and birth date belong together?

    Verified is not alive: read the status, too.

    What --out keeps can be checked offline for years: dancu receipt verify.

    Exits 0 verified, 1 not verified, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors(out=out):
        about = about_of(number, name, birth_date, request_id)
        answer = asyncio.run(ask(asking, lambda gateway: gateway.verify_identity(**about)))
        finish(answer, json=json, out=out)


def lookup(
    number: Number,
    *,
    name: Name,
    birth_date: BirthDate,
    fields: Fields = "",
    json: Json = False,
    out: Out = None,
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
    request_id: RequestId = "",
) -> None:
    """Tra cứu: show what the register holds of a person, as far as the procedure may see it.

    Nothing is shown unless number, name and birth date belong together.

    Exits 0 verified, 1 not verified, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors(out=out):
        about = about_of(number, name, birth_date, request_id)
        about["fields"] = [each.strip() for each in fields.split(",") if each.strip()]
        answer = asyncio.run(ask(asking, lambda gateway: gateway.lookup_citizen(**about)))
        finish(answer, json=json, out=out)


def resolve(
    number: Number,
    *,
    name: Name,
    birth_date: BirthDate,
    json: Json = False,
    out: Out = None,
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
    request_id: RequestId = "",
) -> None:
    """Định danh: lead from an old or cancelled number to the one that is valid now.

    Each step between the two is shown.

    Exits 0 verified, 1 not verified, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors(out=out):
        about = about_of(number, name, birth_date, request_id)
        answer = asyncio.run(ask(asking, lambda gateway: gateway.resolve_identifier(**about)))
        finish(answer, json=json, out=out)


def fetch_personas(address: str) -> list[dict[str, str]]:
    """The people of a running simulator, from its control port, as ``render_personas`` has them.

    Args:
        address: HOST:PORT of the control port.

    When there is no answer the command ends with one line that says so.
    """
    with plain_errors("--control"):
        found = asyncio.run(list_personas(address))
    return [asdict(each) | {"expect": each.expect.name} for each in found]
