"""Changes of the register as statements: who may see what of them, and whom they touch.

With ``statement.py``, ``disclosure.py`` and ``confirmations.py`` the only module of the core that
touches generated messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from dancu.v1 import change_pb2, citizen_pb2, statement_pb2
from gateway.core.change_query import Filter
from gateway.core.disclosure import code, day, write_fields
from gateway.core.model import Decision
from gateway.core.policy import FIELDS
from gateway.core.proto_bytes import sized, sized_key, varint
from gateway.core.residence_bytes import RESIDENCES, write_residences
from gateway.core.statement import TYPE_PREFIX, Header
from mock_population_db.changes import Change, ChangeCause, ChangeKind, ChangePage
from mock_population_db.snapshot import Part

MAX_BATCH_BYTES = 900_000  # of changes: a verifier takes statements of at most 1 MiB

_PRESENT = code(citizen_pb2.FIELD_STATUS_PRESENT)
_NOT_RECORDED = code(citizen_pb2.FIELD_STATUS_NOT_RECORDED)
_WITHHELD = code(citizen_pb2.FIELD_STATUS_WITHHELD)
_NOTHING: tuple[str, ...] = ()
_BIT = {path: 1 << bit for bit, path in enumerate(FIELDS)}

# of Change, in the order in which they must be written
_REVISION = b"\x08"
_KINDS = tuple(
    change_pb2.Change(kind=code(one)).SerializeToString() for one in range(max(ChangeKind) + 1)
)
_PERSONAL_ID, _FORMER = sized_key(3), sized_key(4)
_CAUSES = tuple(
    change_pb2.Change(cause=code(one)).SerializeToString() for one in range(max(ChangeCause) + 1)
)
_EVENT, _CITIZEN = sized_key(9), sized_key(10)
_CHANGES = sized_key(2)  # of ChangeBatch
BATCH_TYPE = TYPE_PREFIX + statement_pb2.ChangeBatch.DESCRIPTOR.full_name


class View(NamedTuple):
    """What a caller may see of changes."""

    caller: str
    paths: tuple[str, ...]  # asked for; none for all
    shown: frozenset[str]  # granted, of those


class Batch(NamedTuple):
    """A statement's changes, and whom they touch: fields as bits, by present number."""

    value: bytes  # of a ChangeBatch, to be signed
    through: int  # the revision up to which it tells
    touched: dict[str, int]


def person_of(change: Change, page: ChangePage) -> str:
    """The number that a change's person has now; of who was withdrawn, the one in the change."""
    return page.current.get(change.personal_id, change.personal_id)


def fields_to_read(page: ChangePage, view: View) -> dict[str, frozenset[str]]:
    """The fields whose values will be shown, by present number; nobody who was withdrawn."""
    plans, wanted = _plans(page, view), dict[str, frozenset[str]]()
    for change in page.changes:
        number = page.current.get(change.personal_id)
        if number is not None:
            granted = plans[change.fields].wanted
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
    """Answer to WatchChanges and ListChanges: as many changes as fit, at least one.

    ``people`` are by their present numbers, with the fields of ``fields_to_read``.

    Raises:
        KeyError: the register moved on: somebody's number is another one meanwhile.
        PopulationUnavailable: a residence contradicts the register's schema.
    """
    plans, current = _plans(page, view), page.current
    written: list[bytes] = []
    touched: dict[str, int] = {}
    through, size = page.through, 0
    for change in page.changes:
        then = change.personal_id
        number = current.get(then, then)
        person = people[number] if then in current else None  # None: it was withdrawn
        one, bits = _write(change, plans[change.fields], person, view.caller)
        size += len(one)
        if size > MAX_BATCH_BYTES and written:
            break
        written.append(sized(_CHANGES, one))
        touched[number] = touched.get(number, 0) | bits
    if len(written) < len(page.changes):
        through = page.changes[len(written) - 1].revision
    return Batch(_statement(head, asked, start, through, written), through, touched)


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


