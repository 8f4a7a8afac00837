"""Opening the register's database, with errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from mock_population_db.store.errors import ConnectionLost, EngineFailed, PopulationError
from mock_population_db.store.postgres.driver import shown
from mock_population_db.store.postgres.migrations import (
    REMEDY,
    check_migrated,
    is_migrated,
    lacking,
    migrate,
)
from mock_population_db.store.postgres.session import STATEMENT_S, PostgresSession, open_session
from mock_population_db.store.reading import read_info
from mock_population_db.store.records import SCHEMA_VERSION

# back from what holds a session to going by keys: a question about everybody reads whole tables
_WHOLE = {
    "enable_hashjoin": "on",
    "enable_mergejoin": "on",
    "enable_seqscan": "on",
    "plan_cache_mode": "force_custom_plan",
    "work_mem": "64MB",
}
# what was read is worked on before more is asked, whatever the server's own setting is
_SCANNING = {"default_transaction_read_only": "on", "idle_in_transaction_session_timeout": "0"}
_SCAN_S = 86_400.0
# while another process writes; one that hangs, or whose machine is gone, is cut off after as long
_WRITING = {
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",
    "synchronous_commit": "on",
}


def open_for_reading(url: str) -> PostgresSession:
    """Connect to a register for reading, after looking whether it is one.

    Raises:
        PopulationError: nobody answers, it is no register, or of another schema version.
    """
    return _opened(url, default_transaction_read_only="on")


def open_for_scanning(url: str) -> PostgresSession:
    """Connect to a register for questions about all of it, however long they take.

    Raises:
        PopulationError: as ``open_for_reading``.
    """
    return _opened(url, _SCAN_S, **_SCANNING, **_WHOLE)


def open_for_writing(url: str) -> PostgresSession:
    """Connect to a register for writing: what is committed is on disk, and readers never wait.

    Raises:
        PopulationError: as ``open_for_reading``.
    """
    return _opened(url, **_WRITING)


def open_for_rewriting(url: str) -> PostgresSession:
    """Connect to a register to write any part of it anew, however long that takes.

    Raises:
        PopulationError: as ``open_for_reading``.
    """
    return _opened(url, _SCAN_S, **_WRITING, **_WHOLE)


def holds_register(url: str) -> bool:
    """Whether there is a register, of whatever version. Raises PopulationError."""
    with closing(open_session(url, default_transaction_read_only="on")) as session:
        return is_migrated(session)


def migrate_register(url: str, before: Callable[[], None]) -> list[int]:
    """Do the migrations that are lacking, all or none; returns their numbers.

    Args:
        url: of the register.
        before: called if there are any; raises while somebody uses the register.

    Raises:
        PopulationError: there is no register, or a newer program's, or a migration fails.
    """
    with closing(open_session(url, _SCAN_S)) as session:
        try:
            if lacking(session):
                before()
            done = migrate(session)
        except EngineFailed as error:
            raise PopulationError(f"{shown(url)}: cannot be migrated ({error})") from error
        check_version(session)
        return done


def check_version(session: PostgresSession) -> None:
    """Refuse what is no register, and registers of another version."""
    check_migrated(session)
    where = shown(session.url)
    try:
        version = read_info(session).schema_version
    except ConnectionLost:
        raise
    except (EngineFailed, KeyError, ValueError) as error:
        reason = f"no {error} in meta" if isinstance(error, KeyError) else error
        raise PopulationError(f"{where}: not a readable population ({reason}); {REMEDY}") from error
    if version != SCHEMA_VERSION:
        raise PopulationError(
            f"{where}: has schema version {version}, this program reads {SCHEMA_VERSION}; {REMEDY}"
        )


def _opened(url: str, patience: float = STATEMENT_S, /, **settings: str) -> PostgresSession:
    session = open_session(url, patience, **settings)
    try:
        check_version(session)
    except BaseException:
        session.close()
        raise
    return session
