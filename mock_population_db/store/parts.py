"""Some fields of many citizens: what a follower of changes reads.

A whole citizen takes three times as long: relatives, households and stays are looked up only for
those of whom they were asked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date

from mock_population_db.citizen import Part
from mock_population_db.store import decode, homes, packing, sql
from mock_population_db.store.asking import array, rows_found
from mock_population_db.store.decode import Surroundings
from mock_population_db.store.records import CitizenRow, StayRow

_STAYS = frozenset({"temporary_residence", "current_residence"})
_KIN = ("father", "mother", "spouse")


def read_parts(
    connection: sqlite3.Connection, parts: Mapping[str, frozenset[str]], today: date
) -> dict[str, Part]:
    """The citizens who have these numbers, with these fields.

    Raises KeyError or ValueError when their rows contradict the schema.
    """
    wanted = {int(number): fields for number, fields in parts.items()}
    rows = [CitizenRow(*row) for row in rows_found(connection, sql.CITIZENS_AT_ONCE, wanted)]
    around = _surroundings(connection, rows, wanted)
    return {
        packing.personal_id(row.id): decode.part(row, around, today, wanted[row.id]) for row in rows
    }


def _surroundings(
    connection: sqlite3.Connection, rows: list[CitizenRow], wanted: Mapping[int, frozenset[str]]
) -> Surroundings:
    around = Surroundings()
    staying = [row.id for row in rows if not _STAYS.isdisjoint(wanted[row.id])]
    for stay in connection.execute(sql.STAYS, (array(staying),)) if staying else ():
        around.stays.setdefault(stay[0], []).append(StayRow(*stay))
    places = [stay.household for kept in around.stays.values() for stay in kept]
    places += [row.household for row in rows if "permanent_residence" in wanted[row.id]]
    if named := {home for home in places if home is not None}:
        around.households = homes.household_rows(connection, named)
    relatives = {getattr(row, one) for row in rows for one in _KIN if one in wanted[row.id]}
    if relatives := relatives - {None}:
        for found in connection.execute(sql.KIN, (array(relatives),)):
            relative = decode.kin(*found)
            around.kin[int(relative.personal_id)] = relative
    return around
