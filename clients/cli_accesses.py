"""``dancu accesses``: who looked at a person's data, and a dispute about it."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from clients.cli_asking import about_of, ask, finish
from clients.cli_errors import UsageError, plain_errors
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
    claim_of,
)
from clients.cli_reporting import finish_event
from clients.event_options import Given, dispute_of
from clients.sdk import AccessesAnswer, CallContext, EventAnswer, Gateway

_PageSize = Annotated[
    int, typer.Option(min=1, max=200, help="How many to list.", rich_help_panel="Pages")
]
_PageToken = Annotated[
    str, typer.Option(help="The page after the one that gave this.", rich_help_panel="Pages")
]
_Prove = Annotated[
    bool, typer.Option("--prove", help="Fetch the log's proof of each entry, and check it.")
]


_Entry = Annotated[
    str, typer.Option(metavar="LEAF.ROW", help="The log entry, as `dancu accesses list` shows it.")
]
_Statement = Annotated[
    str, typer.Option(help="What the citizen says, up to 500 characters. Never logged.")
]
_Document = Annotated[
    str, typer.Option(help="Number of the citizen's letter (số đơn).", rich_help_panel="Letter")
]
_DocumentDate = Annotated[
    str, typer.Option(metavar="YYYY-MM-DD", help="Its day.", rich_help_panel="Letter")
]
_Authority = Annotated[
    str, typer.Option(help="Who took it in (nơi tiếp nhận).", rich_help_panel="Letter")
]


def list_accesses(
    number: Number,
    *,
    name: Name,
    birth_date: BirthDate,
    page_size: _PageSize = 50,
    page_token: _PageToken = "",
    prove: _Prove = False,
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
    """List who asked about a person, when, for what and what they saw, the newest first.

    The caller needs a grant for it: of the demo callers `explain` and `full` have one. Asking is
    itself recorded, and stands in the next list.

    Exits 0 verified, 1 not verified, 2 bad usage, 3 refused or unreachable, or not proved.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors(out=out):
        about = about_of(number, name, birth_date, request_id)
        about |= {"page_size": page_size, "page_token": page_token}

        async def question(gateway: Gateway) -> AccessesAnswer:
            answer = await gateway.list_accesses(**about)
            for entry in answer.entries if prove else ():
                await gateway.prove_access(entry)
            return answer

        answer = asyncio.run(ask(asking, question))
        if prove:
            typer.echo(f"proved by the log: {len(answer.entries)} entries", err=True)
        finish(answer, json=json, out=out)


def dispute(
    number: Number,
    *,
    name: Name,
    birth_date: BirthDate,
    entry: _Entry,
    statement: _Statement,
    document: _Document,
    document_date: _DocumentDate,
    authority: _Authority,
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
    """Khiếu nại: a citizen disputes an entry of that list. It changes no record, and is kept.

    Exits 0 taken in, 1 something stands in the way, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    paper = Given(document=document, document_date=document_date, authority=authority)
    with plain_errors(out=out):
        event = dispute_of(paper, claim_of(number, name, birth_date), _place(entry), statement)

        async def report(gateway: Gateway) -> EventAnswer:
            return await gateway.submit_event(
                event, request_id=request_id or None, patience=timeout
            )

        finish_event(asking, report, json=json, out=out)


def _place(entry: str) -> tuple[int, int]:
    """Leaf and row."""
    leaf, _, row = entry.partition(".")
    if not leaf.isdecimal() or not row.isdecimal():
        raise UsageError(f"--entry {entry}: write LEAF.ROW, as `dancu accesses list` shows it")
    return int(leaf), int(row)
