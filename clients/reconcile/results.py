"""The result: the rows of the file as they stood there, and what was signed of each beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from clients.reconcile.columns import ADDED
from clients.reconcile.errors import FileError
from clients.reconcile.outcomes import Outcome, dumps
from clients.reconcile.parquet import ParquetTable
from clients.reconcile.tables import CsvTable, Table

_MARK = "\ufeff"


class Form(Protocol):
    """How rows are written; text is always UTF-8."""

    def head(self) -> bytes:
        """What stands before the first row."""
        ...

    def rows(self, rows: Sequence[Any], outcomes: Sequence[Outcome]) -> bytes:
        """Some rows, each with its outcome."""
        ...


def form_for(table: Table, out: Path) -> Form:
    """CSV for CSV, JSON Lines for JSON Lines; for Parquet CSV, or JSON Lines as ``out`` is named.

    Raises:
        FileError: ``out`` names a Parquet file.
    """
    if out.suffix.lower() == ".parquet":
        raise FileError(
            f"--out {out}: a Parquet file cannot be continued after a break; name a .csv or .jsonl"
        )
    if isinstance(table, CsvTable):
        marked = table.encoding is not None and table.encoding.marked
        return CsvForm(table.heading, table.delimiter, table.line_end, marked=marked)
    if isinstance(table, ParquetTable):
        if out.suffix.lower() in {".jsonl", ".ndjson"}:
            return NamedForm(table.heading)
        return CsvForm(table.heading, ",", "\n", marked=False)
    return JsonForm()


class CsvForm:
    """Delimited text. Cells beyond the heading come after the columns that are added."""

    def __init__(
        self, heading: Sequence[str], delimiter: str, line_end: str, *, marked: bool
    ) -> None:
        self._heading, self._width = list(heading), len(heading)
        self._delimiter, self._line_end = delimiter, line_end
        self._mark = _MARK if marked else ""

    def head(self) -> bytes:
        """The heading."""
        return self._mark.encode() + self._write([[*self._heading, *ADDED]])

    def rows(self, rows: Sequence[Any], outcomes: Sequence[Outcome]) -> bytes:
        """Lines of cells."""
        width = self._width
        return self._write(
            [
                row + outcome.cells
                if len(row) == width
                else row[:width] + [""] * (width - len(row)) + outcome.cells + row[width:]
                for row, outcome in zip(rows, outcomes, strict=True)
            ]
        )

    def _write(self, lines: Sequence[Sequence[str]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._delimiter, lineterminator=self._line_end).writerows(lines)
        return text.getvalue().encode("utf-8", "replace")


class JsonForm:
    """JSON Lines: the object as it was written, with the added names at its end."""

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def rows(self, rows: Sequence[Any], outcomes: Sequence[Outcome]) -> bytes:
        """Lines of objects; a line that is none becomes the text ``line`` of one."""
        lines = []
        for (line, found), outcome in zip(rows, outcomes, strict=True):
            if found is None:
                lines.append(f'{{"line":{dumps(line)},{outcome.told}}}\n')
            else:
                comma = "," if found else ""
                lines.append(f"{line[:-1].rstrip()}{comma}{outcome.told}}}\n")
        return "".join(lines).encode("utf-8", "replace")


class NamedForm(JsonForm):
    """JSON Lines of rows that are lists of cells."""

    def __init__(self, heading: Sequence[str]) -> None:
        self._heading = list(heading)

    def rows(self, rows: Sequence[Any], outcomes: Sequence[Outcome]) -> bytes:
        """Lines of objects."""
        objects = [dict(zip(self._heading, row, strict=True)) for row in rows]
        return super().rows([(dumps(each), each) for each in objects], outcomes)
