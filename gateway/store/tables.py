"""The tables of ``gateway.db``, and how a connection to it must be."""

from __future__ import annotations

import sqlite3
from importlib import resources


def create_tables(db: sqlite3.Connection) -> None:
    """Make the tables of ``gateway.db``, empty."""
    for statement in _statements("0001_records.sql"):
        db.execute(statement)
    _add_tables(db)


def _add_tables(db: sqlite3.Connection) -> None:
    """Make the tables that files of earlier days lack."""
    for statement in _statements("0002_mismatches.sql"):
        db.execute(statement)


def _statements(name: str) -> list[str]:
    schema = (resources.files(__package__) / "schema" / name).read_text("utf-8")
    return schema.split(";\n")


def configure(db: sqlite3.Connection) -> None:
    """Make a fresh connection durable, and add the tables that its file lacks."""
    db.execute("PRAGMA busy_timeout = 5000")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA secure_delete = ON")  # a forgotten pseudonym key must be gone
    if db.execute("PRAGMA synchronous").fetchone() != (2,):
        raise sqlite3.OperationalError("SQLite did not take synchronous=FULL")
    _add_tables(db)
