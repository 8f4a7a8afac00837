"""Some fields of many citizens: what a follower of changes reads.

A whole citizen takes three times as long: relatives, households and stays are looked up only for
those of whom they were asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mock_population_db.citizen import Part
from mock_population_db.store import decode, homes, sql
from mock_population_db.store.asking import Session, array, rows_found
from mock_population_db.store.decode import Surroundings
from mock_population_db.store.records import CitizenRow, StayRow

_STAYS = frozenset({"temporary_residence", "current_residence"})
_KIN = ("father", "mother", "spouse")


def read_parts(
    connection: Session, parts: Mapping[str, frozenset[str]], today: date
) -> dict[str, Part]:
    """The citizens who have these numbers, with these fields.

    Raises KeyError or ValueError when their rows contradict the schema.
    """
    wanted = {int(number): (number, fields) for number, fields in parts.items()}
    rows = [*map(CitizenRow._make, rows_found(connection, sql.CITIZENS_AT_ONCE, wanted))]
    asked = [(row, *wanted[row.id]) for row in rows]
    around = _surroundings(connection, [(row, fields) for row, _, fields in asked])
    return {number: decode.part(row, around, today, fields) for row, number, fields in asked}


def _surroundings(
    connection: Session, asked: list[tuple[CitizenRow, frozenset[str]]]
) -> Surroundings:
    """What the rows point to, as far as the fields asked for are made of it."""
    around = Surroundings()
    staying = [row.id for row, fields in asked if not _STAYS.isdisjoint(fields)]
    for stay in connection.execute(sql.STAYS, (array(staying),)) if staying else ():
        around.stays.setdefault(stay[0], []).append(StayRow(*stay))
    places = {stay.household for kept in around.stays.values() for stay in kept}
    places.update([row.household for row, fields in asked if "permanent_residence" in fields])
    if named := {home for home in places if home is not None}:
        around.households = homes.household_rows(connection, named)
    relatives = {getattr(row, one) for row, fields in asked for one in _KIN if one in fields} - {
        None
    }
    if relatives:
        for found in connection.execute(sql.KIN, (array(relatives),)):
            relative = decode.kin(*found)
            around.kin[int(relative.personal_id)] = relative
    return around
