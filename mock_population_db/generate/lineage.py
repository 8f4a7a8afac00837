"""What runs in families: ethnic group, surname, native place, place of registration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mock_population_db.generate.frame import Frame, Role
from mock_population_db.generate.names import Names, make_names, name_tables, regions, surname_group
from mock_population_db.generate.places import Homes
from mock_population_db.generate.rng import Draws, Ints, Mask
from mock_population_db.generate.tables import Tables

KINH = 1
_MIXED_MARRIAGE = 0.08
_NATIVE_AT_HOME = 0.75
_WIFE_FROM_HERE = 0.60
_REGISTERED_HERE = (0.96, 0.88)  # children, others
_BORN_HERE = 0.80  # in the commune of registration, not in a hospital elsewhere


@dataclass(frozen=True, slots=True)
class Origins:
    """By person: legacy province (index) and legacy communes, whatever the day of birth."""

    province: Ints
    registered: Ints
    born: Ints
    native: Ints


def own_line(frame: Frame) -> Mask:
    """Who belongs to the first adult's line (and not to the wife's), by person."""
    elder = np.isin(frame.role, (Role.ELDER, Role.ELDER_WIFE))
    hers: Mask = (frame.role == Role.WIFE) | (elder & frame.wife_side[frame.home])
    return ~hers


def ethnic_groups(draws: Draws, tables: Tables, frame: Frame, homes: Homes) -> Ints:
    """One group for each line of a household; children follow the first adult."""
    count = len(frame.sizes)
    first = tables.ethnic.pick(draws.raw("ethnic", count), homes.province)
    other = tables.ethnic.pick(draws.raw("ethnic of wife", count), homes.province)
    wife = np.where(draws.chance("mixed marriage", count, _MIXED_MARRIAGE), other, first)
    return np.where(own_line(frame), first[frame.home], wife[frame.home])


def origins(draws: Draws, tables: Tables, frame: Frame, homes: Homes, ethnic: Ints) -> Origins:
    """Where people were registered and born, and where their fathers come from."""
    count, home = len(frame.age), frame.home
    child = frame.role == Role.CHILD
    here = draws.chance("registered here", count, np.where(child, *_REGISTERED_HERE))
    here |= ethnic != KINH
    elsewhere = tables.province.pick(draws.raw("registered elsewhere", count))
    province = np.where(here, homes.province[home], elsewhere)
    legacy = tables.communes.legacy
    registered = legacy.pick(draws.raw("registered commune", count), province)
    registered = np.where(here & child, homes.commune[home], registered)
    born = legacy.pick(draws.raw("birth commune", count), province)
    born = np.where(draws.chance("born here", count, _BORN_HERE), registered, born)
    return Origins(province, registered, born, _native(draws, tables, frame, homes))


def _native(draws: Draws, tables: Tables, frame: Frame, homes: Homes) -> Ints:
    count = len(frame.sizes)
    lines = []
    for line, at_home in (("first", _NATIVE_AT_HOME), ("wife", _WIFE_FROM_HERE)):
        province = tables.province.pick(draws.raw(f"native province {line}", count))
        away = tables.communes.legacy.pick(draws.raw(f"native commune {line}", count), province)
        here = draws.chance(f"native here {line}", count, at_home)
        lines.append(np.where(here, homes.commune, away))
    return np.where(own_line(frame), lines[0][frame.home], lines[1][frame.home])


def family_names(draws: Draws, frame: Frame, homes: Homes, ethnic: Ints, year: Ints) -> Names:
    """Surnames passed down from the father, and whole names that go with them."""
    surname = _surnames(draws, frame, homes, ethnic)
    mother = np.where(frame.mother >= 0, surname[frame.mother], 0)
    return make_names(draws, frame.sex, year, ethnic, surname, mother)


def _surnames(draws: Draws, frame: Frame, homes: Homes, ethnic: Ints) -> Ints:
    """Own draws for wives, elders' wives and strangers; the line's name for the others.

    Women keep their surname. The child of a lone mother has hers, or the father's, whom the
    register does not know, when she was married.
    """
    count, tables = len(frame.age), name_tables()
    group = surname_group(ethnic, regions()[homes.province[frame.home]])
    own = tables.surname.pick(draws.raw("surname", count), group)
    first = np.flatnonzero(frame.role == Role.FIRST)
    wife = np.flatnonzero(frame.role == Role.WIFE)
    line = np.zeros(len(frame.sizes), dtype=np.int64)
    line[frame.home[first]] = own[first]
    wifes = np.zeros(len(frame.sizes), dtype=np.int64)
    wifes[frame.home[wife]] = own[wife]
    home = frame.home
    elder_man = (frame.role == Role.ELDER) & (frame.sex == 1)
    fathers = np.where(frame.wife_side[home], wifes[home], line[home])
    result = np.where(elder_man & ~frame.stranger, fathers, own)
    follows = (frame.role == Role.CHILD) | (frame.role == Role.COMPANION)
    return np.where(follows & ~frame.stranger, line[home], result)
