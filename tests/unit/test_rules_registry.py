"""The rules as a whole: every event has one, and every refusal is explained."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from google.protobuf import json_format

import mock_population_db
from dancu.v1 import citizen_pb2, population_event_service_pb2
from mock_population_db.citizen import PersonName, Sex
from mock_population_db.events import (
    KINDS,
    AccessDispute,
    Annulment,
    Birth,
    CardIssue,
    Death,
    Departure,
    Divorce,
    Marriage,
    ResidenceRegistration,
    What,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.edits import FIELDS
from mock_population_db.rules.names import fold
from mock_population_db.rules.plan import Needs
from mock_population_db.rules.refusals import REFUSALS
from mock_population_db.rules.registry import RULES
from tests.architecture.pages import read, tables
from tests.unit.rules_register import TODAY, Register, gone, person, submission

WHO = "001090000001"
PAGE = tables(read("events.md"), "code")
EVENTS = tables(read("events.md"), "event")


ORIGIN = Path(mock_population_db.__path__[0])
REFUSING = re.compile(r'EventRefused\(\s*"(\w+)"')


def _raised() -> Iterator[str]:
    """The codes that the register refuses with, as its sources have them."""
    for file in (ORIGIN / "store").glob("*.py"):
        yield from REFUSING.findall(file.read_text("utf-8"))
    for file in (ORIGIN / "rules").glob("*.py"):
        if file.name != "refusals.py":
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                # the rules choose between some codes before they raise one
                word = node.value if isinstance(node, ast.Constant) else None
                if isinstance(word, str) and word.isupper() and "_" in word:
                    yield word


def test_every_event_has_a_rule() -> None:
    """But annulments, which put back what the store kept."""
    assert RULES.keys() == KINDS.keys() - {Annulment}


def test_every_refusal_is_explained() -> None:
    """What the rules raise is in the table, and nothing else is."""
    assert set(_raised()) == set(REFUSALS)


@pytest.mark.parametrize("code", REFUSALS)
def test_explanations_are_whole(code: str) -> None:
    """One line each, in English and in Vietnamese, that name no field of a person."""
    english, vietnamese = REFUSALS[code]
    assert english.isascii()
    assert not vietnamese.isascii()
    assert max(len(english), len(vietnamese)) <= 100
    assert not {"{", "\n"} & set(english + vietnamese)


def test_the_page_has_every_refusal() -> None:
    """docs/events.md lists the codes in the table's order, letter by letter."""
    assert [(row["code"], row["message (en)"], row["message (vi)"]) for row in PAGE] == [
        (code, *sentences) for code, sentences in REFUSALS.items()
    ]


def test_the_page_has_every_event() -> None:
    """docs/events.md tells of each event which refusals it may meet."""
    assert [row["event"] for row in EVENTS] == [KINDS[one].name.lower() for one in RULES]
    told = {code for row in EVENTS for code in re.findall(r"\w+", row["refused with"])}
    elsewhere = {
        "EFFECTIVE_AFTER_REGISTRATION", "REGISTERED_IN_FUTURE", "PERSON_UNKNOWN",
        "NUMBER_CANCELLED", "EVENT_ANNULLED", "LATER_EVENT", "NOT_ANNULLABLE",
    }  # fmt: skip
    assert told | elsewhere == set(REFUSALS)
    assert not told & elsewhere


def test_the_pages_examples_are_requests() -> None:
    """Its JSON is what SubmitPopulationEvent takes."""
    blocks = re.findall(r"```json\n(.*?)```", read("events.md"), re.DOTALL)
    requests = [
        json_format.Parse(block, population_event_service_pb2.SubmitPopulationEventRequest())
        for block in blocks
    ]
    told = [request.event.WhichOneof("what") for request in requests]
    assert told == ["birth", "residence", "departure"]


def test_fields_are_the_contracts() -> None:
    """The names of changed fields are those of Citizen, in its order."""
    assert list(FIELDS) == [field.name for field in citizen_pb2.Citizen.DESCRIPTOR.fields]


@pytest.mark.parametrize(
    ("effective", "registered", "refusal"),
    [
        (date(2026, 3, 10), date(2026, 3, 9), ("EFFECTIVE_AFTER_REGISTRATION", "effective", "")),
        (date(2026, 3, 10), date(2026, 3, 11), ("REGISTERED_IN_FUTURE", "registered", "")),
    ],
)
def test_the_order_of_days(
    effective: date, registered: date, refusal: tuple[str, str, str]
) -> None:
    """An event holds by the day that it is registered on, and that day has come."""
    event = AccessDispute(WHO, 1, 0, "không phải tôi")
    assert Register.of(person(WHO)).refuses(event, effective, registered) == refusal


def test_a_dispute_changes_nobody() -> None:
    """It is about a person on file, dead or alive, and edits nothing."""
    event = AccessDispute(WHO, 1, 0, "không phải tôi")
    plan = Register.of(gone(person(WHO), "2025")).submit(event)
    assert (plan.subject, plan.edits, plan.households) == (WHO, (), {})
    assert Register().refuses(event) == ("PERSON_UNKNOWN", "person", "")


@pytest.mark.parametrize(
    ("what", "needed"),
    [
        (
            Birth(PersonName(), TODAY, Sex.MALE, "00004", "1", "2"),
            Needs(("1", "2"), ("1", "2")),
        ),
        (Birth(PersonName(), TODAY, Sex.MALE, "00004", father="2"), Needs(("2",), ("2",))),
        (Marriage("1", "2"), Needs(("1", "2"), spouses=True)),
        (Divorce("1"), Needs(("1",), spouses=True)),
        (Death("1", PartialDate(2026)), Needs(("1",), spouses=True, homes=True)),
        (
            ResidenceRegistration("1", temporary=False, commune="00004"),
            Needs(("1",), homes=True),
        ),
        (
            ResidenceRegistration("1", temporary=False, member="2"),
            Needs(("1", "2"), homes=True),
        ),
        (Departure("1", temporary=False), Needs(("1",), homes=True)),
        (Departure("1", temporary=False, new_head="2"), Needs(("1", "2"), homes=True)),
        (CardIssue("1"), Needs(("1",))),
    ],
)
def test_needs(what: What, needed: Needs) -> None:
    """A rule asks for the people whom its event names, and for no empty number."""
    assert RULES[type(what)].needs(what, submission(what)) == needed


@pytest.mark.parametrize(
    "name", ["Nguyễn Văn Đạt", "NGUYEN VAN DAT", "nguyễn  văn Ðạt", "Nguyễn-Vănđạt"]
)
def test_names_fold(name: str) -> None:
    """Case, marks, blanks, signs and look-alikes of Đ make no difference."""
    assert fold(name) == "nguyenvandat"
