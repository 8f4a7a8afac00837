"""``dancu population live`` and ``rearrange``, and the speed of ``dancu dev``."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from typer.testing import CliRunner, Result

from gateway.commands.tree import app
from gateway.engines.sqlite import register_info
from tests.support.registers import build_register

BEFORE = date(2025, 6, 30)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_register_through_the_rearrangement(tmp_path: Path) -> None:
    """Rearrange, again, and live: each tells what it did, and may be asked for as JSON."""
    data = ("--data-dir", str(tmp_path))
    file = build_register(tmp_path / "population.db", 2_000, BEFORE)
    told = json.loads(_run("population", "rearrange", "--json", *data).stdout)
    assert told["people"] > 1900
    assert told["whole"] > told["split"] > told["unconverted"] > 0
    again = _run("population", "rearrange", *data)
    assert again.stdout == "nothing to do: the register is at 2025-07-01\n"
    lived = json.loads(_run("population", "live", "--days", "20", "--json", *data).stdout)
    assert lived["last"] == "2025-07-21"
    assert lived["events"] == sum(row["happened"] for row in lived["rows"]) > 0
    assert register_info(file).day == date(2025, 7, 21)
    table = _run("population", "live", "--days", "1", *data).stdout
    assert "2025-07-22" in table
    assert "birth" in table


def test_living_through_the_rearrangement(tmp_path: Path) -> None:
    """A register that passes 2025-07-01 says what that did."""
    build_register(tmp_path / "population.db", 300, BEFORE)
    done = _run("population", "live", "--days", "2", "--data-dir", str(tmp_path))
    assert done.exit_code == 0
    assert "2025-07-01: " in done.stdout
    assert "have another address" in done.stdout


def test_what_cannot_be_lived(tmp_path: Path) -> None:
    """A missing register is one clear line."""
    for command in (("live", "--days", "1"), ("rearrange",)):
        done = _run("population", *command, "--data-dir", str(tmp_path))
        assert done.exit_code == 1
        assert done.stderr.startswith("error: ")
        assert "no population here" in done.stderr


def test_what_is_no_speed(tmp_path: Path) -> None:
    """A speed that is none is refused before anything is made."""
    place = tmp_path / "data"
    done = _run("dev", "--life", "fast", "--data-dir", str(place))
    assert done.exit_code == 2
    assert "1day/s" in done.stderr
    assert not place.exists()
