"""A build that was cut off is gone on with."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mock_population_db.generate import build as build_module
from mock_population_db.generate import spill, sqlite_pieces
from mock_population_db.generate.build import build_population
from mock_population_db.generate.chunk import make_chunk
from mock_population_db.generate.export import content_digest
from mock_population_db.generate.records import Chunk, Plan
from mock_population_db.generate.steps import Steps
from mock_population_db.generate.workspace import workspace
from mock_population_db.personas import personas_for, rows_of

AS_OF = date(2026, 1, 1)
PERSONAS = rows_of(personas_for(AS_OF).personas)
SIZE, CHUNK, PIECE = 2000, 300, 250


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven chunks and eight pieces."""
    monkeypatch.setattr(build_module, "_CHUNK", CHUNK)
    monkeypatch.setattr(build_module, "_ROWS_PER_PIECE", PIECE)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build that nothing disturbs makes."""
    path = tmp_path_factory.mktemp("whole") / "p.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "_CHUNK", CHUNK)
        _build(path)
    return path


def _build(path: Path, **changes: Any) -> str:
    options: dict[str, Any] = {"size": SIZE, "seed": 42, "as_of": AS_OF, "extra_rows": PERSONAS}
    return build_population(path, **(options | changes)).digest


def _build_cut_off(path: Path, module: Any, name: str, call: int, **changes: Any) -> None:
    """Build, and be interrupted at the given call of a function."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, _cut_off(getattr(module, name), call))
        with pytest.raises(KeyboardInterrupt):
            _build(path, **changes)


def _cut_off(work: Callable[..., Any], call: int) -> Callable[..., Any]:
    """As ``work``, but interrupted at the given call."""
    calls = 0

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        return work(*args, **kwargs)

    return interrupted


@pytest.mark.parametrize(
    ("module", "name", "call"),
    [
        (spill, "make_chunk", 1),
        (spill, "make_chunk", 4),
        (spill, "put", 8),
        (sqlite_pieces, "insert", 3),
        (sqlite_pieces, "write_piece", 1),
        (sqlite_pieces, "write_citizens", 3),
        (sqlite_pieces, "adopt", 1),
        (sqlite_pieces, "adopt", 8),
        (build_module, "publish", 1),
    ],
)
def test_an_interrupted_build_is_gone_on_with(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    whole: Path,
    module: Any,
    name: str,
    call: int,
) -> None:
    """Wherever it was cut off: the same content, and no chunk that was there is made twice."""
    path = tmp_path / "p.db"
    made: list[int] = []

    def counted(plan: Plan, chunk: int) -> Chunk:
        made.append(chunk)
        return make_chunk(plan, chunk)

    monkeypatch.setattr(spill, "make_chunk", counted)
    _build_cut_off(path, module, name, call)
    assert [item.name for item in tmp_path.iterdir()] == [".p.db.building"]
    _build(path)
    assert content_digest(path) == content_digest(whole)
    assert len(made) <= 7 + (name == "put")  # one chunk may have been made, but not yet noted
    assert [item.name for item in tmp_path.iterdir()] == ["p.db"]
    assert _schema(path) == _schema(whole)


def _schema(path: Path) -> set[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return set(database.execute("SELECT type, name, sql FROM sqlite_master"))


def test_another_population_is_begun_anew(tmp_path: Path) -> None:
    """What was made of another seed is of no use."""
    path = tmp_path / "p.db"
    _build_cut_off(path, sqlite_pieces, "adopt", 3, seed=43)
    resumed, undisturbed = _build(path), _build(tmp_path / "other.db")
    assert resumed == undisturbed
    assert content_digest(path) == content_digest(tmp_path / "other.db")


def test_a_damaged_chunk_is_made_again(tmp_path: Path) -> None:
    """Of a machine that went down, files may be left that hold only a part."""
    path, folder = tmp_path / "p.db", tmp_path / ".p.db.building"
    _build_cut_off(path, sqlite_pieces, "write_piece", 1)
    people = folder / "people-2"
    people.write_bytes(people.read_bytes()[:-100])
    assert _build(path) == _build(tmp_path / "other.db")


def test_two_builds_of_one_file_are_refused(tmp_path: Path) -> None:
    """The second one fails at once, and leaves the first one's folder alone."""
    folder = tmp_path / ".p.db.building"
    with workspace(folder, "of somebody else"):
        with pytest.raises(BlockingIOError, match="another process"):
            _build(tmp_path / "p.db")
        assert (folder / "key").read_text() == "of somebody else"


def test_a_step_that_fails_is_taken_again() -> None:
    """Neither its rows nor its count stay; steps that were done are passed over."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        steps = Steps(database)
        steps.take(lambda: database.execute("CREATE TABLE t (x)"))

        def fail() -> None:
            database.execute("INSERT INTO t VALUES (1)")
            raise OSError

        with pytest.raises(OSError, match=r"^$"):
            steps.take(fail)
        again = Steps(database)
        assert list(again.left("ab")) == ["b"]
        again.take(lambda: database.execute("INSERT INTO t VALUES (2)"))
        assert database.execute("SELECT x FROM t").fetchall() == [(2,)]
        assert list(Steps(database).left("ab")) == []
