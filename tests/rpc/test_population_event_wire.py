"""Reading events: every kind becomes the register's words, and every mistake is told at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dancu.v1 import citizen_pb2
from dancu.v1 import population_event_pb2 as pb
from dancu.v1 import population_event_service_pb2 as service
from gateway.core.errors import MalformedRequest
from gateway.core.events import Reported
from gateway.rpc import event_wire
from mock_population_db import events
from mock_population_db.citizen import PersonName, Relation, Sex, VitalStatus
from mock_population_db.partial_date import PartialDate
from tests.rpc.raw import claim, request_context
from tests.support.events import COMMUNE, birth, day, event, paper

PERSON = claim()
MOTHER = claim("079190000002", "Hồ Thị Bích Thuỷ", (1990, 9, 2))
LEGACY = "00001"
ALIVE = citizen_pb2.PERSON_STATUS_ALIVE


def read(reported: pb.PopulationEvent, expected: int = 0) -> Reported:
    """An event as a story gets it."""
    return event_wire.reported(
        service.SubmitPopulationEventRequest(
            context=request_context(), event=reported, expected_revision=expected
        )
    )


def mistakes(reported: pb.PopulationEvent, **request: Any) -> dict[str, str]:
    """Rule by field."""
    sent = service.SubmitPopulationEventRequest(
        **{"context": request_context(), "event": reported, **request}
    )
    with pytest.raises(MalformedRequest) as caught:
        event_wire.reported(sent)
    assert all(one.message_en and one.message_vi for one in caught.value.violations)
    return {one.field: one.rule for one in caught.value.violations}


KINDS: list[tuple[pb.PopulationEvent, events.What, dict[str, str]]] = [
    (
        birth(MOTHER, PERSON, birth_order=2, children_in_birth=2, ethnic_code="01"),
        events.Birth(
            PersonName("Trần", "Thị", "An"),
            date(2025, 12, 30),
            Sex.FEMALE,
            COMMUNE,
            ethnic_code="01",
            children_in_birth=2,
            birth_order=2,
        ),
        {"mother": "event.birth.mother", "father": "event.birth.father"},
    ),
    (
        birth(MOTHER, birth_commune_code="00004", native_commune_code=LEGACY, not_a_duplicate=True),
        events.Birth(
            PersonName("Trần", "Thị", "An"),
            date(2025, 12, 30),
            Sex.FEMALE,
            COMMUNE,
            birth_commune="00004",
            native_commune=LEGACY,
            not_a_duplicate=True,
        ),
        {"mother": "event.birth.mother"},
    ),
    (
        event(death=pb.DeathEvent(person=PERSON, date=day(2025, 12))),
        events.Death("", PartialDate(2025, 12)),
        {"person": "event.death.person"},
    ),
    (
        event(
            death=pb.DeathEvent(
                person=PERSON,
                date=day(2025),
                status=citizen_pb2.PERSON_STATUS_DECLARED_MISSING,
            )
        ),
        events.Death("", PartialDate(2025), VitalStatus.DECLARED_MISSING),
        {"person": "event.death.person"},
    ),
    (
        event(marriage=pb.MarriageEvent(wife=MOTHER, husband=PERSON)),
        events.Marriage("", ""),
        {"wife": "event.marriage.wife", "husband": "event.marriage.husband"},
    ),
    (
        event(divorce=pb.DivorceEvent(person=PERSON)),
        events.Divorce(""),
        {"person": "event.divorce.person"},
    ),
    (
        event(
            residence=pb.ResidenceEvent(
                person=PERSON,
                kind=pb.RESIDENCE_EVENT_KIND_TEMPORARY,
                household_member=MOTHER,
                relation_to_head=citizen_pb2.HOUSEHOLD_RELATION_SPOUSE,
                until=day(2027, 1, 1),
            )
        ),
        events.ResidenceRegistration(
            "", temporary=True, relation=Relation.SPOUSE, until=date(2027, 1, 1)
        ),
        {"person": "event.residence.person", "member": "event.residence.household_member"},
    ),
    (
        event(
            residence=pb.ResidenceEvent(
                person=PERSON,
                kind=pb.RESIDENCE_EVENT_KIND_PERMANENT,
                commune_code=COMMUNE,
                address_detail="12 Lê Lợi",
            )
        ),
        events.ResidenceRegistration("", temporary=False, commune=COMMUNE, detail="12 Lê Lợi"),
        {"person": "event.residence.person"},
    ),
    (
        event(
            departure=pb.DepartureEvent(
                person=PERSON, kind=pb.RESIDENCE_EVENT_KIND_PERMANENT, new_head=MOTHER
            )
        ),
        events.Departure("", temporary=False),
        {"person": "event.departure.person", "new_head": "event.departure.new_head"},
    ),
    (
        event(
            correction=pb.CorrectionEvent(
                person=PERSON,
                name=citizen_pb2.PersonName(family="Lê", given="An", full="Lê An"),
                sex=citizen_pb2.SEX_MALE,
                birth_date=day(1988),
            )
        ),
        events.Correction("", PersonName("Lê", "", "An"), Sex.MALE, PartialDate(1988)),
        {"person": "event.correction.person"},
    ),
    (
        event(card_issue=pb.CardIssueEvent(person=PERSON, expires=day(2030, 1, 1))),
        events.CardIssue("", date(2030, 1, 1)),
        {"person": "event.card_issue.person"},
    ),
    (
        event(card_loss=pb.CardLossEvent(person=PERSON)),
        events.CardLoss(""),
        {"person": "event.card_loss.person"},
    ),
    (
        event(renumbering=pb.RenumberingEvent(person=PERSON, reason="SEX_CORRECTED")),
        events.Renumbering("", "SEX_CORRECTED"),
        {"person": "event.renumbering.person"},
    ),
    (
        event(
            access_dispute=pb.AccessDisputeEvent(
                person=PERSON, leaf_index=7, row_index=1, statement="Tôi không nhờ"
            )
        ),
        events.AccessDispute("", 7, 1, "Tôi không nhờ"),
        {"person": "event.access_dispute.person"},
    ),
]


@pytest.mark.parametrize(("sent", "what", "named"), KINDS, ids=lambda one: type(one).__name__)
def test_every_kind_is_read(
    sent: pb.PopulationEvent, what: events.What, named: dict[str, str]
) -> None:
    """Into the register's words; whom it names stands apart until they are verified."""
    found = read(sent, 5)
    assert found.what == what
    assert {one.place: one.field for one in found.named} == named
    assert found.document == events.LegalDocument("12/2026", date(2026, 1, 1), "UBND phường", "01")
    assert (found.effective, found.registered) == (date(2026, 1, 1), date(2026, 1, 1))
    assert found.expected_revision == 5
    assert found.declared == (
        isinstance(what, events.Death) and what.status is VitalStatus.DECLARED_MISSING
    )
    numbers = {place: f"00000000000{at}" for at, place in enumerate(named)}
    assert {place: getattr(found.about(numbers), place) for place in named} == numbers


