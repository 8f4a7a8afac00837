"""Registers for the suites of the stores."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from mock_population_db.personas import PERSONAS, rows_of
from mock_population_db.store.population import Population
from mock_population_db.store.rows import Rows
from tests.support import population_stores, register_file
from tests.support.postgres import Cluster
from tests.support.record_stores import ENGINES, Engine, Place


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


@pytest.fixture(scope="session")
def renewed_register(postgres: Cluster) -> population_stores.Renewed:
    """A register of the personas in a database."""
    return population_stores.Renewed(postgres, rows_of(PERSONAS))


@pytest.fixture(scope="session")
def register_template_url(postgres: Cluster) -> str:
    """A register of the personas in a database, made once, not to be changed: for copies."""
    url = postgres.create_database()
    population_stores.make_postgres_register(url, rows_of(PERSONAS))
    return url


@pytest.fixture(params=list(population_stores.ENGINES))
def register_engine(request: pytest.FixtureRequest) -> str:
    """Each kind of store in turn, by its name."""
    return str(request.param)


@pytest.fixture
def place(
    register_engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> population_stores.Place:
    """A register of the personas that a test may spoil, of each kind of store in turn."""
    if register_engine == "postgres":
        renewed: population_stores.Renewed = request.getfixturevalue("renewed_register")
        return renewed.renew()
    template: Path = request.getfixturevalue("register_template")
    return Path(shutil.copy(template, tmp_path / "population.db"))


@pytest.fixture
def new_place(
    register_engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[], population_stores.Place]]:
    """Gives places where no register is, of each kind of store in turn."""
    with ExitStack() as stack:
        if register_engine == "postgres":
            cluster: Cluster = request.getfixturevalue("postgres")
            yield lambda: stack.enter_context(cluster.database())
        else:
            paths = (tmp_path / f"new-{number}.db" for number in count())
            yield lambda: next(paths)


@pytest.fixture
async def population(place: population_stores.Place) -> AsyncIterator[Population]:
    """An open register of the personas, of each kind of store in turn."""
    async with population_stores.opened(place) as opened:
        yield opened


@pytest.fixture(params=list(ENGINES.values()), ids=list(ENGINES))
def record_engine(request: pytest.FixtureRequest) -> Engine:
    """Each kind of record store in turn."""
    found: Engine = request.param
    return found


@pytest.fixture
def record_place(
    record_engine: Engine, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Place]:
    """A new record store of that kind."""
    if record_engine is ENGINES["postgres"]:
        cluster: Cluster = request.getfixturevalue("postgres")
        with cluster.database(request.getfixturevalue("empty_records_url")) as url:
            yield url
    else:
        record_engine.create(tmp_path / "gateway.db")
        yield tmp_path / "gateway.db"


@pytest.fixture(scope="session")
def empty_records_url(postgres: Cluster) -> str:
    """A database with records that are empty, made once, not to be changed: copied it is new."""
    url = postgres.create_database()
    ENGINES["postgres"].create(url)
    return url
