"""Households first, then the members that fit them: who lives with whom, as indexes.

A chunk draws its people from the age pyramid and its households from the size table, so
that both come out as published. The rest is matching by rank: sort the people who may play
a role and the places that want one by age, and pair them. A pair whose ages do not allow
the relation stays in the household but loses the relation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mock_population_db.generate.frame import FEMALE, MALE, Floats, Frame, Role
from mock_population_db.generate.rng import Draws, Ints, Mask
from mock_population_db.generate.tables import Tables

_ALWAYS_CHILD_UNTIL = 20.0  # nobody younger heads a household
_CHILD_UNTIL = 55.0  # a child of the house, at most
_MOTHER_GAP = (15.5, 50.0)  # years between mother and child
_FATHER_GAP = (16.0, 70.0)
_SHARE_WITH_ELDERS = (0, 0, 0, 0, 0.20, 0.45, 0.60, 0.70)  # by size; the last for larger
_SHARE_LONE = (0, 0, 0.22, 0.12, 0.06, 0, 0, 0)
_EXTRA_MEMBERS = (1.0, 0.30, 0.10, 0.03)  # "8 or more" goes on: at least 8, 9, 10, 11


@dataclass(frozen=True, slots=True)
class _Places:
    """How many of each role every household wants."""

    adults: Ints
    elders: Ints
    children: Ints


def make_frame(draws: Draws, tables: Tables, count: int) -> Frame:
    """Draw ``count`` people and their households, and match them."""
    age, sex = _people(draws, tables, count)
    frame = Frame.of(age, sex, _sizes(draws, tables, count))
    places = _places(draws, frame.sizes)
    children, elders, adults = _split(draws, frame, places)
    wanted = age[children] + _mothers_age(draws, len(children))
    _seat_adults(draws, frame, places, adults, wanted)
    first, second = _adults_by_household(frame)
    _seat_elders(draws, frame, places, elders, first, second)
    _seat_children(frame, places, children, wanted, first, second)
    _choose_heads(draws, frame)
    return frame


def _people(draws: Draws, tables: Tables, count: int) -> tuple[Floats, Ints]:
    cell = tables.pyramid.pick(draws.raw("age", count))
    age = 5.0 * (cell // 2) + 5.0 * draws.unit("age within", count)
    oldest = cell // 2 == 17  # noqa: PLR2004 - the open band, 85 and more
    age = np.where(oldest, 85 + 20 * draws.unit("age beyond", count) ** 3, age)
    return age, cell % 2 + 1


def _sizes(draws: Draws, tables: Tables, count: int) -> Ints:
    tries = count // 3 + 64
    sizes = tables.household_size.pick(draws.raw("size", tries))
    more = np.searchsorted(-np.array(_EXTRA_MEMBERS), -draws.unit("size beyond", tries)) - 1
    sizes = np.where(sizes == 8, sizes + more, sizes)  # noqa: PLR2004 - the open row, 8 and more
    total = np.cumsum(sizes)
    sizes = sizes[: int(np.searchsorted(total, count)) + 1] if count else sizes[:0]
    if count:
        sizes[-1] -= int(sizes.sum()) - count
    return sizes


def _places(draws: Draws, sizes: Ints) -> _Places:
    row = np.minimum(sizes, 7)
    chance = draws.unit("household form", len(sizes))
    with_elders = chance < np.array(_SHARE_WITH_ELDERS)[row]
    lone = (chance > 1 - np.array(_SHARE_LONE)[row]) | (sizes == 1)
    pair = draws.chance("elders", len(sizes), 0.45) & (sizes > 4)  # noqa: PLR2004
    elders = np.where(with_elders, 1 + pair, 0)
    adults = np.where(lone, 1, 2)
    return _Places(adults, elders, sizes - adults - elders)


def _split(draws: Draws, frame: Frame, places: _Places) -> tuple[Ints, Ints, Ints]:
    """Who are children of a house, who are elders with their children, who the adults between."""
    age, count = frame.age, len(frame.age)
    late = np.where(frame.sex == MALE, 0.20, 0.70)  # women leave earlier
    slope = late + 2.2 * draws.unit("leaving home", count)
    over = age - _ALWAYS_CHILD_UNTIL
    score = np.where(over < 0, age, _ALWAYS_CHILD_UNTIL + over * slope)
    score = np.where(age > _CHILD_UNTIL, age + 200, score)
    order = np.argsort(score, kind="stable")
    cut = int(places.children.sum())
    children, rest = order[:cut], order[cut:]
    oldness = age[rest] - 20 * draws.unit("living with children", len(rest))
    rest = rest[np.argsort(-oldness, kind="stable")]
    cut = int(places.elders.sum())
    return children, rest[:cut], rest[cut:]


def _mothers_age(draws: Draws, count: int) -> Floats:
    """Years of age at a birth: the sum of three draws, 18 to 42, mean 28."""
    parts = [draws.unit(f"mother's age {part}", count) for part in range(3)]
    return 18 + (parts[0] + parts[1]) * 7 + parts[2] * 6


def _seat_adults(draws: Draws, frame: Frame, places: _Places, adults: Ints, wanted: Floats) -> None:
    """Give each household its couple or its lone adult, of an age that fits its children."""
    target = _target_ages(draws, places, wanted)
    lone_homes = np.flatnonzero(places.adults == 1)
    couple_homes = np.flatnonzero(places.adults == 2)  # noqa: PLR2004
    lone, men, women, others = _pair_up(draws, frame, adults, len(lone_homes), len(couple_homes))
    _assign(frame, lone, Role.FIRST, _rank(lone_homes, target, lone, frame.age))
    first = np.concatenate([men, others[0::2]])
    second = np.concatenate([women, others[1::2]])
    homes = _rank(couple_homes, target, second, frame.age)
    _assign(frame, first, Role.FIRST, homes)
    _assign(frame, second, Role.COMPANION, homes)
    frame.role[women] = Role.WIFE
    frame.spouse[men] = women
    frame.spouse[women] = men


def _target_ages(draws: Draws, places: _Places, wanted: Floats) -> Floats:
    """The age of mother that each household wants; without children young or old."""
    count = len(places.children)
    unit = draws.unit("target", count)
    old = draws.chance("old without children", count, 0.72) & (places.elders == 0)
    without = np.where(old, 50 + 35 * unit, 21 + 10 * unit)
    if not len(wanted):
        return without
    picks = [wanted[draws.below(f"target {turn}", count, len(wanted))] for turn in range(2)]
    with_children = np.where(places.elders > 0, np.minimum(*picks), picks[0])
    return np.where(places.children > 0, with_children, without)


def _pair_up(
    draws: Draws, frame: Frame, adults: Ints, lone_count: int, couple_count: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Split adults into lone ones, husbands and wives in order, and same-sex pairs."""
    unit = draws.unit("living alone", len(adults))
    age = frame.age[adults]
    widowed = np.where(frame.sex[adults] == FEMALE, age * (0.4 + unit), age * 0.3 + 60 * unit)
    widowed += 200 * draws.chance("single", len(adults), 0.04)
    adults = adults[np.argsort(-widowed, kind="stable")]
    men, women = adults[frame.sex[adults] == MALE], adults[frame.sex[adults] == FEMALE]
    lone_men = min(max(len(men) - couple_count, 0), lone_count)
    lone_women = lone_count - lone_men
    if lone_women > len(women):
        lone_men, lone_women = lone_count - len(women), len(women)
    lone = np.concatenate([men[:lone_men], women[:lone_women]])
    men, women = men[lone_men:], women[lone_women:]
    pairs = min(len(men), len(women))
    others = np.concatenate([men[pairs:], women[pairs:]])
    return lone, *_by_age(draws, frame, men[:pairs], women[:pairs]), others


