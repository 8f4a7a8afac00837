"""Whom a load test asks about: people of the register that is asked, from a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clients.loadtest.errors import LoadError
from clients.sdk.requests import partial_date

_COLUMNS = ("personal_id", "full_name", "birth_date")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the register.

    Attributes:
        personal_id: 12 digits.
        old_id_number: 9 digits, or empty.
        full_name: As the register has it.
        birth_date: ``YYYY[-MM[-DD]]``.
    """

    personal_id: str
    old_id_number: str
    full_name: str
    birth_date: str


def read_people(path: Path) -> list[Person]:
    """The people of a CSV file as ``dancu population export`` writes it.

    Rows without a number, a name or a birth date are passed over: they cannot be asked about.

    Raises:
        LoadError: It cannot be read, or holds nobody to ask about.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            people = list(_people(csv.DictReader(stream), path))
    except OSError as error:
        raise LoadError(f"cannot read people from {path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise LoadError(f"{path} is no CSV in UTF-8: {error}") from None
    if not people:
        raise LoadError(f"{path} holds nobody to ask about")
    return people


def _people(rows: csv.DictReader[str], path: Path) -> Iterable[Person]:
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise LoadError(f"{path} has no column {missing[0]}; it must have {', '.join(_COLUMNS)}")
    for row in rows:
        if all(row[name] for name in _COLUMNS):
            yield _person(row, f"{path}:{rows.line_num}")


def _person(row: Mapping[str, str], where: str) -> Person:
    try:
        partial_date(row["birth_date"])
    except ValueError as error:
        raise LoadError(f"{where}: {error}") from None
    old = row.get("old_id_number") or ""
    return Person(row["personal_id"], old, row["full_name"], row["birth_date"])
