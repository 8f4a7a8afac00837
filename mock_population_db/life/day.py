"""What happens on one day: a function of the register's seed and content, and the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from mock_population_db.life import aftermath, families, moving, papers
from mock_population_db.life.drafts import Draft
from mock_population_db.life.hazards import CARD_NOTICE, LOOKS, STAY_NOTICE, hazards
from mock_population_db.life.looks import Look, looks, looks_for
from mock_population_db.life.rates import Happening
from mock_population_db.life.today import Today
from mock_population_db.store.asking import Session, transaction
from mock_population_db.store.sampling import Glimpse

_Maker = Callable[[Today, Iterable[Glimpse]], Iterator[Draft]]

# in the order in which the offices tell them: whom one thing happened to may be refused another
_MAKERS: dict[Happening, _Maker] = {
    Happening.BIRTH: families.births,
    Happening.DIVORCE: families.divorces,
    Happening.MARRIAGE: families.marriages,
    Happening.MOVE: moving.moves,
    Happening.STAY: moving.stays,
    Happening.DEPARTURE: moving.departures,
    Happening.CARD: papers.cards,
    Happening.CARD_LOSS: papers.losses,
    Happening.CORRECTION: papers.corrections,
    Happening.RENUMBERING: papers.renumberings,
    Happening.DEATH: families.deaths,
}


def plan_day(connection: Session, seed: int, day: date) -> list[Draft]:
    """Everything that happens on a day, first what follows from the days before.

    Args:
        connection: the register, at the end of the day before.
        seed: the register's.
        day: the day to be lived.
    """
    with transaction(connection):
        today = Today(connection, seed, day)
        drafts = [
            *aftermath.settlings(today),
            *aftermath.joinings(today),
            *aftermath.deregistrations(today),
            *aftermath.replacements(today),
        ]
        chosen = _chosen(today)
        for happening, make in _MAKERS.items():
            drafts += make(today, chosen.get(happening, []))
        return drafts


def _chosen(today: Today) -> dict[Happening, list[Glimpse]]:
    """To whom of those looked at what happens."""
    dice = today.dice()
    wanted = looks_for(today.connection, LOOKS, days=1)
    count = int(wanted) + dice.chance("one more look", wanted % 1)
    stay_limit, card_limit = today.in_days(STAY_NOTICE), today.in_days(CARD_NOTICE)
    chosen: dict[Happening, list[Glimpse]] = {}
    for look in looks(today.connection, dice.draws, "look", count):
        happening = _happening(look, today.packed, stay_limit, card_limit)
        if happening is not None:
            chosen.setdefault(happening, []).append(look.person)
    return chosen


def _happening(look: Look, today: int, stay_limit: int, card_limit: int) -> Happening | None:
    """What the look's number says; mostly nothing."""
    left = look.chance * LOOKS
    for happening, hazard in hazards(look.person, today, stay_limit, card_limit):
        left -= hazard
        if left < 0:
            return happening
    return None
