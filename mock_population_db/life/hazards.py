"""What may happen to one person, in events a year: by age, sex and circumstances.

Levels are fitted so that a generated population comes out at the nation's rates
(``mock_population_db.life.rates``), in the years that follow, too: what begins balances what
ends, and who is married at what age stays as it is. Tests add them up over everybody, and live.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator

from mock_population_db.citizen import (
    DocumentStatus,
    MaritalStatus,
    NumberStatus,
    Relation,
    Sex,
    VitalStatus,
)
from mock_population_db.life.rates import Happening
from mock_population_db.store.extra import load_extra
from mock_population_db.store.sampling import Glimpse

# how often a year everybody is looked at: no sum of hazards may exceed it, or the last ones of
# those to whom much is due would come too late
LOOKS = 4.0

Hazards = Iterator[tuple[Happening, float]]

# by age: the first age of each band, then the rate in it
_BIRTHS = ((18, 0.305), (20, 0.388), (25, 0.333), (30, 0.153), (35, 0.048), (40, 0.011), (46, 0.0))
_UNMARRIED_BIRTHS = 0.003
# most of a generation marry at the ages at which generated women begin to be married
_MARRIAGES = ((18, 0.015), (21, 0.05), (23, 0.16), (27, 0.24), (35, 0.07), (45, 0.009), (60, 0.0))
_DIVORCES = ((18, 0.0018), (45, 0.0007), (65, 0.0))  # told of the wife
# the married move with their households, told of the head; the others alone, or with their own
_MOVES = ((18, 0.043), (25, 0.053), (35, 0.029), (50, 0.0115), (70, 0.004))
_FAMILY_MOVES = ((18, 0.0095), (60, 0.0))
_STAYS = ((17, 0.21), (19, 0.094), (40, 0.0))  # most leave when they have left school
_STAYS_OF_THE_MARRIED = ((20, 0.055), (50, 0.0))
_END_OF_STAY = {Happening.STAY: 0.97, Happening.DEPARTURE: 0.97}
STAY_NOTICE = 125  # days before its end from which a stay is renewed or given up

# Gompertz: level, slope and what comes on top in the first year, for men and women
_DEATHS = {Sex.MALE: (1.67e-4, 0.075, 0.0126), Sex.FEMALE: (2.41e-5, 0.092, 0.0099)}
_ACCIDENTS = 5.4e-4

_FIRST_CARD, _CHILD_CARD = 14, 0.002
CARD_NOTICE = 183  # days before its end, or before the first is due, from which a card is asked for
_PROMPT, _LATE = 1.5, 0.03  # of those whose card is due, and of those who let it pass for long
_LONG = 3  # years
_CARD_LOSS = 1 / 150
_CORRECTION = 0.002
_RENUMBERING = 1.0
_ADULT = 18
_BRIDEGROOM = 20


def hazards(person: Glimpse, today: int, stay_limit: int, card_limit: int) -> Hazards:
    """What may happen to the person, each with its rate a year.

    Args:
        person: who lives somewhere for good.
        today: packed.
        stay_limit: stays that end by this packed day are renewed or given up.
        card_limit: cards that end by this packed day are renewed, and first ones due by it made.
    """
    if person.vital != VitalStatus.ALIVE:
        return
    age = person.age(today)
    if person.number_status == NumberStatus.UNDER_CORRECTION:
        yield Happening.RENUMBERING, _RENUMBERING
    if age < 0 or person.number_status != NumberStatus.ACTIVE:
        return
    yield Happening.DEATH, mortality(person.sex, age)
    yield from _family(person, age)
    yield from _residence(person, age, stay_limit)
    yield from _papers(person, age, today, card_limit)


def mortality(sex: int, age: int) -> float:
    """Deaths a year at an age in whole years: Gompertz, with the first year's and accidents."""
    level, slope, first_year = _DEATHS[Sex.FEMALE if sex == Sex.FEMALE else Sex.MALE]
    over = first_year if age == 0 else 0.0
    return min(level * math.exp(slope * (age + 0.5)) + over + _ACCIDENTS, 1.0)


def may_marry(person: Glimpse, age: int) -> bool:
    """Whether the law would let the person marry: of age, and with nobody."""
    limit = _ADULT if person.sex == Sex.FEMALE else _BRIDEGROOM
    free = (MaritalStatus.NEVER_MARRIED, MaritalStatus.DIVORCED_OR_WIDOWED)
    return age >= limit and person.marital in free


def leads(relation: int | None) -> bool:
    """Whether the household hangs on this person: those leave only with it."""
    return relation in (Relation.HEAD, Relation.SPOUSE)


def _family(person: Glimpse, age: int) -> Hazards:
    """Births, marriages and divorces are told of the woman."""
    if person.sex != Sex.FEMALE:
        return
    if person.marital == MaritalStatus.MARRIED:
        yield Happening.BIRTH, _at(_BIRTHS, age)
        yield Happening.DIVORCE, _at(_DIVORCES, age)
        return
    yield Happening.BIRTH, _UNMARRIED_BIRTHS * (_at(_BIRTHS, age) > 0)
    if may_marry(person, age):
        yield Happening.MARRIAGE, _at(_MARRIAGES, age)


def _residence(person: Glimpse, age: int, stay_limit: int) -> Hazards:
    if person.stay_until is not None:
        if person.stay_until <= stay_limit:
            yield from _END_OF_STAY.items()
        return
    if person.marital == MaritalStatus.MARRIED:
        if person.relation == Relation.HEAD:
            yield Happening.MOVE, _at(_FAMILY_MOVES, age)
        yield Happening.STAY, _at(_STAYS_OF_THE_MARRIED, age)
    elif person.relation != Relation.SPOUSE:
        yield Happening.MOVE, _at(_MOVES, age)
        yield Happening.STAY, _at(_STAYS, age)


def _papers(person: Glimpse, age: int, today: int, card_limit: int) -> Hazards:
    yield Happening.CORRECTION, _CORRECTION
    if person.document is None:
        yield Happening.CARD, _first_card(person, age, card_limit)
        return
    ends = math.inf if person.expires is None else person.expires
    if ends >= today:
        yield Happening.CARD_LOSS, _CARD_LOSS
    if ends <= card_limit:
        yield Happening.CARD, _LATE if today - ends > _LONG * 10_000 else _PROMPT


def _first_card(person: Glimpse, age: int, card_limit: int) -> float:
    """Of those without a card: children on request, the young soon, the others some day."""
    if (person.birth or 0) + _FIRST_CARD * 10_000 > card_limit:
        return _CHILD_CARD
    return _PROMPT if age < _FIRST_CARD + _LONG or _lost_one(person) else _LATE


def _lost_one(person: Glimpse) -> bool:
    documents = load_extra(person.extra).documents
    return any(one.status is DocumentStatus.LOST for one in documents)


def _at(bands: tuple[tuple[int, float], ...], age: int) -> float:
    """The rate of the band that an age lies in, 0 below the first."""
    band = bisect_right(bands, (age, math.inf))
    return bands[band - 1][1] if band else 0.0
