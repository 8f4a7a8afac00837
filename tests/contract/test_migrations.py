"""``dancu migrate``: a database of an earlier version, made this version's, or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.commands.migrate import migrate
from gateway.engines.postgres import PostgresEngine
from gateway.store.errors import StoreError
from gateway.store.postgres import making
from gateway.store.postgres.records import open_postgres_records
from mock_population_db.store.errors import PopulationError
from mock_population_db.store.postgres import migrations
from mock_population_db.store.postgres.migrations import Migration
from tests.support.postgres import Cluster
from tests.support.record_stores import ENGINES

Migrate = Callable[[], Result]


@pytest.fixture
def url(postgres: Cluster, register_template_url: str) -> Iterator[str]:
    """A database with a register and records, of this version."""
    with postgres.database(register_template_url) as found:
        ENGINES["postgres"].create(found)
        yield found


@pytest.fixture
def run(url: str, tmp_path: Path) -> Migrate:
    """``dancu migrate`` in the data directory of a gateway on it."""
    (tmp_path / "store").write_text(f"{url}\n", "utf-8")
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(migrate)
    return lambda: CliRunner().invoke(app, ["--data-dir", str(tmp_path)])


def later(
    monkeypatch: pytest.MonkeyPatch, statement: str = "CREATE TABLE {}.later (a int)"
) -> None:
    """A version with one migration more, of both stores."""
    of_register, of_records = migrations.migrations(), making.migrations()
    one = Migration(2, "later", statement.format("population"))
    monkeypatch.setattr(migrations, "migrations", lambda: (*of_register, one))
    two = (2, statement.format("gateway"))
    monkeypatch.setattr(making, "migrations", lambda: [*of_records, two])


def told(result: Result) -> str:
    """The one line that a failed command says."""
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    return line


async def test_a_database_of_this_version_is_left_alone(url: str, run: Migrate) -> None:
    """Also while gateways are using it."""
    async with open_postgres_records(url) as records:
        await records.checkpoint()
        result = await asyncio.to_thread(run)
    assert (result.exit_code, result.stdout) == (0, "nothing to do\n")


async def test_an_earlier_one_is_migrated_once_nobody_uses_it(
    url: str, run: Migrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then nothing serves it, and what is to do is said; afterwards all is well."""
    engine = PostgresEngine(url)
    async with open_postgres_records(url) as records:
        await records.checkpoint()
        later(monkeypatch)
        assert "in use; stop every gateway first" in told(await asyncio.to_thread(run))
    with pytest.raises(PopulationError, match="at migration 1, this program needs 2; migrate it"):
        await asyncio.to_thread(engine.register_info)
    with pytest.raises(StoreError, match="schema version 1, this dancu reads 2; migrate them: st"):
        await asyncio.to_thread(engine.origin)
    result = await asyncio.to_thread(run)
    assert result.stdout == "register: migration 2\nrecords: migration 2\n"
    assert (await asyncio.to_thread(engine.register_info)).revision
    assert await asyncio.to_thread(engine.origin)
    assert (await asyncio.to_thread(run)).stdout == "nothing to do\n"


def test_a_migration_that_fails_changes_nothing(
    url: str, run: Migrate, monkeypatch: pytest.MonkeyPatch, postgres: Cluster
) -> None:
    """The line says what the server said; the version before goes on serving."""
    later(monkeypatch, "CREATE TABLE {0}.later (a int); ALTER TABLE {0}.nobody ADD b int")
    assert 'relation "population.nobody" does not exist' in told(run())
    monkeypatch.undo()
    assert postgres.query(url, "SELECT to_regclass('population.later') IS NULL") == "t"
    assert run().stdout == "nothing to do\n"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("INSERT INTO population.migration VALUES (9, 'x')", "use the newer dancu that made it"),
        (
            "UPDATE gateway.meta SET value = '9' WHERE key = 'schema_version'",
            "use the dancu that wrote them",
        ),
        ("DROP SCHEMA population CASCADE", "no population here"),
    ],
)
def test_what_cannot_be_migrated_is_refused(
    url: str, run: Migrate, postgres: Cluster, statement: str, says: str
) -> None:
    """A newer version's, and nothing at all."""
    postgres.query(url, statement)
    assert says in told(run())


def test_a_register_without_records_yet(
    postgres: Cluster, register_template_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made by the first start, of its version."""
    with postgres.database(register_template_url) as url:
        later(monkeypatch)
        assert PostgresEngine(url).migrate() == ["register: migration 2"]
