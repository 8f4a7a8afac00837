"""What every store of the register does to take an event back, and to confirm a number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mock_population_db.changes import ChangeCause, ChangeKind, ChangePage, ChangeQuery
from mock_population_db.citizen import NumberStatus, PersonName
from mock_population_db.events import (
    Correction,
    Death,
    Departure,
    EventKind,
    EventRefused,
    EventState,
    EventUnknown,
    Marriage,
    Renumbering,
    ResidenceRegistration,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.snapshot import Keys
from mock_population_db.store.population import Population
from tests.support.reporter import (
    BRIDE,
    CHILD,
    COMMUNE,
    FATHER,
    GROOM,
    MOTHER,
    NOW,
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


async def test_an_annulled_event_is_put_back(population: Population, reporter: Reporter) -> None:
    """Records are what they were, and the history tells what happened to which fields."""
    before = (await citizen(population, BRIDE), await citizen(population, GROOM))
    wedding = await population.apply(reporter.reports(WEDDING))
    annulment = await population.apply(reporter.annuls(wedding.event_id))
    assert (await citizen(population, BRIDE), await citizen(population, GROOM)) == before
    assert (annulment.kind, annulment.personal_id) == (EventKind.ANNULMENT, BRIDE)
    found = await population.find_event(wedding.event_id)
    assert (found.state, found.annulled_by) == (EventState.ANNULLED, annulment.event_id)
    page = await _changes(population, 10)
    assert [(one.personal_id, one.kind, one.fields) for one in page.changes] == [
        (GROOM, ChangeKind.ANNULMENT, ("marital_status", "spouse")),
        (BRIDE, ChangeKind.ANNULMENT, ("marital_status", "spouse")),
    ]


async def test_an_annulled_birth_withdraws_the_child(
    population: Population, reporter: Reporter
) -> None:
    """The record is gone, and has no number now."""
    child = await population.apply(reporter.reports(birth()))
    await population.apply(reporter.annuls(child.event_id))
    with pytest.raises(LookupError):
        await citizen(population, child.personal_id)
    page = await _changes(population)
    assert [one.kind for one in page.changes] == [ChangeKind.BIRTH, ChangeKind.WITHDRAWN]
    assert {one.personal_id for one in page.changes} == {child.personal_id}
    assert page.current == {}


async def test_an_annulled_renumbering_gives_the_number_back(
    population: Population, reporter: Reporter
) -> None:
    """To relatives and household too; the change names both numbers."""
    family = [await citizen(population, one) for one in (FATHER, MOTHER, CHILD)]
    renumbered = await population.apply(reporter.reports(Renumbering(FATHER, "WRONG_YEAR")))
    annulment = await population.apply(reporter.annuls(renumbered.event_id))
    assert [await citizen(population, one) for one in (FATHER, MOTHER, CHILD)] == family
    home = await population.read_household(1)
    assert home is not None
    assert home.head == FATHER
    assert annulment.personal_id == FATHER
    page = await _changes(population, annulment.first_revision)
    back = page.changes[0]
    assert (back.kind, back.former_personal_id, back.personal_id) == (
        ChangeKind.ANNULMENT,
        renumbered.personal_id,
        FATHER,
    )
    assert (await _changes(population)).current[renumbered.personal_id] == FATHER


async def test_an_annulled_death_leaves_its_mark(
    population: Population, reporter: Reporter
) -> None:
    """The person lives again, and the register tells that a death was annulled."""
    before = await citizen(population, GROOM)
    death = await population.apply(reporter.reports(Death(GROOM, PartialDate(2026))))
    await population.apply(reporter.annuls(death.event_id))
    identity = before.identity._replace(death_annulled=True)
    assert await citizen(population, GROOM) == replace(before, identity=identity)


async def test_an_annulled_move_takes_the_new_household_away(
    population: Population, reporter: Reporter
) -> None:
    """What it founded is removed, and its number is not given to another."""
    move = ResidenceRegistration(BRIDE, temporary=False, commune=COMMUNE)
    # the child of the bride, who heads the household, has to leave first
    child = "015225000012"
    await population.apply(reporter.reports(Departure(BRIDE, temporary=False, new_head=child)))
    founded = await population.apply(reporter.reports(move))
    residence = (await citizen(population, BRIDE)).permanent_residence
    assert residence is not None
    await population.apply(reporter.annuls(founded.event_id))
    assert await population.read_household(residence.household_id) is None
    await population.apply(reporter.reports(move))
    again = (await citizen(population, BRIDE)).permanent_residence
    assert again is not None
    assert again.household_id > residence.household_id


async def test_what_a_later_event_rests_on_is_not_annulled(
    population: Population, reporter: Reporter
) -> None:
    """It must be annulled first; then both can be."""
    wedding = await population.apply(reporter.reports(WEDDING))
    death = await population.apply(reporter.reports(Death(GROOM, PartialDate(2026))))
    with pytest.raises(EventRefused, match="LATER_EVENT") as caught:
        await population.apply(reporter.annuls(wedding.event_id))
    assert caught.value.about in {BRIDE, GROOM}
    await population.apply(reporter.annuls(death.event_id))
    with pytest.raises(EventRefused, match="LATER_EVENT"):
        await population.apply(reporter.annuls(wedding.event_id))


async def test_a_parent_is_not_withdrawn(population: Population, reporter: Reporter) -> None:
    """Nor is anybody else whom another record has named since."""
    child = await population.apply(reporter.reports(birth()))
    grown_up = replace(reporter.reports(birth("Cháu")), recorded_at=NOW.replace(year=2050))
    day = date(2050, 1, 1)
    mother = replace(birth("Cháu"), mother=child.personal_id, father="", birth_date=day)
    await population.apply(replace(grown_up, what=mother, registered=day, effective=day))
    with pytest.raises(EventRefused, match="LATER_EVENT") as caught:
        await population.apply(reporter.annuls(child.event_id))
    assert caught.value.about == child.personal_id


async def test_an_event_is_annulled_once(population: Population, reporter: Reporter) -> None:
    """A second annulment, one of an annulment and one of nothing are refused."""
    wedding = await population.apply(reporter.reports(WEDDING))
    annulment = await population.apply(reporter.annuls(wedding.event_id))
    with pytest.raises(EventRefused, match="EVENT_ANNULLED"):
        await population.apply(reporter.annuls(wedding.event_id))
    with pytest.raises(EventRefused, match="NOT_ANNULLABLE"):
        await population.apply(reporter.annuls(annulment.event_id))
    with pytest.raises(EventUnknown):
        await population.apply(reporter.annuls("BD-0000000099"))


async def test_a_pending_number_is_confirmed_in_time(
    population: Population, reporter: Reporter
) -> None:
    """Not before its time, then once, by a change that the register made."""
    born = await population.apply(reporter.reports(birth(pending=True)))
    assert born.state is EventState.NUMBER_PENDING
    child = await citizen(population, born.personal_id)
    assert child.identity.number_status is NumberStatus.PENDING
    assert await population.confirm_pending(NOW) == 0
    assert await population.confirm_pending(NOW + timedelta(seconds=1)) == 1
    assert await population.confirm_pending(datetime.now(UTC) + timedelta(days=1)) == 0
    assert (await population.find_event(born.event_id)).state is EventState.APPLIED
    child = await citizen(population, born.personal_id)
    assert child.identity.number_status is NumberStatus.ACTIVE
    (change,) = (await _changes(population, born.last_revision + 1)).changes
    assert (change.kind, change.cause, change.event_id) == (
        ChangeKind.NUMBER_CONFIRMED,
        ChangeCause.REGISTER,
        born.event_id,
    )


async def test_a_confirmed_birth_can_be_annulled(
    population: Population, reporter: Reporter
) -> None:
    """Confirming its number is no later event; a correction before that is one."""
    births = [reporter.reports(birth(given, pending=True)) for given in ("Lan", "Mai")]
    first, second = [await population.apply(one) for one in births]
    await population.apply(reporter.reports(Correction(second.personal_id, name=NAME)))
    assert await population.confirm_pending(NOW + timedelta(days=1)) == 2
    await population.apply(reporter.annuls(first.event_id))
    with pytest.raises(EventRefused, match="LATER_EVENT"):
        await population.apply(reporter.annuls(second.event_id))
