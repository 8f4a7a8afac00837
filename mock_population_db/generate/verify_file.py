"""A register in a file, as it is verified."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mock_population_db.generate.checks import INDEXED, Check, Run
from mock_population_db.store.opening import open_file


@dataclass(frozen=True, slots=True)
class FileSource:
    """See ``Source``. Connections raise ``sqlite3.DatabaseError``."""

    path: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def opened(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection of one's own."""
        return closing(open_file(self.path))

    def structure(self, run: Run) -> Iterator[Check]:
        """SQLite's own check, then a count through each index."""
        columns = ", ".join(f"count({name})" for name in INDEXED)
        queries = [
            "PRAGMA quick_check(1)",
            f"SELECT {columns} FROM citizen NOT INDEXED",  # noqa: S608 - our names
            *(
                f"SELECT count(*) FROM citizen INDEXED BY citizen_{name} WHERE {name} IS NOT NULL"  # noqa: S608 - our names
                for name in INDEXED
            ),
        ]
        (whole,), counts, *indexed = run(partial(_answer, self), queries)
        yield Check("structure of the file", str(whole), "ok")
        for name, expected, (found,) in zip(INDEXED, counts, indexed, strict=True):
            yield Check(f"index of {name}", f"{found:,}", f"{expected:,}")


def _answer(source: FileSource, query: str) -> tuple[int | str, ...]:
    with source.opened() as database:
        row: tuple[int | str, ...] = database.execute(query).fetchone()
    return row
