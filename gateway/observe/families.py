"""The metrics, one family each. ``docs/observability.md`` lists the same names.

Labels are RPCs, status codes, reasons and steps: all of them short lists that are fixed in the
code. What a caller sends (a name, a unit, an officer, a method that does not exist) is never
one, so that nobody can be found in the metrics, and nobody can make them grow.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from itertools import accumulate, chain

import grpc
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from gateway.core.histogram import Histogram
from gateway.flows.figures import WindowFigures
from gateway.observe.sources import Stored
from gateway.rpc.figures import CallFigures, RpcFigures
from gateway.rpc.status import REASONS

# shown as 0 before the first one: an alert on their rate must not miss it
_OURS = (
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.INTERNAL,
)
_WATCHED = tuple(reason for reason, code in REASONS.items() if code in _OURS)
_RPC = ("service", "method")


def of_calls(calls: CallFigures) -> Iterator[Metric]:
    """How long calls take, how they end, and how many are under way."""
    seconds = HistogramMetricFamily(
        "dancu_call_duration_seconds",
        "Calls of one request and one answer that ended, by gRPC status code.",
        labels=(*_RPC, "code"),
    )
    under_way = _gauge("dancu_calls_in_flight", "Calls under way.", _RPC)
    for rpc in _those(calls, streams=False):
        for code, histogram in tuple(rpc.seconds.items()):
            _add(seconds, (rpc.service, rpc.method, code), histogram)
        under_way.add_metric((rpc.service, rpc.method), rpc.under_way)
    refused = _counter(
        "dancu_refused_calls", "Calls and streams that ended with an error.", ("reason",)
    )
    for reason, count in (dict.fromkeys(_WATCHED, 0) | calls.refused).items():
        refused.add_metric((reason,), count)
    yield from (seconds, under_way, refused)


def of_streams(calls: CallFigures) -> Iterator[Metric]:
    """The same of streams, which live long: how many there are, and what they carry."""
    still = _gauge("dancu_streams_open", "Streams that are open.", _RPC)
    ended = _counter("dancu_streams_ended", "Streams that ended, by status.", (*_RPC, "code"))
    carried = _counter("dancu_stream_messages", "Messages of streams.", (*_RPC, "direction"))
    for rpc in _those(calls, streams=True):
        name = (rpc.service, rpc.method)
        still.add_metric(name, rpc.under_way)
        for code, histogram in tuple(rpc.seconds.items()):
            ended.add_metric((*name, code), sum(histogram.counts))
        carried.add_metric((*name, "received"), rpc.received)
        carried.add_metric((*name, "sent"), rpc.sent)
    yield from (still, ended, carried)


def of_windows(windows: WindowFigures, waiting: int) -> Iterator[Metric]:
    """What is answered and recorded together."""
    calls = HistogramMetricFamily("dancu_window_calls", "Calls of each window.")
    _add(calls, (), windows.calls)
    records = HistogramMetricFamily("dancu_window_records", "Records of each window.")
    _add(records, (), windows.records)
    seconds = HistogramMetricFamily(
        "dancu_window_step_duration_seconds",
        "How long each step of a window took.",
        labels=["step"],
    )
    for step, histogram in windows.seconds.items():
        _add(seconds, (step,), histogram)
    failed = _counter("dancu_windows_failed", "Windows that answered nobody.", ("reason",))
    for reason, count in windows.failed.items():
        failed.add_metric((reason,), count)
    depth = _gauge("dancu_window_waiting_calls", "Calls that wait for the next window.")
    depth.add_metric((), waiting)
    yield from (calls, records, seconds, failed, depth)


def of_stores(stored: Stored, events: int) -> Iterator[Metric]:
    """The register and the log. What a store did not tell is left out."""
    up = _gauge("dancu_store_up", "Whether a store answers.", ("store",))
    for name, answers in stored.up.items():
        up.add_metric((name,), answers)
    leaves = _gauge("dancu_ledger_leaves", "Leaves of the log, by its latest checkpoint.")
    revision = _gauge("dancu_register_revision", "Revision of the register.")
    for family, value in ((leaves, stored.leaves), (revision, stored.revision)):
        if value is not None:
            family.add_metric((), value)
    pending = _gauge("dancu_events_pending", "Events reported and not answered yet.")
    pending.add_metric((), events)
    yield from (up, leaves, revision, pending)


def of_installation(expiries: Mapping[str, datetime]) -> Iterator[Metric]:
    """What runs, and until when it may."""
    about = _gauge("dancu_build_info", "What runs; always 1.", ("version", "python", "grpcio"))
    about.add_metric((version("dancu"), platform.python_version(), grpc.__version__), 1)
    ends = _gauge("dancu_expiry_timestamp_seconds", "When something expires.", ("what",))
    for what, at in expiries.items():
        ends.add_metric((what,), at.timestamp())
    yield from (about, ends)


def _those(calls: CallFigures, *, streams: bool) -> list[RpcFigures]:
    return [rpc for rpc in calls.rpcs.values() if rpc.streams is streams]


def _gauge(name: str, about: str, labels: Sequence[str] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, labels=labels)


def _counter(name: str, about: str, labels: Sequence[str]) -> CounterMetricFamily:
    return CounterMetricFamily(name, about, labels=labels)


def _add(family: HistogramMetricFamily, labels: Sequence[str], values: Histogram) -> None:
    """Prometheus counts in each bucket all that lies below its end."""
    ends = chain(map(str, values.bounds), ("+Inf",))
    below = accumulate(map(float, values.counts))
    family.add_metric(labels, list(zip(ends, below, strict=True)), values.total)
