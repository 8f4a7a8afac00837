"""What people see: panels, tables and JSON. Colours only where there is a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from json import dumps
from typing import Any

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from clients.reader import reader_may_leave
from clients.render_accesses import access_rows, access_table
from clients.render_confirmations import confirmation_rows, confirmation_table
from clients.render_values import printable, values_of
from clients.sdk import (
    AccessesAnswer,
    Aside,
    AttributesAnswer,
    Evidence,
    FieldStatus,
    HouseholdAnswer,
    ItemAnswer,
    LookupAnswer,
    Outcome,
    ResidenceAnswer,
    ResolutionAnswer,
)
from clients.sdk.reading import Answer

Row = tuple[str, str]

PERSONA_COLUMNS = (
    "slug",
    "personal_id",
    "old_id_number",
    "full_name",
    "birth_date",
    "expect",
    "about",
)

_CLAIM = ("personal_id", "old_id_number", "full_name", "birth_date")
_TABLE_WIDTH = 1000
"""Wider than any persona; the table takes what it needs."""

_HEADINGS = {
    Outcome.VERIFIED: ("VERIFIED", "green"),
    Outcome.NOT_VERIFIED: ("NOT VERIFIED", "red"),
    Outcome.AMBIGUOUS: ("AMBIGUOUS: several people agree", "yellow"),
}
_SIMULATED = "simulated: no real person"


@reader_may_leave()
def print_json(value: Any) -> None:
    """One JSON object on standard output; letters stay letters."""
    typer.echo(dumps(value, ensure_ascii=False, indent=2, default=_as_json))


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer as a script reads it: its parts, and its evidence beside them."""
    evidence = answer.evidence
    return said_json(answer) | evidence_json(evidence) | aside_json(evidence.aside)


def said_json(said: Answer | ItemAnswer) -> dict[str, Any]:
    """What is said of a person, without the evidence for it."""
    names = (each.name for each in fields(said) if each.name != "evidence")
    return {"verified": said.verified} | {name: getattr(said, name) for name in names}


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    """What was signed, without the receipt's bytes, which ``--out`` writes."""
    names = (each.name for each in fields(evidence) if each.name not in ("receipt", "aside"))
    return {name: getattr(evidence, name) for name in names}


def aside_json(aside: Aside) -> dict[str, Any]:
    """What was said beside it."""
    return {each.name: getattr(aside, each.name) for each in fields(aside)}


def show_answer(answer: Answer) -> None:
    """An answer for people, in a panel on standard output."""
    heading, colour = _HEADINGS[answer.outcome]
    rows = [*verdict_rows(answer), *evidence_rows(answer.evidence)]
    show_panel(heading, colour, rows, details(answer))
    show_aside(answer.evidence.aside)


@reader_may_leave()
def show_aside(aside: Aside) -> None:
    """What is left of the quota and how to have an answer explained, in one dim line."""
    told = []
    if aside.quota_remaining is not None:
        told.append(f"quota: {aside.quota_remaining} records left until {aside.quota_reset}")
    if aside.trace:
        told.append(f"for the operator: dancu explain {aside.trace}")
    if told:
        typer.secho("; ".join(told), dim=True)


@reader_may_leave()
def show_panel(
    heading: str, colour: str, rows: Iterable[Row], more: RenderableType | None = None
) -> None:
    """Rows under a heading, in a frame that says that nobody of this is real."""
    table = grid(rows)
    body = table if more is None else Group(table, more)
    panel = Panel(
        body,
        title=Text(heading, style=f"bold {colour}"),
        title_align="left",
        subtitle=_SIMULATED,
        subtitle_align="right",
        border_style=colour,
        expand=False,
    )
    Console(highlight=False).print(panel)


