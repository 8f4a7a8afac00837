"""Who keeps the workers: started together, started again, drained, and ports that are kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway import worker, workers
from gateway.config import DevConfig, Place, ServeConfig
from gateway.reserving import PortTaken, reserve
from gateway.worker import Order, Worker, WorkerFailed
from gateway.workers import Ports, supervise

PATIENCE = 20.0  # seconds


@dataclass
class Team:
    """Some fake workers at work."""

    folder: Path
    workers: list[Worker]
    task: asyncio.Task[None] | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def count(self, name: str) -> int:
        """How often a worker noted something."""
        path = self.folder / name
        return len(path.read_text()) if path.exists() else 0

    async def until(self, name: str, count: int) -> None:
        """Wait until it was noted so often."""
        async with asyncio.timeout(PATIENCE):
            while self.count(name) < count:  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def team(folder: Path, how: str, count: int = 2, drain: float = 5.0) -> AsyncIterator[Team]:
    """So many fake workers, until the end of the block at the latest."""
    command = [sys.executable, "-m", "tests.support.fake_worker", str(folder), how]
    places = [Place(number, count) for number in range(count)]
    found = Team(folder, [])
    found.workers += [Worker(command, Order(DevConfig(), place), found.workers) for place in places]
    found.task = asyncio.create_task(supervise(found.workers, drain, found.ready.set))
    try:
        yield found
    finally:
        if not found.task.done():
            os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(found.task, return_exceptions=True)


async def test_all_are_ready_before_it_is_said(tmp_path: Path) -> None:
    """Each lives once; SIGTERM ends all, and that is no failure."""
    async with team(tmp_path, "well", 3) as found:
        await asyncio.wait_for(found.ready.wait(), PATIENCE)
        assert [found.count(f"{number}.lives") for number in range(3)] == [1, 1, 1]
        os.kill(os.getpid(), signal.SIGTERM)
        assert found.task
        await asyncio.wait_for(found.task, PATIENCE)


async def test_a_dead_worker_lives_again(tmp_path: Path) -> None:
    """At once, and the others do not notice."""
    async with team(tmp_path, "well") as found:
        await asyncio.wait_for(found.ready.wait(), PATIENCE)
        process = found.workers[1]._process
        assert process
        process.kill()
        await found.until("1.lives", 2)
        assert found.count("0.lives") == 1


async def test_a_worker_that_never_lives_ends_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some tries, with its last code; the others are drained."""
    monkeypatch.setattr(worker, "PAUSES", (0.0, 0.05, 0.1))
    async with team(tmp_path, "never", 1) as found:
        assert found.task
        with pytest.raises(WorkerFailed, match=r"worker 0 ended 4 times .* with code 3"):
            await asyncio.wait_for(found.task, PATIENCE)
        assert (found.count("0.lives"), found.ready.is_set()) == (4, False)


async def test_a_worker_that_had_settled_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it ends."""
    monkeypatch.setattr(worker, "PAUSES", (0.0,))
    monkeypatch.setattr(worker, "SETTLED_SECONDS", 0.0)
    async with team(tmp_path, "never", 1) as found:
        await found.until("0.lives", 4)
        assert found.task
        assert not found.task.done()


async def test_who_does_not_drain_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once its time is over."""
    monkeypatch.setattr(workers, "KILL_SECONDS", 0.2)
    async with team(tmp_path, "deaf", 1, drain=0.1) as found:
        await asyncio.wait_for(found.ready.wait(), PATIENCE)
        os.kill(os.getpid(), signal.SIGTERM)
        assert found.task
        await asyncio.wait_for(found.task, PATIENCE)
        process = found.workers[0]._process
        assert process
        assert process.returncode == -signal.SIGKILL


async def test_a_hang_up_is_handed_on(tmp_path: Path) -> None:
    """To every worker."""
    async with team(tmp_path, "well") as found:
        await asyncio.wait_for(found.ready.wait(), PATIENCE)
        os.kill(os.getpid(), signal.SIGHUP)
        for number in range(2):
            await found.until(f"{number}.hups", 1)


async def test_a_state_is_kept_for_who_begins_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who shares it is told of a worker that says nothing to it; the next life begins with it."""
    monkeypatch.setattr(worker, "REPLY_SECONDS", 0.2)
    async with team(tmp_path, "shares") as found:
        await asyncio.wait_for(found.ready.wait(), PATIENCE)
        found.workers[0].hang_up()
        await found.until("0.silent", 1)
        for number in range(2):
            process = found.workers[number]._process
            assert process
            process.kill()
            await found.until(f"{number}.began", 1)


async def test_a_hang_up_waits_for_who_is_starting(tmp_path: Path) -> None:
    """It would end a worker that does not know the signal yet."""
    async with team(tmp_path, "slow", 1) as found:
        await found.until("0.lives", 1)
        os.kill(os.getpid(), signal.SIGHUP)
        await found.until("0.hups", 1)
        assert found.count("0.lives") == 1


async def test_a_stop_during_the_start_is_heard(tmp_path: Path) -> None:
    """Nobody waits for the workers to be ready first."""
    async with team(tmp_path, "slow") as found:
        await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGTERM)
        assert found.task
        await asyncio.wait_for(found.task, PATIENCE)
        assert not found.ready.is_set()


def test_an_order_arrives_as_it_was_given() -> None:
    """Over a pipe, in one line."""
    order = Order(ServeConfig(tls_key=Path("key.pem"), workers=3), Place(2, 3), b"state\n")
    line = order.to_line()
    assert (line.count(b"\n"), Order.from_line(line)) == (1, order)


def listening(port: int, option: int) -> socket.socket:
    """Somebody who listens on a port."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        found.bind(("127.0.0.1", port))
        found.listen()
    except OSError:
        found.close()
        raise
    return found


def test_a_reserved_port_is_for_who_shares_it() -> None:
    """Two of our own may listen on it, no stranger, and no second gateway."""
    kept = reserve("127.0.0.1", 0)
    with pytest.raises(PortTaken, match=str(kept)):
        reserve("127.0.0.1", kept.port)
    with pytest.raises(OSError, match="in use"):
        listening(kept.port, socket.SO_REUSEADDR)
    with (
        listening(kept.port, socket.SO_REUSEPORT),
        listening(kept.port, socket.SO_REUSEPORT),
        pytest.raises(PortTaken),
    ):
        reserve("127.0.0.1", kept.port)
    kept.release()
    reserve("127.0.0.1", kept.port).release()


@pytest.mark.parametrize("address", [("127.0.0.1", 70_000), ("203.0.113.1", 0), ("no such", 0)])
def test_an_address_that_cannot_be_had(address: tuple[str, int]) -> None:
    """No such port, not of this machine, no such name: one line each."""
    with pytest.raises(PortTaken, match=r"cannot listen on .*: the port is in use, or the address"):
        reserve(*address)


def test_each_worker_shows_metrics_of_its_own() -> None:
    """The other ports are the same for all, and stay what they were through restarts."""
    config = DevConfig(port=0, workers=2, personas=Path("people.csv"))
    ports = Ports.take(config)
    first, second = (ports.of_worker(number, config) for number in range(2))
    assert (first.port, first.control_port, first.log_port) == (
        second.port,
        second.control_port,
        second.log_port,
    )
    assert first.metrics_port != second.metrics_port
    assert isinstance(first, DevConfig)
    assert first.personas is None
    shown = f"metrics=127.0.0.1:{first.metrics_port},127.0.0.1:{second.metrics_port}"
    assert str(ports).endswith(shown)
    for each in (ports.grpc, ports.control, ports.log, *ports.metrics):
        each.release()
