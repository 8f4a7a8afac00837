"""Reading the register: functions that run whole in the connection's thread.

Each runs in one read transaction, so that all it finds is of one revision.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mock_population_db.citizen import (
    Citizen,
    Household,
    Identity,
    Keys,
    NumberChain,
    Snapshot,
)
from mock_population_db.store import decode, homes, packing, sql
from mock_population_db.store.asking import array, rows_found, transaction
from mock_population_db.store.parts import read_parts
from mock_population_db.store.people import read_people, steps_to

_OLD_NUMBER_LENGTH = 9


@dataclass(frozen=True, slots=True)
class RegisterInfo:
    """What the register says of itself."""

    size: int  # people, as it was asked for; personas come on top
    seed: int
    as_of: date
    revision: int
    schema_version: int
    digest: str  # of the generated content, empty when it was not taken
    day: date  # the register's day: as_of, or that of the latest event
    compacted: int  # the latest revision whose change is no longer kept, 0 when all are


def read_snapshot(connection: sqlite3.Connection, keys: Keys) -> Snapshot:
    """Everything that the keys ask for, at one revision."""
    with transaction(connection):
        snapshot = Snapshot(*read_moment(connection))
        followed: dict[str, Identity] = {}
        if keys.numbers:
            snapshot.identities = _identities(connection, keys.numbers)
        if keys.old_numbers:
            snapshot.by_old_number = _by_old_number(connection, keys.old_numbers)
        if keys.former:
            snapshot.chains = _chains(connection, keys.former)
        if keys.succeeded:
            ends, followed = _successions(connection, keys.succeeded)
            snapshot.successors = {
                number: followed[end] for number, end in ends.items() if end in followed
            }
        if keys.details:
            snapshot.citizens = _details(connection, keys.details, snapshot.as_of)
        if keys.households:
            snapshot.households = _households(connection, keys.households)
        wanted = dict(keys.parts)
        if keys.sought:
            for number, fields in _found_by(connection, keys.sought, followed).items():
                wanted[number] = wanted.get(number, fields) | fields
        if wanted:
            snapshot.parts = read_parts(connection, wanted, snapshot.as_of)
        return snapshot


def read_info(connection: sqlite3.Connection) -> RegisterInfo:
    """The register's account of itself. Raises KeyError when a part of it is missing."""
    meta = dict(connection.execute(sql.META))
    return RegisterInfo(
        size=int(meta["size"]),
        seed=int(meta["seed"]),
        as_of=date.fromisoformat(meta["as_of"]),
        revision=int(meta["revision"]),
        schema_version=int(meta["schema_version"]),
        digest=meta.get("digest", ""),
        day=date.fromisoformat(meta.get("day", meta["as_of"])),
        compacted=int(meta.get("compacted", 0)),
    )


def read_moment(connection: sqlite3.Connection) -> tuple[int, date]:
    """The register's revision and its day."""
    revision, day = connection.execute(sql.MOMENT).fetchone()
    return int(revision), date.fromisoformat(day)


def read_household(connection: sqlite3.Connection, household_id: int) -> Household | None:
    """A household with its members, the dead among them, or None."""
    with transaction(connection):
        return homes.households(connection, [household_id]).get(household_id)


def _identities(connection: sqlite3.Connection, numbers: Sequence[str]) -> dict[str, Identity]:
    rows = rows_found(connection, sql.IDENTITIES, numbers)
    identity = decode.identity
    return {numbers[position]: identity(*row) for position, *row in rows}


def _by_old_number(
    connection: sqlite3.Connection, numbers: Sequence[str]
) -> dict[str, tuple[Identity, ...]]:
    found: dict[str, list[Identity]] = {number: [] for number in numbers}
    asked = tuple(found)
    for position, *row in rows_found(connection, sql.BY_OLD_NUMBER, asked):
        found[asked[position]].append(decode.identity(*row))
    return {number: tuple(people) for number, people in found.items()}


def _chains(connection: sqlite3.Connection, numbers: Sequence[str]) -> dict[str, NumberChain]:
    ends = _ends(connection, numbers)
    present = _identities(connection, tuple(ends.values()))
    steps = steps_to(connection, [person.personal_id for person in present.values()])
    return {
        number: NumberChain(decode.history(person, steps.get(int(person.personal_id), ())), person)
        for number, end in ends.items()
        if (person := present.get(end))
    }


def _ends(connection: sqlite3.Connection, numbers: Sequence[str]) -> dict[str, str]:
    """For each number the last successor, or itself when it was never cancelled.

    The step sought is followed whoever's it is: a number without one costs the same.
    """
    ends = {number: number for number in numbers}
    for position, former, successor in connection.execute(sql.STEPS_AHEAD, (array(numbers),)):
        if former == int(numbers[position]):
            ends[numbers[position]] = packing.personal_id(successor)
    return ends


def _successions(
    connection: sqlite3.Connection, numbers: Sequence[str]
) -> tuple[dict[str, str], dict[str, Identity]]:
    """For each number that was cancelled its last successor; and who bears those.

    Where none was, the step that the first one is sought at is followed, whoever's it is: a
    number without a successor costs what one with costs.
    """
    steps = rows_found(connection, sql.SUCCESSORS, numbers)
    ends = {numbers[position]: packing.personal_id(end) for position, end in steps}
    wanted = tuple(ends.values()) or tuple(_ends(connection, numbers[:1]).values())
    return ends, _identities(connection, tuple(dict.fromkeys(wanted)))


def _found_by(
    connection: sqlite3.Connection,
    sought: Mapping[str, frozenset[str]],
    followed: Mapping[str, Identity],
) -> dict[str, frozenset[str]]:
    """Which fields are wanted of whom the seeks came to rest on, and of those followed to."""
    wanted: dict[str, frozenset[str]] = {}
    for number, found in _sought(connection, tuple(sought)).items():
        for one in map(packing.personal_id, found):
            wanted[one] = wanted.get(one, frozenset()) | sought[number]
    every = frozenset().union(*sought.values())
    return wanted | {person.personal_id: every for person in followed.values()}


def _details(
    connection: sqlite3.Connection, numbers: Sequence[str], as_of: date
) -> dict[str, tuple[Citizen, ...]]:
    sought = _sought(connection, numbers)
    ids = {one for found in sought.values() for one in found}
    people = read_people(connection, ids, as_of).citizens
    return {number: tuple(people[one] for one in found) for number, found in sought.items()}


def _sought(connection: sqlite3.Connection, numbers: Sequence[str]) -> dict[str, list[int]]:
    """The personal numbers that the seeks for 12- and 9-digit numbers come to rest on."""
    sought: dict[str, list[int]] = {number: [] for number in numbers}
    old = [number for number in sought if len(number) == _OLD_NUMBER_LENGTH]
    new = [number for number in sought if len(number) != _OLD_NUMBER_LENGTH]
    for asked, question in ((new, sql.NUMBERS_SOUGHT), (old, sql.OLD_NUMBERS_SOUGHT)):
        for position, found in connection.execute(question, (array(asked),)):
            sought[asked[position]].append(found)
    return sought


def _households(connection: sqlite3.Connection, numbers: Sequence[str]) -> dict[int, Household]:
    people = {one for found in _sought(connection, numbers).values() for one in found}
    return homes.households(connection, homes.homes_of(connection, people))
