"""Files of records, read piece by piece: CSV, JSON Lines, Parquet. Memory stays flat.

A bad row never ends the reading: it is sent as it is, and the gateway says what is wrong with it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, BinaryIO, Self

from clients.reconcile.columns import ADDED, FIELDS, check_added, find_columns
from clients.reconcile.encodings import Encoding, find_encoding
from clients.reconcile.errors import FileError

Json = dict[str, Any]

_DELIMITERS = ",;\t"
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a file, one after the other.

    Attributes:
        first_row: The number of the first one, from 1; a heading does not count.
        rows: As they stand in the file, in the table's own form.
        columns: What is asked of them: cells by field of a record, each as long as ``rows``.
        unreadable: How many rows have bytes that are no text in the file's encoding.
    """

    first_row: int
    rows: Sequence[Any]
    columns: Mapping[str, Sequence[str]]
    unreadable: int


class Table(ABC):
    """A file that is open for reading.

    Attributes:
        kind: ``csv``, ``jsonl`` or ``parquet``.
        encoding: Of its text; None for Parquet.
        found: Column by field of a record.
    """

    kind: str
    encoding: Encoding | None = None
    found: Mapping[str, str]

    @abstractmethod
    def pieces(self, size: int, skip: int) -> Iterator[Piece]:
        """All rows but the first ``skip``, ``size`` at a time; once."""

    @abstractmethod
    def done(self) -> float:
        """How much of the file was read, 0 to 1."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_text_table(path: Path, kind: str, mapping: Mapping[str, str], encoding: str) -> Table:
    """Open CSV or JSON Lines.

    Args:
        path: The file.
        kind: ``csv`` or ``jsonl``.
        mapping: Column by field, where they are not called alike.
        encoding: ``auto`` or a name of ``encodings.NAMES``.

    Raises:
        OSError: The file cannot be read.
        FileError: It is no such file, or lacks a column.
    """
    text = _Text(path, find_encoding(path, encoding))
    try:
        return (CsvTable if kind == "csv" else JsonTable)(text, mapping)
    except BaseException:
        text.close()
        raise


class _Text:
    """The lines of a text file, and how far they were read."""

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self.path, self.encoding = path, encoding
        self._raw: BinaryIO = path.open("rb")
        self._file = io.TextIOWrapper(self._raw, encoding.codec, errors="replace", newline="")
        self._size = path.stat().st_size or 1

    def __iter__(self) -> Iterator[str]:
        repair = self.encoding.repair
        return map(repair, self._file) if repair else iter(self._file)

    def done(self) -> float:
        return min(self._raw.tell() / self._size, 1.0)

    def close(self) -> None:
        self._file.close()


class _TextTable(Table):
    def __init__(self, text: _Text) -> None:
        self._text = text
        self.encoding = text.encoding

    def done(self) -> float:
        return self._text.done()

    def close(self) -> None:
        self._text.close()


class CsvTable(_TextTable):
    """Delimited text with a heading. A row is a list of cells.

    Attributes:
        heading: The names of the columns.
        delimiter: What stands between two cells.
        line_end: What ends a line.
    """

    kind = "csv"

    def __init__(self, text: _Text, mapping: Mapping[str, str]) -> None:
        super().__init__(text)
        lines = iter(text)
        first = next((line for line in lines if line.strip()), "")
        self.delimiter = max(_DELIMITERS, key=first.count)
        self.line_end = "\r\n" if first.endswith("\r\n") else "\n"
        heading = next(csv.reader([first], delimiter=self.delimiter), [])
        self.heading = [name.removeprefix("\ufeff") for name in heading]
        self.found = find_columns(self.heading, mapping)
        check_added(self.heading)
        self._last_line = first
        self._rows = csv.reader(self._kept(lines), delimiter=self.delimiter)
        self._places = {field: self.heading.index(name) for field, name in self.found.items()}

    def pieces(self, size: int, skip: int) -> Iterator[Piece]:
        """All rows but the first ``skip``; empty lines are no rows."""
        rows = islice(filter(None, self._rows), skip, None)
        row_number = skip + 1
        try:
            while piece := list(islice(rows, size)):
                if len(piece) < size:
                    self._check_end(piece[-1])
                yield self._piece(piece, row_number)
                row_number += len(piece)
        except csv.Error as error:
            raise self._unclosed(str(error)) from None

    def _kept(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            self._last_line = line
            yield line

    def _check_end(self, last: list[str]) -> None:
        """FileError when the last row is one whose quotation mark swallowed all that follow.

        Its cell has line breaks in it, and yet no mark in the last line closes it.
        """
        if any("\n" in cell for cell in last) and self._last_line.count('"') % 2 == 0:
            raise self._unclosed("the end of the file within a cell")

    def _unclosed(self, found: str) -> FileError:
        """The error, with the line on which that cell begins: found by reading again."""
        begins = 1
        try:
            with closing(_Text(self._text.path, self._text.encoding)) as text:
                rows = csv.reader(iter(text), delimiter=self.delimiter)
                for _ in rows:
                    if rows.line_num < self._rows.line_num + 1:
                        begins = rows.line_num + 1
        except csv.Error:
            pass
        return FileError(
            f"{self._text.path}: line {begins}: {found}; a quotation mark there has no second one"
        )

    def _piece(self, rows: list[list[str]], first_row: int) -> Piece:
        # transposed at once, the short ones filled up: one loop in C instead of many here
        columns = [*zip_longest(*rows, fillvalue="")]
        empty = ("",) * len(rows)
        cells = {
            field: columns[place] if place < len(columns) else empty
            for field, place in self._places.items()
        }
        return Piece(first_row, rows, cells, _count_unreadable(cells, len(rows)))


class JsonTable(_TextTable):
    """JSON Lines. A row is the line, without its end, and the object; None where it is none."""

    kind = "jsonl"

    def __init__(self, text: _Text, mapping: Mapping[str, str]) -> None:
        super().__init__(text)
        self._lines = (line.strip().removeprefix("\ufeff") for line in text)
        self._first = next((line for line in self._lines if line), "")
        present = list(_object(self._first) or ())
        named = find_columns(present, mapping)
        check_added(present)
        # later lines may have what the first one lacks
        self.found = {field: mapping.get(field, field) for field in FIELDS} | named

    def pieces(self, size: int, skip: int) -> Iterator[Piece]:
        """All lines but the first ``skip``; empty ones are no rows."""
        first = [self._first] if self._first else []
        lines = islice(_chain(first, filter(None, self._lines)), skip, None)
        row_number = skip + 1
        while piece := [(line, _object(line)) for line in islice(lines, size)]:
            yield self._piece(piece, row_number)
            row_number += len(piece)

    def _piece(self, rows: list[tuple[str, Json | None]], first_row: int) -> Piece:
        cells = {
            field: [cell_text(found.get(name)) if found else "" for _, found in rows]
            for field, name in self.found.items()
        }
        return Piece(first_row, rows, cells, _count_unreadable(cells, len(rows)))


def cell_text(value: object) -> str:
    """What a typed value is as text: nothing for null, no fraction for a whole number."""
    match value:
        case str():
            return value if value.isascii() else _SURROGATES.sub(_UNREADABLE, value)
        case None:
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case bytes():
            return value.decode("utf-8", "replace")
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
    return str(value).removesuffix(" 00:00:00")  # a date that was kept as a moment


def _object(line: str) -> Json | None:
    """The object of a line; None when it is none, or says already what the result will say."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and not found.keys() & set(ADDED) else None


def _chain(*parts: Iterator[str] | list[str]) -> Iterator[str]:
    for part in parts:
        yield from part


def _count_unreadable(cells: Mapping[str, Sequence[str]], rows: int) -> int:
    """How many rows have a letter that could not be read; cheap where there is none."""
    spoilt = {
        row
        for column in cells.values()
        if _UNREADABLE in "".join(column)
        for row in range(rows)
        if _UNREADABLE in column[row]
    }
    return len(spoilt)
