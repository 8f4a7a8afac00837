"""Some fields of citizens are those of the whole citizens, and nobody else's."""

from __future__ import annotations

import pytest

from dancu.v1 import citizen_pb2
from gateway.core.disclosure import citizen_message, write_fields
from gateway.core.policy import FIELDS
from mock_population_db.personas import PERSONAS
from mock_population_db.snapshot import Keys
from mock_population_db.store.population import Population

NUMBERS = tuple({one.identity.personal_id for each in PERSONAS for one in each.citizens})
NOBODY = "079088000999"


@pytest.mark.parametrize("fields", [*[(field,) for field in FIELDS], FIELDS])
async def test_fields_are_those_of_the_whole_citizen(
    population: Population, fields: tuple[str, ...]
) -> None:
    """Each by itself, and all together, for every persona."""
    parts = dict.fromkeys(NUMBERS, frozenset(fields))
    found = await population.read(Keys(details=NUMBERS, parts=parts))
    assert found.parts.keys() == set(NUMBERS)
    for number in NUMBERS:
        (whole,) = found.citizens[number]
        message = citizen_pb2.Citizen()
        present = write_fields(message, found.parts[number], fields)
        assert message == citizen_message(whole, frozenset(fields))
        assert set(present) == {field.name for field, _ in message.ListFields()}


async def test_each_has_its_own_fields(population: Population) -> None:
    """What was asked of another is not read."""
    one, other = NUMBERS[:2]
    wanted = {one: frozenset({"sex"}), other: frozenset({"documents", "name"})}
    found = (await population.read(Keys(parts=wanted))).parts
    assert (set(vars(found[one])), set(vars(found[other]))) == (
        {"sex"},
        {"documents", "identity"},
    )


async def test_nobody_has_no_part(population: Population) -> None:
    """Unlike a claim's, the number is the register's own: there is no neighbour."""
    wanted = {NOBODY: frozenset({"sex"})}
    assert (await population.read(Keys(parts=wanted))).parts == {}


async def test_who_is_asked_about_in_two_ways_has_the_fields_of_both(
    population: Population,
) -> None:
    """One read serves a follower and a reconciler who want other fields of one person."""
    one = NUMBERS[0]
    keys = Keys(parts={one: frozenset({"documents", "name"})}, sought={one: frozenset({"sex"})})
    assert set(vars((await population.read(keys)).parts[one])) == {"documents", "identity", "sex"}
