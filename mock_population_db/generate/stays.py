"""Temporary residence: young people and young families who live where the work is."""

from __future__ import annotations

from functools import cache

import numpy as np

from mock_population_db.citizen import Relation, ResidenceKind
from mock_population_db.generate.dates import day_number, pack
from mock_population_db.generate.frame import FEMALE, Frame, Role
from mock_population_db.generate.places import Homes, is_reformed, write_address
from mock_population_db.generate.records import HOUSEHOLD, Plan, Records
from mock_population_db.generate.rng import Choice, Draws, Ints, Mask
from mock_population_db.generate.tables import Tables, load

# legacy province codes and weights: the largest flows, and every province a little
_DESTINATIONS = {74: 20, 79: 20, 75: 12, 1: 13, 27: 8, 24: 4, 31: 4, 80: 4, 48: 3, 19: 3, 77: 3}
_ANYWHERE = 6.0
_SINGLES_TO_FAMILIES = (2.33, 1.37)  # chance to leave, against the aimed share of all citizens
_SINGLE_AGES, _COUPLE_AGES, _CHILD_AGE = (17, 40), (20, 50), 12
_WITH_A_LODGER = 0.30  # of singles, in pairs
_LONGEST_AGO = 420  # days; terms are one or two years, so that some 7 % have run out
_TERMS = (365, 730)


def write_stays(
    draws: Draws, tables: Tables, plan: Plan, frame: Frame, people: Records, first_id: int
) -> Records:
    """Fill the stay columns of ``people``; return the temporary households they form.

    Their ids count up from ``first_id``; heads are positions of people until numbers exist.
    """
    movers, head = _movers(draws, plan, frame)
    homes, of_mover = np.unique(head, return_inverse=True)
    into = np.zeros(len(homes), dtype=HOUSEHOLD)
    into["id"] = first_id + np.arange(len(homes))
    into["kind"], into["head"] = ResidenceKind.TEMPORARY, homes
    province = destinations().pick(draws.raw("destination", len(homes)))
    commune = tables.communes.legacy.pick(draws.raw("stay commune", len(homes)), province)
    write_address(Draws(draws.seed, ~draws.chunk), tables, plan, Homes(province, commune), into)
    people["stay_household"][movers] = into["id"][of_mover]
    people["stay_relation"][movers] = _relations(frame, movers, head)
    _write_terms(draws, plan, people, movers, of_mover)
    return into


def write_current(draws: Draws, tables: Tables, plan: Plan, people: Records) -> None:
    """Some people live, for now, where they are registered neither way."""
    count = len(people)
    where = draws.chance("current", count, plan.shares.current_elsewhere)
    where &= people["stay_household"] == 0
    choice = tables.communes.current if is_reformed(plan.as_of) else tables.communes.legacy
    province = tables.province.pick(draws.raw("current province", count))
    commune = choice.pick(draws.raw("current commune", count), province)
    today = day_number(plan.as_of)
    since = pack(today - draws.below("current since", count, _LONGEST_AGO))
    people["current_commune"] = np.where(where, commune, 0)
    people["current_since"] = np.where(where, np.maximum(since, people["birth"]), 0)


@cache
def destinations() -> Choice:
    """Where people go to work: the index of a legacy province."""
    tables = load()
    population = tables.provinces.population
    every = [_ANYWHERE * share / sum(population) for share in population]
    for code, weight in _DESTINATIONS.items():
        every[tables.provinces.position[code]] += weight
    return Choice([range(len(every))], [every])


def _movers(draws: Draws, plan: Plan, frame: Frame) -> tuple[Ints, Ints]:
    """Who left, and the head of each one's temporary household, as positions of people."""
    families = _families(draws, plan, frame)
    leader = np.where(families, frame.head, -1)  # by household
    leader = np.where(_is_elder(frame, frame.head) & families, _first(frame), leader)
    goes = leader[frame.home] >= 0
    goes &= (frame.role != Role.CHILD) | ((frame.age < _CHILD_AGE) & ~frame.stranger)
    goes &= frame.role <= Role.CHILD
    alone = _singles(draws, plan, frame) & ~goes
    family, single = np.flatnonzero(goes), np.flatnonzero(alone)
    head = np.concatenate([leader[frame.home[family]], _pairs(draws, single)])
    return np.concatenate([family, single]), head


def _is_elder(frame: Frame, person: Ints) -> Mask:
    elder: Mask = frame.role[person] == Role.ELDER
    return elder


def _first(frame: Frame) -> Ints:
    result = np.empty(len(frame.sizes), dtype=np.int64)
    people = np.flatnonzero(frame.role == Role.FIRST)
    result[frame.home[people]] = people
    return result


def _families(draws: Draws, plan: Plan, frame: Frame) -> Mask:
    """Households whose couple leaves with the small children."""
    age = frame.age[_first(frame)]
    couple = frame.spouse[_first(frame)] >= 0
    share = min(plan.shares.temporary * _SINGLES_TO_FAMILIES[1], 1.0)
    leaves = draws.chance("family leaves", len(frame.sizes), share)
    return leaves & couple & (age >= _COUPLE_AGES[0]) & (age < _COUPLE_AGES[1])


def _singles(draws: Draws, plan: Plan, frame: Frame) -> Mask:
    share = min(plan.shares.temporary * _SINGLES_TO_FAMILIES[0], 1.0)
    leaves = draws.chance("single leaves", len(frame.age), share)
    leaves &= (frame.role == Role.CHILD) | (frame.role == Role.COMPANION)
    return leaves & (frame.age >= _SINGLE_AGES[0]) & (frame.age < _SINGLE_AGES[1])


def _pairs(draws: Draws, single: Ints) -> Ints:
    """Each single heads an own household, or lodges with the one before."""
    head = single.copy()
    lodges = draws.chance("lodges", len(single), _WITH_A_LODGER)
    lodges &= np.arange(len(single)) % 2 == 1
    before = np.concatenate([single[:1], single[:-1]])
    return np.where(lodges, before, head)


def _relations(frame: Frame, movers: Ints, head: Ints) -> Ints:
    child = np.where(frame.sex[movers] == FEMALE, Relation.DAUGHTER, Relation.SON)
    grown = frame.age[movers] >= _SINGLE_AGES[0]
    result = np.where((frame.role[movers] == Role.CHILD) & ~grown, child, Relation.LODGER)
    result = np.where(frame.spouse[movers] == head, Relation.SPOUSE, result)
    return np.where(movers == head, Relation.HEAD, result)


def _write_terms(draws: Draws, plan: Plan, people: Records, movers: Ints, of_mover: Ints) -> None:
    """One term for a household; a child born since came later."""
    count = int(of_mover.max(initial=-1)) + 1
    since = day_number(plan.as_of) - draws.below("stay since", count, _LONGEST_AGO)
    term = np.array(_TERMS)[draws.below("stay term", count, len(_TERMS))]
    until = pack(since + term)
    people["stay_since"][movers] = np.maximum(pack(since)[of_mover], people["birth"][movers])
    people["stay_until"][movers] = until[of_mover]
