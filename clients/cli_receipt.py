"""``dancu receipt``: check offline what a gateway once signed. No server, no network.

Exit codes of ``verify``: 0 VALID, 1 INVALID, 4 INDETERMINATE, 2 bad usage.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from clients import receipts
from clients.cli_errors import UsageError, plain_errors, read_file
from clients.cli_options import ROOT_FILE, Json, claim_of, pinned_roots
from clients.cli_refresh import refresh
from clients.reader import reader_may_leave
from clients.receipts import Expectations, Result, Trust, Verdict, Witness
from clients.receipts.tlog import parse_proof
from clients.render import evidence_json, evidence_rows, print_json, show_panel
from clients.render_receipt import as_json, said_by, shown
from clients.sdk import Evidence
from dancu.v1 import statement_pb2

EXIT_CODES = {Result.VALID: 0, Result.INVALID: 1, Result.INDETERMINATE: 4}

_COLOURS = {Result.VALID: "green", Result.INDETERMINATE: "yellow"}
_EXPECTED, _BELIEVED = "What it should be about", "Whom to believe"

app = typer.Typer(
    help="Check signed answers offline, and cut one person's out of a batch.",
    no_args_is_help=True,
)

_File = Annotated[Path, typer.Argument(help="The receipt: what --out wrote.")]
_Keys = Annotated[
    Path, typer.Option(metavar="FILE", help="The gateway's key set, e.g. .dancu/keyset.binpb.")
]
_Root = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=f"Root keys to believe. Default: {ROOT_FILE} beside the key set.",
        rich_help_panel=_BELIEVED,
    ),
]
_State = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Remember the key set's version here, and refuse older ones.",
        rich_help_panel=_BELIEVED,
    ),
]
_Witnesses = Annotated[
    list[str] | None,
    typer.Option(
        "--witness",
        metavar="NAME=KEY",
        help="A witness of the log, with its Ed25519 key in base64. Repeatable.",
        rich_help_panel=_BELIEVED,
    ),
]
_Quorum = Annotated[
    int,
    typer.Option(min=0, help="How many witnesses must have seen it.", rich_help_panel=_BELIEVED),
]
_At = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Check as of this moment, ISO 8601, by default in UTC. Default: now.",
    ),
]
_Number = Annotated[str | None, typer.Option(help="Number claimed.", rich_help_panel=_EXPECTED)]
_Name = Annotated[
    str | None,
    typer.Option(help="Name claimed, letter by letter.", rich_help_panel=_EXPECTED),
]
_BirthDate = Annotated[
    str | None,
    typer.Option(metavar="YYYY[-MM[-DD]]", help="Birth date claimed.", rich_help_panel=_EXPECTED),
]
_RequestId = Annotated[
    str | None, typer.Option(help="Id of the request.", rich_help_panel=_EXPECTED)
]
_Audience = Annotated[
    str | None, typer.Option(help="The caller that asked.", rich_help_panel=_EXPECTED)
]


@app.command()
def verify(
    file: _File,
    *,
    keys: _Keys,
    root: _Root = None,
    number: _Number = None,
    name: _Name = None,
    birth_date: _BirthDate = None,
    request_id: _RequestId = None,
    audience: _Audience = None,
    state: _State = None,
    witness: _Witnesses = None,
    quorum: _Quorum = 0,
    at: _At = None,
    json: Json = False,
) -> None:
    """Check a receipt, or one item cut out of a batch: who said what of whom, and is it true?

    VALID means that the gateway said it, not that it said yes: read the outcome.

    Exits 0 VALID, 1 INVALID, 4 INDETERMINATE, 2 bad usage.
    """
    with plain_errors():
        receipt = read_file(file, "the receipt")
        item = receipts.is_item_receipt(receipt)
        check = receipts.verify_item_offline if item else receipts.verify_offline
        verdict = check(
            receipt,
            read_file(keys, "the key set"),
            at=_moment(at),
            trust=Trust(pinned_roots(root, keys), witnesses=_witnesses(witness), quorum=quorum),
            expected=_expectations(number, name, birth_date, request_id, audience),
            state=receipts.RollbackState(state) if state else None,
        )
        show = _print_json if json else _show
        show(verdict, _evidence(verdict, receipt))
        raise typer.Exit(EXIT_CODES[verdict.result])


@app.command(name="open")
def open_(
    batch: Annotated[
        Path, typer.Argument(help="A saved BatchVerifyIdentitiesResponse, as the SDK keeps it.")
    ],
    *,
    index: Annotated[int, typer.Option(min=0, help="Which claim of the batch, from 0.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the item's receipt.")],
) -> None:
    """Cut one person's receipt out of a batch, with nothing of the others in it.

    Whether it is genuine is for `dancu receipt verify` to say.
    """
    with plain_errors():
        response = read_file(batch, "the batch")
        try:
            out.write_bytes(receipts.open_item(response, index))
        except receipts.ItemNotFoundError as error:
            raise UsageError(f"--index {index}: {error}") from None
        except receipts.RefusedError as error:
            raise UsageError(f"{batch} is no answer to a batch: {error.detail}") from None


app.command()(refresh)


def _witnesses(given: list[str] | None) -> tuple[Witness, ...]:
    return tuple(_witness(text) for text in given or ())


def _witness(text: str) -> Witness:
    name, _, key = text.partition("=")
    try:
        return Witness(name, base64.b64decode(key, validate=True))
    except binascii.Error:
        raise UsageError(f"--witness {text}: write NAME=KEY, the key in base64") from None


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--at {text}: write a time as 2026-01-31T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _expectations(
    number: str | None,
    name: str | None,
    birth_date: str | None,
    request_id: str | None,
    audience: str | None,
) -> Expectations:
    """What was said to be expected; only what was said is compared."""
    claim = claim_of(number or "", name or "", birth_date or "0000").to_message()
    date = claim.birth_date
    old = bool(claim.old_id_number)
    return Expectations(
        audience=audience,
        request_id=request_id,
        personal_id=None if number is None or old else claim.personal_id,
        old_id_number=claim.old_id_number if old else None,
        full_name=name,
        birth_date=None if birth_date is None else (date.year, date.month, date.day),
    )


def _evidence(verdict: Verdict, receipt: bytes) -> Evidence | None:
    """By what the verified statement stands; None when there is none."""
    if verdict.statement is None:
        return None
    if verdict.item is None:
        signed = statement_pb2.SignedStatement.FromString(receipt)
    else:
        signed = statement_pb2.ItemReceipt.FromString(receipt).signed
    index = parse_proof(signed.log_proof.tlog_proof).index
    return Evidence.of(verdict.statement.header, index, receipt)


@reader_may_leave()
def _show(verdict: Verdict, evidence: Evidence | None) -> None:
    """The verdict for people; what the statement says only if it may be believed."""
    why = "" if verdict.refusal is None else f"{verdict.refusal}: {verdict.refusal.meaning}"
    if evidence is None:
        typer.secho(verdict.result, fg="red", bold=True, nl=False)
        typer.echo(f" {why} ({verdict.detail})")
        return
    heading, about, more = shown(said_by(verdict, evidence), verdict)
    when = verdict.time_attested.isoformat() if verdict.time_attested else ""
    rows = [
        *about,
        *evidence_rows(evidence),
        ("seen by", when),
        ("note", "; ".join(verdict.notes)),
        ("doubt", why),
    ]
    colour = _COLOURS[verdict.result]
    show_panel(f"{verdict.result}: {heading}", colour, rows, more)


def _print_json(verdict: Verdict, evidence: Evidence | None) -> None:
    found: dict[str, Any] = {
        "result": verdict.result.value,
        "refusal": verdict.refusal.value if verdict.refusal else None,
        "detail": verdict.detail,
        "time_attested": verdict.time_attested,
        "notes": verdict.notes,
        "type_url": verdict.type_url,
        "statement": None,
    }
    if evidence is not None:
        found["statement"] = as_json(said_by(verdict, evidence)) | evidence_json(evidence)
    print_json(found)
