"""Population events between protobuf and the register's words, every field checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from google.type.date_pb2 import Date

from dancu.v1 import citizen_pb2
from dancu.v1 import population_event_pb2 as pb
from dancu.v1 import population_event_service_pb2 as service_pb2
from gateway.core.event_validation import (
    MAX_EVENT_ID,
    MAX_STATEMENT,
    EventReader,
    correction_empty,
    event_missing,
    parent_missing,
)
from gateway.core.events import Annulling, Reported
from gateway.rpc import wire
from mock_population_db import events
from mock_population_db.citizen import CodeEpoch, PersonName, Relation, Sex, VitalStatus
from mock_population_db.partial_date import PartialDate

_SEXES = (Sex.MALE, Sex.FEMALE)
_DEATHS = (VitalStatus.DEAD, VitalStatus.DECLARED_DEAD, VitalStatus.DECLARED_MISSING)
_PERMANENT, _TEMPORARY = 1, 2  # ResidenceEventKind

ReportingRequest = (
    service_pb2.SubmitPopulationEventRequest | service_pb2.AnnulPopulationEventRequest
)


def fingerprint(request: ReportingRequest) -> bytes:
    """What makes two requests the same, however their bytes are ordered."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()


def reported(request: service_pb2.SubmitPopulationEventRequest) -> Reported:
    """The event that is reported.

    Raises:
        MalformedRequest: naming every field of the wrong shape.
    """
    read = EventReader(wire.context(request.context))
    expected = read.position("expected_revision", request.expected_revision)
    event = request.event
    read.path = "event"
    paper = _document(read, event.document)
    effective = read.day("effective_date", _date(event.effective_date))
    registered = read.day("registered_date", _date(event.registered_date))
    what = _what(read, event)
    declared = isinstance(what, events.Death) and what.status is not VitalStatus.DEAD
    read.path = ""
    read.check()
    return Reported(
        what, paper, effective, registered, tuple(read.named), expected, declared=declared
    )


def annulling(request: service_pb2.AnnulPopulationEventRequest) -> Annulling:
    """The annulment that is asked for; raises as ``reported``."""
    read = EventReader(wire.context(request.context))
    event_id = read.text("event_id", request.event_id, MAX_EVENT_ID)
    paper = _document(read, request.document)
    reason = read.text("reason", request.reason, MAX_STATEMENT)
    read.check()
    return Annulling(event_id, paper, reason)


def event_asked_for(request: service_pb2.GetPopulationEventRequest) -> str:
    """The id of the event that is asked for; raises as ``reported``."""
    read = EventReader(wire.context(request.context))
    event_id = read.text("event_id", request.event_id, MAX_EVENT_ID)
    read.check()
    return event_id


def _document(read: EventReader, message: pb.LegalDocument) -> events.LegalDocument:
    before, read.path = read.path, f"{read.path}.document" if read.path else "document"
    paper = events.LegalDocument(
        number=read.text("number", message.number, 40),
        book=read.text("book", message.book, 40, required=False),
        issued=read.day("issued_date", _date(message.issued_date)),
        authority=read.text("authority", message.authority, 200),
    )
    read.path = before
    return paper


def _what(read: EventReader, event: pb.PopulationEvent) -> events.What:
    kind = event.WhichOneof("what")
    if kind is None:
        read.wrong("what", event_missing)
        return events.Divorce("")
    read.path = f"event.{kind}"
    return _READ[kind](read, getattr(event, kind))


def _birth(read: EventReader, said: pb.BirthEvent) -> events.Birth:
    if not said.HasField("mother") and not said.HasField("father"):
        read.wrong("mother", parent_missing)
    return events.Birth(
        name=_name(read, said.name),
        birth_date=read.day("birth_date", _date(said.birth_date)),
        sex=read.choice("sex", said.sex, _SEXES),
        registration_commune=read.commune(
            "registration_commune_code", said.registration_commune_code, required=True
        ),
        mother=_person(read, said, "mother"),
        father=_person(read, said, "father"),
        birth_commune=read.commune("birth_commune_code", said.birth_commune_code),
        native_commune=read.commune(
            "native_commune_code", said.native_commune_code, (CodeEpoch.LEGACY,)
        ),
        ethnic_code=read.code("ethnic_code", said.ethnic_code, 2),
        children_in_birth=said.children_in_birth or 1,
        birth_order=said.birth_order or int(said.children_in_birth <= 1),
        not_a_duplicate=said.not_a_duplicate,
    )


