"""Who is looked at on a day: everybody as often as anybody else, whatever the register's size.

A look names the id of a household and a place in it. Most hit nobody; whoever lives there is
hit by exactly one, so people are drawn evenly without being counted, and the expected number
of looks at each is the same in a register of a thousand and of a hundred million.
"""

from __future__ import annotations

from dataclasses import dataclass

from mock_population_db.generate.rng import Draws
from mock_population_db.store.asking import Session
from mock_population_db.store.sampling import (
    DRAWN_HOUSEHOLDS,
    Glimpse,
    glimpses,
    last_household,
    residents,
)

PLACES = 12  # in a household; who comes after them, by number, is never looked at


@dataclass(frozen=True, slots=True)
class Look:
    """One person looked at, and a number in ``[0, 1)`` that says what happens."""

    person: Glimpse
    chance: float


def looks(connection: Session, draws: Draws, stream: str, count: int) -> list[Look]:
    """The people whom ``count`` looks hit, each once, in the order of the looks."""
    first = DRAWN_HOUSEHOLDS[0]
    span = last_household(connection) + 1 - first
    if not span:
        return []
    homes = (first + draws.below(f"{stream} household", count, span)).tolist()
    places = draws.below(f"{stream} place", count, PLACES).tolist()
    chances = draws.unit(f"{stream} chance", count).tolist()
    hit: dict[int, float] = {}
    for position, people in residents(connection, homes).items():
        if places[position] < len(people):
            hit.setdefault(sorted(people)[places[position]], chances[position])
    found = glimpses(connection, hit)
    return [Look(found[one], chance) for one, chance in hit.items()]


def looks_for(connection: Session, a_year: float, days: float) -> float:
    """How many looks everybody needs to be hit ``a_year`` times a year, for so many days."""
    span = last_household(connection) + 1 - DRAWN_HOUSEHOLDS[0]
    return span * PLACES * a_year * days / 365.25
