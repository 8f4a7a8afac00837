"""Registers for the suites of the stores."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from mock_population_db.personas import PERSONAS, rows_of
from mock_population_db.store.install import install_personas
from mock_population_db.store.records import SCHEMA_VERSION
from mock_population_db.store.rows import Rows
from mock_population_db.store.sqlite import SqlitePopulation

META = {
    "schema_version": str(SCHEMA_VERSION),
    "seed": "42",
    "size": "0",
    "as_of": "2026-01-01",
    "revision": "7",
    "digest": "d1",
}


def _make_register(path: Path, rows: Rows) -> Path:
    schema = files("mock_population_db") / "store" / "schema" / "0001_register.sql"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(schema.read_text(encoding="utf-8"))
        connection.executemany("INSERT INTO meta VALUES (?, ?)", META.items())
    install_personas(path, rows)
    return path


@pytest.fixture(scope="session")
def make_register() -> Callable[[Path, Rows], Path]:
    """Makes a register at a path with some rows and nobody else, and gives the path."""
    return _make_register


@pytest.fixture(scope="session")
def register_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of the personas, made once, not to be changed."""
    return _make_register(tmp_path_factory.mktemp("register") / "population.db", rows_of(PERSONAS))


@pytest.fixture
def register(register_template: Path, tmp_path: Path) -> Path:
    """A register of the personas that a test may spoil."""
    return Path(shutil.copy(register_template, tmp_path / "population.db"))


@pytest.fixture
async def population(register: Path) -> AsyncIterator[SqlitePopulation]:
    """An open register of the personas."""
    async with SqlitePopulation.open(register) as opened:
        yield opened
