"""Names for newborns, and other names for those who change theirs."""

from __future__ import annotations

import unicodedata

import numpy as np

from mock_population_db.citizen import PersonName, Sex
from mock_population_db.generate.names import make_names, name_tables
from mock_population_db.life.dice import Dice
from mock_population_db.store.sampling import Glimpse

_KINH = 1
_ETH = str.maketrans("\u00d0\u00f0", "\u0110\u0111")  # Ð is typed for Đ


def newborn_name(
    dice: Dice, sex: Sex, year: int, parent: Glimpse, mother: Glimpse | None = None
) -> PersonName:
    """A name as the family, the sex and the year make likely; the surname is the parent's."""
    tables = name_tables()
    names = make_names(
        dice.draws,
        np.array([sex]),
        np.array([year]),
        np.array([parent.ethnic or _KINH]),
        np.array([tables.index(surname(parent))]),
        np.array([tables.index(surname(mother)) if mother else 0]),
    )
    family, second, middle, given = (
        tables.strings[int(part[0])]
        for part in (names.family, names.second, names.middle, names.given)
    )
    return PersonName(family, f"{second} {middle}".strip(), given)


def surname(person: Glimpse) -> str:
    """The family name, also of a record that holds the whole name in one field."""
    if person.family or not person.given or " " not in person.given:
        return person.family or ""
    return person.given.split()[0].title()


def corrected_name(dice: Dice, person: Glimpse, year: int) -> PersonName:
    """The name without what is wrong with it; where nothing is, with another middle name."""
    stored = PersonName(person.family or "", person.middle or "", person.given or "")
    clean = PersonName(*(unicodedata.normalize("NFC", part.translate(_ETH)) for part in stored))
    if clean.in_one_field:
        family, *middle, given = clean.full.title().split()
        clean = PersonName(family, " ".join(middle), given)
    if clean != stored:
        return clean
    other = newborn_name(dice, Sex(person.sex), year, person)
    return clean._replace(middle=other.given if other.middle == clean.middle else other.middle)
