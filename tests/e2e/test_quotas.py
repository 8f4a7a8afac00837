"""A policy in a process of its own: killed without warning, and told to read it again."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import grpc

from dancu.v1 import usage_service_pb2
from tests.e2e.server import Server, dev, failing_dev
from tests.rpc.gateways import audited
from tests.rpc.raw import VERIFY, RawClient, failure_of, verify_request

POLICY = """
[[grant]]
callers = ["one"]
procedures = ["*"]
rpcs = ["VerifyIdentity"]

[[quota]]
callers = ["one"]
procedures = ["*"]
per_day = 300
"""
ASK = verify_request().SerializeToString()
CLIENTS = 8


async def test_a_kill_gives_nothing_away(data_dir: Path, tmp_path: Path) -> None:
    """All lives of a gateway together answer as often as the quota says, and not once more."""
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    received = 0
    for life in range(3):
        with dev(data_dir, "--policy", str(policy), "--as", "one") as server:
            asking = [asyncio.create_task(_ask_on(server)) for _ in range(CLIENTS)]
            if life < 2:
                await asyncio.sleep(0.15)
                server.kill()
            received += sum(await asyncio.gather(*asking))
            if life == 2:
                async with RawClient(server.running) as raw:
                    assert (await failure_of(raw.send(VERIFY, ASK))).reason == "QUOTA_DAY_EXCEEDED"
                    answer = await raw.send("/dancu.v1.UsageService/GetUsage", b"")
                assert server.terminate() == 0
    (used,) = usage_service_pb2.GetUsageResponse.FromString(answer).counters
    assert used.records == 300
    # a killed gateway may have recorded what it could not give out any more
    assert 300 - 2 * CLIENTS <= received <= 300
    assert audited(data_dir).findings == []


async def test_a_hang_up_reads_the_policy_again(data_dir: Path, tmp_path: Path) -> None:
    """A broken file changes nothing and is one line of the log; a good one takes effect."""
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    with dev(data_dir, "--policy", str(policy), "--as", "one") as server:
        async with RawClient(server.running) as raw:
            await raw.send(VERIFY, ASK)
            policy.write_text("[[grant]]\ncallers = 1\n")
            await _hang_up(server, "policy_not_reloaded")
            await raw.send(VERIFY, ASK)
            policy.write_text(POLICY.replace("VerifyIdentity", "ResolveIdentifier"))
            await _hang_up(server, "policy_reloaded")
            assert (await failure_of(raw.send(VERIFY, ASK))).reason == "RPC_NOT_GRANTED"


def test_a_broken_policy_keeps_it_from_starting(data_dir: Path, tmp_path: Path) -> None:
    """With every mistake and its line."""
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY + "burts = 3\n")
    told = failing_dev(data_dir, "--policy", str(policy), "--as", "one")
    assert told.startswith(f"error: {policy}:11: burts: is not a known key; use callers, ")


async def _ask_on(server: Server) -> int:
    """Ask until nobody answers or the quota is used up; returns how often there was an answer."""
    answers = 0
    with contextlib.suppress(grpc.aio.AioRpcError):
        async with RawClient(server.running) as raw:
            while True:
                await raw.send(VERIFY, ASK)
                answers += 1
    return answers


async def _hang_up(server: Server, event: str) -> None:
    """Send SIGHUP, and wait until the log says what came of it."""
    server.process.send_signal(signal.SIGHUP)
    async with asyncio.timeout(10):
        while event not in server.log.read_text("utf-8"):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)
