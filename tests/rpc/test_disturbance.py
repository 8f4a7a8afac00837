"""Callers that go away, hurry, or come in crowds disturb nobody else."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc
import pytest

from dancu.v1 import identity_service_pb2
from gateway import app
from gateway.rpc.edge import Limits
from tests.rpc.gateways import Running, audited, hold_commits, serving
from tests.rpc.raw import (
    BATCH,
    VERIFY,
    Failure,
    RawClient,
    claim,
    read_failure,
    request_context,
    verify_request,
)

GOOD = verify_request().SerializeToString()
PATIENCE = 90.0  # seconds; longer than any deadline here

_Ask = Callable[[RawClient], Awaitable[bytes | Failure | None]]


async def settled(call: grpc.aio.UnaryUnaryCall[bytes, bytes]) -> bytes | Failure | None:
    """The answer, the failure, or None for a call that was cancelled here, or lost by gRPC.

    Once in a hundred thousand its client never says that a deadline of milliseconds has passed.
    """
    try:
        return await asyncio.wait_for(call, PATIENCE)
    except grpc.aio.AioRpcError as error:
        return read_failure(error)
    except (asyncio.CancelledError, TimeoutError):
        return None


async def test_cancelled_calls_disturb_no_other(raw: RawClient, data_dir: Path) -> None:
    """Of a hundred calls at once half are cancelled at random moments; the rest are answered."""
    chance = random.Random(11)  # noqa: S311 - a fixed seed is wanted, not secrecy
    answers: list[bytes] = []
    for _ in range(5):
        calls = [raw.send(VERIFY, GOOD) for _ in range(100)]
        doomed = set(chance.sample(range(100), 50))
        for index in sorted(doomed):
            asyncio.get_running_loop().call_later(chance.random() * 0.05, calls[index].cancel)
        results = await asyncio.gather(*map(settled, calls))
        kept = [one for index, one in enumerate(results) if index not in doomed]
        assert all(isinstance(one, bytes) for one in kept)
        answers += [one for one in results if isinstance(one, bytes)]
    for answer in answers:
        raw.checked(identity_service_pb2.VerifyIdentityResponse.FromString(answer).signed)
    await raw.verify()  # and after all that, the next one
    report = audited(data_dir)
    assert report.findings == []
    assert len(answers) + 1 <= report.leaves <= 501


async def test_expired_deadlines_disturb_no_other(raw: RawClient, data_dir: Path) -> None:
    """Calls whose deadline is too short end with it; the patient ones are answered."""
    chance = random.Random(12)  # noqa: S311 - as above
    hasty = [raw.send(VERIFY, GOOD, timeout=chance.random() * 0.02) for _ in range(60)]
    patient = [raw.send(VERIFY, GOOD) for _ in range(40)]
    results = await asyncio.gather(*map(settled, (*hasty, *patient)))
    assert all(isinstance(one, bytes) for one in results[60:])
    failures = [one for one in results if isinstance(one, Failure)]
    assert {one.code for one in failures} <= {grpc.StatusCode.DEADLINE_EXCEEDED}
    report = audited(data_dir)
    assert report.findings == []
    assert report.leaves >= sum(isinstance(one, bytes) for one in results)


async def test_rapid_resets(raw: RawClient, data_dir: Path) -> None:
    """A thousand streams opened and reset at once leave a gateway that answers."""
    for _ in range(10):
        calls = [raw.send(VERIFY, GOOD) for _ in range(100)]
        for call in calls:
            call.cancel()
        await asyncio.gather(*map(settled, calls))
    await asyncio.wait_for(raw.verify(), 5)
    assert audited(data_dir).findings == []


async def test_more_streams_than_a_connection_may_have(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streams beyond the limit wait for a free one; all are answered."""
    monkeypatch.setattr(app, "Limits", lambda: Limits(calls_per_connection=10))
    async with serving(data_dir) as running, RawClient(running) as raw:
        results = await asyncio.gather(*(settled(raw.send(VERIFY, GOOD)) for _ in range(200)))
    assert all(isinstance(one, bytes) for one in results)


async def test_a_crowd_on_one_connection(raw: RawClient, data_dir: Path) -> None:
    """Fifteen hundred calls that arrive at once are all answered: gRPC drops none by itself."""
    results = await asyncio.gather(*(settled(raw.send(VERIFY, GOOD)) for _ in range(1500)))
    assert all(isinstance(one, bytes) for one in results)
    assert audited(data_dir).leaves == 1500


async def test_more_calls_than_the_gateway_takes(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls of many connections beyond the limit are told when to come back."""
    monkeypatch.setattr(app, "Limits", lambda: Limits(concurrent_calls=5))
    release = hold_commits(monkeypatch)
    refused: list[Failure] = []

    async def ask(raw: RawClient) -> bytes | Failure | None:
        result = await settled(raw.send(VERIFY, GOOD))
        if isinstance(result, Failure):
            refused.append(result)
        if len(refused) == 25:  # no call ends before all have come
            release.set()
        return result

    async with serving(data_dir) as running:
        results = await asyncio.gather(*(_burst(running, index, ask) for index in range(6)))
    answered = [one for each in results for one in each if isinstance(one, bytes)]
    assert (len(answered), len(refused)) == (5, 25)
    for one in refused:
        assert one.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert one.reason == "TOO_MANY_CALLS"
        assert one.retry_after is not None
        assert 1.0 <= one.retry_after <= 2.0  # spread, or they would all come back at once
    assert audited(data_dir).leaves == len(answered)


async def test_a_large_batch_beside_small_calls(raw: RawClient) -> None:
    """Single calls are answered while batches of a thousand are at work."""
    request = identity_service_pb2.BatchVerifyIdentitiesRequest(
        context=request_context(), claims=[claim()] * 1000
    ).SerializeToString()
    calls = [raw.send(BATCH if index % 5 == 0 else VERIFY, request if index % 5 == 0 else GOOD)
             for index in range(40)]  # fmt: skip
    results = await asyncio.gather(*map(settled, calls))
    assert all(isinstance(one, bytes) for one in results)


async def _burst(running: Running, number: int, ask: _Ask) -> list[bytes | Failure | None]:
    # channels with equal options share one connection
    async with RawClient(running, ("dancu.test.channel", number)) as raw:
        return await asyncio.gather(*(ask(raw) for _ in range(5)))
