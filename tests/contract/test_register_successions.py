"""What is read for records that a system has of its own: successors, and some fields of many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from mock_population_db.citizen import NumberStatus, Residence, ResidenceKind, Sex
from mock_population_db.personas import PERSONAS, rows_of
from mock_population_db.snapshot import Keys, Part
from mock_population_db.store.population import Population
from mock_population_db.store.rows import Rows
from mock_population_db.stored import StoredResidence
from tests.support.population_stores import Place, engine_of, opened

PEOPLE = {who.identity.personal_id: who for one in PERSONAS for who in one.citizens}
MOVED = {
    step.former: who.identity
    for who in PEOPLE.values()
    for step in who.number_history
    if len(step.former) == 12 and who.identity.number_status is not NumberStatus.CANCELLED
}
ORDINARY = "079088000001"


async def test_cancelled_numbers_lead_to_who_bears_the_last(population: Population) -> None:
    """However many steps it takes; numbers that hold, and numbers of nobody, are not there."""
    asked = (*MOVED, ORDINARY, "000000000000", "099999999999")
    assert (await population.read(Keys(succeeded=asked))).successors == MOVED
    for number in asked:
        found = await population.read(Keys(succeeded=(number,)))
        assert found.successors == {one: who for one, who in MOVED.items() if one == number}


async def test_a_register_without_a_history(
    new_place: Callable[[], Place],
) -> None:
    """Nobody was ever renumbered, or nobody is there at all."""
    for rows in (Rows(citizens=rows_of(PERSONAS).citizens[:1]), Rows()):
        place = new_place()
        engine_of(place).make(place, rows)
        async with opened(place) as population:
            keys = Keys(succeeded=(ORDINARY,), sought={ORDINARY: frozenset({"sex"})})
            snapshot = await population.read(keys)
            assert snapshot.successors == {}
            assert len(snapshot.parts) == len(rows.citizens)


async def test_fields_are_read_of_whom_a_seek_comes_to_rest_on(
    population: Population,
) -> None:
    """Known or not, by either number, and of who bears a cancelled number's successor."""
    former, bearer = next(iter(MOVED.items()))
    wanted = frozenset({"sex", "permanent_residence", "vital_date"})
    person = PEOPLE[ORDINARY]
    sought = dict.fromkeys(
        (ORDINARY, person.identity.old_id_number, former, "079088000000"), wanted
    )
    parts = (await population.read(Keys(succeeded=(former,), sought=sought))).parts
    assert {ORDINARY, bearer.personal_id} <= parts.keys()
    for number in (ORDINARY, bearer.personal_id):
        held = PEOPLE[number]
        told = tuple(_told(parts[number], one) for one in ("sex", "permanent_residence"))
        told = (*told, parts[number].vital_date)
        assert told == (held.sex, held.permanent_residence, held.vital_date)


async def test_fields_of_everybody_are_those_of_the_whole(population: Population) -> None:
    """Each persona, each field that a record can be compared with."""
    paths = ("sex", "marital_status", "nationality", "permanent_residence", "temporary_residence")
    keys = Keys(sought=dict.fromkeys(PEOPLE, frozenset(paths)))
    parts = (await population.read(keys)).parts
    for number, who in PEOPLE.items():
        for path in paths:
            assert _told(parts[number], path) == getattr(who, path)
    assert {one.sex for one in parts.values()} >= {Sex.MALE, Sex.FEMALE}
    assert date(2026, 1, 1) == (await population.info()).as_of


def _told(part: Part, path: str) -> object:
    """A field of a part, as the whole citizen has it."""
    value = getattr(part, path)
    if not isinstance(value, StoredResidence):
        return value
    kind = ResidenceKind[path.partition("_")[0].upper()]
    return Residence(
        kind, value.address, value.since, value.until, value.household_id, value.relation
    )
