"""What an event does to other records than those it names, and to numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from mock_population_db.changes import ChangePage, ChangeQuery
from mock_population_db.citizen import PersonName
from mock_population_db.events import (
    Applied,
    Correction,
    Marriage,
    Renumbering,
)
from mock_population_db.personas import PERSONAS, rows_of
from mock_population_db.snapshot import Keys
from mock_population_db.store.extra import load_extra
from mock_population_db.store.population import Population
from tests.support.population_stores import Place, engine_of, opened, query
from tests.support.reporter import (
    BRIDE,
    CHILD,
    DAY,
    FATHER,
    GROOM,
    MOTHER,
    Reporter,
    birth,
    citizen,
)

WEDDING = Marriage(BRIDE, GROOM)
NAME = PersonName("Trần", "Minh", "Khang")
LONG_AGO = date(2026, 1, 1)


@pytest.fixture
def reporter() -> Reporter:
    """An office."""
    return Reporter()


async def _changes(population: Population, start: int = 8) -> ChangePage:
    return await population.find_changes(ChangeQuery(start, limit=100))


async def _revision(population: Population) -> int:
    return (await population.read(Keys())).revision


async def test_a_persona_stays_one(
    population: Population, reporter: Reporter, place: Place
) -> None:
    """What no column of the event's says survives it."""
    before = await citizen(population, "276198000011")
    await population.apply(reporter.reports(Correction("276198000011", name=NAME)))
    after = await citizen(population, "276198000011")
    assert after == replace(before, identity=before.identity._replace(name=NAME))
    ((extra,),) = query(place, "SELECT extra FROM citizen WHERE id = 276198000011")
    assert load_extra(extra).persona


async def test_relatives_are_told_by_their_new_name(
    population: Population, reporter: Reporter
) -> None:
    """A change of a name is a change of every record that tells it, once for each."""
    await population.apply(reporter.reports(Correction(FATHER, name=NAME)))
    told = [(one.personal_id, one.fields) for one in (await _changes(population)).changes]
    assert told == [(FATHER, ("name",)), (MOTHER, ("spouse",)), (CHILD, ("father",))]
    father = (await citizen(population, CHILD)).father
    assert father is not None
    assert father.name == NAME.full


async def test_another_number_is_followed_everywhere(
    population: Population, reporter: Reporter
) -> None:
    """Spouse, child and household name it; the old one leads to it and is never issued again."""
    applied = await population.apply(reporter.reports(Renumbering(FATHER, "WRONG_YEAR")))
    number = applied.personal_id
    found = await citizen(population, number)
    assert found.number_history[-1].former == FATHER
    assert (found.number_history[-1].on, found.number_history[-1].reason) == (DAY, "WRONG_YEAR")
    assert [
        who.personal_id
        for who in (
            (await citizen(population, MOTHER)).spouse,
            (await citizen(population, CHILD)).father,
        )
        if who
    ] == [number, number]
    home = await population.read_household(1)
    assert home is not None
    assert home.head == number
    assert (await population.read(Keys(former=(FATHER,)))).chains[FATHER].current == found.identity
    with pytest.raises(LookupError):
        await citizen(population, FATHER)
    page = await _changes(population)
    assert (page.changes[0].former_personal_id, page.changes[0].personal_id) == (FATHER, number)
    assert page.current[number] == number


async def test_a_number_follows_from_the_request_alone(
    place: Place, new_place: Callable[[], Place], reporter: Reporter
) -> None:
    """The same birth in a copy of the register gets the same number; another one another."""
    copy = new_place()
    engine_of(copy).make(copy, rows_of(PERSONAS))
    first, second = reporter.reports(birth("Bình")), reporter.reports(birth("An"))
    numbers = []
    for one in (place, copy):
        async with opened(one) as population:
            outcomes = await population.apply_many([first, second])
            numbers.append([one.personal_id for one in outcomes if isinstance(one, Applied)])
    assert numbers[0] == numbers[1]
    assert len(set(numbers[0])) == 2
    assert all(number.startswith("079326") for number in numbers[0])


async def test_a_number_that_was_withdrawn_is_not_issued_again(
    population: Population, reporter: Reporter
) -> None:
    """Though the fingerprint asks for the same one."""
    submission = reporter.reports(birth())
    child = await population.apply(submission)
    await population.apply(reporter.annuls(child.event_id))
    again = await population.apply(replace(submission, request_id="another"))
    assert again.personal_id != child.personal_id
