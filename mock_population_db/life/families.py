"""Births, marriages, divorces and deaths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from mock_population_db.citizen import MaritalStatus, NumberStatus, Sex, VitalStatus
from mock_population_db.events import Birth, Death, Divorce, Marriage
from mock_population_db.generate.dates import REFORM
from mock_population_db.life.drafts import Draft
from mock_population_db.life.hazards import may_marry
from mock_population_db.life.looks import looks
from mock_population_db.life.names import newborn_name
from mock_population_db.life.places import commune_of, province_of
from mock_population_db.life.rates import Happening
from mock_population_db.life.today import Today, packed
from mock_population_db.partial_date import PartialDate
from mock_population_db.store.sampling import Glimpse, glimpses, youngest_children

_BOYS = 110.6 / 210.6  # UN World Population Prospects 2024
_TWINS = 0.012
_BETWEEN_BIRTHS = timedelta(days=300)
_REGISTERED_WITHIN = 11  # days after a birth
_DEATH_WITHIN = 5
_LOOKS_FOR_HUSBANDS = (4_000, 600)  # for all brides of a day, and for each
_USUAL_GAP = 3  # years that a husband is older
_ELSEWHERE = 6.0  # another province counts like so many years of age


def births(today: Today, mothers: Iterable[Glimpse]) -> Iterator[Draft]:
    """A child, sometimes twins, for each mother who had none lately."""
    women = list(mothers)
    latest = youngest_children(today.connection, [one.id for one in women])
    husbands = [one.spouse or 0 for one in women if one.marital == MaritalStatus.MARRIED]
    fathers = glimpses(today.connection, husbands)
    too_late = packed(today.day - _BETWEEN_BIRTHS)
    for mother in women:
        if (latest.get(mother.id) or 0) < too_late:
            father = fathers.get(mother.spouse or -1)
            alive = father is not None and father.vital == VitalStatus.ALIVE
            yield from _birth(today, mother, father if alive else None)


def _birth(today: Today, mother: Glimpse, father: Glimpse | None) -> Iterator[Draft]:
    dice = today.dice(mother.id)
    commune = commune_of(mother, today.day)
    born = _lately(today.day, dice.below("registered after", _REGISTERED_WITHIN))
    children = 1 + dice.chance("twins", _TWINS)
    for order in range(1, children + 1):
        own = today.dice(mother.id * 10 + order)
        sex = Sex.MALE if own.chance("boy", _BOYS) else Sex.FEMALE
        parent = mother if father is None else father
        name = newborn_name(own, sex, born.year, parent, mother)
        birth = Birth(
            name,
            born,
            sex,
            commune,
            mother=mother.number,
            father=father.number if father else "",
            children_in_birth=children,
            birth_order=order,
        )
        yield Draft(Happening.BIRTH, birth, today.office(mother), born)


def _lately(day: date, ago: int) -> date:
    """Some days ago, but not before the codes in force were: the offices' books are closed."""
    then = day - timedelta(days=ago)
    return max(then, REFORM) if day >= REFORM else then


def deaths(today: Today, people: Iterable[Glimpse]) -> Iterator[Draft]:
    """Deaths of the last days."""
    for person in people:
        ago = today.dice(person.id).below("died", _DEATH_WITHIN)
        day = today.day - timedelta(days=ago)
        if person.birth is not None and packed(day) < person.birth:
            day = today.day
        death = Death(person.number, PartialDate(day.year, day.month, day.day))
        yield Draft(Happening.DEATH, death, today.office(person), day)


def divorces(today: Today, wives: Iterable[Glimpse]) -> Iterator[Draft]:
    """Divorces, as a court tells them."""
    for wife in wives:
        yield Draft(Happening.DIVORCE, Divorce(wife.number), today.court(wife), today.day)


def marriages(today: Today, brides: Iterable[Glimpse]) -> Iterator[Draft]:
    """Each bride and the one who suits her best, of some who would: not of her own family."""
    women = list(brides)
    if not women:
        return
    men = _bachelors(today, len(women))
    for bride in women:
        suitors = [man for man in men.values() if man.household != bride.household]
        if not suitors:
            continue
        groom = min(suitors, key=lambda man: (_distance(today, bride, man), man.id))
        del men[groom.id]
        marriage = Marriage(bride.number, groom.number)
        yield Draft(Happening.MARRIAGE, marriage, today.office(bride), today.day)


def _bachelors(today: Today, brides: int) -> dict[int, Glimpse]:
    base, each = _LOOKS_FOR_HUSBANDS
    found = looks(today.connection, today.dice().draws, "husband", base + each * brides)
    return {one.person.id: one.person for one in found if _is_bachelor(one.person, today)}


def _is_bachelor(person: Glimpse, today: Today) -> bool:
    alive = person.vital == VitalStatus.ALIVE and person.number_status == NumberStatus.ACTIVE
    return alive and person.sex == Sex.MALE and may_marry(person, person.age(today.packed))


def _distance(today: Today, bride: Glimpse, man: Glimpse) -> float:
    gap = man.age(today.packed) - bride.age(today.packed)
    here = province_of(commune_of(bride, today.day), today.day)
    there = province_of(commune_of(man, today.day), today.day)
    return abs(gap - _USUAL_GAP) + (0.0 if here == there else _ELSEWHERE)
