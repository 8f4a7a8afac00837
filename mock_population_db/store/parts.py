"""Some fields of many citizens: what a follower of changes reads.

A whole citizen takes three times as long: relatives, households and stays are looked up only for
those of whom they were asked.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any

from mock_population_db.citizen import Identity, ResidenceKind
from mock_population_db.snapshot import Part
from mock_population_db.store import decode, sql
from mock_population_db.store.asking import Session, array, rows_found
from mock_population_db.store.decode import Surroundings
from mock_population_db.store.extra import NOTHING, Extra, load_extra
from mock_population_db.store.records import CitizenRow
from mock_population_db.stored import StoredResidence


@dataclass(slots=True)
class _Surroundings(Surroundings):
    """With the residences for a time, by citizen and ``ResidenceKind``; without their rows."""

    residences: dict[tuple[int, int], StoredResidence] = field(default_factory=dict)


_Read = Callable[[CitizenRow, Extra, _Surroundings, date], object]
_Readers = Sequence[tuple[str, _Read]]

_HOME = len(StoredResidence._fields)
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
    "permanent_residence": (),
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
    different = set(parts.values())
    of_any = frozenset().union(*different)
    question, row_of = _question(of_any)
    rows = list(map(row_of, rows_found(connection, question, wanted)))
    around = _surroundings(connection, rows, wanted, of_any)
    readers = {fields: _readers(fields) for fields in different}
    found = {}
    for row in rows:
        number, fields = wanted[row.id]
        found[number] = _part(row, around, today, readers[fields])
    return found


def _part(row: CitizenRow, around: _Surroundings, today: date, readers: _Readers) -> Part:
    extra = NOTHING if row.extra is None else load_extra(row.extra)
    found = Part()
    values = found.__dict__  # a third of the time of handing them over by name
    for name, read in readers:
        values[name] = read(row, extra, around, today)
    return found


@lru_cache(maxsize=256)
def _readers(wanted: frozenset[str]) -> _Readers:
    """What reads each of some fields."""
    readers = tuple((name, read) for name, read in _FIELDS.items() if name in wanted)
    return readers if wanted <= _FIELDS.keys() else (("identity", _identity), *readers)


def _identity(row: CitizenRow, *_: object) -> Identity:
    return decode.identity(*row[:9])


def _lived_in(row: CitizenRow, *_: object) -> StoredResidence | None:
    """Of a row that ends with its columns."""
    home = row[-_HOME:]
    return None if home[0] is None else tuple.__new__(StoredResidence, home)  # in half the time


def _staying(kind: ResidenceKind) -> _Read:
    packed = int(kind)
    return lambda row, _extra, around, _: around.residences.get((row.id, packed))


_FIELDS: dict[str, _Read] = {
    **decode.FIELDS,
    "permanent_residence": _lived_in,
    "temporary_residence": _staying(ResidenceKind.TEMPORARY),
    "current_residence": _staying(ResidenceKind.CURRENT),
}


@lru_cache(maxsize=256)  # the fields of a handful of kinds of changes
def _question(fields: frozenset[str]) -> tuple[str, Callable[[Any], CitizenRow]]:
    """Reads the columns that these fields are made of; and makes a row of them.

    It is a ``CitizenRow`` that has no others, and those of the identity first if it has them;
    behind them stands the permanent residence, if it is asked for.
    """
    needed = {column for name in fields for column in _COLUMNS.get(name, _IDENTITY)}
    columns = tuple(name for name in CitizenRow._fields if name in needed.union(_ALWAYS))
    residences = "permanent_residence" in fields
    behind = tuple(f"home_{name}" for name in StoredResidence._fields) if residences else ()
    row = _named_tuple("CitizenRow", (*columns, *behind))
    question = sql.citizens_at_once(columns, residences=residences)
    return question, partial(tuple.__new__, row)


_Wanted = Mapping[int, tuple[str, frozenset[str]]]
"""Whose fields, and which: by packed number."""


def _surroundings(
    connection: Session, rows: Sequence[CitizenRow], wanted: _Wanted, of_any: frozenset[str]
) -> _Surroundings:
    """What the rows point to, as far as the fields asked for are made of it."""
    around = _Surroundings()
    if not _STAYS.isdisjoint(of_any):
        staying = [one for one, (_, had) in wanted.items() if not _STAYS.isdisjoint(had)]
        for number, kind, *stay in rows_found(connection, sql.STAYS_AT_ONCE, staying):
            around.residences[number, kind] = StoredResidence._make(stay)
    roles = [role for role in _KIN if role in of_any]
    kin = {getattr(row, role) for role in roles for row in rows if role in wanted[row.id][1]}
    if relatives := {number for number in kin if number is not None}:
        for found in connection.execute(sql.KIN, (array(relatives),)):
            relative = decode.kin(*found)
            around.kin[int(relative.personal_id)] = relative
    return around
