"""People move: for good or for a time, alone or with their households."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from mock_population_db.citizen import NumberStatus, Relation, VitalStatus
from mock_population_db.events import Departure, ResidenceRegistration
from mock_population_db.life.drafts import Draft
from mock_population_db.life.places import commune_of, destination, detail
from mock_population_db.life.rates import Happening
from mock_population_db.life.today import Today
from mock_population_db.store.sampling import Glimpse, glimpses, residents

_ADULT = 18
_TERM = timedelta(days=730)  # of a stay: as long as the law allows, as most ask for


def moves(today: Today, people: Iterable[Glimpse]) -> Iterator[Draft]:
    """Who leads a household takes it along; the others move out alone."""
    movers = list(people)
    leaders = [one for one in movers if one.relation == Relation.HEAD and one.household]
    others = _others(today, leaders)
    for person in movers:
        commune = destination(today.dice(person.id), today.day)
        if commune == commune_of(person, today.day):
            continue
        yield from _with_family(today, person, others.get(person.id, []), commune)


def _others(today: Today, leaders: list[Glimpse]) -> dict[int, list[Glimpse]]:
    """By head: who lives in the same household."""
    homes = residents(today.connection, [one.household or 0 for one in leaders])
    known = glimpses(today.connection, {one for people in homes.values() for one in people})
    return {
        leader.id: [known[one] for one in homes[position] if one != leader.id]
        for position, leader in enumerate(leaders)
    }


def _with_family(
    today: Today, head: Glimpse, others: list[Glimpse], commune: str
) -> Iterator[Draft]:
    """The head hands over to an heir, founds the new home, and the heir comes last."""
    family = [one for one in others if _lives(one)]
    family.sort(key=lambda one: _rank(one, today.packed), reverse=True)
    if family:
        leaving = Departure(head.number, temporary=False, new_head=family[-1].number)
        yield Draft(Happening.HANDOVER, leaving, today.police(commune), today.day)
    yield _move(today, commune, _founding(today, head, commune))
    for one in family:
        joining = ResidenceRegistration(
            one.number,
            temporary=False,
            member=head.number,
            relation=Relation(one.relation or Relation.OTHER),
        )
        yield _move(today, commune, joining)


def heir(people: Iterable[Glimpse], today: int) -> Glimpse | None:
    """Who heads a household next: the spouse, else the oldest; None when nobody lives there."""
    living = [one for one in people if _lives(one)]
    return min(living, key=lambda one: _rank(one, today), default=None)


def _rank(person: Glimpse, today: int) -> tuple[bool, int, int]:
    return person.relation != Relation.SPOUSE, -person.age(today), person.id


def _lives(person: Glimpse) -> bool:
    return person.vital == VitalStatus.ALIVE and person.number_status != NumberStatus.CANCELLED


def _founding(today: Today, person: Glimpse, commune: str) -> ResidenceRegistration:
    where = detail(today.dice(person.id))
    return ResidenceRegistration(person.number, temporary=False, commune=commune, detail=where)


def _move(today: Today, commune: str, what: ResidenceRegistration) -> Draft:
    return Draft(Happening.MOVE, what, today.police(commune), today.day)


def stays(today: Today, people: Iterable[Glimpse]) -> Iterator[Draft]:
    """A stay begins elsewhere, or one that is about to end is renewed."""
    for person in people:
        dice = today.dice(person.id)
        until = today.day + _TERM
        if person.stay_until is None:
            commune = destination(dice, today.day)
            if commune == commune_of(person, today.day):
                continue
            what = ResidenceRegistration(
                person.number, temporary=True, commune=commune, detail=detail(dice), until=until
            )
        else:
            commune = commune_of(person, today.day)
            what = _renewal(person, until)
        yield Draft(Happening.STAY, what, today.police(commune), today.day)


def _renewal(person: Glimpse, until: date) -> ResidenceRegistration:
    relation = Relation(person.stay_relation or Relation.OTHER)
    return ResidenceRegistration(
        person.number, temporary=True, member=person.number, relation=relation, until=until
    )


def departures(today: Today, people: Iterable[Glimpse]) -> Iterator[Draft]:
    """A stay that is over is not renewed."""
    for person in people:
        police = today.police(commune_of(person, today.day))
        what = Departure(person.number, temporary=True)
        yield Draft(Happening.DEPARTURE, what, police, today.day)
