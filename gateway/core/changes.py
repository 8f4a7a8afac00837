"""Changes of the register as statements: who may see what of them, and whom they touch.

With ``statement.py``, ``disclosure.py`` and ``confirmations.py`` the only module of the core that
touches generated messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from dancu.v1 import change_pb2, citizen_pb2, statement_pb2
from gateway.core.change_query import Filter
from gateway.core.disclosure import code, day, write_fields
from gateway.core.model import Decision
from gateway.core.policy import FIELDS
from gateway.core.statement import Header
from mock_population_db.changes import Change, ChangePage
from mock_population_db.citizen import Part

MAX_BATCH_BYTES = 900_000  # of changes: a verifier takes statements of at most 1 MiB

_PRESENT = code(citizen_pb2.FIELD_STATUS_PRESENT)
_NOT_RECORDED = code(citizen_pb2.FIELD_STATUS_NOT_RECORDED)
_WITHHELD = code(citizen_pb2.FIELD_STATUS_WITHHELD)
_BIT = {path: 1 << bit for bit, path in enumerate(FIELDS)}


class View(NamedTuple):
    """What a caller may see of changes."""

    caller: str
    paths: tuple[str, ...]  # asked for; none for all
    shown: frozenset[str]  # granted, of those


class Batch(NamedTuple):
    """A statement's changes, and whom they touch: fields as bits, by present number."""

    message: statement_pb2.ChangeBatch
    touched: dict[str, int]


def person_of(change: Change, page: ChangePage) -> str:
    """The number that a change's person has now; of who was withdrawn, the one in the change."""
    return page.current.get(change.personal_id, change.personal_id)


def fields_to_read(page: ChangePage, view: View) -> dict[str, frozenset[str]]:
    """The fields whose values will be shown, by present number; nobody who was withdrawn."""
    wanted: dict[str, frozenset[str]] = {}
    for change in page.changes:
        number = page.current.get(change.personal_id)
        if number is not None:
            granted = _plan(change.fields, view).wanted
            before = wanted.get(number)
            wanted[number] = granted if before is None else before | granted
    return wanted


def batch(
    head: Header,
    asked: Filter,
    start: int,
    page: ChangePage,
    view: View,
    people: Mapping[str, Part],
) -> Batch:
    """Answer to WatchChanges and ListChanges: as many changes as fit.

    ``people`` are by their present numbers, with the fields of ``fields_to_read``.

    Raises:
        KeyError: the register moved on: somebody's number is another one meanwhile.
    """
    message = statement_pb2.ChangeBatch(
        header=head,
        filter=filter_message(asked),
        start_revision=start,
        through_revision=page.through,
    )
    shown = [_write(message.changes.add(), one, page, view, people) for one in page.changes]
    fitting = _fitting(message)
    if fitting < len(shown):
        del message.changes[fitting:]
        message.through_revision = message.changes[-1].revision
    touched: dict[str, int] = {}
    for number, bits in shown[:fitting]:
        touched[number] = touched.get(number, 0) | bits
    return Batch(message, touched)


def watched_citizens(
    head: Header, decisions: Sequence[Decision], removed: int, watched: int
) -> statement_pb2.WatchedCitizens:
    """Answer to UpdateWatchedCitizens."""
    return statement_pb2.WatchedCitizens(
        header=head,
        added=[code(decision.outcome) for decision in decisions],
        removed_count=removed,
        watched_count=watched,
    )


def filter_message(asked: Filter) -> change_pb2.ChangeFilter:
    """A filter as it was asked."""
    return change_pb2.ChangeFilter(
        province_codes=asked.provinces,
        commune_codes=asked.communes,
        kinds=[code(kind) for kind in asked.kinds],
        watched_only=asked.watched_only,
    )


def _fitting(message: statement_pb2.ChangeBatch) -> int:
    """How many of the changes a statement can hold, at least one."""
    changes = message.changes
    if message.ByteSize() <= MAX_BATCH_BYTES:
        return len(changes)
    size = 0
    for fitting, change in enumerate(changes):
        size += change.ByteSize()
        if size > MAX_BATCH_BYTES:
            return max(1, fitting)
    return len(changes)


def _write(
    one: change_pb2.Change,
    change: Change,
    page: ChangePage,
    view: View,
    people: Mapping[str, Part],
) -> tuple[str, int]:
    """Fill in a change; returns the number that its person has now, and the fields shown."""
    plan = _plan(change.fields, view)
    number = page.current.get(change.personal_id)
    present: tuple[str, ...] = ()
    if number is not None:  # else withdrawn
        citizen = one.citizen
        citizen.SetInParent()  # it is there even if nothing of it is
        present = write_fields(citizen, people[number], plan.granted)
    outline, bits = _outline(change.kind, change.cause, plan, present)
    # what many changes have in common is copied at once, faster than set field by field
    one.MergeFromString(outline + _when(change.recorded_at, change.effective))
    one.revision = change.revision
    one.personal_id = change.personal_id
    if change.former_personal_id:
        one.former_personal_id = change.former_personal_id
    if change.reporter == view.caller:  # nobody else is told of the event
        one.event_id = change.event_id
    return number or change.personal_id, bits


# Changes are of a handful of kinds, and grants are few: each of these is made once.


class _Plan:
    """What is done about changes of the same fields; compared by identity, hence no tuple."""

    def __init__(self, changed: Sequence[str], view: View) -> None:
        self.changed = changed
        self.asked = tuple(
            path for path in FIELDS if path in changed and (not view.paths or path in view.paths)
        )
        self.granted = tuple(path for path in self.asked if path in view.shown)
        self.wanted = frozenset(self.granted)


@lru_cache(maxsize=1024)
def _plan(changed: tuple[str, ...], view: View) -> _Plan:
    return _Plan(changed, view)


@lru_cache(maxsize=4096)
def _outline(kind: int, cause: int, plan: _Plan, present: tuple[str, ...]) -> tuple[bytes, int]:
    """What all changes of these fields have in common, as the bytes of a Change; what they show."""
    one = change_pb2.Change(kind=code(kind), cause=code(cause), paths=plan.changed)
    for path in plan.asked:
        granted = _PRESENT if path in present else _NOT_RECORDED
        status = granted if path in plan.wanted else _WITHHELD
        one.fields.add(path=path, status=code(status))
    return one.SerializeToString(), sum(_BIT[path] for path in present)


@lru_cache(maxsize=4096)  # those of one event, and of its readers
def _when(recorded_at: datetime, effective: date) -> bytes:
    """When it was recorded and from when it holds, as the bytes of a Change."""
    one = change_pb2.Change(effective_date=day(effective))
    stamp = one.recorded_at
    stamp.seconds, stamp.nanos = int(recorded_at.timestamp()), recorded_at.microsecond * 1000
    return one.SerializeToString()
