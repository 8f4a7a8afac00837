"""Life as a user starts it: beside a gateway."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from gateway.engines.sqlite import register_info
from tests.e2e.server import PATIENCE, dev, failing_dev
from tests.rpc.raw import RawClient


async def test_a_living_gateway(data_dir: Path) -> None:
    """Days pass beside the calls, changes come in, and SIGTERM ends both."""
    path = data_dir / "population.db"
    first = register_info(path)
    with dev(data_dir, "--life", "10days/s", "--log-level", "debug") as server:
        async with RawClient(server.running) as raw:
            until = time.monotonic() + PATIENCE
            while (now := register_info(path)).revision < first.revision + 5:
                assert time.monotonic() < until
                assert (await raw.verify()).outcome == 1
        assert server.terminate() == 0
    assert now.day > first.day
    assert "day_lived" in server.log.read_text("utf-8")


@pytest.mark.parametrize("option", ["--port", "--metrics-port"])
def test_a_start_that_fails_moves_no_day(data_dir: Path, option: str) -> None:
    """The register may be another gateway's, which has the port."""
    path = data_dir / "population.db"
    before = register_info(path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "in use" in failing_dev(data_dir, "--life", "1day/s", option, port)
    assert register_info(path) == before
