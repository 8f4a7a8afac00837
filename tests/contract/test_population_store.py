"""What every store of the register does, whatever engine keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

import pytest

from gateway.core.decision import decide, keys_to_verify
from gateway.core.model import Claim
from mock_population_db.citizen import Conversion, NumberStep, Relation, ResidenceKind, VitalStatus
from mock_population_db.partial_date import PartialDate
from mock_population_db.personas import PERSONAS, Persona, rows_of
from mock_population_db.snapshot import Keys
from mock_population_db.store.population import Population
from mock_population_db.store.records import (
    SCHEMA_VERSION,
)
from mock_population_db.store.rows import (
    Rows,
)
from tests.support.population_stores import Place, engine_of, opened, query

AS_OF = date(2026, 1, 1)
SLUGS = {one.slug: one for one in PERSONAS}
PEOPLE = {who.identity.personal_id: who for one in PERSONAS for who in one.citizens}


async def test_every_persona_is_found_by_its_number(population: Population) -> None:
    """A known number's entry is that person's identity."""
    snapshot = await population.read(Keys(numbers=tuple(PEOPLE)))
    assert snapshot.identities == {number: who.identity for number, who in PEOPLE.items()}
    assert (snapshot.revision, snapshot.as_of) == (7, AS_OF)


async def test_every_persona_is_read_whole(population: Population) -> None:
    """What the personas say of themselves is what the register answers."""
    snapshot = await population.read(Keys(details=tuple(PEOPLE)))
    assert snapshot.citizens == {number: (who,) for number, who in PEOPLE.items()}


@pytest.mark.parametrize("persona", PERSONAS, ids=SLUGS)
async def test_every_persona_gets_its_answer(population: Population, persona: Persona) -> None:
    """What the gateway decides about a persona's claim is what the persona expects."""
    told = persona.claim
    birth = PartialDate.parse(told.birth_date)
    claim = Claim(told.personal_id, told.old_id_number, told.full_name, birth)
    snapshot = await population.read(keys_to_verify(claim, explain=False))
    assert decide(claim, snapshot, explain=False).outcome.name == persona.expect


async def test_a_generated_population_is_read_whole(new_place: Callable[[], Place]) -> None:
    """Whatever the generator writes, the store reads, and the personas are among it."""
    place = new_place()
    engine_of(place).build(place, size=2000, seed=7, as_of=AS_OF, extra_rows=rows_of(PERSONAS))
    numbers = [f"{number:012d}" for (number,) in query(place, "SELECT id FROM citizen")]
    homes = [home for (home,) in query(place, "SELECT id FROM household")]
    async with opened(place) as population:
        snapshot = await population.read(Keys(tuple(numbers), details=tuple(numbers)))
        households = [await population.read_household(home) for home in homes[:50]]
    assert len(numbers) == 2000 + len(PEOPLE)
    for number in numbers:
        (who,) = snapshot.citizens[number]
        assert who.identity == snapshot.identities[number]
        assert who.identity.personal_id == number
    assert {number: snapshot.citizens[number] for number in PEOPLE} == {
        number: (who,) for number, who in PEOPLE.items()
    }
    assert all(home and home.members for home in households)


async def test_an_unknown_number_leads_to_its_neighbour(population: Population) -> None:
    """The seek rests on the next number above, in identities and in details."""
    asked = "079088000000"
    snapshot = await population.read(Keys(numbers=(asked,), details=(asked,)))
    assert snapshot.identities[asked].personal_id == "079088000001"
    assert snapshot.citizens[asked][0].identity.personal_id == "079088000001"


async def test_above_the_last_number_the_first_one_answers(population: Population) -> None:
    """There is an entry even where nobody has a higher number."""
    asked, first = "999999999999", PEOPLE[min(PEOPLE)]
    keys = Keys(numbers=(asked,), former=(asked,), details=(asked, "999999999"))
    snapshot = await population.read(keys)
    assert snapshot.identities[asked] == first.identity
    assert snapshot.chains[asked].current == first.identity
    assert snapshot.citizens[asked] == (first,)
    assert snapshot.citizens["999999999"] == (PEOPLE["079088000001"],)


