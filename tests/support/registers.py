"""Small generated registers, and what is read off them."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from mock_population_db.generate.build import build_population
from mock_population_db.life.digest import register_digest
from mock_population_db.personas import personas_for, rows_of
from mock_population_db.store.opening import open_file


def build_register(path: Path, size: int, as_of: date, seed: int = 7) -> Path:
    """A register with its personas, as ``dancu dev`` builds one."""
    personas = rows_of(personas_for(as_of).personas)
    build_population(path, size=size, seed=seed, as_of=as_of, extra_rows=personas, workers=0)
    return path


def copy_register(path: Path, to: Path) -> Path:
    """A copy of a register that nobody writes to."""
    return Path(shutil.copy(path, to))


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for reading."""
    with closing(open_file(path)) as connection:
        yield connection


def digest_of(path: Path) -> str:
    """Of everything on file but times."""
    with reading(path) as connection:
        return register_digest(connection)
