"""Registers by their place: the path of a file, or the URL of a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

from mock_population_db.store.asking import Session
from mock_population_db.store.errors import EngineFailed, PopulationUnavailable
from mock_population_db.store.opening import open_file, open_for_writing
from mock_population_db.store.population import Population
from mock_population_db.store.sqlite import SqlitePopulation

Place = Path | str


def open_population(place: Place, **options: Any) -> AbstractAsyncContextManager[Population]:
    """Open a register; see ``SqlitePopulation.open`` for options and errors."""
    if isinstance(place, Path):
        return SqlitePopulation.open(place, **options)
    from mock_population_db.store.postgres.population import PostgresPopulation  # noqa: PLC0415 - an extra

    return PostgresPopulation.open(place, **options)


@contextmanager
def open_to_read(place: Place) -> Iterator[Session]:
    """A register for reading, for the length of the block; in a thread without an event loop.

    Raises:
        PopulationError: it cannot be used.
    """
    with _told_in_our_words(place, "read"), closing(_reading(place)) as session:
        yield session


@contextmanager
def open_to_scan(place: Place) -> Iterator[Session]:
    """A register for questions about all of it, which read whole tables and take their time.

    Raises:
        PopulationError: it cannot be used.
    """
    with _told_in_our_words(place, "read"), closing(_scanning(place)) as session:
        yield session


@contextmanager
def open_to_write(place: Place) -> Iterator[Session]:
    """A register for writing, for the length of the block; in a thread without an event loop.

    Raises:
        PopulationError: it cannot be used.
    """
    with _told_in_our_words(place, "written"), closing(_writing(place)) as session:
        yield session


@contextmanager
def _told_in_our_words(place: Place, done: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise PopulationUnavailable(f"{place}: cannot be {done} ({error})") from error
    except EngineFailed as error:
        raise PopulationUnavailable(f"the database cannot be {done} ({error})") from error


def _reading(place: Place) -> Any:
    if isinstance(place, Path):
        return open_file(place)
    from mock_population_db.store.postgres.opening import open_for_reading  # noqa: PLC0415 - an extra

    return open_for_reading(place)


def _scanning(place: Place) -> Any:
    if isinstance(place, Path):
        return open_file(place)
    from mock_population_db.store.postgres.opening import open_for_scanning  # noqa: PLC0415 - an extra

    return open_for_scanning(place)


def _writing(place: Place) -> Any:
    if isinstance(place, Path):
        return open_for_writing(place)
    from mock_population_db.store.postgres import opening, partitions  # noqa: PLC0415 - an extra

    session = opening.open_for_writing(place)
    try:
        partitions.make_room_for_all(session)
    except BaseException:
        session.close()
        raise
    return session
