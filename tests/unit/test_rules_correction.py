"""Corrections, and the new number that some of them lead to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mock_population_db import divisions
from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import (
    Address,
    Citizen,
    CodeEpoch,
    Document,
    DocumentKind,
    DocumentStatus,
    NumberStatus,
    PersonName,
    Relation,
    Sex,
)
from mock_population_db.events import Correction, Renumbering
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.people import kin
from tests.unit.rules_register import Register, gone, person, wed

WHO, CHILD = "079080000001", "079305000002"
NAME = PersonName("Nguyễn", "Thử", "Tên")
ONE = person(WHO, "1980-05-12")
ACTIVE, PENDING = NumberStatus.ACTIVE, NumberStatus.PENDING
CORRECTED = NumberStatus.UNDER_CORRECTION


@pytest.mark.parametrize(
    ("event", "fields", "status"),
    [
        (Correction(WHO, name=PersonName("Lê", "", "An")), ("name",), ACTIVE),
        (Correction(WHO, name=PersonName("", "", NAME.full)), ("name",), ACTIVE),
        (Correction(WHO, sex=Sex.FEMALE), ("sex",), CORRECTED),
        (Correction(WHO, birth_date=PartialDate(1980, 5, 13)), ("birth_date",), ACTIVE),
        (Correction(WHO, birth_date=PartialDate(1980)), ("birth_date",), ACTIVE),
        (Correction(WHO, birth_date=PartialDate(1981, 5, 12)), ("birth_date",), CORRECTED),
        (Correction(WHO, birth_date=PartialDate(1880, 5, 12)), ("birth_date",), CORRECTED),
        (
            Correction(WHO, PersonName("Lê", "", "An"), Sex.FEMALE, PartialDate(1981)),
            ("name", "birth_date", "sex"),
            CORRECTED,
        ),
    ],
)
def test_a_correction(event: Correction, fields: tuple[str, ...], status: NumberStatus) -> None:
    """What is given changes; another sex or birth year puts the number under correction."""
    register = Register.of(ONE)
    (edit,) = register.submit(event).edits
    assert (edit.kind, edit.fields) == (ChangeKind.CORRECTION, fields)
    after = register.people[WHO]
    assert after.identity.name == (event.name or NAME)
    assert after.identity.birth_date == (event.birth_date or PartialDate(1980, 5, 12))
    assert after.sex is (event.sex or Sex.MALE)
    assert after.identity.number_status is status


@pytest.mark.parametrize(
    "event",
    [
        Correction(WHO),
        Correction(WHO, name=NAME),
        Correction(WHO, NAME, Sex.MALE, PartialDate(1980, 5, 12)),
    ],
)
def test_something_must_change(event: Correction) -> None:
    """A correction to what the record says already is refused."""
    assert Register.of(ONE).refuses(event) == ("NOTHING_CHANGES", "person", WHO)


@pytest.mark.parametrize(
    ("who", "birth", "code", "about"),
    [
        (ONE, "2026-03-11", "BIRTH_AFTER_REGISTRATION", WHO),
        (ONE, "2026", "BIRTH_AFTER_CHILD", CHILD),
        (ONE, "2005-06-02", "BIRTH_AFTER_CHILD", CHILD),
        (ONE, "2005-06-01", None, ""),
        (ONE, "2005", None, ""),
        (gone(ONE, "2004-01-01"), "2004-01-02", "BIRTH_AFTER_DEATH", WHO),
        (gone(ONE, "2004"), "2004-12", None, ""),
    ],
)
def test_the_birth_date_fits_a_life(who: Citizen, birth: str, code: str | None, about: str) -> None:
    """It lies before registration, the children's births and the own death; the dead count."""
    child = person(CHILD, "2005-06-01", father=kin(ONE))
    register = Register.of(who, child)
    event = Correction(WHO, birth_date=PartialDate.parse(birth))
    if code:
        assert register.refuses(event) == (code, "birth_date", about)
    else:
        assert register.submit(event).edits[0].fields == ("birth_date",)


def test_a_pending_number_is_confirmed_first() -> None:
    """Before that a name may be corrected, but nothing that the number tells."""
    register = Register.of(person(WHO, "1980-05-12", status=PENDING))
    assert register.refuses(Correction(WHO, sex=Sex.FEMALE)) == ("NUMBER_PENDING", "person", WHO)
    register.submit(Correction(WHO, name=PersonName("Lê", "", "An")))
    assert register.people[WHO].identity.number_status is PENDING


