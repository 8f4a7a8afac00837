"""Some fields of many citizens: what a follower of changes reads.

A whole citizen takes three times as long: relatives, households and stays are looked up only for
those of whom they were asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from mock_population_db.citizen import Part
from mock_population_db.store import decode, homes, sql
from mock_population_db.store.asking import Session, array, rows_found
from mock_population_db.store.decode import Surroundings
from mock_population_db.store.records import CitizenRow, StayRow

_STAYS = frozenset({"temporary_residence", "current_residence"})
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
    question = _question(frozenset().union(*set(parts.values())))
    rows = [*map(CitizenRow._make, rows_found(connection, question, wanted))]
    asked = [(row, *wanted[row.id]) for row in rows]
    around = _surroundings(connection, [(row, fields) for row, _, fields in asked])
    return {number: decode.part(row, around, today, fields) for row, number, fields in asked}


@lru_cache(maxsize=256)  # the fields of a handful of kinds of changes
def _question(fields: frozenset[str]) -> str:
    """Reads the columns that these fields are made of."""
    columns = {column for name in fields for column in _COLUMNS.get(name, _IDENTITY)}
    return sql.citizens_at_once(columns.union(_ALWAYS))


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
