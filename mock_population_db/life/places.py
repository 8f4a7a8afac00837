"""Communes in the codes of the day, and where people go."""

from __future__ import annotations

from datetime import date

from mock_population_db import divisions
from mock_population_db.citizen import CodeEpoch
from mock_population_db.generate.places import STREETS, is_reformed
from mock_population_db.generate.stays import destinations
from mock_population_db.generate.tables import load
from mock_population_db.life.dice import Dice
from mock_population_db.store.sampling import Glimpse

_HOUSES = 399


def commune_of(person: Glimpse, day: date) -> str:
    """The commune of somebody's permanent residence, by the codes in force; empty without one."""
    code, epoch = person.commune, person.epoch
    if code is None:
        return ""
    if epoch == CodeEpoch.LEGACY and is_reformed(day):
        code = int(load().communes.successor[code])
    return f"{code:05d}"


def province_of(commune: str, day: date) -> str:
    """The province of a commune, 2 digits, by the codes in force."""
    return divisions.province_of(commune, epoch_of(day))


def epoch_of(day: date) -> CodeEpoch:
    """Whose codes are in force."""
    return CodeEpoch.Y2025 if is_reformed(day) else CodeEpoch.LEGACY


def name_of(commune: str, day: date) -> str:
    """The commune's name, for the authority that a document names."""
    found = divisions.commune(commune, epoch_of(day))
    return found.name if found else ""


def destination(dice: Dice, day: date) -> str:
    """A commune that people move to: mostly where the work is."""
    communes = load().communes
    province = dice.pick("province", destinations())
    choice = communes.current if is_reformed(day) else communes.legacy
    return f"{dice.pick('commune', choice, province):05d}"


def detail(dice: Dice) -> str:
    """House number and street."""
    street = STREETS[dice.below("street", len(STREETS))]
    return f"Số {1 + dice.below('house', _HOUSES)}, {street}"
