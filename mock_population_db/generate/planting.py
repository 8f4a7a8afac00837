"""Errors planted into an export, and the truth about them: to try a reconciliation on.

They are those that systems of agencies really have: digits swapped in typing, another
person's name, a leading zero that a spreadsheet dropped, names without their marks.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TextIO

from mock_population_db.generate.export import ExportRow
from mock_population_db.partial_date import PartialDate

_LEAST_DIGITS = 12
_LAST_SAFE_DAY = 28  # every month has it


class Planted(StrEnum):
    """What was done to a row; empty for nothing."""

    NONE = ""
    NUMBER = "NUMBER"  # two digits swapped
    NAME = "NAME"  # the given name of somebody else
    BIRTH_DATE = "BIRTH_DATE"  # another day
    SEX = "SEX"  # the other one
    LEADING_ZERO = "LEADING_ZERO"  # dropped, as spreadsheets do
    UPPER_CASE = "UPPER_CASE"  # no error: how many systems keep names


EXPECTED = {
    Planted.NONE: "MATCHED",
    Planted.NUMBER: "NOT_VERIFIED",
    Planted.NAME: "NOT_VERIFIED",
    Planted.BIRTH_DATE: "NOT_VERIFIED",
    Planted.SEX: "CORRECTED",
    Planted.LEADING_ZERO: "MATCHED",
    Planted.UPPER_CASE: "MATCHED",
}
"""The verdict that a reconciliation must come to, for a row that was right before."""


@dataclass(frozen=True, slots=True)
class PlantedRow:
    """A row as it goes into the file, and what was done to it."""

    row: ExportRow
    planted: Planted


def plant(rows: Iterable[ExportRow], *, share: float, seed: int = 0) -> Iterator[PlantedRow]:
    """Put errors into a share of the rows, the same ones for one seed.

    Rows without a whole number, name and birth date are passed over: nobody could say what a
    reconciliation must make of them.
    """
    draw = random.Random(seed)  # noqa: S311 - no secret
    kinds = [kind for kind in Planted if kind]
    for row in rows:
        if not (row.full_name and row.birth_date and len(row.personal_id) == _LEAST_DIGITS):
            continue
        kind = draw.choice(kinds) if draw.random() < share else Planted.NONE
        changed = _changed(row, kind, draw)
        yield PlantedRow(changed, kind if changed != row else Planted.NONE)


def write_planted(rows: Iterable[PlantedRow], records: TextIO, truth: TextIO) -> int:
    """Write the rows to one CSV and what was done to each to another; return how many.

    Open both with ``newline=""``. The truth has the columns row (from 1), planted, expect.
    """
    told = csv.writer(truth, lineterminator="\n")
    told.writerow(("row", "planted", "expect"))
    content = csv.writer(records, lineterminator="\n")
    content.writerow(("personal_id", "old_id_number", "full_name", "birth_date", "sex"))
    count = 0
    for count, one in enumerate(rows, 1):
        row = one.row
        content.writerow(
            (row.personal_id, row.old_id_number, row.full_name, row.birth_date, row.sex)
        )
        told.writerow((count, one.planted, EXPECTED[one.planted]))
    return count


def _changed(row: ExportRow, kind: Planted, draw: random.Random) -> ExportRow:
    """The row with one error; as it is where it cannot have this one."""
    if kind is Planted.NONE:
        return row
    field, change = _CHANGES[kind]
    value: str = getattr(row, field)
    return replace(row, **{field: change(value, draw)})


def _swapped(number: str, draw: random.Random) -> str:
    """Two neighbours among the last digits, swapped; the first six must stay a number's."""
    at = draw.randrange(6, len(number) - 1)
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def _another_day(text: str) -> str:
    date = PartialDate.parse(text)
    if not date.day:
        return str(date._replace(year=date.year - 1))
    return str(date._replace(day=date.day % _LAST_SAFE_DAY + 1))


def _without_zero(number: str, _draw: random.Random) -> str:
    return number[1:] if number.startswith("0") and not number.startswith("00") else number


_CHANGES: dict[Planted, tuple[str, Callable[[str, random.Random], str]]] = {
    Planted.NUMBER: ("personal_id", _swapped),
    Planted.NAME: ("full_name", lambda name, _: f"{name.rpartition(' ')[0]} Khác".strip()),
    Planted.BIRTH_DATE: ("birth_date", lambda date, _: _another_day(date)),
    Planted.SEX: ("sex", lambda sex, _: {"1": "2", "2": "1"}.get(sex, sex)),
    Planted.LEADING_ZERO: ("personal_id", _without_zero),
    Planted.UPPER_CASE: ("full_name", lambda name, _: name.upper()),
}
"""Per kind the field, and what is done to it."""
