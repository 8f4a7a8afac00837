"""Some fields of many citizens: what a follower of changes reads.

A whole citizen takes three times as long: relatives, households and stays are looked up only for
those of whom they were asked.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache, partial
from typing import Any

from mock_population_db.snapshot import Part
from mock_population_db.store import decode, homes, sql
from mock_population_db.store.asking import Session, array, rows_found
from mock_population_db.store.decode import Surroundings
from mock_population_db.store.records import CitizenRow, StayRow

_STAYS = frozenset({"temporary_residence", "current_residence"})
_named_tuple: Callable[..., Any] = namedtuple  # noqa: PYI024 - its fields are known only at run time
_KIN = ("father", "mother", "spouse")
_ALWAYS = ("id", "extra")
_IDENTITY = CitizenRow._fields[:9]
# of ``citizen``, by field; what stands here not at all is made of the identity's
_COLUMNS: dict[str, tuple[str, ...]] = {
    "sex": ("sex",),
    "other_names": (),
    "ethnic_code": ("ethnic",),
    "religion_code": ("religion",),
    "nationality": ("nationality",),
    "blood_type": ("blood",),
    "marital_status": ("marital",),
    "birth_place": ("birth_commune", "birth"),
    "birth_registration_place": ("registered_commune", "birth"),
    "native_place": ("native_commune",),
    "permanent_residence": ("household", "relation", "resident_since"),
    "temporary_residence": (),
    "current_residence": (),
    "residence_file_number": ("household",),
    "father": ("father",),
    "mother": ("mother",),
    "spouse": ("spouse",),
    "representative": (),
    "documents": ("document", "old_id", "issued", "expires"),
    "vital_date": ("vital_date",),
    "phone": (),
    "email": (),
}


def read_parts(
    connection: Session, parts: Mapping[str, frozenset[str]], today: date
) -> dict[str, Part]:
    """The citizens who have these numbers, with these fields.

    Raises KeyError or ValueError when their rows contradict the schema.
    """
    wanted = {int(number): (number, fields) for number, fields in parts.items()}
    of_any = frozenset().union(*set(parts.values()))
    question, row_of = _question(of_any)
    rows = [row_of(found) for found in rows_found(connection, question, wanted)]
    asked = [(row, *wanted[row.id]) for row in rows]
    around = _surroundings(connection, asked, of_any)
    return {number: decode.part(row, around, today, fields) for row, number, fields in asked}


@lru_cache(maxsize=256)  # the fields of a handful of kinds of changes
def _question(fields: frozenset[str]) -> tuple[str, Callable[[Any], CitizenRow]]:
    """Reads the columns that these fields are made of; and makes a row of them.

    It is a ``CitizenRow`` that has no others, and those of the identity first if it has them.
    """
    needed = {column for name in fields for column in _COLUMNS.get(name, _IDENTITY)}
    columns = tuple(name for name in CitizenRow._fields if name in needed.union(_ALWAYS))
    row = _named_tuple("CitizenRow", columns)
    return sql.citizens_at_once(columns), partial(tuple.__new__, row)


def _surroundings(
    connection: Session,
    asked: list[tuple[CitizenRow, str, frozenset[str]]],
    of_any: frozenset[str],
) -> Surroundings:
    """What the rows point to, as far as the fields asked for are made of it."""
    around = Surroundings()
    places: set[int | None] = set()
    if not _STAYS.isdisjoint(of_any):
        staying = [row.id for row, _, fields in asked if not _STAYS.isdisjoint(fields)]
        for stay in connection.execute(sql.STAYS, (array(staying),)):
            around.stays.setdefault(stay[0], []).append(StayRow(*stay))
            places.add(stay[2])
    if "permanent_residence" in of_any:
        places.update([row.household for row, _, had in asked if "permanent_residence" in had])
    if named := {home for home in places if home is not None}:
        around.households = homes.household_rows(connection, named)
    roles = [role for role in _KIN if role in of_any]
    kin = {getattr(row, role) for role in roles for row, _, had in asked if role in had}
    if relatives := {number for number in kin if number is not None}:
        for found in connection.execute(sql.KIN, (array(relatives),)):
            relative = decode.kin(*found)
            around.kin[int(relative.personal_id)] = relative
    return around
