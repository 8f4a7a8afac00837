"""Two workers beside a gateway of one process: CPU a call, and the turns at the log's lock."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import h2load, machine
from tests.bench.errors import BenchError
from tests.bench.figures import Figure, Target, ratios
from tests.bench.process import Server, running
from tests.bench.questions import VERIFY, persona_question, verify_request
from tests.bench.rounds import Work, interleave
from tests.bench.timed import Turn, read_turns

WORKERS = 2
CONNECTIONS = 40  # the kernel shares them out by chance: few would be shared out badly
STREAMS = 3  # calls in flight on each: as many together as saturate one process
WARM_UP = 1000  # calls
CPU = Target(must=1.30, goal=1.15)
HELD = Target(must=0.60, goal=0.45)
WAITED = Target(must=200.0, goal=100.0)


@dataclass(frozen=True, slots=True)
class Team(Server):
    """A gateway whose work is done by its children."""

    def cpu_seconds(self) -> float:
        """What all its processes have used so far."""
        return sum(map(machine.cpu_seconds, [self.pid, *_children(self.pid)]))


@dataclass(slots=True)
class _Side:
    """One of the two gateways, and when it was under load."""

    server: Server
    turns: Path
    body: Path
    loads: list[tuple[float, float]]

    def load(self, calls: int) -> float:
        """Saturate it; calls a second."""
        began = time.monotonic()
        found = h2load.load(self.server.address, VERIFY, self.body, calls, CONNECTIONS, STREAMS)
        self.loads.append((began, time.monotonic()))
        return found.rate


def measure(data_dir: Path, rounds: int, calls: int) -> list[Figure]:
    """Interleaved rounds of ``calls`` calls each, over copies of a data directory."""
    with ExitStack() as stack:
        one = stack.enter_context(_side(data_dir, 1))
        team = stack.enter_context(_side(data_dir, WORKERS))
        for side in (one, team):
            side.load(WARM_UP)
            side.loads.clear()
        works = {
            "one": Work(one.server, lambda: one.load(calls), calls, leaves=calls),
            "team": Work(team.server, lambda: team.load(calls), calls, leaves=calls),
        }
        found = interleave(works, rounds)
        held, waited = _shares(team), _longest_waits(team)
        alone = _shares(one)
    ours, theirs = found["team"], found["one"]
    name = f"{WORKERS} workers"
    return [
        Figure(f"{name}: CPU a call / one process's", "×", ratios(ours.cpu, theirs.cpu), CPU),
        Figure(f"{name}: the log's lock is held, of the time", "×", held, HELD),
        Figure(f"{name}: longest wait for the lock in a round", "ms", waited, WAITED),
        Figure(f"  {name}, rate / one process's", "×", ratios(ours.rates, theirs.rates)),
        Figure(f"  {name}, CPU a call", "µs", ours.cpu),
        Figure("  one process, CPU a call", "µs", theirs.cpu),
        Figure("  one process, the lock is held, of the time", "×", alone),
    ]


@contextmanager
def _side(data_dir: Path, workers: int) -> Iterator[_Side]:
    """A gateway with so many processes, over a copy of a data directory with a log of its own."""
    copy = data_dir.with_name(f"{workers}-workers")
    log = ("gateway.db*", "log.json", "accesses.db*")
    shutil.copytree(data_dir, copy, ignore=shutil.ignore_patterns(*log))
    turns, body = copy.with_suffix(".turns"), copy.with_suffix(".body")
    body.write_bytes(h2load.frame(verify_request(persona_question())))
    command = [sys.executable, "-m", "tests.bench.timed", str(turns), "dev", "--port", "0"]
    command += ["--data-dir", str(copy), "--workers", str(workers)]
    with running(command, copy.with_suffix(".log")) as found:
        server = Team(found.pid, found.address, found.seconds_to_ready) if workers > 1 else found
        yield _Side(server, turns, body, [])


def _shares(side: _Side) -> list[float]:
    """Of each load's time, for how much somebody held the lock."""
    return [
        sum(turn.gone - turn.had for turn in turns) / (end - began)
        for (began, end), turns in zip(side.loads, _turns(side), strict=True)
    ]


def _longest_waits(side: _Side) -> list[float]:
    """The longest of each load, in milliseconds."""
    return [max(turn.had - turn.wanted for turn in turns) * 1e3 for turns in _turns(side)]


def _turns(side: _Side) -> list[list[Turn]]:
    """The turns of each load."""
    known = read_turns(side.turns)
    found = [
        [turn for turn in known if began <= turn.wanted and turn.gone <= end]
        for began, end in side.loads
    ]
    if not all(found):
        raise BenchError("nobody took the log's lock under load")
    return found


def _children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()))
