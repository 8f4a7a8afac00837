"""Files to reconcile, with planted errors; each row knows what must become of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from clients.sdk import Record, Sex
from tests.torture.people import Cast, Person

CHUNKS = (3, 9)  # of a file, at least and at most
ROWS = (20, 120)  # of a chunk
_NOBODY = "001099999999"


class Plant(StrEnum):
    """What is wrong with a row."""

    NOTHING = "nothing"
    NAME = "name"
    BIRTH = "birth"
    NUMBER = "number"  # nobody has it
    LETTERS = "letters"  # it is none
    SEX = "sex"
    ZERO = "zero"  # a spreadsheet dropped the leading zero
    AGAIN = "again"  # the row before once more
    LIVELY = "lively"  # nothing, as the register was when the test began; people change


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: what was planted, and whom it is about, by the number in the cast."""

    record: Record
    plant: Plant
    about: str
    seen: bool  # the same number came before in the file


_WEIGHTS = {
    Plant.NOTHING: 30,
    Plant.NAME: 8,
    Plant.BIRTH: 8,
    Plant.NUMBER: 5,
    Plant.LETTERS: 4,
    Plant.SEX: 8,
    Plant.ZERO: 6,
    Plant.AGAIN: 6,
    Plant.LIVELY: 25,
}


def file_of(seed: int, session: str, cast: Cast) -> list[list[Row]]:
    """The chunks of one session's file: a pure function of seed and session."""
    chance = random.Random(f"{seed} {session}")  # noqa: S311 - to be repeated, not a secret
    sizes = [chance.randint(*ROWS) for _ in range(chance.randint(*CHUNKS))]
    rows = _rows(chance, cast)
    return [[next(rows) for _ in range(size)] for size in sizes]


def _rows(chance: random.Random, cast: Cast) -> Iterator[Row]:
    """Rows without end. Numbers with letters are not noted as seen: nobody asks by them."""
    lively = [one for part in cast.lively.values() for one in part]
    seen: set[str] = set()
    before: tuple[Plant, Person, Record] | None = None
    for key in range(10**9):
        plant = chance.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
        if plant is Plant.AGAIN and before is not None:
            kind, person, record = before
            record = replace(record, row_key=str(key))
        else:
            kind = Plant.NOTHING if plant is Plant.AGAIN else plant
            person = chance.choice(lively if kind is Plant.LIVELY else cast.steady)
            record = _record(str(key), kind, person)
        before = kind, person, record
        number = record.personal_id.zfill(12)
        yield Row(record, kind, person.number, number in seen)
        if kind is not Plant.LETTERS:
            seen.add(number)


def _record(key: str, kind: Plant, person: Person) -> Record:
    """A person as some system has them, with one error."""
    right = Record(
        row_key=key,
        personal_id=person.number,
        full_name=person.name,
        birth_date=person.birth_date,
    )
    year, rest = int(person.birth_date[:4]), person.birth_date[4:8]
    wrong: dict[Plant, dict[str, Any]] = {
        Plant.NAME: {"full_name": "Không Phải Người Này"},
        Plant.BIRTH: {"birth_date": f"{year - 1}{rest}15"},
        Plant.NUMBER: {"personal_id": _NOBODY},
        Plant.LETTERS: {"personal_id": "SO-DINH-DANH"},
        Plant.SEX: {"sex": Sex.MALE if person.female else Sex.FEMALE},
        Plant.ZERO: {"personal_id": person.number.lstrip("0")},
    }
    return replace(right, **wrong.get(kind, {}))
