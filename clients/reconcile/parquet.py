"""Parquet files, by batches of rows. Needs pyarrow: the extra ``parquet``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from clients.reconcile.columns import check_added, find_columns
from clients.reconcile.errors import FileError
from clients.reconcile.tables import Piece, Table, cell_text

_BATCH = 8192  # rows decoded at once


class ParquetTable(Table):
    """A Parquet file. A row is a list of cells, as text.

    Attributes:
        heading: The names of the columns.
    """

    kind = "parquet"

    def __init__(self, path: Path, mapping: Mapping[str, str]) -> None:
        try:  # here, as it takes a quarter of a second: nobody else is to wait for it
            from pyarrow import ArrowException  # noqa: PLC0415
            from pyarrow.parquet import ParquetFile  # noqa: PLC0415
        except ImportError:
            raise FileError(
                f"{path} is a Parquet file; to read it, in dancu's checkout:"
                " pip install -e '.[parquet]'"
            ) from None
        self._path, self._damage = path, ArrowException
        try:
            self._file: Any = ParquetFile(path, pre_buffer=False)
        except self._damage as error:
            raise FileError(f"{path}: not a whole Parquet file: {error}") from None
        self.heading: list[str] = list(self._file.schema_arrow.names)
        self._rows, self._read = self._file.metadata.num_rows, 0
        self.found = find_columns(self.heading, mapping)
        check_added(self.heading)

    def pieces(self, size: int, skip: int) -> Iterator[Piece]:
        """All rows but the first ``skip``; row groups before them are not decoded."""
        groups, skipped = self._groups_after(skip)
        self._read = skip
        left: list[list[str]] = []
        first_row = skip + 1
        for rows in self._decoded(groups, skip - skipped):
            left += rows
            while len(left) >= size:
                yield self._piece(left[:size], first_row)
                left, first_row = left[size:], first_row + size
        if left:
            yield self._piece(left, first_row)

    def done(self) -> float:
        """How many of the rows were read, 0 to 1."""
        return self._read / self._rows if self._rows else 1.0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _groups_after(self, skip: int) -> tuple[list[int], int]:
        """The row groups that do not lie wholly in ``skip`` rows, and the rows before them."""
        before = 0
        for group in range(self._file.num_row_groups):
            rows = self._file.metadata.row_group(group).num_rows
            if before + rows > skip:
                return list(range(group, self._file.num_row_groups)), before
            before += rows
        return [], before

    def _decoded(self, groups: list[int], skip: int) -> Iterator[list[list[str]]]:
        try:
            for batch in self._file.iter_batches(batch_size=_BATCH, row_groups=groups):
                columns = [map(cell_text, column.to_pylist()) for column in batch.columns]
                rows = [list(row) for row in zip(*columns, strict=True)]
                yield rows[skip:]
                skip = max(skip - len(rows), 0)
        except self._damage as error:
            raise FileError(f"{self._path}: after row {self._read}: {error}") from None

    def _piece(self, rows: list[list[str]], first_row: int) -> Piece:
        columns = dict(zip(self.heading, zip(*rows, strict=True), strict=True))
        self._read += len(rows)
        cells = {field: columns[name] for field, name in self.found.items()}
        return Piece(first_row, rows, cells, unreadable=0)
