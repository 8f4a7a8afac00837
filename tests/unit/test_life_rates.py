"""The living population comes out at its rates, in the first year and in the next.

Chances are added up over everybody, which says more of a small register than what happens to
happen in it. Bounds are 4 %, or some standard errors where that is more.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mock_population_db.citizen import Relation, VitalStatus
from mock_population_db.life.account import Account, lived
from mock_population_db.life.hazards import CARD_NOTICE, LOOKS, STAY_NOTICE, hazards
from mock_population_db.life.rates import RATES, Happening, aimed
from mock_population_db.life.today import packed
from mock_population_db.store.sampling import Glimpse, glimpses, youngest_children
from tests.support.registers import build_register, copy_register, reading

AS_OF = date(2026, 1, 1)
SIZE = 10_000
AIMED = [one for one, rate in RATES.items() if rate.per_mille is not None]
# how many do it at once, on average: households move, and families stay elsewhere together
TOGETHER = {Happening.MOVE: 3, Happening.STAY: 3, Happening.DEPARTURE: 3}

Chances = dict[Happening, list[float]]
"""By kind: the events of a year to be expected of each person to whom it may happen."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register as it was built."""
    return build_register(tmp_path_factory.mktemp("rates") / "population.db", SIZE, AS_OF)


@pytest.fixture(scope="module")
def account(built: Path) -> Account:
    """What a year did to a copy of it, which lies beside it."""
    file = copy_register(built, built.with_name("lived.db"))
    return asyncio.run(lived(file, 365, _clock, lambda _: None))


@pytest.fixture(scope="module")
def at_first(built: Path) -> Chances:
    """The chances as it was built."""
    return _chances(built, AS_OF)


@pytest.fixture(scope="module")
def a_year_on(built: Path, account: Account) -> Chances:
    """The chances after the year."""
    return _chances(built.with_name("lived.db"), account.last)


def _clock(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


@pytest.mark.parametrize("happening", AIMED)
def test_what_is_to_be_expected(at_first: Chances, happening: Happening) -> None:
    """A generated population has the chances that come to the aimed number in a year."""
    _compare(at_first, happening)


@pytest.mark.parametrize("happening", AIMED)
def test_what_is_to_be_expected_a_year_on(a_year_on: Chances, happening: Happening) -> None:
    """A population that has lived a year has them still: nothing runs dry or piles up."""
    _compare(a_year_on, happening)


@pytest.mark.parametrize("happening", AIMED)
def test_what_happened(account: Account, happening: Happening) -> None:
    """In a year as much happens as was aimed at."""
    (row,) = (row for row in account.rows if row.label is happening)
    assert row.aimed
    error = 4 * math.sqrt(TOGETHER.get(happening, 1) * row.aimed)  # 3 is too few for 3 divorces
    assert row.happened == pytest.approx(row.aimed, abs=max(0.04 * row.aimed, error))


def test_the_rules_refuse_hardly_anything(account: Account) -> None:
    """What is drawn is what may happen."""
    assert sum(account.refused.values()) < 0.005 * account.events


def test_a_move_is_one_persons(built: Path, account: Account) -> None:
    """Nobody's move is counted twice on one day, also when a household goes along."""
    assert account.rows
    with reading(built.with_name("lived.db")) as connection:
        moves = connection.execute(
            "SELECT substr(request_id, 1, 10), subject, count(*) FROM event"
            " WHERE request_id LIKE '%.move.%' GROUP BY 1, 2"
        ).fetchall()
        (handed_over,) = connection.execute(
            "SELECT count(*) FROM event WHERE request_id LIKE '%.handover.%'"
        ).fetchone()
    assert handed_over > 0
    assert {times for _, _, times in moves} == {1}


def test_no_chance_waits_for_another(built: Path) -> None:
    """No sum of hazards exceeds the looks, or the last ones would happen too seldom."""
    for _, known in _everybody(built, AS_OF):
        assert sum(hazard for _, hazard in known) <= LOOKS


def test_lost_cards_are_replaced(built: Path, account: Account) -> None:
    """Who lost a card some days ago has another, unless something else came between."""
    with reading(built.with_name("lived.db")) as connection:
        lost = connection.execute(
            "SELECT e.subject, c.document FROM event AS e JOIN citizen AS c ON c.id = e.subject"
            " WHERE c.vital = ? AND c.number_status = 1 AND request_id LIKE '%.card-loss.%'"
            " AND request_id < ?",
            (VitalStatus.ALIVE, (account.last - timedelta(days=11)).isoformat()),
        ).fetchall()
    assert lost
    assert all(document is not None for _, document in lost)


def _compare(chances: Chances, happening: Happening) -> None:
    """Whether the chances come to the aim, but for the chance of who is in the register."""
    each = chances[happening]
    aim = aimed(happening, SIZE, days=365)
    assert aim
    error = 3 * math.sqrt(TOGETHER.get(happening, 1) * sum(one * one for one in each))
    assert sum(each) == pytest.approx(aim, abs=max(0.04 * aim, error))


def _chances(path: Path, today: date) -> Chances:
    people = list(_everybody(path, today))
    homes = Counter(one.household for one, _ in people)
    barred = _mothers_lately(path, [one for one, _ in people], today)
    chances: Chances = {one: [] for one in Happening}
    for person, known in people:
        for happening, hazard in known:
            if happening is Happening.MOVE and person.relation == Relation.HEAD:
                chances[happening].append(hazard * homes[person.household])
            elif happening is not Happening.BIRTH or person.id not in barred:
                chances[happening].append(hazard)
    chances[Happening.CARD] += chances[Happening.CARD_LOSS]  # which follow some days later
    return chances


def _everybody(path: Path, today: date) -> Iterator[tuple[Glimpse, list[tuple[Happening, float]]]]:
    """All living people whom life may pick, and what may happen to each."""
    limits = [packed(today + timedelta(days=days)) for days in (STAY_NOTICE, CARD_NOTICE)]
    with reading(path) as connection:
        rows = connection.execute("SELECT id FROM citizen WHERE household > 999 AND vital = 1")
        people = glimpses(connection, [one for (one,) in rows])
    for person in people.values():
        yield person, list(hazards(person, packed(today), *limits))


def _mothers_lately(path: Path, people: Collection[Glimpse], today: date) -> set[int]:
    """Who had a child so lately that there cannot be another."""
    with reading(path) as connection:
        latest = youngest_children(connection, [one.id for one in people])
    since = packed(today - timedelta(days=300))
    return {mother for mother, birth in latest.items() if (birth or 0) >= since}
