"""What an event found, kept so that it can be put back; and putting it back.

What is kept are rows, so that what comes back is what was there, to the last byte. Records that
followed a relative's number or name follow it back instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import Citizen
from mock_population_db.events import EventRefused, EventState
from mock_population_db.rules.plan import Edit
from mock_population_db.store import book, homes, packing
from mock_population_db.store.asking import Session
from mock_population_db.store.event_rows import read_event
from mock_population_db.store.following import who_name
from mock_population_db.store.people import decode_people, read_people
from mock_population_db.store.records import (
    CitizenRow,
    EventRow,
    HouseholdRow,
    PersonRows,
    StayRow,
)
from mock_population_db.store.turns import Turn, pack_communes

Homes = dict[int, HouseholdRow | None]

_dumped = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Found:
    """One record as an event found it."""

    kind: ChangeKind  # of the event's change
    number: int  # after the event
    fields: str
    was: PersonRows | None


@dataclass(frozen=True, slots=True)
class Undoing:
    """What putting an event back comes to.

    Attributes:
        event: the event that is annulled.
        subject: whom it was about, by the number afterwards.
        edits: of the records, for those that name these people.
        turns: the same as rows.
        households: rows, as they will be.
    """

    event: EventRow
    subject: str
    edits: list[Edit]
    turns: list[Turn]
    households: Homes


def dump_undo(turns: Iterable[Turn], households: Mapping[int, HouseholdRow | None]) -> str:
    """The column's text: the records and households that an event found, by the numbers after."""
    people = [(int(one.kind), one.subject, one.fields, one.was) for one in turns]
    content = {"people": people, "homes": list(households.items())}
    return _dumped(content)


def undo(connection: Session, register: book.Book, event_id: str) -> Undoing:
    """Find out what putting an event back comes to.

    Raises:
        EventUnknown: there is no such event.
        EventRefused: EVENT_ANNULLED, NOT_ANNULLABLE, LATER_EVENT.
    """
    event = read_event(connection, event_id)
    if event.state == EventState.ANNULLED:
        raise EventRefused("EVENT_ANNULLED", "event_id")
    if event.undo is None:
        raise EventRefused("NOT_ANNULLABLE", "event_id")
    found, households = _load(event.undo)
    _check_latest(register, event, found, households)
    turns, edits = _put_back(connection, register.day, found, households)
    _check_unnamed(connection, turns)
    subjects = {one.subject for one in turns if event.subject in one.numbers}
    subject = max(subjects, default=event.subject)
    name = "" if subject is None else packing.personal_id(subject)
    return Undoing(event, name, edits, turns, households)


def _load(text: str) -> tuple[list[Found], Homes]:
    content: dict[str, Any] = json.loads(text)
    found = [
        Found(ChangeKind(kind), number, fields, None if was is None else _person(*was))
        for kind, number, fields, was in content["people"]
    ]
    rows = content["homes"]
    return found, {home: None if row is None else HouseholdRow(*row) for home, row in rows}


def _person(citizen: list[Any], stays: list[list[Any]]) -> PersonRows:
    return PersonRows(CitizenRow(*citizen), tuple(StayRow(*stay) for stay in stays))


def _check_latest(
    register: book.Book, event: EventRow, found: Iterable[Found], households: Iterable[int]
) -> None:
    """Refuse when anything that the event changed was changed after it."""
    last = max(event.last, event.confirmed or 0)
    for one in found:
        if register.latest(book.CITIZEN, [one.number]) > last:
            raise _later(one.number)
    if register.latest(book.HOUSEHOLD, households) > last:
        raise _later(event.subject)


def _later(number: int | None) -> EventRefused:
    about = "" if number is None else packing.personal_id(number)
    return EventRefused("LATER_EVENT", "event_id", about)


def _put_back(
    connection: Session, today: date, found: list[Found], households: Homes
) -> tuple[list[Turn], list[Edit]]:
    """Turns and edits, the last change first."""
    present = read_people(connection, [one.number for one in found], date.min)
    rows = dict(present.records)
    citizens = dict(present.citizens)
    turns, edits = [], []
    for one in reversed(found):
        was = _revived(one)
        before = citizens[one.number]
        after = None if was is None else _as_citizen(connection, was, households)
        kind = ChangeKind.WITHDRAWN if was is None else ChangeKind.ANNULMENT
        communes = pack_communes((before, after), today)
        turns.append(Turn(kind, rows[one.number], was, one.fields, communes))
        edits.append(Edit(kind, before, after, tuple(one.fields.split())))
        if was is not None and after is not None:
            rows[was.citizen.id], citizens[was.citizen.id] = was, after
    return turns, edits


def _revived(found: Found) -> PersonRows | None:
    """The record to put back; of an annulled death the register goes on telling."""
    if found.was is None or found.kind is not ChangeKind.DEATH:
        return found.was
    return found.was._replace(citizen=found.was.citizen._replace(death_annulled=1))


def _as_citizen(connection: Session, rows: PersonRows, households: Homes) -> Citizen:
    """The citizen of rows that are not in the table; their households must be, or come back."""
    back = {home: row for home, row in households.items() if row is not None}
    if rows.homes - back.keys() - homes.household_rows(connection, rows.homes).keys():
        raise _later(rows.citizen.id)
    stays = {rows.citizen.id: list(rows.stays)}
    people = decode_people(connection, [rows.citizen], stays, date.min, back)
    return people.citizens[rows.citizen.id]


def _check_unnamed(connection: Session, turns: Iterable[Turn]) -> None:
    """Refuse to withdraw somebody whom others have named as a relative since."""
    for turn in turns:
        if turn.now is None and who_name(connection, [turn.subject]):
            raise _later(turn.subject)
