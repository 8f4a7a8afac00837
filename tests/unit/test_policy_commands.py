"""``dancu policy`` and ``dancu stats``, as people and as scripts read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.commands.tree import app
from gateway.core.model import AccessCall
from gateway.store.sqlite import create_records, open_records
from tests.support.records import ANYBODY, COMMON, by, certify, entry
from tests.support.scene import NOW, ORIGIN
from tests.unit.test_policy_file import GRANT, QUOTA


def run(*arguments: str | Path) -> Result:
    """``dancu ARGS``."""
    return CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A policy without mistakes."""
    path = tmp_path / "policy.toml"
    path.write_text(GRANT.replace('"name"', '"ordinary", "blood_type"') + QUOTA + "per_day = 7\n")
    return path


def test_a_policy_that_can_be_used(file: Path) -> None:
    """Is told so, with its size and version."""
    done = run("policy", "check", file)
    assert done.exit_code == 0
    assert "1 grant, 1 caller, 1 quota\n" in done.stdout
    told = json.loads(run("policy", "check", file, "--json").stdout)
    assert (told["valid"], told["grants"], told["problems"]) == (True, 1, [])
    assert told["version"] in done.stdout


def test_a_policy_with_mistakes(file: Path) -> None:
    """Every one with file and line on standard error, or as JSON; exit 1."""
    file.write_text(GRANT.replace("one", "*") + "colour = 1\n")
    done = run("policy", "check", file)
    assert done.exit_code == 1
    assert f"error: {file}:2: callers: " in done.stderr
    assert f"{file}:6: colour: is not a known key" in done.stderr
    told = run("policy", "check", file, "--json")
    assert told.exit_code == 1
    problems: list[dict[str, Any]] = json.loads(told.stdout)["problems"]
    assert [(one["line"], one["key"]) for one in problems] == [(2, "callers"), (6, "colour")]


def test_a_policy_that_is_not_there(tmp_path: Path) -> None:
    """There is no line to point at, for people and for scripts."""
    done = run("policy", "check", tmp_path / "none.toml")
    assert done.stderr.startswith(f"error: {tmp_path / 'none.toml'}: file: No such file")
    told = json.loads(run("policy", "check", tmp_path / "none.toml", "--json").stdout)
    assert [one["line"] for one in told["problems"]] == [None]


def test_a_policy_is_shown(file: Path) -> None:
    """For people the sensitive fields stand out; scripts get everything."""
    done = run("policy", "show", file)
    assert "25 fields" in done.stdout
    assert "blood_type" in done.stdout
    told = json.loads(run("policy", "show", file, "--caller", "one", "--json").stdout)
    (grant,), (quota,) = told["grants"], told["quotas"]
    assert (grant["line"], grant["rpcs"], len(grant["fields"])) == (1, ["LookupCitizen"], 25)
    assert (quota["procedure"], quota["per_day"], quota["burst"]) == ("*", 7, None)


def test_the_demo_policy_is_shown_without_a_file() -> None:
    """One caller's part of it; a stranger has none."""
    told = json.loads(run("policy", "show", "--caller", "limited", "--json").stdout)
    assert [one["callers"] for one in told["grants"]] == [["limited"]]
    assert [one["per_day"] for one in told["quotas"]] == [100]
    assert "nobody has no grant" in run("policy", "show", "--caller", "nobody").stdout


async def _recorded(path: Path, calls: Sequence[AccessCall], rows: int = 1) -> None:
    """Records of calls that touched so many people each."""
    create_records(path, ORIGIN, certify)
    async with open_records(path) as records:
        await records.commit(
            [entry(number, [ANYBODY] * rows, call) for number, call in enumerate(calls)], certify
        )


async def test_statistics_mask_officers(tmp_path: Path) -> None:
    """Nobody's id is shown whole, and unknown and mismatch are one figure."""
    officers = ["079088000001", "123", ""]
    calls = [COMMON._replace(context=COMMON.context._replace(officer_id=one)) for one in officers]
    await _recorded(tmp_path / "gateway.db", calls)
    days = ("--data-dir", tmp_path, "--first-day", "2026-03-01", "--last-day", "2026-03-31")
    told = json.loads(run("stats", *days, "--json").stdout)
    assert sorted(row["officer"] for row in told["rows"]) == ["", "***", "*********001"]
    assert {(row["answers"], row["records"], row["not_verified"]) for row in told["rows"]} == {
        (1, 1, 0)
    }
    shown = run("stats", *days).stdout
    assert "in all" in shown
    assert "079088000001" not in shown
    assert json.loads(run("stats", *days, "--caller", "other", "--json").stdout)["rows"] == []
    assert run("stats", "--data-dir", tmp_path / "none").exit_code == 1


