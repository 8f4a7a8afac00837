"""Statements of synchronisation and events: as they are, and put together wrongly."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any, TypeVar

from google.type.date_pb2 import Date

from dancu.v1 import change_pb2, citizen_pb2, population_event_pb2
from dancu.v1 import reconciliation_pb2 as rec
from dancu.v1 import statement_pb2 as pb
from tests.vectors import scene as v
from tests.vectors import signer as s

SEED = hashlib.sha256(b"vector chunk seed").digest()
BEFORE = hashlib.sha256(b"the chunk before").digest()
SERVICE = "dancu.v1.SyncService"

_Body = TypeVar("_Body", pb.ReconciledChunk, pb.ChangeBatch, pb.WatchedCitizens)


def records() -> list[rec.ReconciledRecord]:
    """Two records of a chunk: one that matched, one that cannot be asked."""
    claim = citizen_pb2.CitizenClaim(
        personal_id="098085000123", full_name="Nguyễn Thị Mẫu", birth_date=Date(year=1985)
    )
    matched = rec.ReconciledRecord(
        index=0, row_key="row-1", claim=claim, verdict=rec.RECORD_VERDICT_MATCHED
    )
    invalid = rec.ReconciledRecord(index=1, row_key="row-2", verdict=rec.RECORD_VERDICT_INVALID)
    return [matched, invalid]


def chunk(number: int = 1, previous: bytes = BEFORE) -> pb.ReconciledChunk:
    """The statement over the records."""
    return pb.ReconciledChunk(
        header=v.header(rpc=f"{SERVICE}/ReconcileCitizens"),
        session_id="payroll-2026",
        chunk_number=number,
        previous_digest=previous,
        item_digests=[_digest(index, one) for index, one in enumerate(records())],
    )


def record_receipt(index: int, item: rec.ReconciledRecord | None = None) -> bytes:
    """One record cut out of the chunk; ``item`` in its place."""
    value = _bytes(item or records()[index])
    packed = s.field(1, (v.PREFIX + "ReconciledRecord").encode()) + s.field(2, value)
    signed = v.sealed(v.Draft(chunk()))
    return s.field(1, signed) + s.field(2, packed) + s.field(3, _salt(index))


def changes() -> pb.ChangeBatch:
    """Two changes of one page."""
    return pb.ChangeBatch(
        header=v.header(rpc=f"{SERVICE}/ListChanges"),
        changes=[
            change_pb2.Change(revision=revision, kind=kind, personal_id="098085000123")
            for revision, kind in (
                (7, change_pb2.CHANGE_KIND_RESIDENCE),
                (9, change_pb2.CHANGE_KIND_DEATH),
            )
        ],
        start_revision=5,
        through_revision=12,
    )


def watched() -> pb.WatchedCitizens:
    """One put on the list, one not."""
    return pb.WatchedCitizens(
        header=v.header(rpc=f"{SERVICE}/UpdateWatchedCitizens"),
        added=[citizen_pb2.OUTCOME_VERIFIED, citizen_pb2.OUTCOME_NOT_VERIFIED],
        watched_count=1,
    )


def event() -> pb.EventReceipt:
    """A death, in the register."""
    claim = citizen_pb2.CitizenClaim(personal_id="098085000123", full_name="Nguyễn Thị Mẫu")
    death = population_event_pb2.DeathEvent(person=claim, date=Date(year=2026, month=1, day=3))
    return pb.EventReceipt(
        header=v.header(rpc="dancu.v1.PopulationEventService/SubmitPopulationEvent"),
        record=population_event_pb2.EventRecord(
            event_id="ev-1",
            event=population_event_pb2.PopulationEvent(death=death),
            state=population_event_pb2.EVENT_STATE_APPLIED,
            first_revision=9,
            last_revision=9,
        ),
    )


def good() -> Iterator[v.Vector]:
    """Those that must be VALID."""
    nothing = pb.ChangeBatch(header=v.header(rpc=f"{SERVICE}/ListChanges"), through_revision=12)
    for name, about, body in (
        ("chunk", "Two records, none shown.", chunk()),
        ("chunk-first", "The first chunk follows none.", chunk(0, bytes(32))),
        ("changes", "Two changes.", changes()),
        ("changes-none", "A page without changes.", nothing),
        ("watched", "One on the list, one not.", watched()),
        ("event", "A death in the register.", event()),
    ):
        yield v.Vector(name, about, v.sealed(v.Draft(body)))
    yield v.Vector(
        "record",
        "One record of a chunk, with its claim expected.",
        record_receipt(0),
        kind="item",
        expected={"personal_id": "098085000123", "birth_date": (1985, 0, 0), "audience": "demo"},
    )


def malformed() -> Iterator[tuple[str, str, v.Statement]]:
    """Those that are STATEMENT_MALFORMED: variant, about, body."""
    digest = bytes(32)
    yield "chunk-no-session", "A chunk of no session.", _with(chunk(), session_id="")
    yield "chunk-negative", "A chunk before the first.", _with(chunk(), chunk_number=-1)
    yield "chunk-no-digest", "Nothing of the chunk before.", _with(chunk(), previous_digest=b"")
    yield "chunk-zeros", "A later chunk that follows none.", chunk(1, digest)
    yield "chunk-first-follows", "A first chunk that follows one.", chunk(0)
    yield "chunk-empty", "A chunk of nothing.", _with(chunk(), item_digests=[])
    yield "chunk-short", "A digest of 31 bytes.", _with(chunk(), item_digests=[digest, digest[1:]])
    yield "chunk-many", "1,001 records.", _with(chunk(), item_digests=[digest] * 1001)
    first, second = changes().changes
    no_kind = change_pb2.Change(revision=7, personal_id="098085000123")
    for variant, about, found in (
        ("changes-order", "A step back.", [second, first]),
        ("changes-twice", "A revision twice.", [first, first]),
        ("changes-no-kind", "A change of no kind.", [no_kind]),
    ):
        yield variant, about, _with(changes(), changes=found)
    yield "changes-early", "A change before the first.", _with(changes(), start_revision=8)
    yield "changes-late", "A change after the last.", _with(changes(), through_revision=8)
    neither = [citizen_pb2.OUTCOME_AMBIGUOUS]
    yield "watched-unknown", "Neither on the list nor not.", _with(watched(), added=neither)
    for variant, field in (("event-no-id", "event_id"), ("event-nothing", "event"),
                           ("event-no-state", "state")):  # fmt: skip
        receipt = event()
        receipt.record.ClearField(field)
        yield variant, f"An event without {field}.", receipt


def _with(body: _Body, **fields: Any) -> _Body:
    """A statement with other values in these fields."""
    for name in fields:
        body.ClearField(name)
    body.MergeFrom(type(body)(**fields))
    return body


def _digest(index: int, record: rec.ReconciledRecord) -> bytes:
    return hashlib.sha256(b"dancu.item.v1\n" + _salt(index) + _bytes(record)).digest()


def _salt(index: int) -> bytes:
    return hmac.digest(SEED, index.to_bytes(4, "big"), "sha256")


def _bytes(record: rec.ReconciledRecord) -> bytes:
    return record.SerializeToString(deterministic=True)
