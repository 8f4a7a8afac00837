"""``dancu event``: report to the register what happened to people, and see what became of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from clients.cli_errors import UsageError, plain_errors, read_file
from clients.cli_options import (
    DEFAULT_DATA_DIR,
    DEFAULT_OFFICER,
    DEFAULT_PROCEDURE,
    DEFAULT_SERVER,
    DEFAULT_TIMEOUT,
    DEFAULT_UNIT,
    Asking,
    CredentialsFile,
    DataDir,
    Dossier,
    Json,
    Keys,
    Officer,
    Out,
    Procedure,
    RequestId,
    Root,
    Server,
    Timeout,
    Unit,
)
from clients.cli_reporting import finish_event
from clients.event_file import parse_event
from clients.event_options import Given, Kind, SexOption, document_of, event_of
from clients.sdk import CallContext, EventAnswer, Gateway
from dancu.v1.population_event_pb2 import PopulationEvent

app = typer.Typer(
    help="Biến động dân cư: report births, deaths, moves and corrections.", no_args_is_help=True
)

_PAPER, _WHO, _WHAT = "The document it rests on", "Who", "What happened"
_PERSON = "NUMBER,NAME,DATE"


def _text(meaning: str, panel: str, metavar: str = "TEXT") -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        metavar=metavar, help=meaning, rich_help_panel=panel
    )
    return option


_EventId = Annotated[str, typer.Argument(metavar="ID", help="As the receipt names it.")]
_File = Annotated[
    Path | None,
    typer.Argument(help="The event as JSON, or a request with it; - reads standard input."),
]
_Document = Annotated[str, _text("Its number (số).", _PAPER)]
_Book = Annotated[str, _text("Its book (quyển số).", _PAPER)]
_DocumentDate = Annotated[str, _text("Its day of issue (ngày cấp).", _PAPER, "YYYY-MM-DD")]
_Authority = Annotated[str, _text("Who issued it (cơ quan cấp).", _PAPER)]
_Registered = Annotated[
    str, _text("When the office registered it. Default: the document's day.", _PAPER, "YYYY-MM-DD")
]
_Kind = Annotated[
    Kind | None, typer.Option(help="Instead of a file: what happened, by the options below.")
]
_Person = Annotated[str, _text("Whom it is about; not for births.", _WHO, _PERSON)]
_Parent = Annotated[str, _text("Of a birth.", _WHO, _PERSON)]
_Spouse = Annotated[str, _text("Of a marriage.", _WHO, _PERSON)]
_Member = Annotated[
    str, _text("Residence: whose household to join. Departure: the new head.", _WHO, _PERSON)
]
_Relation = Annotated[str, _text("Residence: relation to the head, e.g. son.", _WHO)]
_Name = Annotated[str, _text("The child's name, or the right one.", _WHAT)]
_Sex = Annotated[SexOption | None, _text("Birth, correction.", _WHAT, "male|female")]
_BirthDate = Annotated[str, _text("Birth, correction.", _WHAT, "YYYY-MM-DD")]
_On = Annotated[str, _text("Death: when.", _WHAT, "YYYY[-MM[-DD]]")]
_Commune = Annotated[
    str, _text("Birth: of registration. Residence: of a new household.", _WHAT, "CODE")
]
_Address = Annotated[str, _text("Residence: house number, street, hamlet.", _WHAT)]
_Until = Annotated[str, _text("Residence: it is a temporary one.", _WHAT, "YYYY-MM-DD")]
_Twin = Annotated[str, _text("Birth: which of how many children.", _WHAT, "WHICH/OF")]
_Temporary = Annotated[
    bool, typer.Option("--temporary", help="Departure: from there.", rich_help_panel=_WHAT)
]
_NotADuplicate = Annotated[
    bool,
    typer.Option(
        "--not-a-duplicate",
        help="Birth: POSSIBLE_DUPLICATE was checked, it is another child.",
        rich_help_panel=_WHAT,
    ),
]
_ExpectedRevision = Annotated[
    int, typer.Option(min=0, help="Refuse if anybody named was changed after it.")
]


@app.callback()
def event() -> None:
    """Biến động dân cư: report births, deaths, moves and corrections."""


@app.command()
def submit(
    file: _File = None,
    *,
    kind: _Kind = None,
    document: _Document = "",
    book: _Book = "",
    document_date: _DocumentDate = "",
    authority: _Authority = "",
    registered: _Registered = "",
    person: _Person = "",
    mother: _Parent = "",
    father: _Parent = "",
    wife: _Spouse = "",
    husband: _Spouse = "",
    member: _Member = "",
    relation: _Relation = "",
    name: _Name = "",
    sex: _Sex = None,
    birth_date: _BirthDate = "",
    on: _On = "",
    commune: _Commune = "",
    address: _Address = "",
    until: _Until = "",
    twin: _Twin = "",
    temporary: _Temporary = False,
    not_a_duplicate: _NotADuplicate = False,
    expected_revision: _ExpectedRevision = 0,
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
    """Report an event: from a JSON file, or by --kind and the options for it.

    Sent again under the same --request-id it is taken in once, and answered the same.

    Exits 0 taken in, 1 something stands in the way, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    given = Given(
        document=document, book=book, document_date=document_date, authority=authority,
        registered=registered, person=person, mother=mother, father=father, wife=wife,
        husband=husband, member=member, relation=relation, name=name, sex=sex,
        birth_date=birth_date, on=on, commune=commune, address=address, until=until, twin=twin,
        temporary=temporary, not_a_duplicate=not_a_duplicate,
    )  # fmt: skip
    with plain_errors(out=out):
        happened = _happened(file, kind, given)

        async def report(gateway: Gateway) -> EventAnswer:
            return await gateway.submit_event(
                happened,
                expected_revision=expected_revision,
                request_id=request_id or None,
                patience=timeout,
            )

        finish_event(asking, report, json=json, out=out)


@app.command()
def show(
    event_id: _EventId,
    *,
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
    """Show an event that this caller reported, as it stands now.

    Exits 0 shown, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors(out=out):
        known_by = request_id or None
        finish_event(
            asking, lambda desk: desk.get_event(event_id, request_id=known_by), json=json, out=out
        )


@app.command()
def annul(
    event_id: _EventId,
    *,
    reason: Annotated[str, typer.Option(help="Why, up to 500 characters.")],
    document: _Document = "",
    book: _Book = "",
    document_date: _DocumentDate = "",
    authority: _Authority = "",
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
    """Annul an event: what it changed is put back. Refused when a later event rests on it.

    Exits 0 annulled, 1 something stands in the way, 2 bad usage, 3 refused or unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    given = Given(document=document, book=book, document_date=document_date, authority=authority)
    with plain_errors(out=out):
        paper = document_of(given)

        async def report(gateway: Gateway) -> EventAnswer:
            return await gateway.annul_event(
                event_id,
                document=paper,
                reason=reason,
                request_id=request_id or None,
                patience=timeout,
            )

        finish_event(asking, report, json=json, out=out)


def _happened(file: Path | None, kind: Kind | None, given: Given) -> PopulationEvent:
    """The event, from the file or from the options; UsageError when from neither, or both."""
    if (file is None) == (kind is None):
        raise UsageError("name a JSON file, or say --kind and the options for it")
    return _parse(file) if kind is None else event_of(kind, given)


def _parse(file: Path | None) -> PopulationEvent:
    where = file or Path("-")
    text = sys.stdin.read() if where == Path("-") else read_file(where, "the event").decode()
    return parse_event(text, str(where))
