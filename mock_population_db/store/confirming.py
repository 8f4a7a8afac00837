"""Confirming numbers that were set up for newborns (xác lập số định danh)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from mock_population_db.changes import ChangeCause, ChangeKind
from mock_population_db.citizen import Citizen, NumberStatus
from mock_population_db.rules.plan import Edit
from mock_population_db.store import event_rows, packing
from mock_population_db.store.asking import Session
from mock_population_db.store.book import CITIZEN, Book, Occasion, writing
from mock_population_db.store.history import current_numbers
from mock_population_db.store.people import read_people
from mock_population_db.store.records import EventRow
from mock_population_db.store.turns import Turning

GROUP = 200  # numbers in one transaction


def confirm_pending(connection: Session, before: datetime, at: datetime) -> tuple[int, int, int]:
    """Confirm the numbers of the next births recorded before a moment.

    Args:
        connection: for writing.
        before: the moment.
        at: when they are confirmed.

    Returns:
        How many births were looked at, how many numbers confirmed, and the register's revision.
    """
    with writing(connection) as book:
        births = event_rows.pending_events(connection, packing.pack_time(before), GROUP)
        marks = [(_confirm(connection, book, birth, at), birth.id) for birth in births]
        event_rows.mark_confirmed(connection, [(mark or None, birth) for mark, birth in marks])
        return len(births), sum(mark is not None for mark, _ in marks), book.head


def _confirm(connection: Session, book: Book, birth: EventRow, at: datetime) -> int | None:
    """Confirm one number; None when it does not wait any more.

    Returns the revision by which the birth can still be annulled, 0 when something else happened
    to the child meanwhile.
    """
    subject = birth.subject or 0
    number = current_numbers(connection, [subject]).get(subject, subject)
    people = read_people(connection, [number], date.min)
    child = people.citizens.get(number)
    if child is None or child.identity.number_status is not NumberStatus.PENDING:
        return None
    unchanged = book.latest(CITIZEN, [number]) <= birth.last
    edit = Edit(ChangeKind.NUMBER_CONFIRMED, child, _active(child), ("person_status",))
    occasion = Occasion(ChangeCause.REGISTER, at, book.day, birth.id)
    book.enter(Turning({}, book.day).turn([edit], people), {}, occasion)
    return book.head if unchanged else 0


def _active(child: Citizen) -> Citizen:
    identity = child.identity._replace(number_status=NumberStatus.ACTIVE)
    return replace(child, identity=identity)
