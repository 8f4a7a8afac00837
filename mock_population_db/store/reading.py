"""Reading the register: functions that run whole in the connection's thread.

Each runs in one read transaction, so that all it finds is of one revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mock_population_db.citizen import Citizen, Household, Identity
from mock_population_db.snapshot import Keys, NumberChain, Snapshot
from mock_population_db.store import decode, homes, packing, sql
from mock_population_db.store.asking import Session, array, rows_found, transaction
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


def read_snapshot(connection: Session, keys: Keys) -> Snapshot:
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
            found = _found_by(connection, keys.sought, snapshot)
            found |= dict.fromkeys(_numbers(followed.values()), _union(keys.sought.values()))
            for number, fields in found.items():
                wanted[number] = _union((wanted.get(number, fields), fields))
        if wanted:
            snapshot.parts = read_parts(connection, wanted, snapshot.as_of)
        return snapshot


def identities_told(rows: Sequence[Any], numbers: Sequence[str]) -> dict[str, Identity]:
    """By number, of the rows of ``sql.IDENTITIES``."""
    identity = decode.identity
    # column by column: to gather them and to spread them out again takes longer
    return {
        numbers[at]: identity(one, family, middle, given, birth, old, vital, status, annulled)
        for at, one, family, middle, given, birth, old, vital, status, annulled in rows
    }


def old_numbers_told(
    rows: Sequence[Any], numbers: Sequence[str]
) -> dict[str, tuple[Identity, ...]]:
    """By old number, each asked for once, of the rows of ``sql.BY_OLD_NUMBER``."""
    found: dict[str, list[Identity]] = {number: [] for number in numbers}
    for position, *row in rows:
        found[numbers[position]].append(decode.identity(*row))
    return {number: tuple(people) for number, people in found.items()}


def read_info(connection: Session) -> RegisterInfo:
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


def read_moment(connection: Session) -> tuple[int, date]:
    """The register's revision and its day."""
    revision, day = connection.execute(sql.MOMENT).fetchone()
    return int(revision), date.fromisoformat(day)


def read_household(connection: Session, household_id: int) -> Household | None:
    """A household with its members, the dead among them, or None."""
    with transaction(connection):
        return homes.households(connection, [household_id]).get(household_id)


def _identities(connection: Session, numbers: Sequence[str]) -> dict[str, Identity]:
    return identities_told(rows_found(connection, sql.IDENTITIES, numbers), numbers)


def _by_old_number(connection: Session, numbers: Sequence[str]) -> dict[str, tuple[Identity, ...]]:
    asked = tuple(dict.fromkeys(numbers))
    return old_numbers_told(rows_found(connection, sql.BY_OLD_NUMBER, asked), asked)


def _chains(connection: Session, numbers: Sequence[str]) -> dict[str, NumberChain]:
    ends = _ends(connection, numbers)
    present = _identities(connection, tuple(ends.values()))
    steps = steps_to(connection, [person.personal_id for person in present.values()])
    return {
        number: NumberChain(decode.history(person, steps.get(int(person.personal_id), ())), person)
        for number, end in ends.items()
        if (person := present.get(end))
    }


def _ends(connection: Session, numbers: Sequence[str]) -> dict[str, str]:
    """For each number the last successor, or itself when it was never cancelled.

    The step sought is followed whoever's it is: a number without one costs the same.
    """
    ends = {number: number for number in numbers}
    for position, former, successor in connection.execute(sql.STEPS_AHEAD, (array(numbers),)):
        if former == int(numbers[position]):
            ends[numbers[position]] = packing.personal_id(successor)
    return ends


def _successions(
    connection: Session, numbers: Sequence[str]
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
    connection: Session, sought: Mapping[str, frozenset[str]], snapshot: Snapshot
) -> dict[str, frozenset[str]]:
    """Which fields are wanted of whom the seeks come to rest on: by their numbers.

    Numbers that were asked for their identities, too, are not sought once more.
    """
    rested: dict[str, tuple[str, ...]]
    rested = {number: (one.personal_id,) for number, one in snapshot.identities.items()}
    rested |= {number: _numbers(found) for number, found in snapshot.by_old_number.items()}
    if others := [number for number in sought if number not in rested]:
        seeks = _sought(connection, others)
        rested |= {number: tuple(map(packing.personal_id, seeks[number])) for number in others}
    wanted: dict[str, frozenset[str]] = {}
    for number, fields in sought.items():
        for one in rested[number]:
            wanted[one] = _union((wanted.get(one, fields), fields))
    return wanted


def _numbers(people: Iterable[Identity]) -> tuple[str, ...]:
    return tuple([person.personal_id for person in people])


def _union(some: Iterable[frozenset[str]]) -> frozenset[str]:
    """Of sets that are mostly the same one: then that one, and none like it."""
    different = set(some)
    return different.pop() if len(different) == 1 else frozenset().union(*different)


def _details(
    connection: Session, numbers: Sequence[str], as_of: date
) -> dict[str, tuple[Citizen, ...]]:
    sought = _sought(connection, numbers)
    ids = {one for found in sought.values() for one in found}
    people = read_people(connection, ids, as_of).citizens
    return {number: tuple(people[one] for one in found) for number, found in sought.items()}


def _sought(connection: Session, numbers: Sequence[str]) -> dict[str, list[int]]:
    """The personal numbers that the seeks for 12- and 9-digit numbers come to rest on."""
    sought: dict[str, list[int]] = {number: [] for number in numbers}
    old = [number for number in sought if len(number) == _OLD_NUMBER_LENGTH]
    new = [number for number in sought if len(number) != _OLD_NUMBER_LENGTH]
    for asked, question in ((new, sql.NUMBERS_SOUGHT), (old, sql.OLD_NUMBERS_SOUGHT)):
        for position, found in connection.execute(question, (array(asked),)):
            sought[asked[position]].append(found)
    return sought


def _households(connection: Session, numbers: Sequence[str]) -> dict[int, Household]:
    people = {one for found in _sought(connection, numbers).values() for one in found}
    return homes.households(connection, homes.homes_of(connection, people))
