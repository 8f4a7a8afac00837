"""The defects of real registers, put into records that were right."""

from __future__ import annotations

from datetime import date

import numpy as np

from mock_population_db.citizen import NumberStatus, VitalStatus
from mock_population_db.generate.dates import day_number, pack
from mock_population_db.generate.records import Plan, Records, Spoiled
from mock_population_db.generate.rng import Draws, Ints, Mask

_OLD_BORN, _MIDDLE_BORN = 1960, 1975  # full share of partial births before, half between
_PENDING_DAYS, _PENDING = 30, 0.3  # newborns whose number is not yet confirmed
_ON_FILE_DAYS = 6 * 365  # the dead have been on file at most that long
# birth years before which people had a nine-digit number, and their share
_OLD_NUMBERS = ((1986, 0.93), (2000, 0.85), (2004, 0.30))


def spoil(draws: Draws, plan: Plan, people: Records, heads: Mask, age: Ints) -> None:
    """Apply every defect; ``heads`` tells who heads a household with others in it."""
    _vital(draws, plan, people, ~heads, age)
    _numbers(draws, plan, people, age)
    _fields(draws, plan, people, heads)
    _names(draws, plan, people)
    _births(draws, plan, people)


def _chance(draws: Draws, plan: Plan, people: Records, share: str) -> Mask:
    return draws.chance(share, len(people), getattr(plan.shares, share))


def _vital(draws: Draws, plan: Plan, people: Records, can_die: Mask, age: Ints) -> None:
    """The older, the likelier; a head of others is replaced at once, so lives."""
    count = len(people)
    over = np.maximum(age - 15, 0).astype(np.float64)
    weight = np.where(can_die, over * over * over, 0.0)
    fair = plan.shares.dead * count / max(float(weight.sum()), 1.0)
    dead = draws.chance("dead", count, weight * fair)
    adult = can_die & (age >= 18) & ~dead  # noqa: PLR2004 - of age
    missing = _chance(draws, plan, people, "declared_missing") & adult
    court = _chance(draws, plan, people, "declared_dead") & adult & ~missing
    for who, status in (
        (dead, VitalStatus.DEAD),
        (missing, VitalStatus.DECLARED_MISSING),
        (court, VitalStatus.DECLARED_DEAD),
    ):
        people["vital"][who] = status
    ago = draws.below("vital date", count, _ON_FILE_DAYS)
    day = pack(day_number(plan.as_of) - ago)
    gone = dead | missing | court
    people["vital_date"] = np.where(gone, np.maximum(day, people["birth"]), 0)
    people["death_annulled"] = _chance(draws, plan, people, "death_annulled") & ~gone


def _numbers(draws: Draws, plan: Plan, people: Records, age: Ints) -> None:
    today = day_number(plan.as_of)
    new = (age == 0) & (people["birth"] > int(pack(np.array([today - _PENDING_DAYS]))[0]))
    pending = new & draws.chance("pending", len(people), _PENDING)
    correction = _chance(draws, plan, people, "under_correction")
    people["number_status"][correction] = NumberStatus.UNDER_CORRECTION
    people["number_status"][pending] = NumberStatus.PENDING


def _fields(draws: Draws, plan: Plan, people: Records, heads: Mask) -> None:
    for share, columns in (
        ("no_ethnic", ("ethnic",)),
        ("no_native_place", ("native_commune",)),
        ("no_birth_place", ("birth_commune",)),
        ("no_parents", ("father", "mother")),
    ):
        gone = _chance(draws, plan, people, share)
        for column in columns:
            people[column][gone] = 0
    people["religion"][_chance(draws, plan, people, "no_religion")] = -1
    homeless = _chance(draws, plan, people, "no_residence") & ~heads & (people["relation"] > 1)
    for column in ("household", "relation", "resident_since"):
        people[column][homeless] = 0


def _names(draws: Draws, plan: Plan, people: Records) -> None:
    for share, defect in (
        ("whole_name_in_given", Spoiled.ONE_FIELD),
        ("d_look_alike", Spoiled.LOOK_ALIKE),
        ("half_decomposed", Spoiled.HALF_DECOMPOSED),
        ("no_nationality", Spoiled.NO_NATIONALITY),
    ):
        people["spoiled"] |= np.where(_chance(draws, plan, people, share), defect, 0).astype(
            np.int8
        )


def _births(draws: Draws, plan: Plan, people: Records) -> None:
    year = people["birth"] // 10000
    factor = np.where(year < _OLD_BORN, 1.0, np.where(year < _MIDDLE_BORN, 0.5, 0.0))
    chance = draws.unit("partial birth", len(people))
    only_year = chance < factor * plan.shares.year_only
    only_month = ~only_year & (chance < factor * (plan.shares.year_only + plan.shares.month_only))
    people["birth"] = np.where(only_year, year * 10000, people["birth"])
    people["birth"] = np.where(only_month, people["birth"] // 100 * 100, people["birth"])
    people["birth"][_chance(draws, plan, people, "no_birth_date")] = 0


def old_number_owners(draws: Draws, year: Ints) -> Mask:
    """Who has a nine-digit number, by year of birth."""
    share = np.zeros(len(year))
    for before, part in reversed(_OLD_NUMBERS):
        share = np.where(year < before, part, share)
    return draws.chance("old number", len(year), share)


def share_old_numbers(draws: Draws, plan: Plan, people: Records) -> None:
    """Some numbers were given out twice, in two provinces: both people still have theirs."""
    owners = np.flatnonzero(people["old_id"] > 0)
    twice = np.flatnonzero(
        draws.chance("old number shared", len(owners), plan.shares.old_number_shared / 2)
    )
    givers = owners[twice]
    takers = owners[(twice + len(owners) // 2) % max(len(owners), 1)]
    people["old_id"][takers] = people["old_id"][givers]


def renumbering_days(draws: Draws, plan: Plan, count: int) -> Ints:
    """Days on which numbers were set up again, packed: from 2016 to the as-of date."""
    first, last = day_number(date(2016, 1, 1)), day_number(plan.as_of)
    return pack(first + draws.below("renumbered on", count, max(last - first, 1)))
