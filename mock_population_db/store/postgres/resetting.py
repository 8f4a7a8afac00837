"""Bringing a register in a database back to what a file holds; see ``store/resetting.py``."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from mock_population_db.store.errors import EngineFailed, PopulationError
from mock_population_db.store.opening import open_file
from mock_population_db.store.postgres.driver import shown
from mock_population_db.store.postgres.opening import open_for_rewriting
from mock_population_db.store.postgres.session import PostgresSession
from mock_population_db.store.resetting import TABLES, Beside, Reset, put_back

_BESIDE = Beside("fresh_", "IS NOT DISTINCT FROM")


def reset_in_postgres(url: str, fresh: Path) -> Reset:
    """Make a register what the one in a file is, but for its revision and reported events.

    Raises:
        PopulationError: there is no register to write to, or it cannot be written.
    """
    with closing(open_for_rewriting(url)) as session:
        try:
            _load(session, fresh)
            return put_back(session, _BESIDE)
        except (EngineFailed, sqlite3.Error) as error:
            raise PopulationError(f"{shown(url)}: cannot be brought back ({error})") from error


def _load(session: PostgresSession, fresh: Path) -> None:
    """The file's rows in temporary tables, which nobody waits for, and end with the session."""
    with closing(open_file(fresh)) as file:
        for table, _, columns in TABLES:
            session.script(f"CREATE TEMPORARY TABLE fresh_{table} (LIKE {table})")
            rows = file.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608 - constants
            session.copy(f"fresh_{table}", columns, rows)
            session.script(f"ANALYZE fresh_{table}")
