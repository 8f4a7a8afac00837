"""The two linked groups of procedures of Đề án 06, event by event, on personas."""

from __future__ import annotations

from datetime import date

from mock_population_db.cast.everyday import PERSONAS as EVERYDAY
from mock_population_db.cast.scene import Persona
from mock_population_db.cast.status import PERSONAS as STATUS
from mock_population_db.citizen import MaritalStatus, PersonName, Relation, Sex
from mock_population_db.events import Birth, Death, Departure, ResidenceRegistration
from mock_population_db.partial_date import PartialDate
from tests.unit.rules_register import Register

COUPLE = next(one for one in EVERYDAY if one.slug == "ordinary")
WIDOW = next(one for one in STATUS if one.slug == "household-head-dead")


def register(persona: Persona) -> Register:
    """The persona's people and households alone."""
    people = {one.identity.personal_id: one for one in persona.citizens}
    return Register(people, {one.household_id: one for one in persona.households})


def test_birth_residence_health_card() -> None:
    """A child is registered, joins the parents, and then proves age and residence."""
    world = register(COUPLE)
    name, born = PersonName("Trần", "Gia", "An"), date(2026, 3, 2)
    child = world.submit(
        Birth(name, born, Sex.FEMALE, "26737", mother="079190000002", father="079088000001"),
        born,
    ).subject
    world.submit(
        ResidenceRegistration(
            child, temporary=False, member="079088000001", relation=Relation.DAUGHTER
        )
    )
    after = world.people[child]
    assert child.startswith("079326")
    assert after.identity.birth_date == PartialDate(2026, 3, 2)
    assert after.permanent_residence
    home = world.household(after.permanent_residence.household_id)
    assert home.head == "079088000001"
    assert child in {one.personal_id for one in home.members}


def test_death_deregistration_funeral_allowance() -> None:
    """A wife dies and is taken off the household; the widower is on file as such."""
    world = register(COUPLE)
    world.submit(Death("079190000002", PartialDate(2026, 3, 1)))
    world.submit(Departure("079190000002", temporary=False))
    widower = world.people["079088000001"]
    assert widower.marital_status is MaritalStatus.DIVORCED_OR_WIDOWED
    assert widower.permanent_residence
    home = world.household(widower.permanent_residence.household_id)
    assert "079190000002" not in {one.personal_id for one in home.members}


def test_a_widow_becomes_the_head() -> None:
    """Where the dead was the head, the deregistration names who is."""
    world = register(WIDOW)
    world.submit(Departure("052050000036", temporary=False, new_head="052155000037"))
    (number,) = world.households
    home = world.household(number)
    assert home.head == "052155000037"
    assert [one.relation for one in home.members] == [Relation.HEAD]
