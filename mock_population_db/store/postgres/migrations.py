"""The schema's numbered migrations: which are there, which were applied, and applying them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from mock_population_db.store.errors import ConnectionLost, EngineFailed, PopulationError
from mock_population_db.store.postgres.driver import shown
from mock_population_db.store.postgres.session import PostgresSession

_LOCK = 0x64616E6375  # "dancu": whoever migrates holds it
_APPLIED = "SELECT number FROM migration ORDER BY number"
_EXISTS = "SELECT to_regclass('migration') IS NOT NULL"
_FIRST = """
CREATE TABLE IF NOT EXISTS migration (
  number     integer     PRIMARY KEY,
  name       text        NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);
"""
REMEDY = "build one with: dancu population build --size N --seed S --out URL"


class Migration(NamedTuple):
    """One step of the schema."""

    number: int
    name: str
    text: str


@cache
def migrations() -> tuple[Migration, ...]:
    """All that this program knows, in order."""
    folder = files("mock_population_db") / "store" / "schema" / "postgres"
    found = []
    for file in folder.iterdir():
        number, _, name = file.name.removesuffix(".sql").partition("_")
        found.append(Migration(int(number), name, file.read_text(encoding="utf-8")))
    return tuple(sorted(found))


def migrate(session: PostgresSession) -> list[int]:
    """Apply what is missing to the session's schema, in one transaction; others wait for it.

    Returns the numbers of what was applied.

    Raises:
        EngineFailed: a statement fails; then nothing was applied.
        PopulationError: a newer program was here.
    """
    session.script("BEGIN")
    try:
        session.ask("SELECT pg_advisory_xact_lock($1)", _LOCK)
        session.script(_FIRST)
        applied = _applied(session)
        _check_not_newer(session, applied)
        missing = migrations()[applied:]
        for one in missing:
            session.script(one.text)
            session.ask("INSERT INTO migration VALUES ($1, $2)", one.number, one.name)
        session.script("COMMIT")
    except BaseException:
        session.script("ROLLBACK")
        raise
    return [one.number for one in missing]


def lacking(session: PostgresSession) -> bool:
    """Whether a register lacks migrations.

    Raises:
        PopulationError: there is none, or a newer program's.
    """
    if not is_migrated(session):
        raise PopulationError(f"{shown(session.url)}: no population here; {REMEDY}")
    applied = _applied(session)
    _check_not_newer(session, applied)
    return applied < len(migrations())


def is_migrated(session: PostgresSession) -> bool:
    """Whether any migration was applied."""
    return bool(session.ask(_EXISTS)[0][0])


def check_migrated(session: PostgresSession) -> None:
    """Refuse a database without a register, and registers of another version.

    Raises:
        PopulationError: says which, and what to do.
    """
    where = shown(session.url)
    try:
        if not lacking(session):
            return
    except ConnectionLost:
        raise
    except EngineFailed as error:
        raise PopulationError(f"{where}: not a readable population ({error})") from error
    raise PopulationError(
        f"{where}: its schema is at migration {_applied(session)}, this program needs "
        f"{len(migrations())}; migrate it: stop every gateway, then `dancu migrate`"
    )


def _applied(session: PostgresSession) -> int:
    """Up to which migration the schema is."""
    numbers = [number for (number,) in session.ask(_APPLIED)]
    return max(numbers, default=0)


def _check_not_newer(session: PostgresSession, applied: int) -> None:
    known = len(migrations())
    if applied > known:
        raise PopulationError(
            f"{shown(session.url)}: its schema is at migration {applied}, this program knows "
            f"{known}; use the newer dancu that made it"
        )
