"""Reported events as people and scripts see them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from clients.render_values import values_of
from clients.sdk import EventAnswer, EventState
from clients.sdk.requests import date_text
from dancu.v1 import citizen_pb2

Row = tuple[str, str]

COLOURS = {EventState.APPLIED: "green", EventState.NUMBER_PENDING: "yellow"}

_NEXT = {
    EventState.NUMBER_PENDING: "the number is not confirmed yet; the register's changes will say so"
}


def event_heading(answer: EventAnswer) -> str:
    """What happened, and what became of it."""
    return f"{_words(answer.kind)}: {_words(answer.state.name)}".upper()


def event_rows(answer: EventAnswer) -> list[Row]:
    """Labels and values; empty ones are left out by whoever shows them."""
    event, paper = answer.event, answer.event.document
    what = getattr(event, answer.kind)
    return [
        ("event", answer.event_id),
        ("number", answer.personal_id),
        *_told(what),
        ("in force from", date_text(event.effective_date)),
        ("registered", date_text(event.registered_date)),
        ("document", f"{paper.number} of {date_text(paper.issued_date)}, {paper.authority}"),
        ("revisions", _revisions(answer)),
        ("recorded at", answer.recorded_at.isoformat(timespec="seconds")),
        ("annulled by", answer.annulled_by),
        ("take note", _NEXT.get(answer.state, "")),
    ]


def event_json(answer: EventAnswer) -> dict[str, Any]:
    """The event as a script reads it: the contract's JSON of what was reported, and its fate."""
    names = (each.name for each in fields(answer) if each.name not in ("event", "evidence"))
    reported = MessageToDict(answer.event, preserving_proto_field_name=True)
    return {"kind": answer.kind} | {name: getattr(answer, name) for name in names} | reported


def _told(what: Message) -> list[Row]:
    """What happened, field by field; people in one line, names whole."""
    told = values_of(what)
    for field, value in what.ListFields():
        match value:
            case citizen_pb2.CitizenClaim():
                number = value.personal_id or value.old_id_number
                told[field.name] = f"{number}, {value.full_name}, {date_text(value.birth_date)}"
            case citizen_pb2.PersonName():
                parts = (value.family, value.middle, value.given)
                told[field.name] = " ".join(part for part in parts if part)
    return [(_words(name), text) for name, text in told.items()]


def _revisions(answer: EventAnswer) -> str:
    if not answer.first_revision:
        return "none: it changes nobody's record"
    return f"{answer.first_revision} to {answer.last_revision}"


def _words(name: str) -> str:
    return name.replace("_", " ")
