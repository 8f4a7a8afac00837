"""Where a build into PostgreSQL keeps what it has made so far: a schema beside the register's.

A piece of the register and its name are one transaction there, so the database itself says what
is in. Processes of a build that was killed may still be at work: of two transactions with the
same piece the second one waits for the first, and does nothing when that one commits.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from mock_population_db.store.postgres.migrations import migrate
from mock_population_db.store.postgres.session import SCHEMA, PostgresSession, open_session

_BUILDING = f"{SCHEMA}_building"
_LOCK = 0x64616E6375_01  # advisory: whoever builds holds it, until its connection ends
_SETTINGS = {
    "search_path": _BUILDING,
    "synchronous_commit": "off",  # until all is published: what is lost is built anew
    "maintenance_work_mem": "256MB",
    "enable_seqscan": "on",  # to make indexes
    # a builder whose machine is gone is noticed after a minute, and the next one may go on
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
# ``piece`` goes first: whoever still writes one is waited for, and nobody begins another
_CLEARED = f"""
DROP TABLE IF EXISTS piece;
DROP SCHEMA IF EXISTS {_BUILDING} CASCADE;
CREATE SCHEMA {_BUILDING};
"""
_NOTES = """
CREATE TABLE build (id uuid NOT NULL, key text NOT NULL);
CREATE TABLE piece (name text PRIMARY KEY);
CREATE TABLE later (place serial, statement text NOT NULL);
"""
# what is quicker made when all rows are in: keys, then indexes; how to drop and how to make them
_QUICKER_LATER = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
  FROM pg_constraint WHERE contype = 'p' AND conrelid = ANY ($1::text[]::regclass[])
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
  FROM pg_index WHERE NOT indisprimary AND indrelid = ANY ($1::text[]::regclass[])
"""
_LARGE = ("citizen", "household", "stay", "number_step")
_IS_BEGUN = "SELECT to_regclass('build') IS NOT NULL"
_TAKEN = """
INSERT INTO piece SELECT $1 FROM build WHERE id = $2 ON CONFLICT DO NOTHING RETURNING name
"""
# the commit waits for the disk and for standbys, and so for all that was committed before it
_PUBLISHED = f"""
BEGIN;
SET LOCAL synchronous_commit = on;
DROP TABLE piece, build, later;
DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
ALTER SCHEMA {_BUILDING} RENAME TO {SCHEMA};
COMMIT;
"""


@dataclass(frozen=True, slots=True)
class Building:
    """A build under way, as other processes are told of it."""

    url: str
    id: UUID
    folder: Path  # where this machine keeps what is not in the database yet

    def take(self, session: PostgresSession, piece: str, work: Callable[[], object]) -> None:
        """Do a piece in one transaction with its name, unless it was done before.

        When it fails the session is of no use any more, and its end takes the piece back.
        """
        session.script("BEGIN")
        if session.ask(_TAKEN, piece, self.id):
            work()
        session.script("COMMIT")


def open_for_building(url: str) -> PostgresSession:
    """Connect to the schema of a build. Raises PopulationError."""
    return open_session(url, **_SETTINGS)


def be_alone(session: PostgresSession) -> None:
    """Wait for whoever builds in this database; others wait until the session ends."""
    session.script(f"SELECT pg_advisory_lock({_LOCK})")


def begin(session: PostgresSession, key: str) -> Building:
    """Go on with the build that was left there, if it is of the same ``key``; or begin one.

    Args:
        session: of ``open_for_building``; the only one, see ``be_alone``.
        key: names all that what is built depends on.
    """
    for id_, of in session.ask("SELECT id, key FROM build") if _is_begun(session) else ():
        left = _building(session, id_)
        if of == key:
            return left
        shutil.rmtree(left.folder, ignore_errors=True)
    return _begin_anew(session, key)


def done(session: PostgresSession) -> set[str]:
    """The names of the pieces that are in."""
    return {name for (name,) in session.ask("SELECT name FROM piece")}


def later(session: PostgresSession) -> list[str]:
    """What is to be made when all rows are in, in this order; each is a piece by its text."""
    return [text for (text,) in session.ask("SELECT statement FROM later ORDER BY place")]


def publish(session: PostgresSession) -> None:
    """Put what was built in the place of the register, and wait until it is on disk."""
    session.script(_PUBLISHED)


def _is_begun(session: PostgresSession) -> bool:
    return bool(session.ask(_IS_BEGUN)[0][0])


def _building(session: PostgresSession, id_: UUID) -> Building:
    return Building(session.url, id_, Path(tempfile.gettempdir(), f"dancu-building-{id_}"))


def _begin_anew(session: PostgresSession, key: str) -> Building:
    """Make empty tables without indexes; that it is begun is known last."""
    building = _building(session, uuid4())
    session.script(_CLEARED)
    migrate(session)
    session.script("BEGIN")
    session.script(_NOTES)
    for dropped, made in session.ask(_QUICKER_LATER, list(_LARGE)):
        session.script(dropped)
        session.ask("INSERT INTO later (statement) VALUES ($1)", made)
    session.ask("INSERT INTO build VALUES ($1, $2)", building.id, key)
    session.script("COMMIT")
    return building
