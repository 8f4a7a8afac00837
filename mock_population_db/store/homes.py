"""Households with everybody in them, many at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from mock_population_db.citizen import Household, Member, Relation, ResidenceKind
from mock_population_db.store import decode, packing, sql
from mock_population_db.store.asking import rows_found
from mock_population_db.store.records import HouseholdRow


def homes_of(connection: sqlite3.Connection, people: Iterable[int]) -> list[int]:
    """The households that people live in, for good or for a time, by id."""
    return rows_found(connection, sql.HOMES, people)


def household_rows(connection: sqlite3.Connection, homes: Iterable[int]) -> dict[int, HouseholdRow]:
    """The households' own rows, by id; a household that does not exist has none."""
    return {row[0]: HouseholdRow(*row) for row in rows_found(connection, sql.HOUSEHOLDS, homes)}


def households(connection: sqlite3.Connection, homes: Iterable[int]) -> dict[int, Household]:
    """Households with their members, the dead among them, by id."""
    rows = household_rows(connection, homes)
    members: dict[int, list[Member]] = {home: [] for home in rows}
    for home, *member in sorted(rows_found(connection, sql.MEMBERS, rows), key=lambda row: row[:2]):
        members[home].append(_member(*member))
    return {home: _household(row, members[home]) for home, row in rows.items()}


def _household(row: HouseholdRow, members: Iterable[Member]) -> Household:
    return Household(
        row.id,
        ResidenceKind(row.kind),
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
        Relation.OTHER if relation is None else Relation(relation),
        packing.day(since),
        decode.VITAL[vital],
        packing.day(until),
        packing.old_id_number(old_id),
        decode.STATUS[number_status],
    )
