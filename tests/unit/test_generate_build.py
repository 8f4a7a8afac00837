"""Building a population: the same everywhere, and all or nothing."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mock_population_db.generate import build as build_module
from mock_population_db.generate import numbers, render, spill
from mock_population_db.generate.build import build_population
from mock_population_db.generate.chunk import make_chunk
from mock_population_db.generate.export import (
    content_digest,
    sample,
    write_csv,
    write_json_lines,
)
from mock_population_db.generate.records import Plan
from mock_population_db.generate.rng import Choice, Draws, key_of
from mock_population_db.generate.shares import DEFAULT_SHARES, Shares
from mock_population_db.store.rows import CITIZEN_COLUMNS, Rows

AS_OF = date(2026, 1, 1)
# Content of 2,000 citizens, seed 42. It changes only with the generator or its tables, and
# then every population in the world changes: say so in the change log.
GOLDEN = "4d9e2dba8a21e50fec5fae9dd9a60b1f85e404f285779a360afe93caa5055104"


def _build(path: Path, **changes: Any) -> str:
    options: dict[str, Any] = {"size": 2000, "seed": 42, "as_of": AS_OF} | changes
    return build_population(path, **options).digest


def test_content_is_the_golden_one(tmp_path: Path) -> None:
    """The rows are, byte for byte, those that were committed with the generator."""
    _build(tmp_path / "p.db")
    assert content_digest(tmp_path / "p.db") == GOLDEN


def test_workers_and_pieces_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes and one write the same rows, in pieces of whatever size."""
    monkeypatch.setattr(build_module, "_CHUNK", 700)
    alone = _build(tmp_path / "alone.db")
    monkeypatch.setattr(build_module, "_ROWS_PER_PIECE", 300)
    together = _build(tmp_path / "together.db", workers=2)
    assert alone == together
    assert content_digest(tmp_path / "alone.db") == content_digest(tmp_path / "together.db")


def test_chunks_do_not_depend_on_their_order() -> None:
    """A chunk made alone equals the chunk made after others."""
    plan = Plan(3000, 1, AS_OF, reserved_ids=False, shares=DEFAULT_SHARES, chunks=3)
    made = [make_chunk(plan, chunk).people.tobytes() for chunk in (2, 0, 1)]
    assert made[0] == make_chunk(plan, 2).people.tobytes()
    assert len(set(made)) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 43},
        {"size": 2001},
        {"as_of": date(2026, 1, 2)},
        {"reserved_ids": True},
        {"shares": Shares(dead=0.5)},
    ],
)
def test_every_argument_counts(tmp_path: Path, change: dict[str, Any]) -> None:
    """Another seed, size, day or share is another population."""
    assert _build(tmp_path / "a.db") != _build(tmp_path / "b.db", **change)


@pytest.mark.parametrize("size", [0, 1, 2, 7, 60])
def test_tiny_populations_are_whole(tmp_path: Path, size: int) -> None:
    """Even one citizen has a household, and the household a head."""
    _build(tmp_path / "p.db", size=size)
    with closing(sqlite3.connect(tmp_path / "p.db")) as database:
        assert database.execute("SELECT count(*) FROM citizen").fetchone() == (size,)
        homeless = "SELECT count(*) FROM household WHERE head NOT IN (SELECT id FROM citizen)"
        assert database.execute(homeless).fetchone() == (0,)


