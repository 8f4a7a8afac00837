"""``kill -9`` while a population is built: the same command goes on, and the end is the same."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.server import DANCU, PATIENCE

SIZE = 200_000  # the smallest that is built by several processes


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
    assert reached()
    assert workers
    _wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _done(command: list[str]) -> str:
    """What it says when it is let alone."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own command