def _death(read: EventReader, said: pb.DeathEvent) -> events.Death:
    return events.Death(
        person=_person(read, said, "person", required=True),
        on=read.date("date", _date(said.date)),
        status=read.choice("status", said.status or VitalStatus.DEAD, _DEATHS),
    )


def _marriage(read: EventReader, said: pb.MarriageEvent) -> events.Marriage:
    return events.Marriage(
        wife=_person(read, said, "wife", required=True),
        husband=_person(read, said, "husband", required=True),
    )


def _divorce(read: EventReader, said: pb.DivorceEvent) -> events.Divorce:
    return events.Divorce(person=_person(read, said, "person", required=True))


def _residence(read: EventReader, said: pb.ResidenceEvent) -> events.ResidenceRegistration:
    joins = said.HasField("household_member")
    relation = said.relation_to_head or (0 if joins else Relation.HEAD)
    return events.ResidenceRegistration(
        person=_person(read, said, "person", required=True),
        temporary=_temporary(read, said.kind),
        member=_person(read, said, "household_member", "member"),
        relation=read.choice("relation_to_head", relation, tuple(Relation)),
        commune=read.commune("commune_code", said.commune_code),
        detail=read.text("address_detail", said.address_detail, 200, required=False),
        until=read.day("until", _date(said.until)) if said.HasField("until") else None,
    )


def _departure(read: EventReader, said: pb.DepartureEvent) -> events.Departure:
    return events.Departure(
        person=_person(read, said, "person", required=True),
        temporary=_temporary(read, said.kind),
        new_head=_person(read, said, "new_head"),
    )


def _correction(read: EventReader, said: pb.CorrectionEvent) -> events.Correction:
    named, dated = said.HasField("name"), said.HasField("birth_date")
    if not (named or dated or said.sex):
        read.wrong("name", correction_empty)
    return events.Correction(
        person=_person(read, said, "person", required=True),
        name=_name(read, said.name) if named else None,
        sex=read.choice("sex", said.sex, _SEXES) if said.sex else None,
        birth_date=read.date("birth_date", _date(said.birth_date)) if dated else None,
    )


def _card_issue(read: EventReader, said: pb.CardIssueEvent) -> events.CardIssue:
    return events.CardIssue(
        person=_person(read, said, "person", required=True),
        expires=read.day("expires", _date(said.expires)) if said.HasField("expires") else None,
    )


def _card_loss(read: EventReader, said: pb.CardLossEvent) -> events.CardLoss:
    return events.CardLoss(person=_person(read, said, "person", required=True))


def _renumbering(read: EventReader, said: pb.RenumberingEvent) -> events.Renumbering:
    return events.Renumbering(
        person=_person(read, said, "person", required=True),
        reason=read.word("reason", said.reason),
    )


def _access_dispute(read: EventReader, said: pb.AccessDisputeEvent) -> events.AccessDispute:
    return events.AccessDispute(
        person=_person(read, said, "person", required=True),
        leaf_index=read.position("leaf_index", said.leaf_index),
        row_index=said.row_index,
        statement=read.text("statement", said.statement, MAX_STATEMENT),
    )


_READ: dict[str, Callable[[EventReader, Any], events.What]] = {
    "birth": _birth,
    "death": _death,
    "marriage": _marriage,
    "divorce": _divorce,
    "residence": _residence,
    "departure": _departure,
    "correction": _correction,
    "card_issue": _card_issue,
    "card_loss": _card_loss,
    "renumbering": _renumbering,
    "access_dispute": _access_dispute,
}


def _temporary(read: EventReader, kind: int) -> bool:
    return read.choice("kind", kind, (_PERMANENT, _TEMPORARY)) == _TEMPORARY


def _person(
    read: EventReader, said: Message, field: str, place: str = "", *, required: bool = False
) -> str:
    """A claim that the event makes; one that is required is checked even when it is absent."""
    if not (required or said.HasField(field)):
        return ""
    claim: citizen_pb2.CitizenClaim = getattr(said, field)
    return read.person(place or field, wire.claim(claim), field)


def _name(read: EventReader, name: citizen_pb2.PersonName) -> PersonName:
    return read.name("name", PersonName(name.family, name.middle, name.given), name.full)


def _date(message: Date) -> PartialDate:
    return PartialDate(message.year, message.month, message.day)
