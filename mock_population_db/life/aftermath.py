"""What follows an event some days later: the groups of procedures of Đề án 06.

A birth is followed by the newborn's residence, a marriage by the couple's, a death by the end of
the residence and another head of the household, and the loss of a card by the next one. What
happened is read off the events themselves, so nothing is kept from day to day but the register.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from mock_population_db.citizen import NumberStatus, Relation, Sex, VitalStatus
from mock_population_db.events import Departure, ResidenceRegistration
from mock_population_db.life.drafts import REPORTER, RPC, Draft, request_prefix
from mock_population_db.life.hazards import leads
from mock_population_db.life.kinship import as_child, as_spouse
from mock_population_db.life.moving import heir
from mock_population_db.life.papers import cards
from mock_population_db.life.places import commune_of
from mock_population_db.life.rates import Happening
from mock_population_db.life.today import Today
from mock_population_db.store.sampling import Glimpse, glimpses, reported, residents

_FIRST, _SPREAD = 3, 8  # days after the event: 3 to 10
_JOIN = 0.6  # of the wives whose husbands have a home


def settlings(today: Today) -> Iterator[Draft]:
    """Newborns join the household of their mother, or else of their father."""
    children = _subjects(today, Happening.BIRTH)
    parents = _parents(today, children)
    for child in children:
        if child.household is not None or child.vital != VitalStatus.ALIVE:
            continue
        home = next((one for one in parents.get(child.id, ()) if one.household), None)
        if home:
            relation = as_child(home.relation, child.sex)
            yield _joins(today, Happening.SETTLING, child, home, relation)


def joinings(today: Today) -> Iterator[Draft]:
    """Most wives come to live in their husbands' households, unless they lead their own."""
    wives = [one for one in _subjects(today, Happening.MARRIAGE) if one.sex == Sex.FEMALE]
    husbands = glimpses(today.connection, [one.spouse for one in wives if one.spouse])
    for wife in wives:
        husband = husbands.get(wife.spouse or 0)
        if husband is None or not husband.household or leads(wife.relation):
            continue
        if husband.household != wife.household and today.dice(wife.id).chance("joins", _JOIN):
            relation = as_spouse(husband.relation)
            yield _joins(today, Happening.JOINING, wife, husband, relation)


def deregistrations(today: Today) -> Iterator[Draft]:
    """The dead leave their households; somebody else is the head."""
    dead = [one for one in _subjects(today, Happening.DEATH) if one.household]
    homes = residents(today.connection, [one.household or 0 for one in dead])
    known = glimpses(today.connection, {one for people in homes.values() for one in people})
    for position, person in enumerate(dead):
        others = [known[one] for one in homes[position] if one != person.id]
        led = person.relation == Relation.HEAD
        next_head = heir(others, today.packed) if led else None
        what = Departure(
            person.number, temporary=False, new_head=next_head.number if next_head else ""
        )
        yield Draft(Happening.DEREGISTRATION, what, _police(today, person), today.day)


def replacements(today: Today) -> Iterator[Draft]:
    """Who lost a card gets another."""
    lost = _subjects(today, Happening.CARD_LOSS)
    return cards(today, (one for one in lost if one.document is None and _may_have_card(one)))


def _may_have_card(person: Glimpse) -> bool:
    return person.vital == VitalStatus.ALIVE and person.number_status == NumberStatus.ACTIVE


def _subjects(today: Today, happening: Happening) -> list[Glimpse]:
    """Whom the events of some days ago were about, each on one of the days that follow."""
    due = []
    for ago in range(_FIRST, _FIRST + _SPREAD):
        prefix = request_prefix(today.day - timedelta(days=ago), happening)
        found = reported(today.connection, REPORTER, RPC, prefix)
        due += [who for request, who in found if int(request[-6:]) % _SPREAD == ago - _FIRST]
    known = glimpses(today.connection, due)
    return [known[one] for one in due if one in known]


def _parents(today: Today, children: list[Glimpse]) -> dict[int, list[Glimpse]]:
    """By child: the mother and the father, as far as they are on file and alive."""
    named = {one.id: [who for who in (one.mother, one.father) if who] for one in children}
    known = glimpses(today.connection, {one for pair in named.values() for one in pair})
    alive = {one.id for one in known.values() if one.vital == VitalStatus.ALIVE}
    return {child: [known[one] for one in pair if one in alive] for child, pair in named.items()}


def _joins(
    today: Today, happening: Happening, who: Glimpse, member: Glimpse, relation: Relation
) -> Draft:
    what = ResidenceRegistration(
        who.number, temporary=False, member=member.number, relation=relation
    )
    return Draft(happening, what, _police(today, member), today.day)


def _police(today: Today, person: Glimpse) -> str:
    return today.police(commune_of(person, today.day))
