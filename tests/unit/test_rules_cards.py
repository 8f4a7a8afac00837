"""Cards: to which birthday they run, and what becomes of the one before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import (
    Citizen,
    Document,
    DocumentKind,
    DocumentStatus,
    NumberStatus,
    VitalStatus,
)
from mock_population_db.events import CardIssue, CardLoss
from tests.unit.rules_register import TODAY, Register, gone, person

WHO = "001090000001"
ONE = person(WHO, "1990-07-01")
TO_40 = date(2030, 7, 1)
CARD = Document(DocumentKind.CCCD_CHIP, WHO, date(2022, 1, 1), TO_40)


def test_a_new_card_stands_first() -> None:
    """The valid or expired one before it is replaced; what was lost or held stays that."""
    old = Document(DocumentKind.CMND_9, "000000013", status=DocumentStatus.EXPIRED)
    held = replace(CARD, status=DocumentStatus.HELD)
    register = Register.of(replace(ONE, documents=(CARD, old, held)))
    (edit,) = register.submit(CardIssue(WHO, TO_40)).edits
    assert (edit.kind, edit.fields) == (ChangeKind.DOCUMENT, ("documents",))
    assert register.people[WHO].documents == (
        Document(DocumentKind.CAN_CUOC, WHO, TODAY, TO_40),
        replace(CARD, status=DocumentStatus.REPLACED),
        replace(old, status=DocumentStatus.REPLACED),
        held,
    )


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2024, 7, 1), DocumentKind.CAN_CUOC),
        (date(2024, 6, 30), DocumentKind.CCCD_CHIP),
        (date(2020, 12, 31), DocumentKind.CCCD_BARCODE),
        (date(2015, 12, 31), DocumentKind.CMND_12),
    ],
)
def test_the_kind_is_that_of_the_day(day: date, kind: DocumentKind) -> None:
    """Cards reported late are those of their time."""
    register = Register.of(person(WHO, "1980-07-01"))
    register.submit(CardIssue(WHO, date(2020 if day < date(2018, 7, 1) else 2040, 7, 1)), day, day)
    assert register.people[WHO].documents[0].kind is kind


@pytest.mark.parametrize(
    ("birth", "expires", "fits"),
    [
        ("1990-07-01", "2030-07-01", True),  # 35: to 40
        ("1990-07-01", "2030-07-02", False),
        ("1990-07-01", "2050-07-01", False),  # 60 is too far
        ("1990-07-01", None, False),
        ("1987-07-01", "2027-07-01", True),  # 38: to 40, or, that being near, to 60
        ("1987-07-01", "2047-07-01", True),
        ("1990", "2030-12-31", True),
        ("1990", "2031-01-01", False),
        ("1990-07", "2030-07-31", True),
        ("1990-07", "2030-08-01", False),
        ("1968-03-10", None, True),  # 58: without term
        ("1968-03-11", None, False),
        ("1968", None, True),
        ("1966-03-11", "2026-03-11", True),  # 59: to 60 tomorrow
        ("1966-03-10", "2026-03-10", False),  # 60 today
        ("1940", None, True),
        ("1940", "2030-01-01", False),
        ("2020-05-05", "2034-05-05", True),  # a child: to 14
        ("2020-05-05", "2045-05-05", False),
        ("2020-05-05", None, False),
        ("2013-05-05", "2038-05-05", True),  # 12: to 25
        ("2012-03-10", "2037-03-10", True),  # 14 today
        ("2004-02-29", "2029-02-28", True),
        ("2004-02-29", "2029-03-01", True),
        ("2004-02-29", "2029-03-02", False),
        ("", "2030-01-01", True),
        ("", None, True),
    ],
)
def test_the_term(birth: str, expires: str | None, fits: bool) -> None:  # noqa: FBT001 - a table's column
    """To the next birthday of renewal, or the one after when that is near; then none."""
    register = Register.of(person(WHO, birth))
    event = CardIssue(WHO, date.fromisoformat(expires) if expires else None)
    if fits:
        assert register.submit(event).subject == WHO
    else:
        assert register.refuses(event) == ("CARD_TERM", "expires", WHO)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (gone(ONE, "2025"), "PERSON_DEAD"),
        (gone(ONE, "2025", VitalStatus.DECLARED_DEAD), "PERSON_DECLARED"),
        (person(WHO, "1990-07-01", status=NumberStatus.CANCELLED), "NUMBER_CANCELLED"),
        (person(WHO, "1990-07-01", status=NumberStatus.PENDING), "NUMBER_PENDING"),
        (
            person(WHO, "1990-07-01", status=NumberStatus.UNDER_CORRECTION),
            "NUMBER_UNDER_CORRECTION",
        ),
        (person(WHO, "1990-07-01", nationality="LA"), "NOT_A_CITIZEN"),
        (person(WHO, "1990-07-01", nationality=""), None),
    ],
)
def test_who_has_a_card(who: Citizen, code: str | None) -> None:
    """Living citizens whose number stands; an empty nationality is the register's fault."""
    register = Register.of(who)
    if code:
        assert register.refuses(CardIssue(WHO, TO_40)) == (code, "person", WHO)
    else:
        assert register.submit(CardIssue(WHO, TO_40)).edits


def test_nobody_has_a_card_before_being_born() -> None:
    """The day of issue lies after the birth."""
    refusal = Register.of(ONE).refuses(CardIssue(WHO, TO_40), date(1990, 6, 30))
    assert refusal == ("BEFORE_BIRTH", "effective", WHO)


def test_a_lost_card() -> None:
    """The valid card is lost; then there is none to lose."""
    expired = replace(CARD, status=DocumentStatus.EXPIRED)
    register = Register.of(replace(ONE, documents=(expired, CARD)))
    (edit,) = register.submit(CardLoss(WHO)).edits
    assert (edit.kind, edit.fields) == (ChangeKind.DOCUMENT, ("documents",))
    lost = replace(CARD, status=DocumentStatus.LOST)
    assert register.people[WHO].documents == (expired, lost)
    assert register.refuses(CardLoss(WHO)) == ("NO_CARD", "person", WHO)


def test_a_lost_card_is_replaced() -> None:
    """A lost card stays lost when the new one is issued."""
    register = Register.of(replace(ONE, documents=(CARD,)))
    register.submit(CardLoss(WHO))
    register.submit(CardIssue(WHO, TO_40))
    states = [one.status for one in register.people[WHO].documents]
    assert states == [DocumentStatus.VALID, DocumentStatus.LOST]


def test_the_dead_lose_no_cards() -> None:
    """A living person reports the loss."""
    register = Register.of(gone(replace(ONE, documents=(CARD,)), "2025"))
    assert register.refuses(CardLoss(WHO)) == ("PERSON_DEAD", "person", WHO)
