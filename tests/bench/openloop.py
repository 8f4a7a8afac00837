"""Calls on a fixed schedule, by ``dancu load``: at the nation's peak, and near the knee."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench import machine
from tests.bench.errors import BenchError
from tests.bench.figures import Figure, Target
from tests.bench.process import Server

PEAK = 472.0  # calls/s, of the nation's busiest hour
SECONDS = 20
NEAR = 0.8  # of what a closed loop reaches
STEADY = 200.0  # calls/s, while memory is watched
_WARM_UP = 3


def measure(server: Server, data_dir: Path, rounds: int, memory_minutes: int) -> list[Figure]:
    """Rounds of: the peak, a closed loop, and most of what that reached; then memory."""
    peak, near, highest = [], [], []
    for _ in range(rounds):
        peak.append(_load(server, data_dir, "steady", "--rate", str(PEAK)))
        closed = _load(server, data_dir, "saturation")
        highest.append(float(closed["metrics"]["achieved_rate"]))
        near.append(_load(server, data_dir, "steady", "--rate", f"{NEAR * highest[-1]:.0f}"))
    figures = [
        _latency("open loop at 472 calls/s: p99", peak, "p99_ms", Target(15, 15)),
        _latency("p50", peak, "p50_ms"),
        Figure("closed loop, 40 callers: rate", "calls/s", highest),
        _latency("open loop at 0.8 of that: p99", near, "p99_ms", Target(60, 60)),
        _latency("p50", near, "p50_ms"),
        Figure("late sends at the peak: p99", "ms", [one["client"]["lag_p99_ms"] for one in peak]),
    ]
    if memory_minutes:
        figures.append(_growth(server, data_dir, memory_minutes))
    return figures


def _growth(server: Server, data_dir: Path, minutes: int) -> Figure:
    """Resident memory at the end over that after the first tenth."""
    _load(server, data_dir, "steady", "--rate", str(STEADY), seconds=6 * minutes)
    before = machine.memory(server.pid)
    _load(server, data_dir, "steady", "--rate", str(STEADY), seconds=54 * minutes)
    grown = machine.memory(server.pid) / before
    what = f"memory after {minutes} minutes at {STEADY:.0f} calls/s / after the first tenth"
    return Figure(what, "×", [grown], Target(1.05, 1.02))


def _latency(
    what: str, results: list[dict[str, Any]], name: str, target: Target | None = None
) -> Figure:
    return Figure(what, "ms", [float(one["metrics"][name]) for one in results], target)


def _load(
    server: Server, data_dir: Path, scenario: str, *options: str, seconds: int = SECONDS
) -> dict[str, Any]:
    """One run of a scenario; its result."""
    out = data_dir.with_suffix(".load.json")
    out.unlink(missing_ok=True)
    dancu = str(Path(sys.executable).with_name("dancu"))
    command = [dancu, "load", "run", scenario, "--server", server.address, *options]
    command += ["--data-dir", str(data_dir), "--duration", str(seconds)]
    command += ["--warm-up", str(_WARM_UP), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if not out.exists():
        raise BenchError(f"dancu load run {scenario}: {done.stderr.strip()[-200:]}")
    result: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return result
