"""Planted errors: the same for one seed, and the truth says what each row must become."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.commands.tree import app
from mock_population_db.generate.export import ExportRow
from mock_population_db.generate.planting import EXPECTED, Planted, plant, write_planted

ROW = ExportRow("079088012345", "024567890", "Nguyễn Văn An", "1988-03-14", "1", "79", "26734")


def rows(count: int) -> list[ExportRow]:
    """The same person again and again: only what is planted differs."""
    return [ROW] * count


def test_a_seed_plants_the_same_errors_in_about_the_share_asked_for() -> None:
    """Another seed plants others."""
    once, again = (list(plant(rows(2000), share=0.2, seed=7)) for _ in "12")
    assert once == again
    assert once != list(plant(rows(2000), share=0.2, seed=8))
    assert 300 < sum(one.planted is not Planted.NONE for one in once) < 500
    assert {one.planted for one in once} == set(Planted)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (Planted.NUMBER, "personal_id"),
        (Planted.NAME, "full_name"),
        (Planted.BIRTH_DATE, "birth_date"),
        (Planted.SEX, "sex"),
        (Planted.LEADING_ZERO, "personal_id"),
        (Planted.UPPER_CASE, "full_name"),
    ],
)
def test_each_error_changes_one_field(kind: Planted, field: str) -> None:
    """And leaves the others as they were."""
    changed = next(one.row for one in plant(rows(500), share=1.0) if one.planted is kind)
    differing = {name for name in ROW.__slots__ if getattr(changed, name) != getattr(ROW, name)}
    assert differing == {field}


def test_rows_that_nobody_could_judge_are_passed_over() -> None:
    """Without a name or a birth date a reconciliation can only say INVALID."""
    nameless = ExportRow("079088012345", "", "", "1988-03-14", "1", "79", "26734")
    assert not list(plant([nameless], share=0.5))


def test_the_truth_names_every_row() -> None:
    """Numbered from 1, with what was planted and the verdict it must get."""
    records, truth = io.StringIO(), io.StringIO()
    assert write_planted(plant(rows(50), share=0.5), records, truth) == 50
    told = list(csv.DictReader(io.StringIO(truth.getvalue())))
    assert [row["row"] for row in told] == [str(number) for number in range(1, 51)]
    assert all(row["expect"] == EXPECTED[Planted(row["planted"])] for row in told)
    assert len(records.getvalue().splitlines()) == 51


def test_errors_and_truth_go_together(tmp_path: Path) -> None:
    """One without the other is refused in one line."""
    built = CliRunner().invoke(
        app, ["population", "build", "--size", "50", "--out", str(tmp_path / "p.db")]
    )
    assert built.exit_code == 0, built.output
    export = ["population", "export", "--file", str(tmp_path / "p.db"), "--limit", "20"]
    export += ["--out", str(tmp_path / "r.csv"), "--errors", "0.5"]
    assert CliRunner().invoke(app, export).exit_code != 0
    done = CliRunner().invoke(app, [*export, "--truth", str(tmp_path / "t.csv")])
    assert done.exit_code == 0, done.output
    assert len((tmp_path / "t.csv").read_text("utf-8").splitlines()) > 10