def grid(rows: Iterable[Row]) -> Table:
    """Labels and values in two columns; rows without a value are left out."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        if value:
            table.add_row(label, Text(printable(value)))
    return table


def verdict_rows(answer: Answer | ItemAnswer) -> list[Row]:
    """What was asked and what the register says to it."""
    claim, person = answer.claim, answer.person
    rows = [
        ("number", claim.personal_id or claim.old_id_number),
        ("name", claim.full_name),
        ("birth date", claim.birth_date),
    ]
    if person is not None:
        rows.append(("status", person.status.name))
        rows.append(("take note", ", ".join(each.name for each in person.notices)))
    if isinstance(answer, ItemAnswer):
        rows += _level_rows(answer)
    if isinstance(answer, ResolutionAnswer):
        rows.append(("current number", answer.current_personal_id))
    if isinstance(answer, ResidenceAnswer | HouseholdAnswer):
        rows += confirmation_rows(answer)
    if isinstance(answer, AccessesAnswer):
        rows += access_rows(answer)
    return rows


def evidence_rows(evidence: Evidence) -> list[Row]:
    """By whom, for whom and when it was stated."""
    context = evidence.context
    asked_for = (context.procedure_code, context.dossier_id)
    return [
        ("stated by", evidence.issuer),
        ("for", f"{evidence.audience}, unit {context.unit_code}, officer {context.officer_id}"),
        ("procedure", ", dossier ".join(part for part in asked_for if part)),
        ("issued at", evidence.issued_at.isoformat(timespec="seconds")),
        ("data as of", f"{evidence.data_as_of}, revision {evidence.register_revision}"),
        ("request", evidence.request_id),
        ("key", evidence.key_id),
        ("log entry", str(evidence.log_index)),
    ]


@reader_may_leave()
def render_personas(personas: Sequence[Mapping[str, str]], *, json: bool) -> None:
    """Show the simulator's people on standard output.

    In a pipe one line each, so that grep finds them whole; on a terminal, which is narrower
    than the longest name, a paragraph each.

    Args:
        personas: Mappings with the keys of ``PERSONA_COLUMNS``.
        json: As a JSON array instead.
    """
    console = Console(highlight=False)
    if json:
        print_json(personas)
    elif console.is_terminal:
        for each in personas:
            console.print(_paragraph(each))
    else:
        Console(highlight=False, width=_TABLE_WIDTH).print(_table(personas))


def _as_json(value: Any) -> Any:
    """What JSON has no word for: enumerations by name, moments as ISO 8601 in UTC."""
    match value:
        case Enum():
            return value.name
        case datetime():
            return value.isoformat()
        case Message():
            return MessageToDict(value, preserving_proto_field_name=True)
        case Mapping():
            return dict(value)
        case _ if is_dataclass(value):
            return {each.name: getattr(value, each.name) for each in fields(value)}
    raise TypeError(f"no JSON for {type(value).__name__}")


def _level_rows(answer: ItemAnswer) -> list[Row]:
    levels, explanation = answer.levels, answer.explanation
    agree = f"name {levels.full_name.name}, birth date {levels.birth_date.name}" if levels else ""
    return [("agreement", agree), ("because", explanation.name if explanation else "")]


def details(answer: Answer | ItemAnswer) -> RenderableType | None:
    """The table that some answers have: fields, steps from number to number, or members."""
    if isinstance(answer, LookupAnswer) and answer.fields:
        return _fields_table(answer)
    if isinstance(answer, ResolutionAnswer) and answer.steps:
        table = Table("former", "successor", "when", "why", box=box.SIMPLE_HEAD)
        for step in answer.steps:
            table.add_row(step.former, step.successor, step.date or "not recorded", step.reason)
        return table
    if isinstance(answer, HouseholdAnswer | AttributesAnswer):
        return confirmation_table(answer)
    if isinstance(answer, AccessesAnswer) and answer.entries:
        return access_table(answer)
    return None


def _fields_table(answer: LookupAnswer) -> Table:
    """One line a field: its value, or why there is none."""
    values = values_of(answer.citizen) if answer.citizen is not None else {}
    table = Table("field", "value", box=box.SIMPLE_HEAD)
    for path, status in answer.fields.items():
        known = status is FieldStatus.PRESENT
        shown = values.get(path, "") if known else status.name.lower().replace("_", " ")
        table.add_row(path, Text(printable(shown), style="" if known else "dim"))
    return table


def _table(personas: Sequence[Mapping[str, str]]) -> Table:
    table = Table(*PERSONA_COLUMNS, box=box.SIMPLE_HEAD, header_style="bold")
    for column in table.columns:
        column.no_wrap = True
    for each in personas:
        table.add_row(*(Text(each[column]) for column in PERSONA_COLUMNS))
    return table


def _paragraph(persona: Mapping[str, str]) -> Text:
    claim = "  ".join(persona[part] for part in _CLAIM if persona[part])
    return Text.assemble(
        (persona["slug"], "bold"),
        f"  {persona['expect']}\n  {claim}\n",
        (f"  {persona['about']}\n", "dim"),
    )
