"""What is counted, and what becomes of it in Prometheus's hands."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from prometheus_client.metrics_core import Metric

from dancu.v1 import identity_service_pb2, sync_service_pb2
from gateway.core.histogram import Histogram
from gateway.flows.figures import Lap, Step, WindowFigures
from gateway.observe import families
from gateway.observe.sources import Stored
from gateway.rpc.figures import CallFigures

IDENTITY = identity_service_pb2.DESCRIPTOR.services_by_name["IdentityService"]
VERIFY = IDENTITY.methods_by_name["VerifyIdentity"]
WATCH = sync_service_pb2.DESCRIPTOR.services_by_name["SyncService"].methods_by_name["WatchChanges"]
NAME = {"service": "dancu.v1.IdentityService", "method": "VerifyIdentity"}
MICROSECONDS = 1e6


def samples(family: Metric) -> dict[tuple[str, ...], float]:
    """Values by name and labels."""
    return {(one.name, *map(str, one.labels.values())): one.value for one in family.samples}


def test_a_histogram() -> None:
    """Bounds belong to the bucket that they end; beyond the last is one more."""
    histogram = Histogram((1, 2, 5))
    for value in (0, 1, 1.5, 2, 4, 5, 6, 100):
        histogram.observe(value)
    assert histogram.counts == [2, 2, 2, 2]
    assert histogram.total == 119.5


def test_a_histogram_as_prometheus_wants_it() -> None:
    """Each bucket counts all that lies below its end."""
    figures = WindowFigures(lambda: 0.0)
    for calls in (1, 3, 4, 300):
        figures.begin(calls, 0)
    family, *_ = families.of_windows(figures, 0)
    found = samples(family)
    assert found["dancu_window_calls_bucket", "1.0"] == 1
    assert found["dancu_window_calls_bucket", "4.0"] == 3
    assert found["dancu_window_calls_bucket", "256.0"] == 3
    assert found["dancu_window_calls_bucket", "+Inf"] == 4
    assert found["dancu_window_calls_count",] == 4
    assert found["dancu_window_calls_sum",] == 308


def test_the_steps_of_a_window() -> None:
    """Each took what passed since the one before."""
    ticks = iter((10.0, 10.5, 10.75, 12.75))
    lap = WindowFigures(lambda: next(ticks)).begin(2, 3)
    for step in Step:
        lap.done(step)
    assert lap.began == 10.0
    assert lap.ended == [(Step.READ, 10.5), (Step.DECIDE, 10.75), (Step.COMMIT, 12.75)]
    assert [lap._figures.seconds[step].total for step in Step] == [0.5, 0.25, 2.0]


def test_a_window_that_failed() -> None:
    """Is counted by its reason; a step that it did not come to is not."""
    figures = WindowFigures(time.perf_counter)
    lap: Lap = figures.begin(1, 1)
    lap.done(Step.READ)
    figures.failed["RECORD_STORE_UNAVAILABLE"] += 1
    _, _, seconds, failed, _ = families.of_windows(figures, 0)
    assert samples(failed) == {("dancu_windows_failed_total", "RECORD_STORE_UNAVAILABLE"): 1}
    assert samples(seconds)["dancu_window_step_duration_seconds_count", "read"] == 1
    assert samples(seconds)["dancu_window_step_duration_seconds_count", "commit"] == 0


class _Context:
    """How a call's context says that it ended."""

    def __init__(self, code: grpc.StatusCode | None, left: float | None) -> None:
        self._code, self._left = code, left

    def code(self) -> grpc.StatusCode | None:
        """Of a call that was aborted."""
        return self._code

    def time_remaining(self) -> float | None:
        """Of what its caller allowed."""
        return self._left


