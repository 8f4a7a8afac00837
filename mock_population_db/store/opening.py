"""Opening the register's file, with errors that say what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from mock_population_db.store.errors import PopulationError
from mock_population_db.store.reading import read_info
from mock_population_db.store.records import SCHEMA_VERSION

_REMEDY = "build one with: dancu population build --size N --seed S --out FILE"
_LOCK_TIMEOUT_S = 2.0
_WRITER_PATIENCE_MS = 10_000  # while another process writes


def open_file(path: Path) -> sqlite3.Connection:
    """Open a register for reading, after looking whether it is one.

    Raises:
        PopulationError: there is no file, it is no register, or of another schema version.
    """
    if not path.is_file():
        raise PopulationError(f"{path}: no population here; {_REMEDY}")
    try:
        connection = connect(path)
    except sqlite3.Error as error:
        raise PopulationError(f"{path}: cannot be opened ({error}); check its rights") from error
    try:
        check_version(connection, path)
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open a register for writing: what is committed is on disk, and readers never wait.

    Raises:
        PopulationError: as ``open_file``.
    """
    connection = open_file(path)
    try:
        connection.execute("PRAGMA query_only = OFF")
        connection.execute("PRAGMA cache_size = -4096")  # events touch few pages
        connection.execute(f"PRAGMA busy_timeout = {_WRITER_PATIENCE_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def check_file(path: Path) -> None:
    """Raise what ``open_file`` would raise."""
    open_file(path).close()


def connect(path: Path) -> sqlite3.Connection:
    """Connect to an existing file; transactions are begun and ended by name."""
    # through a URI: sqlite3.connect(path) would make a file where there is none
    where = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(where, uri=True, isolation_level=None, timeout=_LOCK_TIMEOUT_S)


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse what is no register, and registers of another version."""
    try:
        version = read_info(connection).schema_version
    except (sqlite3.Error, KeyError, ValueError) as error:
        reason = f"no {error} in meta" if isinstance(error, KeyError) else error
        raise PopulationError(
            f"{path}: not a readable population ({reason}); delete it and {_REMEDY}"
        ) from error
    if version != SCHEMA_VERSION:
        raise PopulationError(
            f"{path}: has schema version {version}, this program reads {SCHEMA_VERSION}; "
            f"delete it and {_REMEDY}"
        )


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    # 40 MiB: what bulk calls read most stays here, and need not be copied from the system's
    # cache. No mmap: it gained nothing measurable, and a file cut short would kill the process.
    connection.execute("PRAGMA cache_size = -40960")