def test_every_kind_of_the_contract_is_read() -> None:
    """One that is added to the contract must be added here."""
    fields = pb.PopulationEvent.DESCRIPTOR.oneofs_by_name["what"].fields
    assert {one.name for one in fields} == {sent.WhichOneof("what") for sent, _, _ in KINDS}
    assert {one.number for one in fields} == {int(read(sent).kind) for sent, _, _ in KINDS}


def test_every_mistake_is_told_at_once() -> None:
    """Of context, document, dates, names, codes and people, each by its path."""
    sent = birth(claim("1"), given="")
    sent.birth.name.family = sent.birth.name.middle = ""
    sent.birth.birth_date.day = 31
    sent.birth.birth_date.month = 2
    sent.birth.ClearField("sex")
    sent.birth.registration_commune_code = "99999"
    sent.birth.birth_commune_code = "1"
    sent.birth.native_commune_code = "99998"
    sent.birth.ethnic_code = "x"
    sent.document.number = ""
    sent.document.book = "1" * 41
    sent.document.authority = "UBND\n"
    sent.document.ClearField("issued_date")
    sent.effective_date.year = 0
    sent.registered_date.day = 0
    context = request_context()
    context.officer_id = ""
    assert mistakes(sent, context=context, expected_revision=-1) == {
        "context.officer_id": "REQUIRED",
        "expected_revision": "NEGATIVE",
        "event.document.number": "TEXT_REQUIRED",
        "event.document.book": "TOO_LONG",
        "event.document.issued_date": "NO_SUCH_DAY",
        "event.document.authority": "UNPRINTABLE",
        "event.effective_date": "NO_SUCH_DAY",
        "event.registered_date": "NO_SUCH_DAY",
        "event.birth.name": "NAME_REQUIRED",
        "event.birth.birth_date": "NO_SUCH_DAY",
        "event.birth.sex": "CHOICE",
        "event.birth.registration_commune_code": "NO_SUCH_COMMUNE",
        "event.birth.mother.personal_id": "PERSONAL_ID_FORMAT",
        "event.birth.birth_commune_code": "CODE_FORMAT",
        "event.birth.native_commune_code": "NO_SUCH_COMMUNE",
        "event.birth.ethnic_code": "CODE_FORMAT",
    }