def _statement(
    head: Header, asked: Filter, start: int, through: int, changes: Iterable[bytes]
) -> bytes:
    """A ChangeBatch, put together: what stands before its changes, they, and what follows."""
    before = statement_pb2.ChangeBatch(header=head)
    after = statement_pb2.ChangeBatch(
        through_revision=through, filter=filter_message(asked), start_revision=start
    )
    return b"".join(
        (
            before.SerializeToString(deterministic=True),
            *changes,
            after.SerializeToString(deterministic=True),
        )
    )


def _write(change: Change, plan: _Plan, person: Part | None, caller: str) -> tuple[bytes, int]:
    """A change as bytes, and the fields shown.

    Put together by hand, a third of the time: followers are told of thousands a second.
    """
    revision, kind, then, _, cause, recorded_at, effective, former, event, _, _, reporter = change
    citizen, present = b"", _NOTHING
    if person is not None:
        values, present = plan.write(person, plan.granted)
        citizen = sized(_CITIZEN, values)  # it is there even if nothing of it is
    fields, bits = plan.outlines.get(present) or plan.outline(present)
    parts = (
        _REVISION,
        varint(revision),
        _KINDS[kind],
        sized(_PERSONAL_ID, then.encode()),
        sized(_FORMER, former.encode()) if former else b"",
        _when(recorded_at, effective),
        plan.paths,
        _CAUSES[cause],
        # nobody else is told of the event
        sized(_EVENT, event.encode()) if event and reporter == caller else b"",
        citizen,
        fields,
    )
    return b"".join(parts), bits


# Changes are of a handful of kinds, and grants are few: each of these is made once.


class _Outline(NamedTuple):
    """What became of the fields that were asked for: their disclosures, and the same as bits."""

    fields: bytes
    bits: int


class _Plan:
    """What is done about changes of the same fields; compared by identity, hence no tuple."""

    def __init__(self, changed: Sequence[str], view: View) -> None:
        asked = [
            path for path in FIELDS if path in changed and (not view.paths or path in view.paths)
        ]
        self.granted = tuple(path for path in asked if path in view.shown)
        self.wanted = frozenset(self.granted)
        self.write = write_residences if self.wanted <= RESIDENCES else _write_fields
        self.paths = change_pb2.Change(paths=changed).SerializeToString()
        self._asked = asked
        self.outlines: dict[tuple[str, ...], _Outline] = {}  # those made so far

    def outline(self, present: tuple[str, ...]) -> _Outline:
        """For those who have these of the fields."""
        one = change_pb2.Change()
        for path in self._asked:
            granted = _PRESENT if path in present else _NOT_RECORDED
            status = granted if path in self.wanted else _WITHHELD
            one.fields.add(path=path, status=code(status))
        made = _Outline(one.SerializeToString(), sum(_BIT[path] for path in present))
        self.outlines[present] = made
        return made


def _plans(page: ChangePage, view: View) -> dict[tuple[str, ...], _Plan]:
    """What is done about the changes of a page, by the fields that changed."""
    return {fields: _plan(fields, view) for fields in {change.fields for change in page.changes}}


@lru_cache(maxsize=1024)
def _plan(changed: tuple[str, ...], view: View) -> _Plan:
    return _Plan(changed, view)


def _write_fields(citizen: Part, paths: Sequence[str]) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a Citizen with these fields; and those that the register has."""
    message = citizen_pb2.Citizen()
    present = write_fields(message, citizen, paths)
    return message.SerializeToString(deterministic=True), present


@lru_cache(maxsize=4096)  # those of one event, and of its readers
def _when(recorded_at: datetime, effective: date) -> bytes:
    """When it was recorded and from when it holds, as the bytes of a Change."""
    one = change_pb2.Change(effective_date=day(effective))
    stamp = one.recorded_at
    stamp.seconds, stamp.nanos = int(recorded_at.timestamp()), recorded_at.microsecond * 1000
    return one.SerializeToString()
