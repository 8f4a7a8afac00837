"""Households with everybody in them, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mock_population_db.citizen import Household, Member, Relation, ResidenceKind
from mock_population_db.store import decode, packing, sql
from mock_population_db.store.asking import Session, rows_found
from mock_population_db.store.records import CitizenRow, HouseholdRow, PersonRows

MemberKey = tuple[int, int]
"""A member's number and the kind of residence; members are told in this order."""

_KIND = {int(one): one for one in ResidenceKind}
_RELATION = {int(one): one for one in Relation}
_PERMANENT = int(ResidenceKind.PERMANENT)


class Lodging(NamedTuple):
    """How somebody lives in a household."""

    home: int
    key: MemberKey
    relation: int | None
    since: int | None
    until: int | None


def homes_of(connection: Session, people: Iterable[int]) -> list[int]:
    """The households that people live in, for good or for a time, by id."""
    return rows_found(connection, sql.HOMES, people)


def household_rows(connection: Session, homes: Iterable[int]) -> dict[int, HouseholdRow]:
    """The households' own rows, by id; a household that does not exist has none."""
    rows = rows_found(connection, sql.HOUSEHOLDS, homes)
    new = tuple.__new__  # in half the time: they are read by the thousand
    return {row[0]: new(HouseholdRow, row) for row in rows}


def households(connection: Session, homes: Iterable[int]) -> dict[int, Household]:
    """Households with their members, the dead among them, by id."""
    rows = household_rows(connection, homes)
    found = members(connection, rows)
    return {home: household(row, found[home].values()) for home, row in rows.items()}


def members(connection: Session, homes: Iterable[int]) -> dict[int, dict[MemberKey, Member]]:
    """Who lives in each of some households, in order."""
    found: dict[int, dict[MemberKey, Member]] = {home: {} for home in homes}
    rows = rows_found(connection, sql.MEMBERS, found)
    for home, number, kind, *row in sorted(rows, key=lambda row: row[:3]):
        found[home][number, kind] = _member(number, *row)
    return found


def lodgings(rows: PersonRows) -> Iterator[Lodging]:
    """Where somebody lives."""
    row = rows.citizen
    if row.household is not None:
        yield Lodging(row.household, (row.id, _PERMANENT), row.relation, row.resident_since, None)
    for stay in rows.stays:
        if stay.household is not None:
            key = (stay.citizen, stay.kind)
            yield Lodging(stay.household, key, stay.relation, stay.since, stay.until)


def member(row: CitizenRow, lodging: Lodging) -> Member:
    """Somebody as the member of a household."""
    who = (row.id, row.family, row.middle, row.given, row.old_id, row.vital, row.number_status)
    return _member(*who, *lodging[2:])


def household(row: HouseholdRow, members: Iterable[Member] = ()) -> Household:
    """A household of its own row, with members that were read elsewhere."""
    return Household(
        row.id,
        _KIND[row.kind],
        packing.address(row.place),
        "" if row.head is None else packing.personal_id(row.head),
        tuple(members),
        decode.residence_file_number(row.id),
    )


def _member(
    number: int,
    family: str | None,
    middle: str | None,
    given: str | None,
    old_id: int | None,
    vital: int,
    number_status: int,
    relation: int | None,
    since: int | None,
    until: int | None,
) -> Member:
    return Member(
        packing.personal_id(number),
        packing.person_name(family, middle, given),
        Relation.OTHER if relation is None else _RELATION[relation],
        packing.day(since),
        decode.VITAL[vital],
        packing.day(until),
        packing.old_id_number(old_id),
        decode.STATUS[number_status],
    )
