"""``dancu residence`` and ``dancu household``: what the paper books proved."""

from __future__ import annotations

import asyncio
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
from clients.sdk import (
    CallContext,
    ResidenceKind,
)

Temporary = Annotated[
    bool,
    typer.Option("--temporary", help="The household of temporary residence, not of permanent."),
]


def residence(
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
    """Xác nhận cư trú: show where a person is registered, and lives.

    An expired residence proves nothing: read the state. That there is none is an answer, too.

    Exits 0 verified, 1 not verified, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors(out=out):
        about = about_of(number, name, birth_date, request_id)
        answer = asyncio.run(ask(asking, lambda gateway: gateway.confirm_residence(**about)))
        finish(answer, json=json, out=out)


def household(
    number: Number,
    *,
    name: Name,
    birth_date: BirthDate,
    temporary: Temporary = False,
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
    """Thông tin hộ gia đình: show what the paper household book proved.

    Members are shown as far as the caller may see them; else they are only counted.

    Exits 0 verified, 1 not verified, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors(out=out):
        about = about_of(number, name, birth_date, request_id)
        about["kind"] = ResidenceKind.TEMPORARY if temporary else ResidenceKind.PERMANENT
        answer = asyncio.run(ask(asking, lambda gateway: gateway.get_household(**about)))
        finish(answer, json=json, out=out)
