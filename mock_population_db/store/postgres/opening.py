"""Opening the register's database, with errors that say what to do."""

from __future__ import annotations

from contextlib import closing

from mock_population_db.store.errors import EngineFailed, PopulationError
from mock_population_db.store.postgres.driver import shown
from mock_population_db.store.postgres.migrations import REMEDY, check_migrated, is_migrated
from mock_population_db.store.postgres.session import PostgresSession, open_session
from mock_population_db.store.reading import read_info
from mock_population_db.store.records import SCHEMA_VERSION

# while another process writes; one that hangs, or whose machine is gone, is cut off after as long
_WRITER_PATIENCE = "10s"


def open_for_reading(url: str) -> PostgresSession:
    """Connect to a register for reading, after looking whether it is one.

    Raises:
        PopulationError: nobody answers, it is no register, or of another schema version.
    """
    return _opened(url, default_transaction_read_only="on")


def open_for_writing(url: str) -> PostgresSession:
    """Connect to a register for writing: what is committed is on disk, and readers never wait.

    Raises:
        PopulationError: as ``open_for_reading``.
    """
    return _opened(
        url,
        lock_timeout=_WRITER_PATIENCE,
        idle_in_transaction_session_timeout=_WRITER_PATIENCE,
        synchronous_commit="on",
    )


def holds_register(url: str) -> bool:
    """Whether there is a register, of whatever version. Raises PopulationError."""
    with closing(open_session(url, default_transaction_read_only="on")) as session:
        return is_migrated(session)


def check_version(session: PostgresSession) -> None:
    """Refuse what is no register, and registers of another version."""
    check_migrated(session)
    where = shown(session.url)
    try:
        version = read_info(session).schema_version
    except (EngineFailed, KeyError, ValueError) as error:
        reason = f"no {error} in meta" if isinstance(error, KeyError) else error
        raise PopulationError(f"{where}: not a readable population ({reason}); {REMEDY}") from error
    if version != SCHEMA_VERSION:
        raise PopulationError(
            f"{where}: has schema version {version}, this program reads {SCHEMA_VERSION}; {REMEDY}"
        )


def _opened(url: str, **settings: str) -> PostgresSession:
    session = open_session(url, **settings)
    try:
        check_version(session)
    except BaseException:
        session.close()
        raise
    return session
