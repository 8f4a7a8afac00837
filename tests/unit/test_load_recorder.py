"""What workers count, and how it is put together."""

from __future__ import annotations

import random

import pytest

from clients.loadtest.histograms import histogram, merged, microseconds
from clients.loadtest.recorder import DEADLINE, Recorder
from clients.loadtest.scenario import Part, Rpc
from clients.loadtest.tally import Seconds, Whole, distribution, latency_figures
from tests.support.load_results import told

PARTS = (Part(Rpc.VERIFY), Part(Rpc.BATCH, records=100))


def test_merging_is_exact() -> None:
    """Histograms of several workers, put together, are the histogram of all their calls."""
    chance = random.Random(3)  # noqa: S311 - no secret
    values = [round(chance.lognormvariate(8, 1)) for _ in range(9_000)]
    whole, pieces = histogram(), [histogram() for _ in range(3)]
    for at, value in enumerate(values):
        whole.record_value(value)
        pieces[at % 3].record_value(value)
    together = merged([piece.encode() for piece in pieces])
    assert together.get_total_count() == len(values)
    assert latency_figures(together) == latency_figures(whole)


def test_percentiles_are_right() -> None:
    """A percentile is off by less than a thousandth."""
    found = histogram()
    for micros in range(1, 100_001):
        found.record_value(micros)
    figures = latency_figures(found)
    assert figures["p50_ms"] == pytest.approx(50.0, rel=0.001)
    assert figures["p999_ms"] == pytest.approx(99.9, rel=0.001)
    assert figures["max_ms"] == pytest.approx(100.0, rel=0.001)


def test_out_of_range() -> None:
    """What is too short or too long for a histogram counts as its shortest or longest."""
    assert (microseconds(-1.0), microseconds(0.0), microseconds(1e9)) == (1, 1, 3_600_000_000)


def test_counts() -> None:
    """Every call that was due is answered, failed or dropped."""
    recorder = Recorder(len(PARTS))
    told(recorder, calls=10, latency=0.01, refused=2, timed_out=1)
    recorder.dropped(1)
    recorder.due(1, 5_000, 0.02)
    recorder.drain(2.0)
    recorder.answered(1, 100, 16_000, 0.5, 0.48)
    whole = Whole(PARTS, [recorder.totals()], 2.0)
    counts = whole.counts()
    assert (counts["due"], counts["answered"], counts["failed"], counts["dropped"]) == (12, 8, 3, 1)
    assert (counts["in_time"], counts["drained"], counts["late"]) == (7, 1, 1)
    assert whole.statuses == {"OK": 8, "RESOURCE_EXHAUSTED": 2, DEADLINE: 1}
    assert whole.errors["RESOURCE_EXHAUSTED"] == "too many"
    metrics = whole.metrics()
    assert metrics["error_rate"] == pytest.approx(4 / 12)
    assert metrics["achieved_rate"] == 3.5
    assert metrics["records_rate"] == 3.5
    assert metrics["late_share"] == pytest.approx(1 / 11)


def test_latency_leaves_out_refusals_but_not_time_outs() -> None:
    """A refusal that comes at once does not flatter the latency; a time-out counts as it waited."""
    refused, timed_out = Recorder(1), Recorder(1)
    told(refused, calls=100, latency=0.1, refused=90)
    told(timed_out, calls=100, latency=0.1)
    told(timed_out, calls=10, latency=10.0, timed_out=10)
    part = (PARTS[0],)
    assert Whole(part, [refused.totals()], 1.0).metrics()["p50_ms"] == pytest.approx(100, rel=0.01)
    found = Whole(part, [timed_out.totals()], 1.0).metrics()
    assert found["p99_ms"] == pytest.approx(10_000, rel=0.01)


def test_by_method() -> None:
    """Parts of the mix with the same method count together."""
    parts = (Part(Rpc.BATCH, records=100), Part(Rpc.BATCH, records=1000))
    recorder = Recorder(2)
    for at, part in enumerate(parts):
        recorder.due(at, 10, 0.0)
        recorder.answered(at, part.records, 10, 0.01, 0.01)
    whole = Whole(parts, [recorder.totals()], 1.0)
    assert whole.by_rpc()["BatchVerifyIdentities"]["records_rate"] == 1100
    assert [part["call"] for part in whole.parts()] == [
        "BatchVerifyIdentities ×100",
        "BatchVerifyIdentities ×1000",
    ]


def test_seconds() -> None:
    """A second of all workers stands in one row; the next one begins anew."""
    seconds = Seconds()
    for worker in range(2):
        recorder = Recorder(1)
        told(recorder, calls=10, latency=0.01)
        seconds.add(worker, recorder.flush(0, 0.1))
        told(recorder, calls=5, latency=0.02, refused=5)
        seconds.add(worker, recorder.flush(1, 0.3))
    first, second = seconds.series()
    assert (first["due"], first["answered"], first["p50_ms"]) == (20, 20, pytest.approx(10, 0.01))
    assert (second["due"], second["answered"], second["p50_ms"]) == (10, 0, None)
    assert second["statuses"] == {"RESOURCE_EXHAUSTED": 10}
    assert seconds.cpu_seconds == [0.3, 0.3]
    assert seconds.latest() == second


def test_latest_waits_for_all_workers() -> None:
    """A second that some workers have not told of yet is not shown."""
    seconds = Seconds()
    assert seconds.latest() is None
    for worker in range(2):
        seconds.add(worker, Recorder(1).flush(0, 0.0))
    seconds.add(0, Recorder(1).flush(1, 0.0))
    latest = seconds.latest()
    assert latest is not None
    assert latest["second"] == 0


def test_distribution() -> None:
    """A result's histogram rises to its maximum, and can be read back whole."""
    found = histogram()
    for micros in range(1, 20_001):
        found.record_value(micros)
    told_of = distribution(found)
    percentiles, values = zip(*told_of["percentiles_ms"], strict=True)
    assert list(percentiles) == sorted(set(percentiles))
    assert list(values) == sorted(values)
    assert (percentiles[0], percentiles[-1]) == (0.0, 100.0)
    assert merged([told_of["hdr"].encode()]).get_total_count() == 20_000
    assert distribution(histogram())["percentiles_ms"] == []