@pytest.mark.parametrize(
    ("sent", "field", "rule"),
    [
        (event(), "event.what", "EVENT_REQUIRED"),
        (birth(None), "event.birth.mother", "PARENT_REQUIRED"),
        (
            event(birth=pb.BirthEvent(mother=PERSON)),
            "event.birth.registration_commune_code",
            "TEXT_REQUIRED",
        ),
        (event(death=pb.DeathEvent(person=PERSON)), "event.death.date", "DATE_REQUIRED"),
        (
            event(death=pb.DeathEvent(person=PERSON, date=day(2025, 0, 3))),
            "event.death.date",
            "NO_SUCH_DATE",
        ),
        (
            event(death=pb.DeathEvent(person=PERSON, date=day(2025), status=ALIVE)),
            "event.death.status",
            "CHOICE",
        ),
        (event(divorce=pb.DivorceEvent()), "event.divorce.person.personal_id", "NUMBER_REQUIRED"),
        (
            event(residence=pb.ResidenceEvent(person=PERSON)),
            "event.residence.kind",
            "CHOICE",
        ),
        (
            event(
                residence=pb.ResidenceEvent(
                    person=PERSON, kind=pb.RESIDENCE_EVENT_KIND_PERMANENT, household_member=MOTHER
                )
            ),
            "event.residence.relation_to_head",
            "CHOICE",
        ),
        (
            event(
                residence=pb.ResidenceEvent(
                    person=PERSON, kind=pb.RESIDENCE_EVENT_KIND_TEMPORARY, until=day(2026, 13, 1)
                )
            ),
            "event.residence.until",
            "NO_SUCH_DAY",
        ),
        (
            event(correction=pb.CorrectionEvent(person=PERSON)),
            "event.correction.name",
            "CORRECTION_EMPTY",
        ),
        (
            event(
                correction=pb.CorrectionEvent(
                    person=PERSON, name=citizen_pb2.PersonName(given="An", full="Lê An")
                )
            ),
            "event.correction.name.full",
            "NAME_PARTS",
        ),
        (
            event(
                correction=pb.CorrectionEvent(
                    person=PERSON, name=citizen_pb2.PersonName(given="An\u202e")
                )
            ),
            "event.correction.name",
            "UNPRINTABLE",
        ),
        (
            event(renumbering=pb.RenumberingEvent(person=PERSON, reason="vì sai")),
            "event.renumbering.reason",
            "REASON_WORD",
        ),
        (
            event(access_dispute=pb.AccessDisputeEvent(person=PERSON, leaf_index=-1)),
            "event.access_dispute.leaf_index",
            "NEGATIVE",
        ),
        (
            event(access_dispute=pb.AccessDisputeEvent(person=PERSON, statement="x" * 501)),
            "event.access_dispute.statement",
            "TOO_LONG",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_mistake_is_told_by_its_path(sent: pb.PopulationEvent, field: str, rule: str) -> None:
    """One at a time."""
    assert mistakes(sent)[field] == rule


def test_annulments_and_questions_are_checked() -> None:
    """The same way."""
    with pytest.raises(MalformedRequest) as caught:
        event_wire.annulling(service.AnnulPopulationEventRequest(event_id="1" * 41))
    rules = {one.field: one.rule for one in caught.value.violations}
    assert rules["event_id"] == "TOO_LONG"
    assert rules["document.number"] == rules["reason"] == "TEXT_REQUIRED"
    with pytest.raises(MalformedRequest) as caught:
        event_wire.event_asked_for(service.GetPopulationEventRequest(context=request_context()))
    assert [one.field for one in caught.value.violations] == ["event_id"]


def test_the_fingerprint_is_that_of_the_message() -> None:
    """However its bytes were ordered; any other content has another."""
    one = service.AnnulPopulationEventRequest(
        context=request_context(), event_id="BD-1", document=paper(), reason="nhầm"
    )
    raw = one.SerializeToString()
    context, rest = raw[: 2 + raw[1]], raw[2 + raw[1] :]
    other = service.AnnulPopulationEventRequest.FromString(rest + context)
    assert event_wire.fingerprint(one) == event_wire.fingerprint(other)
    other.event_id = "BD-2"
    assert event_wire.fingerprint(one) != event_wire.fingerprint(other)
