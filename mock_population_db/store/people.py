"""Whole citizens by number, with the rows that tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from mock_population_db.citizen import Citizen
from mock_population_db.store import decode, homes, sql
from mock_population_db.store.asking import Session, array
from mock_population_db.store.decode import Surroundings
from mock_population_db.store.records import CitizenRow, HouseholdRow, PersonRows, StayRow, StepRow


@dataclass(slots=True)
class People:
    """Citizens by personal number, as they were read."""

    records: dict[int, PersonRows] = field(default_factory=dict)
    around: Surroundings = field(default_factory=Surroundings)
    citizens: dict[int, Citizen] = field(default_factory=dict)

    def add(self, more: People) -> None:
        """Take in what another read found, with the relatives and households named by it."""
        self.records |= more.records
        self.citizens |= more.citizens
        self.around.households |= more.around.households
        self.around.kin |= more.around.kin


def read_people(connection: Session, ids: Iterable[int], today: date) -> People:
    """The citizens that have these numbers.

    Raises KeyError or ValueError when their rows contradict the schema.
    """
    wanted = array(ids)
    rows = [CitizenRow(*row) for row in connection.execute(sql.CITIZENS, (wanted,))]
    stays: dict[int, list[StayRow]] = {}
    for stay in connection.execute(sql.STAYS, (wanted,)):
        stays.setdefault(stay[0], []).append(StayRow(*stay))
    return decode_people(connection, rows, stays, today)


def decode_people(
    connection: Session,
    rows: Sequence[CitizenRow],
    stays: dict[int, list[StayRow]],
    today: date,
    more: Mapping[int, HouseholdRow] = MappingProxyType({}),
) -> People:
    """The citizens of some rows, and of what the register holds around them.

    Args:
        connection: to the register.
        rows: of citizens, which need not be in the table.
        stays: theirs, by number.
        today: documents expire by it.
        more: households besides those in the table.

    Raises KeyError or ValueError when the rows contradict the schema.
    """
    around = Surroundings(stays=stays, steps=steps_to(connection, [row.id for row in rows]))
    staying = [stay.household for kept in stays.values() for stay in kept]
    named = {home for home in (*(row.household for row in rows), *staying) if home is not None}
    around.households = {**homes.household_rows(connection, named), **more}
    relatives = {one for row in rows for one in (row.father, row.mother, row.spouse) if one}
    for found in connection.execute(sql.KIN, (array(relatives),)):
        relative = decode.kin(*found)
        around.kin[int(relative.personal_id)] = relative
    citizens = {row.id: decode.citizen(row, around, today) for row in rows}
    records = {row.id: PersonRows(row, tuple(sorted(stays.get(row.id, ())))) for row in rows}
    return People(records, around, citizens)


def steps_to(connection: Session, numbers: Iterable[str | int]) -> dict[int, list[StepRow]]:
    """The steps to each number, oldest first."""
    steps: dict[int, list[StepRow]] = {}
    for present, *row in connection.execute(sql.STEPS_BACK, (array(set(numbers)),)):
        steps.setdefault(present, []).append(StepRow(*row))
    return steps