@pytest.mark.parametrize(
    ("code", "left", "told"),
    [
        (grpc.StatusCode.NOT_FOUND, 5.0, "NOT_FOUND"),
        (None, 0, "DEADLINE_EXCEEDED"),
        (None, 0.05, "DEADLINE_EXCEEDED"),
        (None, 0.5, "CANCELLED"),
        (None, None, "CANCELLED"),
    ],
)
async def test_a_call_that_ends_badly(
    code: grpc.StatusCode | None, left: float | None, told: str
) -> None:
    """Is counted by the code that its caller sees, and raises what it raised."""
    calls = CallFigures()

    async def handle(_sent: bytes, _context: Any) -> bytes:
        assert calls.of(VERIFY).under_way == 1
        raise asyncio.CancelledError

    context: Any = _Context(code, left)
    with pytest.raises(asyncio.CancelledError):
        await calls.watched(VERIFY, handle)(b"", context)
    seconds, under_way, _ = families.of_calls(calls)
    service, method = NAME.values()
    assert samples(seconds)["dancu_call_duration_seconds_count", service, method, told] == 1
    assert samples(seconds)["dancu_call_duration_seconds_count", service, method, "OK"] == 0
    assert samples(under_way) == {("dancu_calls_in_flight", service, method): 0}


def test_streams_are_no_calls() -> None:
    """Each kind has metrics of its own: a stream that lives for minutes is not a slow call."""
    calls = CallFigures()
    calls.of(VERIFY).ended("OK", 0.1)
    calls.of(WATCH).ended("OK", 900.0)
    calls.of(WATCH).sent += 3
    seconds, *_ = families.of_calls(calls)
    still, ended, carried = families.of_streams(calls)
    assert "WatchChanges" not in str(seconds.samples)
    assert "VerifyIdentity" not in str([still, ended, carried])
    service = "dancu.v1.SyncService"
    assert samples(ended) == {("dancu_streams_ended_total", service, "WatchChanges", "OK"): 1}
    assert samples(carried)["dancu_stream_messages_total", service, "WatchChanges", "sent"] == 3


def test_refusals_that_are_watched_begin_at_zero() -> None:
    """Quotas, overload, stores and defects; what callers do wrong when somebody does it."""
    calls = CallFigures()
    calls.refused["INVALID_FIELD"] += 2
    *_, refused = families.of_calls(calls)
    found = {labels[1]: value for labels, value in samples(refused).items()}
    for reason in ("QUOTA_DAY_EXCEEDED", "TOO_MANY_CALLS", "RECORD_STORE_UNAVAILABLE", "INTERNAL"):
        assert found[reason] == 0
    assert found["INVALID_FIELD"] == 2
    assert "TOKEN_EXPIRED" not in found


def test_a_store_that_said_nothing() -> None:
    """Is down, and there is no number of it: 0 would be a lie."""
    stored = Stored({"register": True, "records": False}, revision=7, leaves=None)
    up, leaves, revision, pending = families.of_stores(stored, 2)
    assert samples(up) == {("dancu_store_up", "register"): 1, ("dancu_store_up", "records"): 0}
    assert (samples(leaves), samples(revision)) == ({}, {("dancu_register_revision",): 7})
    assert samples(pending) == {("dancu_events_pending",): 2}


def test_when_something_expires() -> None:
    """As seconds since 1970."""
    _, ends = families.of_installation({"key_set": datetime(2027, 1, 2, tzinfo=UTC)})
    assert samples(ends) == {("dancu_expiry_timestamp_seconds", "key_set"): 1798848000}


async def test_what_counting_costs() -> None:
    """Well under a tenth of what anything else in a call costs, even on a busy machine."""

    async def handle(sent: bytes, _context: Any) -> bytes:
        return sent

    async def cost(of: Any, calls: int = 3000) -> float:
        began = time.process_time()
        for _ in range(calls):
            await of(b"", None)
        return (time.process_time() - began) / calls * MICROSECONDS

    counted = CallFigures().watched(VERIFY, handle)
    differences = [await cost(counted) - await cost(handle) for _ in range(7)]
    assert min(differences) < 5
