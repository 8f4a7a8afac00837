"""``kill -9`` while a population is built: the same command goes on, and the end is the same."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from mock_population_db.store.postgres.session import PostgresSession, open_session
from tests.e2e.server import DANCU
from tests.support.postgres import Cluster

SIZE = 200_000  # the smallest that is built by several processes
CHUNKS = 4
MOST = 300  # seconds for a build to come so far, on a machine that is busy with other tests
_THERE = "SELECT to_regclass('population.citizen') IS NOT NULL"
_KEYS = "SELECT count(*) FROM population_building.piece WHERE name LIKE 'ALTER TABLE%'"
# how many chunks' households are in while a process waits to send stays
_WAITING = """
SELECT count(*) FROM population_building.piece WHERE EXISTS (SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'COPY "stay"%')
"""
TABLES = ("citizen", "household", "stay", "number_step")


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the processes in /proc")
def test_killed_builds_are_gone_on_with(tmp_path: Path) -> None:
    """Killed among the chunks and among the rows, it ends as if nothing had been.

    That is shown by ``population verify``, which makes everybody once more. No process is left
    behind, and what the first run had made is not made again.
    """
    out, folder = tmp_path / "p.db", tmp_path / ".p.db.building"
    build = [*DANCU, "population", "build", "--size", str(SIZE), "--out", str(out), "--json"]
    first, database = folder / "digest-0", folder / "population.db"
    _run_until(build, first.exists)
    made = first.stat().st_mtime_ns
    _run_until(build, lambda: database.exists() and _rows(database) > 0)
    assert first.stat().st_mtime_ns == made
    assert not out.exists()
    _run_until(build, lambda: _rows(database) > 1)
    told = json.loads(_done(build))
    assert [item.name for item in tmp_path.iterdir()] == [out.name]
    command = [*DANCU, "population", "verify", "--file", str(out), "--json"]
    checks = {one["what"]: one for one in json.loads(_done(command))}
    assert checks["digest"]["found"] == told["digest"]
    assert checks["rows of citizen"]["found"] == f"{SIZE:,}"
    assert all(one["holds"] for one in checks.values())


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the processes in /proc")
def test_killed_builds_into_postgresql_are_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: Cluster, postgres_url: str
) -> None:
    """Killed with half of a piece sent, and among the keys: it ends as if nothing had been.

    Nothing is there to be served before the end; what was committed is not sent again.
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    build = [*DANCU, "population", "build", "--size", str(SIZE), "--json", "--out"]
    asked = partial(postgres.query, postgres_url)
    with (
        closing(open_session(postgres_url)) as holding,
        closing(open_session(postgres_url)) as watching,
    ):
        _run_until([*build, postgres_url], partial(_is_held, holding, watching))
        assert asked(_THERE) == "f"
    (chunk,) = tmp_path.glob("*/digest-0")
    made = chunk.stat().st_mtime_ns
    households = "SELECT xmin::text, count(*) FROM {}.household GROUP BY 1"
    committed = asked(households.format("population_building")).splitlines()
    assert committed
    with closing(open_session(postgres_url)) as watching:
        _run_until([*build, postgres_url], lambda: _count(watching, _KEYS) > 0)
    assert asked(_THERE) == "f"
    assert chunk.stat().st_mtime_ns == made
    told = json.loads(_done([*build, postgres_url]))
    assert set(committed) <= set(asked(households.format("population")).splitlines())
    assert not list(tmp_path.iterdir())
    with postgres.database() as other:
        undisturbed = json.loads(_done([*build, other]))
        assert told["digest"] == undisturbed["digest"]
        for table in TABLES:
            content = (
                f"SELECT count(*), sum(hashtextextended(t::text, 0)) FROM population.{table} t"  # noqa: S608 - our names
            )
            assert postgres.query(other, content) == asked(content)
    refused = subprocess.run([*build, postgres_url], capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    assert refused.returncode == 1
    assert refused.stderr.endswith("there is a population already; replace it with --force\n")


def _is_held(holding: PostgresSession, watching: PostgresSession) -> bool:
    """Have the build wait between a piece's citizens and their stays; whether it does."""
    if holding.in_transaction:  # which would be told the same again and again
        return _count(watching, _WAITING) == CHUNKS
    if _count(watching, "SELECT count(to_regclass('population_building.build'))"):
        holding.script("BEGIN; LOCK TABLE population_building.stay IN SHARE MODE")
    return False


def _count(session: PostgresSession, statement: str) -> int:
    """The one number that it gives: many times a second, so in a session that stays."""
    ((number,),) = session.ask(statement)
    return int(number)


def _rows(database: Path) -> int:
    """How much of the register is written, in tenths of what it will be."""
    return database.stat().st_size * 10 // (SIZE * 160)


def _run_until(command: list[str], reached: Callable[[], bool]) -> None:
    """Run it, kill it as soon as it has come so far, and wait for its processes to be gone."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own command
        try:
            _wait_for(lambda: reached() or process.poll() is not None)
            workers = _children(process.pid)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGKILL
    assert workers
    _wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MOST
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _done(command: list[str]) -> str:
    """What it says when it is let alone."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own command
