"""How often things happen to people in a year, and where the figures are from.

``docs/life.md`` shows this table; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Happening(StrEnum):
    """What may happen to somebody."""

    BIRTH = "birth"
    DEATH = "death"
    MARRIAGE = "marriage"
    DIVORCE = "divorce"
    MOVE = "move"
    STAY = "stay"
    DEPARTURE = "departure"
    CARD = "card"
    CARD_LOSS = "card-loss"
    CORRECTION = "correction"
    RENUMBERING = "renumbering"
    HANDOVER = "handover"  # who moves with a household no longer heads it where it was
    SETTLING = "settling"  # a newborn joins a household
    JOINING = "joining"  # husband and wife come to live together
    DEREGISTRATION = "deregistration"  # the residence of somebody who died ends


@dataclass(frozen=True, slots=True)
class Rate:
    """How often, in events for each thousand people and year.

    Attributes:
        per_mille: None where it follows from other events.
        source: where it is from.
        standing: ``published``, ``unverified`` (general knowledge) or ``model``.
    """

    per_mille: float | None
    source: str
    standing: str


RATES: dict[Happening, Rate] = {
    Happening.BIRTH: Rate(13.8, "UN World Population Prospects 2024, year 2023", "published"),
    Happening.DEATH: Rate(6.6, "UN World Population Prospects 2024, year 2023", "published"),
    Happening.MARRIAGE: Rate(6.9, "about 700,000 a year among 101.1 million", "unverified"),
    Happening.DIVORCE: Rate(0.3, "about 30,000 a year in the statistics", "unverified"),
    Happening.MOVE: Rate(12.8, "6.4 million changed district in 2014-2019", "unverified"),
    Happening.STAY: Rate(55.0, "keeps up the 12 % who stay elsewhere, renewals included", "model"),
    Happening.DEPARTURE: Rate(28.0, "half of the stays that end are not renewed", "model"),
    Happening.CARD: Rate(
        60.0, "who turns 14, 25, 40 or 60 (55, by the age pyramid), and lost cards", "model"
    ),
    Happening.CARD_LOSS: Rate(5.0, "one card in 150 a year", "model"),
    Happening.CORRECTION: Rate(2.0, "one person in 500 a year", "model"),
    Happening.RENUMBERING: Rate(None, "corrections of sex and year of birth", "follows"),
    Happening.HANDOVER: Rate(None, "moves of whole households", "follows"),
    Happening.SETTLING: Rate(None, "births", "follows"),
    Happening.JOINING: Rate(None, "marriages", "follows"),
    Happening.DEREGISTRATION: Rate(None, "deaths", "follows"),
}
"""Every happening, in the order in which they are told."""


def aimed(happening: Happening, people: int, days: int) -> float | None:
    """How many are to be expected, or None where it follows from other events."""
    rate = RATES[happening].per_mille
    return None if rate is None else rate / 1000 * people * days / 365.25
