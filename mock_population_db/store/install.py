"""Putting personas into a population that is already there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from mock_population_db.store.asking import Session
from mock_population_db.store.errors import PopulationError
from mock_population_db.store.extra import load_extra
from mock_population_db.store.opening import check_version, connect
from mock_population_db.store.packing import personal_id
from mock_population_db.store.rows import Rows

_TOLD = 3  # numbers named in an error
_OWNERS = """
SELECT id, extra FROM citizen WHERE id IN (SELECT value FROM json_each(?))
"""
_OUTDATED = (
    "DELETE FROM stay WHERE citizen IN (SELECT value FROM json_each(?))",
    "DELETE FROM number_step WHERE successor IN (SELECT value FROM json_each(?))",
)


def install_personas(path: Path, rows: Rows) -> None:
    """Insert personas, or replace the ones that are there, all or none.

    The register's revision stays: they stand in it as if from the beginning.

    Args:
        path: a population that no other process writes to.
        rows: of ``mock_population_db.personas.rows_of``.

    Raises:
        PopulationError: there is no population at ``path``, or a number in ``rows``
            belongs to a generated citizen.
    """
    if not path.is_file():
        raise PopulationError(f"{path}: no population here to put personas into")
    try:
        with closing(connect(path)) as connection:
            check_version(connection, path)
            install_rows(connection, str(path), rows)
    except sqlite3.Error as error:
        raise PopulationError(f"{path}: personas cannot be written ({error})") from error


def install_rows(connection: Session, where: str, rows: Rows) -> None:
    """Insert personas, or replace the ones that are there, all or none.

    Args:
        connection: for writing.
        where: the population's address, for errors.
        rows: as for ``install_personas``.

    Raises:
        PopulationError: a number in ``rows`` belongs to a generated citizen.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        _refuse_generated(connection, where, rows)
        _replace(connection, rows)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _refuse_generated(connection: Session, where: str, rows: Rows) -> None:
    numbers = [row[0] for row in (*rows.citizens, *rows.steps)]
    owners = connection.execute(_OWNERS, (json.dumps(numbers),))
    generated = [personal_id(number) for number, extra in owners if not load_extra(extra).persona]
    if generated:
        told = ", ".join(generated[:_TOLD]) + (", …" if len(generated) > _TOLD else "")
        raise PopulationError(
            f"{where}: {told} belong to generated people; give the personas other numbers"
        )


def _replace(connection: Session, rows: Rows) -> None:
    numbers = json.dumps([row[0] for row in rows.citizens])
    for statement in _OUTDATED:
        connection.execute(statement, (numbers,))
    for table, content in (
        ("citizen", rows.citizens),
        ("household", rows.households),
        ("stay", rows.stays),
        ("number_step", rows.steps),
    ):
        _write(connection, table, content)


def _write(connection: Session, table: str, rows: Iterable[tuple[int | str | None, ...]]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(
            f"INSERT OR REPLACE INTO {table} VALUES ({marks})",  # noqa: S608 - a constant name
            row,
        )
