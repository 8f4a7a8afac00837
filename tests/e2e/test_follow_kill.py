"""Gateway and follower are killed at random; the file has every change once, in order."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from mock_population_db.store.sqlite import SqlitePopulation
from tests.e2e.server import DANCU, PATIENCE, dev
from tests.rpc.gateways import audited
from tests.support.happening import numbers_in, rename

FIRST = 2
ROUNDS = 3


async def test_nothing_is_lost_and_nothing_twice(data_dir: Path, tmp_path: Path) -> None:
    """No gap, no duplicate, no step back; afterwards the log holds, and it ends when told."""
    chance = random.Random()  # noqa: S311 - another moment in every run, not a secret
    out, port = tmp_path / "changes.jsonl", _free_port()
    places = ("--server", f"127.0.0.1:{port}", "--data-dir", str(data_dir), "--from", str(FIRST))
    command = [*DANCU, "sync", "follow", *places, "--cursor", str(tmp_path / "cursor")]
    command += ["--out", str(out)]
    numbers = numbers_in(data_dir / "population.db", 20)
    enough = asyncio.Event()
    writing = asyncio.create_task(_keep_changing(data_dir / "population.db", numbers, enough))
    follower = await asyncio.create_subprocess_exec(*command)
    for _ in range(ROUNDS):
        with dev(data_dir, "--port", str(port)) as server:
            await asyncio.sleep(chance.uniform(0.3, 1.5))
            if chance.random() < 0.5:
                follower.kill()
                await follower.wait()
                follower = await asyncio.create_subprocess_exec(*command)
            await asyncio.sleep(chance.uniform(0.0, 1.0))
            server.kill()
    enough.set()
    head = await writing
    with dev(data_dir, "--port", str(port)):
        await asyncio.wait_for(_caught_up(out, head), PATIENCE)
        follower.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(follower.wait(), PATIENCE) == 0
    told = [json.loads(line)["revision"] for line in out.read_bytes().splitlines()]
    assert told == list(range(FIRST, head + 1))
    assert json.loads((tmp_path / "cursor").read_bytes())["next_revision"] == head + 1
    assert audited(data_dir).findings == []


async def _keep_changing(population: Path, numbers: Sequence[str], enough: asyncio.Event) -> int:
    """Change one person after the other beside the gateway; returns the last revision."""
    last = turn = 0
    async with SqlitePopulation.open(population) as register:
        while not enough.is_set():
            given = "T" + chr(ord("a") + turn // 26) + chr(ord("a") + turn % 26)
            (*_, last) = await rename(register, numbers, given)
            turn += 1
            await asyncio.sleep(0.1)
    return last


async def _caught_up(path: Path, head: int) -> None:
    while _last(path) < head:  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.1)


def _last(path: Path) -> int:
    """The revision of the last line that is whole."""
    lines = path.read_bytes().rpartition(b"\n")[0].splitlines() if path.exists() else []
    return int(json.loads(lines[-1])["revision"]) if lines else 0


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
