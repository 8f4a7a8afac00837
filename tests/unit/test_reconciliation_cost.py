"""What a reconciled record that is not verified costs: as much, whatever is wrong with it.

Counted in calls of functions, as in ``test_decision_cost.py``; how long they take over the wire is
for ``tests/e2e/test_reconcile_timing.py``.
"""

from __future__ import annotations

import pytest

from gateway.core.model import Claim
from gateway.core.reconciliation import Verdict, judge
from gateway.core.records import Record, prepare
from mock_population_db.citizen import Identity, NumberStatus, PersonName
from mock_population_db.partial_date import PartialDate
from tests.support.counting import calls_of
from tests.support.scene import BIRTH, NUMBER, OLD_NUMBER, OTHER_NUMBER, person, snapshot

NAME = PersonName("Nguyễn", "Thị", "Ánh")
NEIGHBOUR = PersonName("Trần", "Vũ", "Bình")  # as many syllables and tones: these do cost
WRONG_DATE = PartialDate(1999, 9, 9)
NOT_VERIFIED = Verdict.NOT_VERIFIED

NAMES = [
    pytest.param("Nguyễn Thị Ánh", id="exact"),
    pytest.param("NGUYỄN THỊ ÁNH", id="capitals"),
    pytest.param("Nguyen Thi Anh", id="unmarked"),
    pytest.param("Nguyễn Thị Anh", id="near miss"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_right_name_with_a_wrong_date_costs_what_an_unknown_number_does(name: str) -> None:
    """How long a chunk took does not tell that a guessed name was right."""
    claim = Claim(NUMBER, "", name, WRONG_DATE)
    assert calls(claim, person(NUMBER, name=NAME)) == calls(claim, stranger())


@pytest.mark.parametrize("name", ["Nguyễn Thị Anh", "Ánh Nguyễn Thị", "Lê Văn Bình"])
def test_a_wrong_name_with_the_right_date_costs_what_an_unknown_number_does(name: str) -> None:
    """Nor that the date was right, or that the name was nearly right."""
    claim = Claim(NUMBER, "", name, BIRTH)
    assert calls(claim, person(NUMBER, name=NAME)) == calls(claim, stranger())


def test_a_cancelled_number_costs_what_an_unknown_one_does() -> None:
    """Nor that the number was cancelled, though all else agrees."""
    claim = Claim(NUMBER, "", "Nguyễn Thị Ánh", BIRTH)
    cancelled = person(NUMBER, name=NAME, number_status=NumberStatus.CANCELLED)
    assert calls(claim, cancelled) == calls(claim, stranger())


def test_a_superseded_number_costs_what_an_unknown_one_does() -> None:
    """Nor that another number followed: one record is compared, and not two."""
    claim = Claim(NUMBER, "", "Nguyễn Thị Ánh", WRONG_DATE)
    successor = person("001190000099", name=NAME)
    assert calls(claim, stranger(), successor=successor) == calls(claim, stranger())


@pytest.mark.parametrize("birth", [BIRTH, WRONG_DATE])
def test_a_wrong_old_number_costs_what_an_unknown_number_does(birth: PartialDate) -> None:
    """Nor that everything but the old number agrees."""
    claim = Claim(NUMBER, OLD_NUMBER, "Nguyễn Thị Ánh", birth)
    assert calls(claim, person(NUMBER, name=NAME)) == calls(claim, stranger())


def test_a_matched_record_costs_less() -> None:
    """The count tells work that is left out from work that is done."""
    claim = Claim(NUMBER, "", "Nguyễn Thị Ánh", BIRTH)
    wrong = claim._replace(birth_date=WRONG_DATE)
    record = person(NUMBER, name=NAME)
    assert calls(claim, record, Verdict.MATCHED) < calls(wrong, record)


def stranger() -> Identity:
    """The record that the seek for an unknown number comes to rest on."""
    return person(OTHER_NUMBER, name=NEIGHBOUR)


def calls(
    claim: Claim,
    record: Identity,
    verdict: Verdict = NOT_VERIFIED,
    *,
    successor: Identity | None = None,
) -> int:
    """How many functions a verdict calls."""
    found = snapshot({claim.personal_id: record})
    found.successors = {claim.personal_id: successor} if successor else {}
    asked = prepare(Record("row-1", claim))
    count, judged = calls_of(lambda: judge(asked, found, frozenset(), duplicate=False))
    assert judged.verdict is verdict
    return count
