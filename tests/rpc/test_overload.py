"""Overload: what is let in, what a refusal says and costs, and that health is always told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2

from gateway import app
from gateway.rpc.edge import Limits
from gateway.rpc.overload import FLOOR, INTERVAL_SECONDS, TARGET_SECONDS, Overload
from tests.rpc.gateways import audited, hold_commits, serving
from tests.rpc.raw import VERIFY, RawClient, failure_of, verify_request

MOST = 2000
SENT = verify_request().SerializeToString()


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def work(overload: Overload, clock: Clock, calls: int, seconds: float) -> None:
    """So many calls begin at once, and end evenly spread over the time that the last one takes."""
    began = [overload.enter() for _ in range(calls)]
    for one in began:
        clock.now += seconds / calls
        overload.leave(one)


def storm(overload: Overload, clock: Clock, rate: float, seconds: float) -> None:
    """Callers who always fill the gateway, which answers so many calls a second, in order."""
    waiting: list[float] = []
    end = clock.now + seconds
    while clock.now < end:
        while not overload.full:
            waiting.append(overload.enter())
        clock.now += 1 / rate
        overload.leave(waiting.pop(0))
    while waiting:
        clock.now += 1 / rate
        overload.leave(waiting.pop(0))


def test_a_crowd_that_is_answered_in_time_is_let_in() -> None:
    """Nothing is bounded below capacity."""
    clock = Clock()
    overload = Overload(MOST, clock)
    for _ in range(20):
        work(overload, clock, 500, 0.2)
    assert overload.limit == MOST


def test_a_queue_that_does_not_drain_is_bounded() -> None:
    """Only about as many are let in as end within the target, whatever the rate is."""
    for rate in (1000.0, 4000.0):
        clock = Clock()
        overload = Overload(MOST, clock)
        storm(overload, clock, rate, 10.0)
        assert overload.limit <= 1.3 * max(FLOOR, rate * TARGET_SECONDS)
        assert overload.limit >= 0.7 * max(FLOOR, rate * TARGET_SECONDS)


def test_normal_again_within_seconds() -> None:
    """After a storm the bound rises to where it was, with ordinary calls alone."""
    clock = Clock()
    overload = Overload(MOST, clock)
    storm(overload, clock, 500.0, 5.0)
    assert overload.limit < 200
    over = clock.now
    while overload.limit < MOST:
        work(overload, clock, 1, INTERVAL_SECONDS)
    assert clock.now - over < 5.0


def test_few_slow_calls_are_no_overload() -> None:
    """Batches of a few callers may take their time."""
    clock = Clock()
    overload = Overload(MOST, clock)
    for _ in range(20):
        work(overload, clock, FLOOR, 10.0)
    assert overload.limit == MOST


async def test_a_refusal_leaves_nothing(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No leaf, no charge, no decision; a reason and a time to come back; health is told."""
    monkeypatch.setattr(app, "Limits", lambda: Limits(concurrent_calls=2))
    release = hold_commits(monkeypatch)
    async with serving(data_dir) as running, RawClient(running) as raw:
        answers = [asyncio.ensure_future(raw.send(VERIFY, SENT)) for _ in range(2)]
        await asyncio.sleep(0.3)
        refusals = [await failure_of(raw.send(VERIFY, SENT)) for _ in range(30)]
        async with grpc.aio.insecure_channel(running.grpc) as channel:
            check: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
                "/grpc.health.v1.Health/Check"
            )
            health = health_pb2.HealthCheckResponse.FromString(await check(b"", timeout=2))
        release.set()
        await asyncio.gather(*answers)
    assert health.status == health_pb2.HealthCheckResponse.SERVING
    assert {one.code for one in refusals} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert {(one.reason, one.domain) for one in refusals} == {("TOO_MANY_CALLS", "dancu")}
    assert {tuple(sorted(one.texts)) for one in refusals} == {("en", "vi")}
    assert len({one.retry_after for one in refusals}) > 5
    assert audited(data_dir).leaves == 2
    kept = data_dir / "decisions.jsonl"
    assert not kept.exists() or "TOO_MANY_CALLS" not in kept.read_text("utf-8")