async def test_statistics_count_refusals_apart(tmp_path: Path) -> None:
    """In a column and a key of their own: they are no answers."""
    await _recorded(tmp_path / "gateway.db", [COMMON, COMMON._replace(refused=41)], rows=0)
    days = ("--data-dir", tmp_path, "--first-day", "2026-03-01", "--last-day", "2026-03-31")
    (row,) = json.loads(run("stats", *days, "--json").stdout)["rows"]
    assert (row["answers"], row["refusals"]) == (1, 41)
    shown = run("stats", *days).stdout.splitlines()
    (heads,) = [line.split() for line in shown if "answers" in line]
    (total,) = [line.split() for line in shown if "in all" in line]
    assert heads[-5:] == ["answers", "refused", "records", "verified", "not"]
    assert total[-5:] == ["1", "41", "0", "0", "0"]


async def test_statistics_on_a_narrow_terminal(tmp_path: Path) -> None:
    """Caller and unit above what they asked, and no word is broken; in a pipe a table."""
    calls = [COMMON._replace(refused=41), by("a-ministry-with-a-long-name")]
    await _recorded(tmp_path / "gateway.db", calls, rows=0)
    days = ("--data-dir", tmp_path, "--first-day", "2026-03-01", "--last-day", "2026-03-31")
    line = [str(one) for one in ("stats", *days)]
    terminal = {"FORCE_COLOR": "1", "TERM": "dumb", "COLUMNS": "80"}
    shown = CliRunner().invoke(app, line, env=terminal).stdout
    context = COMMON.context
    assert f"\na-ministry-with-a-long-name  {context.unit_code}\n  VerifyIdentity  " in shown
    assert "    answers 0, refused 41, records 0, verified 0, not 0\n" in shown
    assert "\nin all\n    answers 1, refused 41, records 0, verified 0, not 0\n" in shown
    assert max(map(len, shown.splitlines())) <= 80
    piped = CliRunner().invoke(app, line, env={"COLUMNS": "80"}).stdout
    assert any(
        "a-ministry-with-a-long-name" in row and "VerifyIdentity" in row
        for row in piped.splitlines()
    )


@pytest.fixture
async def limited(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a configuration, and records of today, of yesterday and of another."""
    monkeypatch.setattr("gateway.commands.stats.time", NOW.timestamp)
    with file.open("a", encoding="utf-8") as policy:
        policy.write(QUOTA.replace("*", "1.001") + "per_day = 1000\n")
    (tmp_path / "serve.toml").write_text('data_dir = "data"\npolicy = "policy.toml"\n', "utf-8")
    (tmp_path / "data").mkdir()
    own = by("one")._replace(context=COMMON.context._replace(procedure_code="1.001"))
    yesterday = own._replace(at=NOW - timedelta(days=1))
    calls = [yesterday, own, own, own, by("one"), by("one"), by("other")]
    await _recorded(tmp_path / "data" / "gateway.db", calls, rows=5)
    return tmp_path


def test_statistics_tell_what_is_left_of_today(limited: Path) -> None:
    """Of each daily quota, whatever days are asked for; more may be used than there was."""
    days = ("--first-day", "2026-01-01", "--last-day", "2026-01-31")
    done = run("stats", "--config", limited / "serve.toml", *days, "--json")
    told = json.loads(done.stdout)
    assert told["rows"] == []
    today = told["today"]
    assert (today["day"], today["ends"]) == ("2026-03-04", "2026-03-05T00:00:00+07:00")
    keys = ("caller", "procedure", "used", "per_day", "left")
    assert [tuple(one[key] for key in keys) for one in today["quotas"]] == [
        ("one", "*", 10, 7, 0),
        ("one", "1.001", 15, 1000, 985),
    ]
    shown = run("stats", "--config", limited / "serve.toml").stdout
    assert ", on 2026-03-04 until 2026-03-05T00:00:00+07:00\n" in shown
    rows = [line.split() for line in shown.splitlines()]
    assert ["one", "1.001", "15", "1,000", "985"] in rows


def test_where_statistics_take_the_quotas_from(limited: Path) -> None:
    """From a policy that is named, else the configuration's, else the demo policy."""

    def quotas(*arguments: str | Path) -> list[tuple[str, int, int]]:
        told = json.loads(run("stats", *arguments, "--json").stdout)["today"]["quotas"]
        return [(one["caller"], one["used"], one["per_day"]) for one in told]

    where = ("--data-dir", limited / "data")
    assert quotas(*where) == [("limited", 0, 100)]
    assert quotas(*where, "--policy", limited / "policy.toml", "--caller", "one") == [
        ("one", 10, 7),
        ("one", 15, 1000),
    ]
    (limited / "other.toml").write_text(GRANT + QUOTA + "per_day = 99\n")
    config = ("--config", limited / "serve.toml")
    assert quotas(*config, "--policy", limited / "other.toml") == [("one", 25, 99)]
    assert quotas(*config, "--caller", "limited") == []
    missing = run("stats", *config, "--policy", limited / "none.toml")
    assert missing.exit_code == 1
    assert "none.toml: file: No such file" in missing.stderr