def _by_age(draws: Draws, frame: Frame, men: Ints, women: Ints) -> tuple[Ints, Ints]:
    spread_men = frame.age[men] + 6 * draws.unit("husband", len(men))
    spread_women = frame.age[women] + 6 * draws.unit("wife", len(women))
    men = men[np.argsort(spread_men, kind="stable")]
    return men, women[np.argsort(spread_women, kind="stable")]


def _rank(homes: Ints, target: Floats, people: Ints, age: Floats) -> Ints:
    """The household of each of ``people``: both sorted by age and paired."""
    result = np.empty(len(people), dtype=np.int64)
    result[np.argsort(age[people], kind="stable")] = homes[np.argsort(target[homes], kind="stable")]
    return result


def _assign(frame: Frame, people: Ints, role: Role, homes: Ints) -> None:
    frame.home[people] = homes
    frame.role[people] = role


def _adults_by_household(frame: Frame) -> tuple[Ints, Ints]:
    """The first adult of each household, and the second or -1."""
    first = np.full(len(frame.sizes), -1, dtype=np.int64)
    second = first.copy()
    people = np.flatnonzero(frame.role == Role.FIRST)
    first[frame.home[people]] = people
    people = np.flatnonzero((frame.role == Role.WIFE) | (frame.role == Role.COMPANION))
    second[frame.home[people]] = people
    return first, second


