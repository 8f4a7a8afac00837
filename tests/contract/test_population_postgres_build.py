"""A build into PostgreSQL: the rows of a file's, served whole or not at all, and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from mock_population_db.generate import build as build_module
from mock_population_db.generate import build_postgres, spill
from mock_population_db.generate import postgres_workspace as site
from mock_population_db.generate.build import BuildResult, build_population
from mock_population_db.generate.build_postgres import build_in_postgres
from mock_population_db.generate.chunk import make_chunk
from mock_population_db.generate.postgres_workspace import Building
from mock_population_db.generate.records import Chunk, Plan
from mock_population_db.personas import personas_for, rows_of
from mock_population_db.store.errors import PopulationError
from mock_population_db.store.postgres.opening import holds_register
from mock_population_db.store.postgres.session import PostgresSession
from mock_population_db.store.records import CitizenRow, HouseholdRow, StayRow, StepRow
from tests.support.population_stores import query
from tests.support.postgres import Cluster
from tests.support.postgres_outage import own_server

AS_OF = date(2026, 1, 1)
SIZE, CHUNK, PIECE, CHUNKS = 2000, 300, 250, 7
# which are in, and who put them there; while a build is under way
_PIECES = "SELECT name, xmin FROM population_building.piece"


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Seven chunks and eight pieces, and a place of the test's own for what is left."""
    monkeypatch.setattr(build_module, "_CHUNK", CHUNK)
    monkeypatch.setattr(build_module, "_ROWS_PER_PIECE", PIECE)
    (tmp_path / "left").mkdir()
    place = SimpleNamespace(gettempdir=lambda: str(tmp_path / "left"))
    monkeypatch.setattr(site, "tempfile", place)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same people in a file."""
    path = tmp_path_factory.mktemp("whole") / "p.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "_CHUNK", CHUNK)
        build_population(path, **_options())
    return path


@pytest.fixture
def chunks_made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Which chunks of people were made, in this process."""
    made: list[int] = []

    def counted(plan: Plan, chunk: int) -> Chunk:
        made.append(chunk)
        return make_chunk(plan, chunk)

    monkeypatch.setattr(spill, "make_chunk", counted)
    return made


def _options(**changes: Any) -> dict[str, Any]:
    people = rows_of(personas_for(AS_OF).personas)
    every = {"size": SIZE, "seed": 42, "as_of": AS_OF, "extra_rows": people, "workers": 0}
    return every | changes


def _build(url: str, **changes: Any) -> BuildResult:
    return build_in_postgres(url, **_options(**changes))


