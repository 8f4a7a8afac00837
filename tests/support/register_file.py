"""A register in a file, of some rows and nobody else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from mock_population_db.store.install import install_personas
from mock_population_db.store.records import SCHEMA_VERSION
from mock_population_db.store.rows import Rows

META = {
    "schema_version": str(SCHEMA_VERSION),
    "seed": "42",
    "size": "0",
    "as_of": "2026-01-01",
    "revision": "7",
    "digest": "d1",
}


def make_register(path: Path, rows: Rows) -> Path:
    """Make a register of these rows, at revision 7, and give its path."""
    schema = files("mock_population_db") / "store" / "schema" / "0001_register.sql"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(schema.read_text(encoding="utf-8"))
        connection.executemany("INSERT INTO meta VALUES (?, ?)", META.items())
    install_personas(path, rows)
    return path
