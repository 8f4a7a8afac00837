"""What a claim that is not verified costs: as much, whatever is wrong with it.

Counted in calls of functions, which no noise of the machine disturbs: each step of a comparison
is one. How long they take over the wire is for ``tests/e2e/test_timing.py``.
"""

from __future__ import annotations

import pytest

from gateway.core.decision import decide
from gateway.core.model import Claim, Outcome
from mock_population_db.citizen import Identity, PersonName
from mock_population_db.partial_date import PartialDate
from tests.support.counting import calls_of
from tests.support.scene import BIRTH, NUMBER, OTHER_NUMBER, person, snapshot

NAME = PersonName("Nguyễn", "Thị", "Ánh")
NEIGHBOUR = PersonName("Trần", "Vũ", "Bình")  # as many syllables and tones: these do cost
WRONG_DATE = PartialDate(1999, 9, 9)

CLAIMED_NAMES = [
    pytest.param("Nguyễn Thị Ánh", id="exact"),
    pytest.param("NGUYỄN THỊ ÁNH", id="capitals"),
    pytest.param("Nguyen Thi Anh", id="unmarked"),
    pytest.param("NguyenThiAnh", id="compact"),
    pytest.param("Nguyễn Thị Anh", id="near miss"),
    pytest.param("Ánh Nguyễn Thị", id="another order"),
]


@pytest.mark.parametrize("name", CLAIMED_NAMES)
def test_a_right_name_with_a_wrong_date_costs_what_an_unknown_number_does(name: str) -> None:
    """How long the answer took does not tell that a guessed name was right."""
    claim = Claim(NUMBER, "", name, WRONG_DATE)
    assert calls(claim, person(NUMBER, name=NAME)) == calls(claim, stranger())


@pytest.mark.parametrize("name", ["Nguyễn Thị Anh", "Ánh Nguyễn Thị", "Lê Văn Bình"])
def test_a_wrong_name_with_the_right_date_costs_what_an_unknown_number_does(name: str) -> None:
    """Nor that the date was right, or that the name was nearly right."""
    claim = Claim(NUMBER, "", name, BIRTH)
    assert calls(claim, person(NUMBER, name=NAME)) == calls(claim, stranger())


def test_a_verified_claim_costs_less() -> None:
    """The count tells work that is left out from work that is done."""
    claim = Claim(NUMBER, "", "Nguyễn Thị Ánh", BIRTH)
    wrong = claim._replace(birth_date=WRONG_DATE)
    record = person(NUMBER, name=NAME)
    assert calls(claim, record, Outcome.VERIFIED) < calls(wrong, record)


def stranger() -> Identity:
    """The record that the seek for an unknown number comes to rest on."""
    return person(OTHER_NUMBER, name=NEIGHBOUR)


def calls(claim: Claim, record: Identity, outcome: Outcome = Outcome.NOT_VERIFIED) -> int:
    """How many functions a decision calls."""
    found = snapshot({claim.personal_id: record})
    count, decision = calls_of(lambda: decide(claim, found, explain=False))
    assert decision.outcome is outcome
    return count