async def test_a_shared_old_number_finds_both(population: Population) -> None:
    """Two people who share a 9-digit number are both in its entry."""
    snapshot = await population.read(Keys(old_numbers=("000000033",), details=("000000033",)))
    found = [who.personal_id for who in snapshot.by_old_number["000000033"]]
    assert found == ["001070000033", "040070000034"]
    assert [who.identity.personal_id for who in snapshot.citizens["000000033"]] == found


async def test_an_unknown_old_number_leads_to_its_neighbour(population: Population) -> None:
    """Old numbers are sought as personal numbers are, and wrap as they do."""
    snapshot = await population.read(Keys(old_numbers=("000000015", "999999999", "000000014")))
    owners = {asked: who[0].old_id_number for asked, who in snapshot.by_old_number.items()}
    assert owners == {
        "000000015": "000000018",
        "999999999": "000000001",
        "000000014": "000000014",
    }


@pytest.mark.parametrize("number", ["001080000027", "001081000028", "001181000029"])
async def test_every_number_of_a_chain_leads_to_the_present_one(
    population: Population, number: str
) -> None:
    """From the first, the second or the present number: the same steps, the same person."""
    chain = (await population.read(Keys(former=(number,)))).chains[number]
    assert chain.current == PEOPLE["001181000029"].identity
    assert chain.steps == PEOPLE["001181000029"].number_history


async def test_a_chain_of_a_number_that_never_changed_tells_the_old_card(
    population: Population,
) -> None:
    """The 9-digit number is the only step; without one there is none."""
    keys = Keys(former=("079088000001", "079216000003"))
    chains = (await population.read(keys)).chains
    step = NumberStep("000000001", "079088000001", None, "TWELVE_DIGITS")
    assert chains["079088000001"].steps == (step,)
    assert chains["079216000003"].steps == ()


async def test_one_read_serves_all_kinds_of_keys(population: Population) -> None:
    """Repeated keys and keys of every kind come back in one snapshot."""
    number = "079088000001"
    keys = Keys((number, number), ("000000001",) * 2, (number,) * 2, (number, "000000001", number))
    snapshot = await population.read(keys)
    person = PEOPLE[number]
    assert snapshot.identities == {number: person.identity}
    assert snapshot.by_old_number == {"000000001": (person.identity,)}
    assert snapshot.chains[number].current == person.identity
    assert snapshot.citizens == {number: (person,), "000000001": (person,)}


async def test_a_thousand_keys_are_one_read(population: Population) -> None:
    """There is no limit of the engine's parameters to meet."""
    numbers = tuple(f"{number:012d}" for number in range(79_088_000_000, 79_088_005_000))
    snapshot = await population.read(Keys(numbers=numbers))
    assert snapshot.identities.keys() == set(numbers)


async def test_nothing_asked_nothing_found(population: Population) -> None:
    """A read without keys still tells revision and day."""
    snapshot = await population.read(Keys())
    assert (snapshot.revision, snapshot.identities, snapshot.citizens) == (7, {}, {})


async def test_an_empty_register_has_no_entries(
    new_place: Callable[[], Place],
) -> None:
    """Where nobody is, there is no neighbour either."""
    place = new_place()
    engine_of(place).make(place, Rows())
    async with opened(place) as population:
        keys = Keys(*(("001000000001",), ("000000001",)), *(("001000000001",),) * 3)
        snapshot = await population.read(keys)
    assert (snapshot.identities, snapshot.chains, snapshot.households) == ({}, {}, {})
    assert snapshot.by_old_number == {"000000001": ()}
    assert snapshot.citizens == {"001000000001": ()}


@pytest.mark.parametrize("number", ["07908800000a", "٠٧٩٠٨٨٠٠٠٠٠١", "079 88000001", "-1"])
async def test_keys_are_digits(population: Population, number: str) -> None:
    """Other keys are a mistake of the caller's, and the register stays open."""
    with pytest.raises(ValueError, match="digits only"):
        await population.read(Keys(numbers=(number,)))
    await population.ping()


