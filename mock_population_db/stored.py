"""Residences as the register's columns hold them.

Followers are told of thousands a second, and most of what they are told is residences: these are
found as they stand, and only who looks at a part of one has it decoded.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from mock_population_db.citizen import Address, Relation
from mock_population_db.store import packing
from mock_population_db.store.errors import PopulationUnavailable


class StoredResidence(NamedTuple):
    """What ``Residence`` tells, by the same names, made of the columns that hold it.

    Its parts raise PopulationUnavailable where the columns contradict the schema.
    """

    household: int | None
    relation_code: int | None
    since_day: int | None  # YYYYMMDD
    until_day: int | None
    commune: int  # codes without their leading zeros
    epoch: int
    conversion: int
    former: int | None
    detail: str | None

    @property
    def address(self) -> Address:
        """Where it is."""
        try:
            return packing.address(self[4:])
        except (KeyError, TypeError, ValueError) as error:
            raise _damage() from error

    @property
    def since(self) -> date | None:
        """Its first day."""
        return _day(self.since_day)

    @property
    def until(self) -> date | None:
        """Its last day."""
        return _day(self.until_day)

    @property
    def household_id(self) -> int:
        """Of the household that it is in, 0 for none."""
        return self.household or 0

    @property
    def relation(self) -> Relation | None:
        """To the head of that household."""
        try:
            return None if self.relation_code is None else Relation(self.relation_code)
        except ValueError as error:
            raise _damage() from error


def _day(packed: int | None) -> date | None:
    try:
        return packing.day(packed)
    except ValueError as error:
        raise _damage() from error


def _damage() -> PopulationUnavailable:
    return PopulationUnavailable("a residence contradicts the register's schema")