def _calling(work: Callable[..., Any], call: int, then: Callable[[], None]) -> Callable[..., Any]:
    """As ``work``, but the given call does something else first."""
    calls = 0

    def called(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            then()
        return work(*args, **kwargs)

    return called


def _cut() -> None:
    raise KeyboardInterrupt


def _build_cut_off(url: str, owner: Any, name: str, call: int, **changes: Any) -> None:
    """Build, and be interrupted before the given call of a function."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, _calling(getattr(owner, name), call, _cut))
        with pytest.raises(KeyboardInterrupt):
            _build(url, **changes)


def _left(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "left").iterdir())


def _assert_same(url: str, path: Path) -> None:
    """Every generated table has the same rows."""
    for table, row in (
        ("citizen", CitizenRow),
        ("household", HouseholdRow),
        ("stay", StayRow),
        ("number_step", StepRow),
    ):
        columns = ", ".join(row._fields)
        text = f"SELECT {columns} FROM {table} ORDER BY 1, 2"  # noqa: S608 - our names
        assert query(url, text) == query(path, text)


def _schema(postgres: Cluster, url: str) -> str:
    """All tables, indexes and keys."""
    text = """
    SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'population'
    UNION ALL SELECT tablename, schemaname, '' FROM pg_tables WHERE schemaname LIKE 'population%'
    UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'population'::regnamespace
    ORDER BY 1, 2, 3
    """
    return postgres.query(url, text)


def test_a_build_has_the_rows_of_the_same_build_in_a_file(whole: Path, postgres_url: str) -> None:
    """Every table, with two processes; and what was there before is replaced."""
    assert not holds_register(postgres_url)
    digest = dict(query(whole, "SELECT key, value FROM meta"))["digest"]
    for workers in (2, 0):
        here = _build(postgres_url, workers=workers)
        assert here.digest == digest
        _assert_same(postgres_url, whole)
        assert holds_register(postgres_url)


def test_a_register_is_not_replaced_unasked(postgres_url: str, postgres: Cluster) -> None:
    """What is said names the way to replace it, and nothing is touched."""
    _build(postgres_url, size=100)
    before = postgres.query(postgres_url, "SELECT xmin, id FROM population.citizen")
    with pytest.raises(PopulationError, match="a population already; replace it with --force"):
        _build(postgres_url, seed=43, replace=False)
    assert postgres.query(postgres_url, "SELECT xmin, id FROM population.citizen") == before


def test_two_who_build_at_once(postgres_url: str) -> None:
    """One builds, the other waits for it and leaves what it finds as it is."""
    build = partial(_build, postgres_url, size=100, replace=False)
    with ThreadPoolExecutor(2) as both:
        ends = [future.exception() for future in [both.submit(build), both.submit(build)]]
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "RegisterThere"]
    assert holds_register(postgres_url)


@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [
        (spill, "make_chunk", 4),
        (spill, "citizens_between", 3),
        (PostgresSession, "copy", 4),  # households of the fourth chunk
        (PostgresSession, "copy", 11),  # stays of the second piece, whose citizens are sent
        (build_postgres, "make_room", 1),
        (site, "later", 1),
        (site, "publish", 1),
    ],
)
def test_an_interrupted_build_is_gone_on_with(
    postgres_url: str,
    postgres: Cluster,
    whole: Path,
    chunks_made: list[int],
    tmp_path: Path,
    owner: Any,
    name: str,
    call: int,
) -> None:
    """Wherever it was cut off: the same register, nothing is made twice, nothing is left."""
    _build_cut_off(postgres_url, owner, name, call)
    assert not holds_register(postgres_url)
    assert len(_left(tmp_path)) == 1
    before = set(postgres.query(postgres_url, _PIECES).splitlines())
    _build_cut_off(postgres_url, site, "publish", 1)
    assert before <= set(postgres.query(postgres_url, _PIECES).splitlines())
    assert not holds_register(postgres_url)
    _build(postgres_url)
    _assert_same(postgres_url, whole)
    assert sorted(chunks_made) == list(range(CHUNKS))
    assert not _left(tmp_path)


def test_a_build_in_parts_has_the_tables_of_one_in_one_go(
    postgres: Cluster, postgres_url: str
) -> None:
    """Keys and indexes too, and none of the build's own notes."""
    with postgres.database() as other:
        _build(other)
        _build_cut_off(postgres_url, PostgresSession, "copy", 11)
        _build_cut_off(postgres_url, site, "later", 1)
        _build(postgres_url)
        assert _schema(postgres, postgres_url) == _schema(postgres, other)
    assert "piece" not in _schema(postgres, postgres_url)


def test_another_population_is_begun_anew(postgres_url: str, whole: Path, tmp_path: Path) -> None:
    """What was made of another seed is of no use, and goes."""
    _build_cut_off(postgres_url, PostgresSession, "copy", 11, seed=43)
    _build(postgres_url)
    _assert_same(postgres_url, whole)
    assert not _left(tmp_path)


def test_a_register_is_served_until_another_is_whole(postgres_url: str) -> None:
    """A build that replaces it and is cut off changes nothing of it."""
    first = _build(postgres_url, seed=43)
    _build_cut_off(postgres_url, site, "publish", 1)
    text = "SELECT value FROM meta WHERE key = 'digest'"
    assert query(postgres_url, text) == [(first.digest,)]
    second = _build(postgres_url)
    assert query(postgres_url, text) == [(second.digest,)]


@pytest.fixture
def begun(postgres_url: str) -> Iterator[tuple[Building, PostgresSession, PostgresSession]]:
    """A build, and two sessions of it."""
    with (
        closing(site.open_for_building(postgres_url)) as one,
        closing(site.open_for_building(postgres_url)) as other,
    ):
        yield site.begin(one, "key"), one, other


@pytest.mark.parametrize(("end", "done"), [("COMMIT", 0), ("ROLLBACK", 1)])
def test_a_piece_that_another_process_is_at_is_waited_for(
    begun: tuple[Building, PostgresSession, PostgresSession],
    postgres: Cluster,
    end: str,
    done: int,
) -> None:
    """Done there, it is passed over; given up there, it is done here."""
    building, one, other = begun
    did: list[str] = []
    one.script("BEGIN")
    building.take(other, "another piece", lambda: None)
    one.ask(site._TAKEN, "piece", building.id)
    with ThreadPoolExecutor(1) as thread:
        taking = thread.submit(building.take, other, "piece", lambda: did.append("piece"))
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while postgres.query(building.url, waiting) == "0":
            assert not taking.done()
        one.script(end)
        taking.result()
    assert len(did) == done
    assert site.done(one) == {"another piece", "piece"}


def test_a_process_of_a_build_that_was_given_up_does_nothing(
    begun: tuple[Building, PostgresSession, PostgresSession],
) -> None:
    """It outlived its build, and another one has begun in the same place."""
    building, one, other = begun
    did: list[str] = []
    late = replace(building, id=uuid4())
    late.take(other, "piece", lambda: did.append("piece"))
    assert not did
    assert not site.done(one)


def test_a_server_that_goes_away(
    whole: Path, chunks_made: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In the middle: the same build goes on when it is back. After the end: all is on disk."""
    with own_server() as outage:
        url = outage.cluster.create_database()
        # what is not flushed by a commit is not flushed at all
        outage.cluster.query(url, "ALTER SYSTEM SET wal_writer_delay = '10s'")
        outage.cluster.query(url, "SELECT pg_reload_conf()")
        with monkeypatch.context() as patch:
            copy = _calling(PostgresSession.copy, 11, outage.stop)
            patch.setattr(PostgresSession, "copy", copy)
            with pytest.raises(PopulationError, match="goes on where this one stopped"):
                _build(url)
        outage.start()
        assert not holds_register(url)
        _build(url)
        outage.stop()
        outage.start()
        _assert_same(url, whole)
    assert sorted(chunks_made) == list(range(CHUNKS))
    assert not _left(tmp_path)
