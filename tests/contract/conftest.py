"""Registers for the suites of the stores."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from mock_population_db.personas import PERSONAS, rows_of
from mock_population_db.store.rows import Rows
from mock_population_db.store.sqlite import SqlitePopulation
from tests.support import register_file


@pytest.fixture(scope="session")
def make_register() -> Callable[[Path, Rows], Path]:
    """Makes a register at a path with some rows and nobody else, and gives the path."""
    return register_file.make_register


@pytest.fixture(scope="session")
def register_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of the personas, made once, not to be changed."""
    return register_file.make_register(
        tmp_path_factory.mktemp("register") / "population.db", rows_of(PERSONAS)
    )


@pytest.fixture
def register(register_template: Path, tmp_path: Path) -> Path:
    """A register of the personas that a test may spoil."""
    return Path(shutil.copy(register_template, tmp_path / "population.db"))


@pytest.fixture
async def population(register: Path) -> AsyncIterator[SqlitePopulation]:
    """An open register of the personas."""
    async with SqlitePopulation.open(register) as opened:
        yield opened
