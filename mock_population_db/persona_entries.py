"""Entries of a personas file: read from CSV or TOML with the line of every field."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from mock_population_db.persona_rules import REQUIRED, RULES

_HEADER = re.compile(r"\s*\[\[\s*persona\s*\]\]")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_NUMBERS = ("personal_id", "old_id_number")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and what to do about it."""

    line: int
    field: str
    rule: str
    fix: str

    def __str__(self) -> str:
        return f"{self.line}: {self.field}: {self.rule}; {self.fix}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One persona as it was written; empty fields are left out."""

    line: int  # where it begins
    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)  # of each field, where known

    def line_of(self, name: str) -> int:
        """The line of a field, or of the entry."""
        return self.lines.get(name, self.line)


def read_entries(path: Path, problems: list[Problem]) -> list[Entry]:
    """Read the entries of a ``.csv`` or ``.toml`` file; what is wrong goes to ``problems``.

    Raises OSError when the file cannot be read.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problems.append(Problem(line, "file", "is not UTF-8", "save it as UTF-8"))
        return []
    if path.suffix.lower() == ".csv":
        return _read_csv(text, problems)
    if path.suffix.lower() == ".toml":
        return _read_toml(text, problems)
    problems.append(Problem(1, "file", "is neither .csv nor .toml", "rename or convert it"))
    return []


def _read_csv(text: str, problems: list[Problem]) -> list[Entry]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        before = len(problems)
        problems += _header_problems(names)
        return _csv_rows(reader, names, problems) if len(problems) == before else []
    except csv.Error as error:
        problems.append(Problem(reader.line_num, "file", f"{error}", "check the quotes"))
        return []


def _csv_rows(reader: Any, names: list[str], problems: list[Problem]) -> list[Entry]:
    entries = []
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) > len(names):
            rule = f"has {len(cells)} cells for {len(names)} columns"
            problems.append(Problem(line, "row", rule, "quote cells that hold a comma"))
        values = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
        if values:
            entries.append(Entry(line, values))
        line = reader.line_num + 1
    return entries


def _header_problems(names: list[str]) -> list[Problem]:
    found = [_unknown(1, name) for name in names if name not in RULES]
    found += [
        Problem(1, name, "stands twice in the header row", "remove one")
        for name in RULES
        if names.count(name) > 1
    ]
    return found + [
        Problem(1, name, "is missing", "add the column to the header row")
        for name in REQUIRED
        if name not in names
    ]


def _read_toml(text: str, problems: list[Problem]) -> list[Entry]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _TOML_LINE.search(str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        rule = _TOML_LINE.sub("", str(error)).strip()
        fix = "write TOML; numbers with leading zeros stand in quotes"
        problems.append(Problem(line, "file", rule, fix))
        return []
    tables = content.pop("persona", [])
    problems += [_unknown(1, name) for name in content]
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        problems.append(Problem(1, "persona", "is no list of tables", "write [[persona]]"))
        return []
    places = _toml_places(text.split("\n"))
    # tables written in another form than [[persona]] have no line of their own
    places += [Entry(1)] * (len(tables) - len(places))
    return [
        _toml_entry(table, place, problems) for table, place in zip(tables, places, strict=False)
    ]


def _toml_places(lines: Iterable[str]) -> list[Entry]:
    """Where each ``[[persona]]`` and its keys stand; tomllib does not tell."""
    places: list[Entry] = []
    for number, line in enumerate(lines, 1):
        if _HEADER.match(line):
            places.append(Entry(number))
        elif places and (key := _KEY.match(line)):
            places[-1].lines.setdefault(key[1], number)
    return places


def _toml_entry(table: dict[str, object], place: Entry, problems: list[Problem]) -> Entry:
    entry = Entry(place.line, {}, place.lines)
    for name, value in table.items():
        line = entry.line_of(name)
        if name not in RULES:
            problems.append(_unknown(line, name))
        elif (text := _toml_text(name, value)) is None:
            fix = "write it in quotes, with its leading zeros"
            problems.append(Problem(line, name, "is not text", fix))
        elif text:
            entry.values[name] = text
    return entry


def _toml_text(name: str, value: object) -> str | None:
    """Text as it is, a date or a bare year as text; None for anything else."""
    if isinstance(value, str):
        return value
    if name == "birth_date" and type(value) in (date, int):
        return str(value)
    return None


def _unknown(line: int, name: str) -> Problem:
    return Problem(line, name or "column", "is not a known field", f"use {', '.join(RULES)}")