def test_nobody_is_corrected() -> None:
    """The person must be on file, under a number in use."""
    event = Correction(WHO, sex=Sex.FEMALE)
    cancelled = person(WHO, status=NumberStatus.CANCELLED)
    assert Register().refuses(event) == ("PERSON_UNKNOWN", "person", "")
    assert Register.of(cancelled).refuses(event) == ("NUMBER_CANCELLED", "person", WHO)


def test_a_new_number_tells_what_was_corrected() -> None:
    """It tells sex, year and province of registration; everybody who named the old one follows."""
    her, him = wed(person("079182000003", "1982"), ONE)
    card = Document(DocumentKind.CCCD_CHIP, WHO, date(2022, 1, 1), date(2040, 5, 12))
    lost = replace(card, status=DocumentStatus.LOST)
    him = replace(him, documents=(card, lost))
    register = Register.of(him, her, person(CHILD, "2005-06-01", father=kin(him)))
    register.house({WHO: Relation.HEAD, CHILD: Relation.DAUGHTER})
    register.submit(Correction(WHO, birth_date=PartialDate(2001)))
    plan = register.submit(Renumbering(WHO, "BIRTH_YEAR_CORRECTED"))
    (edit,) = plan.edits
    assert edit.kind is ChangeKind.RENUMBERED
    assert edit.reason == "BIRTH_YEAR_CORRECTED"
    assert edit.fields == ("personal_id", "documents")
    assert plan.subject.startswith("079201")
    after = register.people[plan.subject]
    assert after.identity.number_status is ACTIVE
    assert [one.status for one in after.documents] == [
        DocumentStatus.REVOKED,
        DocumentStatus.LOST,
    ]
    assert register.household(1).head == plan.subject
    assert register.refuses(Renumbering(WHO, "AGAIN")) == ("PERSON_UNKNOWN", "person", "")


@pytest.mark.parametrize(
    ("place", "prefix"),
    [
        (None, "079"),
        (divisions.address_in("00691", CodeEpoch.LEGACY), "002"),
        (divisions.address_in("00691", CodeEpoch.Y2025), "008"),
        (Address(country="LA"), "079"),
    ],
)
def test_the_province_of_a_new_number(place: Address | None, prefix: str) -> None:
    """It is that of registration; where none is on file, the former number's."""
    register = Register.of(replace(ONE, birth_registration_place=place))
    assert register.submit(Renumbering(WHO, "ISSUED_TWICE")).subject.startswith(f"{prefix}080")


def test_who_was_registered_abroad_has_the_province_of_residence() -> None:
    """Such a number begins with the code of a country; without a home none can be set up."""
    number = "276198000011"
    register = Register.of(person(number, "1998", birth_registration_place=Address(country="LA")))
    event = Renumbering(number, "ISSUED_TWICE")
    assert register.refuses(event) == ("NUMBER_DATA_MISSING", "person", number)
    register.house({number: Relation.HEAD})
    assert register.submit(event).subject.startswith("001198")


def test_an_old_card_of_nine_digits_outlives_the_number() -> None:
    """It carries a number of its own."""
    card = Document(DocumentKind.CMND_9, "000000013", date(2000, 1, 1))
    register = Register.of(replace(ONE, documents=(card,)))
    plan = register.submit(Renumbering(WHO, "ISSUED_TWICE"))
    assert plan.edits[0].fields == ("personal_id",)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (person(WHO, "1980", status=NumberStatus.CANCELLED), "NUMBER_CANCELLED"),
        (person(WHO, "1980", status=PENDING), "NUMBER_PENDING"),
        (person(WHO), "NUMBER_DATA_MISSING"),
        (person(WHO, "1980", sex=Sex.NO_DATA), "NUMBER_DATA_MISSING"),
    ],
)
def test_some_numbers_cannot_be_set_up(who: Citizen, code: str) -> None:
    """Not in place of a cancelled or pending one, nor without what it tells."""
    assert Register.of(who).refuses(Renumbering(WHO, "X")) == (code, "person", WHO)