def test_reserved_prefixes(tmp_path: Path) -> None:
    """With reserved_ids every number, former ones too, begins with 097, 098 or 099."""
    _build(tmp_path / "p.db", reserved_ids=True)
    with closing(sqlite3.connect(tmp_path / "p.db")) as database:
        every = "SELECT id FROM citizen UNION SELECT former FROM number_step"
        prefixes = {row[0] // 10**9 for row in database.execute(every)}
    assert prefixes == {97, 98, 99}


def test_a_failed_build_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither half a database nor a working folder stays, and the old population does."""
    path = tmp_path / "p.db"
    _build(path, size=50)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(spill, "all_steps", fail)
    with pytest.raises(OSError, match="disk full"):
        _build(path)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["p.db"]


def test_a_killed_builds_leavings_are_taken_over(tmp_path: Path) -> None:
    """The working folder of a build that was killed does not disturb the next."""
    folder = tmp_path / ".p.db.building"
    folder.mkdir()
    (folder / "population.db").write_bytes(b"half")
    _build(tmp_path / "p.db", size=50)
    assert [item.name for item in tmp_path.iterdir()] == ["p.db"]


@pytest.mark.parametrize("bad", [{"size": -1}, {"size": 10**9}, {"as_of": date(2019, 1, 1)}])
def test_what_cannot_be_built_is_refused(tmp_path: Path, bad: dict[str, Any]) -> None:
    """A size or a day out of range is a ValueError, and nothing is written."""
    with pytest.raises(ValueError, match="between"):
        _build(tmp_path / "p.db", **bad)
    assert not list(tmp_path.iterdir())


def test_a_share_is_a_share() -> None:
    """Shares beyond 0 to 1 are refused by name."""
    with pytest.raises(ValueError, match="dead"):
        Shares(dead=1.5)


def test_extra_rows_meta_and_progress(tmp_path: Path) -> None:
    """Personas' rows stand among the others; meta tells the arguments; progress ends at all."""
    extra = [0] * len(CITIZEN_COLUMNS)
    extra[0] = 1_090_000_001
    seen: list[int] = []
    _build(tmp_path / "p.db", extra_rows=Rows(citizens=(tuple(extra),)), progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 2000
    with closing(sqlite3.connect(tmp_path / "p.db")) as database:
        assert database.execute("SELECT count(*) FROM citizen").fetchone() == (2001,)
        meta = dict(database.execute("SELECT key, value FROM meta"))
        names = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    expected = {"seed": "42", "size": "2000", "as_of": "2026-01-01", "revision": "1"}
    assert expected.items() <= meta.items()
    assert {"citizen_old_id", "citizen_household", "stay_household"} <= names


def test_issued_numbers_never_meet() -> None:
    """Chunks share out one crowded prefix without a collision, and then it has run out."""
    crowded = np.full(332_000, 1_090, dtype=np.int64)
    issued = np.concatenate([numbers.issue(5, crowded, chunk, 3) for chunk in range(3)])
    assert len(np.unique(issued)) == 3 * 332_000
    assert issued.min() >= 1_090_001_000
    assert issued.max() <= 1_090_999_999
    with pytest.raises(ValueError, match="ran out"):
        numbers.issue(5, np.full(334_000, 1_090, dtype=np.int64), 2, 3)


def test_old_numbers_never_meet() -> None:
    """Nine digits, apart from the personas', all different."""
    issued = np.concatenate([numbers.issue_old(5, 100_000, chunk, 2) for chunk in range(2)])
    assert len(np.unique(issued)) == 200_000
    assert issued.min() >= 1_000_000
    assert issued.max() <= 999_999_999


def test_raw_bits_are_splitmix64() -> None:
    """The first values are those of the published algorithm, whatever NumPy does."""
    first = Draws(42, 0).raw("age", 2).tolist()
    assert first == [_splitmix(1), _splitmix(2)]


def _splitmix(turn: int) -> int:
    mask = 2**64 - 1
    state = (int(key_of(42, 0, "age")) + turn * 0x9E3779B97F4A7C15) & mask
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & mask
    return state ^ (state >> 31)


def test_choice_follows_weights_within_groups() -> None:
    """Values come only from their group, about as often as their weight says."""
    choice = Choice([[1, 2], [3, 4]], [[3.0, 1.0], [0.0, 2.0]])
    picked = choice.pick(Draws(1, 1).raw("x", 20_000), np.arange(20_000) % 2)
    assert set(picked[1::2].tolist()) == {4}
    assert (picked[0::2] == 1).mean() == pytest.approx(0.75, abs=0.02)


def test_half_decomposed_names() -> None:
    """Tones follow as marks; hats and horns stay in the letter."""
    assert render.half_decomposed("Nguyễn Thị") == "Nguyê\u0303n Thi\u0323"


def test_samples_are_deterministic_and_readable(tmp_path: Path) -> None:
    """The same rows for the same seed, others for another, each citizen once."""
    path = tmp_path / "p.db"
    _build(path)
    rows = list(sample(path, limit=300))
    assert rows == list(sample(path, limit=300))
    assert rows != list(sample(path, limit=300, seed=1))
    everyone = list(sample(path, limit=10_000))
    assert 1980 < len(everyone) <= 2000
    assert len({row.personal_id for row in everyone}) == len(everyone)
    assert all(len(row.personal_id) == 12 and len(row.commune_code) == 5 for row in rows)


def test_samples_leave_out_who_was_added(tmp_path: Path) -> None:
    """Their households have numbers so high that nobody could look through all below."""
    path = tmp_path / "p.db"
    _build(path)
    before = list(sample(path, limit=10_000))
    with closing(sqlite3.connect(path)) as database, database:
        (household,) = database.execute(
            "SELECT household FROM citizen WHERE id = ?", (int(before[0].personal_id),)
        ).fetchone()
        for change in (
            "UPDATE household SET id = 10000000000000 WHERE id = ?",
            "UPDATE citizen SET household = 10000000000000 WHERE household = ?",
        ):
            database.execute(change, (household,))
    after = {row.personal_id for row in sample(path, limit=10_000)}
    assert before[0].personal_id not in after
    assert len(before) - 20 < len(after) < len(before)


def test_exports_in_both_forms_hold_the_same(tmp_path: Path) -> None:
    """CSV with a header and JSON Lines carry the same fields and values."""
    _build(tmp_path / "p.db")
    as_csv, as_json = io.StringIO(), io.StringIO()
    assert write_csv(sample(tmp_path / "p.db", limit=50), as_csv) == 50
    assert write_json_lines(sample(tmp_path / "p.db", limit=50), as_json) == 50
    from_csv = list(csv.DictReader(io.StringIO(as_csv.getvalue())))
    assert from_csv == [json.loads(line) for line in as_json.getvalue().splitlines()]
