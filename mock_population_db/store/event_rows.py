"""The table of events: every event that the register took in, and what became of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace

from mock_population_db.events import (
    Applied,
    EventKind,
    EventState,
    EventUnknown,
    RequestReused,
    Submission,
)
from mock_population_db.store import packing
from mock_population_db.store.asking import Session, transaction
from mock_population_db.store.records import EventRow

# enum calls cost 0.2 µs each
_KIND = {int(one): one for one in EventKind}
_STATE = {int(one): one for one in EventState}

RequestKey = tuple[str, str, str]  # reporter, rpc, request id

_COLUMNS = ", ".join(EventRow._fields)
_SELECT = f"SELECT {_COLUMNS} FROM event"  # noqa: S608 - made of constants
_INSERT = f"INSERT INTO event VALUES ({', '.join('?' * len(EventRow._fields))})"  # noqa: S608 - as above
KNOWN = """
SELECT e.reporter, e.rpc, e.request_id FROM json_each(?) AS k CROSS JOIN event AS e
  ON e.reporter = json_extract(k.value, '$[0]') AND e.rpc = json_extract(k.value, '$[1]')
    AND e.request_id = json_extract(k.value, '$[2]')
"""
_ID = re.compile(r"BD-([0-9]{10,18})", re.ASCII)


def event_id(packed: int | None) -> str:
    """How an event is named outside: ``BD-`` (biến động) and at least ten digits."""
    return "" if packed is None else f"BD-{packed:010d}"


def pack_event_id(name: str) -> int:
    """The event's number. Raises EventUnknown when no event has such a name."""
    found = _ID.fullmatch(name)
    if found is None or event_id(int(found[1])) != name:
        raise EventUnknown(name)
    return int(found[1])


def find_event(connection: Session, name: str) -> Applied:
    """One event. Raises EventUnknown when there is none of this name."""
    with transaction(connection):
        return applied(read_event(connection, name))


def events_after(connection: Session, name: str, limit: int) -> list[Applied]:
    """The submitted events after this one, in order; after an empty name, from the first on."""
    after = pack_event_id(name) if name else 0
    with transaction(connection):
        found = connection.execute(
            f"{_SELECT} WHERE cause = 1 AND id > ? ORDER BY id LIMIT ?", (after, limit)
        )
        return [applied(EventRow(*row)) for row in found]


def read_event(connection: Session, name: str) -> EventRow:
    """The row of one event. Raises EventUnknown when there is none of this name."""
    row = connection.execute(f"{_SELECT} WHERE id = ?", (pack_event_id(name),)).fetchone()
    if row is None:
        raise EventUnknown(name)
    return EventRow(*row)


def find_request(connection: Session, reporter: str, rpc: str, request_id: str) -> Applied | None:
    """The event that a request made, or None."""
    row = connection.execute(
        f"{_SELECT} WHERE reporter = ? AND rpc = ? AND request_id = ?", (reporter, rpc, request_id)
    ).fetchone()
    return None if row is None else applied(EventRow(*row))


def find_repeated(connection: Session, submission: Submission) -> Applied:
    """The event that the same request made before; see ``known_requests``.

    Raises RequestReused when the request of that name was another one.
    """
    known = find_request(connection, submission.reporter, submission.rpc, submission.request_id)
    if known is None or known.fingerprint != submission.fingerprint:
        raise RequestReused(submission.request_id)
    return replace(known, repeated=True)


def known_requests(connection: Session, submissions: Iterable[Submission]) -> set[RequestKey]:
    """Which of these requests, or others of the same name, came before."""
    keys = json.dumps([request_key(one) for one in submissions])
    return {(*row,) for row in connection.execute(KNOWN, (keys,))}


def request_key(submission: Submission) -> RequestKey:
    """What a request is known by."""
    return submission.reporter, submission.rpc, submission.request_id


def event_row(
    number: int,
    submission: Submission,
    kind: EventKind,
    state: EventState,
    *,
    subject: str,
    revisions: tuple[int, int],
    undo: str | None,
) -> EventRow:
    """The row of an event that is taken in."""
    return EventRow(
        id=number,
        kind=int(kind),
        state=int(state),
        cause=int(submission.cause),
        subject=packing.pack_number(subject),
        first=revisions[0],
        last=revisions[1],
        at=packing.pack_time(submission.recorded_at),
        reporter=submission.reporter,
        rpc=submission.rpc,
        request_id=submission.request_id,
        fingerprint=submission.fingerprint,
        original=submission.original,
        signature=submission.signature,
        undo=undo,
    )


def insert_events(connection: Session, rows: Iterable[EventRow]) -> None:
    """Keep some events."""
    connection.executemany(_INSERT, rows)


def next_event(connection: Session) -> int:
    """The number that the next event will have."""
    (last,) = connection.execute("SELECT max(id) FROM event").fetchone()
    return int(last or 0) + 1


def mark_annulled(connection: Session, annulled: int, by: int) -> None:
    """Note that an event was annulled by another."""
    connection.execute(
        "UPDATE event SET state = ?, annulled_by = ? WHERE id = ?",
        (int(EventState.ANNULLED), by, annulled),
    )


def mark_confirmed(connection: Session, marks: Iterable[tuple[int | None, int]]) -> None:
    """Note of each event the revision at which its number was confirmed, None for no change."""
    connection.executemany(
        f"UPDATE event SET state = {int(EventState.APPLIED)}, confirmed = ? WHERE id = ?",  # noqa: S608 - a constant
        marks,
    )


def pending_events(connection: Session, before: int, limit: int) -> list[EventRow]:
    """Events recorded before a moment whose number waits to be confirmed, oldest first."""
    found = connection.execute(
        f"{_SELECT} WHERE state = 2 AND at < ? ORDER BY at LIMIT ?", (before, limit)
    )
    return [EventRow(*row) for row in found]


def applied(row: EventRow) -> Applied:
    """An event as it is told of."""
    return Applied(
        event_id(row.id),
        _KIND[row.kind],
        _STATE[row.state],
        "" if row.subject is None else packing.personal_id(row.subject),
        row.first,
        row.last,
        packing.time(row.at),
        row.reporter,
        row.rpc,
        row.request_id,
        row.fingerprint,
        row.original,
        row.signature,
        event_id(row.annulled_by),
    )