def _seat_elders(
    draws: Draws, frame: Frame, places: _Places, elders: Ints, first: Ints, second: Ints
) -> None:
    """Give households their elders: the older, the older their couple."""
    count = len(frame.sizes)
    wife_side = draws.chance("elders of the wife", count, 0.2)
    wife_side &= (second >= 0) & (frame.role[second] == Role.WIFE)
    frame.wife_side = wife_side
    child = np.where(wife_side, second, first)  # the elders' own child
    wants = frame.age[child]
    couples = np.flatnonzero(places.elders == 2)  # noqa: PLR2004
    men, women, elders = _elder_couples(draws, frame, elders, len(couples))
    couples, left = couples[: len(men)], couples[len(men) :]
    homes = np.concatenate([np.flatnonzero(places.elders == 1), left, left])
    homes = _rank(homes, wants, elders, frame.age)
    pairs = _rank(couples, wants, women, frame.age)
    elders, order = np.concatenate([men, women, elders]), np.concatenate([pairs, pairs, homes])
    _assign(frame, elders, Role.ELDER, order)
    _marry_elders(frame, elders)
    gap = frame.age[elders] - frame.age[child[order]]
    male = frame.sex[elders] == MALE
    low = np.where(male, _FATHER_GAP[0], _MOTHER_GAP[0])
    fits = (gap >= low) & (gap <= np.where(male, _FATHER_GAP[1], _MOTHER_GAP[1]))
    fits &= ~_twin_role(frame, elders)
    frame.stranger[elders[~fits]] = True
    _link(frame.father, child[order], elders, fits & male)
    _link(frame.mother, child[order], elders, fits & ~male)


def _elder_couples(draws: Draws, frame: Frame, elders: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    """Up to ``count`` men and as many women of like age, and the elders who remain."""
    elders = elders[np.argsort(draws.raw("elder couple", len(elders)), kind="stable")]
    male = frame.sex[elders] == MALE
    men, women = elders[male], elders[~male]
    count = min(count, len(men), len(women))
    rest = np.concatenate([men[count:], women[count:]])
    return *_by_age(draws, frame, men[:count], women[:count]), rest


def _link(links: Ints, child: Ints, parent: Ints, where: Mask) -> None:
    links[child[where]] = parent[where]


def _marry_elders(frame: Frame, elders: Ints) -> None:
    """Two elders of one household and different sex are a couple."""
    husband = np.full(len(frame.sizes), -1, dtype=np.int64)
    wife = husband.copy()
    husband[frame.home[elders[frame.sex[elders] == MALE]]] = elders[frame.sex[elders] == MALE]
    wife[frame.home[elders[frame.sex[elders] == FEMALE]]] = elders[frame.sex[elders] == FEMALE]
    both = np.flatnonzero((husband >= 0) & (wife >= 0))
    frame.spouse[husband[both]] = wife[both]
    frame.spouse[wife[both]] = husband[both]
    frame.role[wife[both]] = Role.ELDER_WIFE


def _twin_role(frame: Frame, elders: Ints) -> Mask:
    """True for the second of two elders of one sex: a child has one father, one mother."""
    key = frame.home[elders] * 4 + frame.sex[elders]
    order = np.argsort(key, kind="stable")
    again = np.zeros(len(elders), dtype=np.bool_)
    again[order[1:]] = key[order[1:]] == key[order[:-1]]
    return again


def _seat_children(
    frame: Frame, places: _Places, children: Ints, wanted: Floats, first: Ints, second: Ints
) -> None:
    """Give households their children, by the age of mother that each child wants."""
    wife = np.where((second >= 0) & (frame.role[second] == Role.WIFE), second, -1)
    mother = np.where((wife < 0) & (frame.sex[first] == FEMALE), first, wife)
    father = np.where(frame.sex[first] == MALE, first, -1)
    age = np.where(mother >= 0, frame.age[mother], frame.age[father] - 2)
    slots = np.repeat(np.arange(len(frame.sizes)), places.children)
    slots = slots[np.argsort(age[slots], kind="stable")]
    children = children[np.argsort(wanted, kind="stable")]
    _assign(frame, children, Role.CHILD, slots)
    fits = _gap_fits(frame, children, mother[slots], _MOTHER_GAP)
    fits &= _gap_fits(frame, children, father[slots], _FATHER_GAP)
    frame.stranger[children[~fits]] = True
    frame.mother[children[fits]] = mother[slots][fits]
    frame.father[children[fits]] = father[slots][fits]


def _gap_fits(frame: Frame, child: Ints, parent: Ints, limits: tuple[float, float]) -> Mask:
    gap = frame.age[parent] - frame.age[child]
    return (parent < 0) | ((gap >= limits[0]) & (gap <= limits[1]))


def _choose_heads(draws: Draws, frame: Frame) -> None:
    """Husband, wife or elder; a lone adult heads the own household."""
    count = len(frame.sizes)
    first, second = _adults_by_household(frame)
    wife = (second >= 0) & (frame.role[second] == Role.WIFE)
    frame.head = np.where(draws.chance("wife heads", count, 0.25) & wife, second, first)
    elders = np.flatnonzero((frame.role == Role.ELDER) & ~frame.stranger)
    elder = np.full(count, -1, dtype=np.int64)
    elder[frame.home[elders]] = elders
    elder_heads = draws.chance("elder heads", count, 0.45) & (elder >= 0)
    frame.head = np.where(elder_heads, elder, frame.head)