async def test_a_household_lists_its_members(population: Population) -> None:
    """Head, address and members come with their relations, the dead among them."""
    home = await population.read_household(28)
    assert home is not None
    assert (home.head, home.kind) == ("052050000036", ResidenceKind.PERMANENT)
    assert home.address.conversion is Conversion.WHOLE
    members = [(one.personal_id, one.relation, one.vital_status) for one in home.members]
    assert members == [
        ("052050000036", Relation.HEAD, VitalStatus.DEAD),
        ("052155000037", Relation.SPOUSE, VitalStatus.ALIVE),
    ]


async def test_a_temporary_household_lists_who_stays_there(population: Population) -> None:
    """Members of a temporary household come from their stays."""
    home = await population.read_household(32)
    assert home is not None
    assert [one.personal_id for one in home.members] == ["062098000045"]
    assert await population.read_household(999) is None


@pytest.mark.parametrize("asked", ["052155000037", "062098000045", "000000001"])
async def test_households_are_found_by_their_people(population: Population, asked: str) -> None:
    """Asked by a person's number, old or new: the homes for good and for a time, and no other."""
    snapshot = await population.read(Keys(details=(asked,), households=(asked,)))
    (who,) = snapshot.citizens[asked]
    lives = [who.permanent_residence, who.temporary_residence, who.current_residence]
    assert set(snapshot.households) == {
        one.household_id for one in lives if one is not None and one.household_id
    }
    for number, home in snapshot.households.items():
        assert home == await population.read_household(number)
        assert home.residence_file_number == f"HSCT-{number:010d}"
        assert who.identity.personal_id in [one.personal_id for one in home.members]


async def test_members_come_with_what_is_asked_of_them(population: Population) -> None:
    """A member has numbers, name, relation and term, those of a stay where it is one."""
    snapshot = await population.read(Keys(households=("062098000045", "079088000001")))
    (worker,) = snapshot.households[32].members
    assert (worker.since, worker.until) == (date(2025, 3, 1), date(2027, 2, 28))
    father = snapshot.households[1].members[0]
    assert (father.old_id_number, father.name.full) == ("000000001", "Trần Minh Khôi")
    assert (father.relation, father.until) == (Relation.HEAD, None)


async def test_an_unknown_number_reads_its_neighbours_household(
    population: Population,
) -> None:
    """What nobody has is sought like what somebody has, and its household is read."""
    snapshot = await population.read(Keys(households=("079088000000",)))
    assert set(snapshot.households) == {1}


async def test_a_thousand_households_are_read_whole(new_place: Callable[[], Place]) -> None:
    """Of a generated population, every household asked for is the one that is read alone."""
    place = new_place()
    engine_of(place).build(place, size=1000, seed=7, as_of=AS_OF, extra_rows=rows_of(PERSONAS))
    numbers = [f"{number:012d}" for (number,) in query(place, "SELECT id FROM citizen")]
    homes = {home for (home,) in query(place, "SELECT id FROM household")}
    async with opened(place) as population:
        found = (await population.read(Keys(households=tuple(numbers)))).households
        some = sorted(homes)[:40]
        assert [found[home] for home in some] == [await population.read_household(h) for h in some]
    assert set(found) == homes


async def test_info_tells_what_meta_holds(population: Population) -> None:
    """Size, seed, day, revision, version and digest."""
    info = await population.info()
    assert (info.size, info.seed, info.as_of, info.revision) == (0, 42, AS_OF, 7)
    assert (info.schema_version, info.digest) == (SCHEMA_VERSION, "d1")


async def test_reads_do_not_disturb_each_other(population: Population) -> None:
    """Many tasks may read at once, and a cancelled one leaves nothing open."""
    reads = [asyncio.ensure_future(population.read(Keys((one,)))) for one in PEOPLE for _ in "abc"]
    await asyncio.sleep(0)
    for cancelled in reads[::3]:
        cancelled.cancel()
    outcomes = await asyncio.gather(*reads, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in outcomes[::3])
    assert not any(isinstance(one, BaseException) for one in outcomes[1::3] + outcomes[2::3])
    await population.ping()
