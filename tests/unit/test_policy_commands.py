"""``dancu policy`` and ``dancu stats``, as people and as scripts read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.commands.tree import app
from gateway.store.sqlite import create_records, open_records
from tests.support.records import ANYBODY, COMMON, certify, entry
from tests.support.scene import ORIGIN
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
    assert "1 grants, 1 callers, 1 quotas" in done.stdout
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


async def test_statistics_mask_officers(tmp_path: Path) -> None:
    """Nobody's id is shown whole, and unknown and mismatch are one figure."""
    path = tmp_path / "gateway.db"
    create_records(path, ORIGIN, certify)
    officers = ["079088000001", "123", ""]
    calls = [COMMON._replace(context=COMMON.context._replace(officer_id=one)) for one in officers]
    async with open_records(path) as records:
        await records.commit(
            [entry(number, [ANYBODY], call) for number, call in enumerate(calls)], certify
        )
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
