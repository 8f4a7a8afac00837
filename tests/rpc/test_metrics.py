"""Metrics over HTTP: what calls leave in them, and what never gets into them."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from dancu.v1 import identity_service_pb2, sync_service_pb2
from gateway.store.sqlite import SqliteRecords
from tests.architecture.pages import DOCS, read, tables
from tests.rpc.gateways import Running, hold_commits, serving
from tests.rpc.raw import (
    BATCH,
    IDENTITY,
    VERIFY,
    RawClient,
    claim,
    failure_of,
    request_context,
    verify_request,
)

GOOD = verify_request().SerializeToString()
WATCH = "/dancu.v1.SyncService/WatchChanges"
IDENTITY_LABELS = {"service": "dancu.v1.IdentityService", "method": "VerifyIdentity"}
SYNC_LABELS = {"service": "dancu.v1.SyncService", "method": "WatchChanges"}
DASHBOARD = json.loads((DOCS / "grafana" / "dancu.json").read_text("utf-8"))
DOCUMENTED = {row["metric"]: row for row in tables(read("observability.md"), "metric", "type")}
_OWN = re.compile(r"\b(?:dancu|process|python)_\w+")


class Scrape:
    """What a page says."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families: dict[str, Metric] = {
            family.name: family for family in text_string_to_metric_families(text)
        }

    def value(self, name: str, labels: Mapping[str, str] | None = None) -> float:
        """Of the one sample with these labels."""
        (found,) = [
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and sample.labels == (labels or {})
        ]
        return float(found)

    def calls(self, code: str) -> float:
        """How many VerifyIdentity ended so; 0 when none ever did."""
        try:
            labels = {**IDENTITY_LABELS, "code": code}
            return self.value("dancu_call_duration_seconds_count", labels)
        except ValueError:
            return 0.0

    @property
    def types(self) -> dict[str, str]:
        """Of each metric, by its name on the page."""
        lines = (line.split() for line in self.text.splitlines())
        return {words[2]: words[3] for words in lines if words[:2] == ["#", "TYPE"]}


def fetch(url: str) -> str:
    """A page's text."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own address
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        text: str = answer.read().decode()
        return text


async def scrape(running: Running) -> Scrape:
    """What Prometheus would read now."""
    return Scrape(await asyncio.to_thread(fetch, f"http://{running.metrics}/metrics"))


async def until(running: Running, name: str, labels: Mapping[str, str], value: float) -> None:
    """Wait until a metric has this value."""
    async with asyncio.timeout(10):
        while (await scrape(running)).value(name, labels) != value:
            pass  # a scrape waits by itself


async def test_an_answer_is_counted(running: Running, raw: RawClient) -> None:
    """In the histogram of its RPC, in a window, and in the size of the log."""
    before = await scrape(running)
    for _ in range(3):
        await raw.verify()
    after = await scrape(running)
    assert after.calls("OK") - before.calls("OK") == 3
    labels = {**IDENTITY_LABELS, "code": "OK", "le": "30.0"}
    assert after.value("dancu_call_duration_seconds_bucket", labels) == 3
    assert 0 < after.value(
        "dancu_call_duration_seconds_sum", {**IDENTITY_LABELS, "code": "OK"}
    ) < 30  # fmt: skip
    assert after.value("dancu_window_calls_count") == 3
    assert after.value("dancu_window_calls_sum") == 3
    for step in ("read", "decide", "commit"):
        labels = {"step": step}
        assert after.value("dancu_window_step_duration_seconds_count", labels) == 3
        assert after.value("dancu_window_step_duration_seconds_sum", labels) > 0
    assert (before.value("dancu_ledger_leaves"), after.value("dancu_ledger_leaves")) == (0, 3)


async def test_records_of_a_batch(running: Running, raw: RawClient) -> None:
    """A batch is one call of its window and as many records as it has claims."""
    request = identity_service_pb2.BatchVerifyIdentitiesRequest(
        context=request_context(), claims=[claim()] * 70
    )
    await raw.send(BATCH, request.SerializeToString())
    found = await scrape(running)
    assert found.value("dancu_window_calls_sum") == 1
    assert found.value("dancu_window_records_sum") == 70
    assert found.value("dancu_window_records_bucket", {"le": "64.0"}) == 0
    assert found.value("dancu_window_records_bucket", {"le": "128.0"}) == 1


async def test_refusals_are_counted_by_reason(running: Running, raw: RawClient) -> None:
    """With the code that the caller was sent."""
    failure = await failure_of(raw.send(VERIFY, b"\xff"))
    found = await scrape(running)
    assert found.value("dancu_refused_calls_total", {"reason": failure.reason}) == 1
    assert found.calls(failure.code.name) == 1
    assert found.calls("OK") == 0


async def test_quota_refusals(data_dir: Path, tmp_path: Path) -> None:
    """They are there with 0 before the first, and counted."""
    policy = tmp_path / "policy.toml"
    policy.write_text(
        '[[grant]]\ncallers = ["one"]\nprocedures = ["*"]\nrpcs = ["VerifyIdentity"]\n'
        '[[quota]]\ncallers = ["one"]\nprocedures = ["*"]\nper_day = 1\n'
    )
    refused = ("dancu_refused_calls_total", {"reason": "QUOTA_DAY_EXCEEDED"})
    async with serving(data_dir, "one", policy) as running, RawClient(running) as raw:
        assert (await scrape(running)).value(*refused) == 0
        await raw.verify()
        for _ in range(2):
            await failure_of(raw.send(VERIFY, GOOD))
        found = await scrape(running)
    assert found.value(*refused) == 2
    assert found.calls("RESOURCE_EXHAUSTED") == 2


@pytest.mark.parametrize("code", ["DEADLINE_EXCEEDED", "CANCELLED"])
async def test_calls_that_nobody_waits_for(
    running: Running, raw: RawClient, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """They are under way until their caller gives up, and ended as it did."""
    release = hold_commits(monkeypatch)
    ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = raw.channel.unary_unary(VERIFY)
    # told by hand: the deadline is the gateway's alone, and no caller cancels just before it
    call = ask(GOOD, metadata=(("grpc-timeout", "2S"),) if code == "DEADLINE_EXCEEDED" else ())
    await until(running, "dancu_calls_in_flight", IDENTITY_LABELS, 1)
    if code == "CANCELLED":
        call.cancel()
    with pytest.raises((grpc.aio.AioRpcError, asyncio.CancelledError)):
        await call
    await until(running, "dancu_calls_in_flight", IDENTITY_LABELS, 0)
    release.set()
    assert (await scrape(running)).calls(code) == 1


async def test_calls_that_wait_for_a_window(
    running: Running, raw: RawClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one window is at work the next one gathers."""
    release = hold_commits(monkeypatch)
    first = asyncio.ensure_future(raw.verify())
    await until(running, "dancu_calls_in_flight", IDENTITY_LABELS, 1)
    others = [asyncio.ensure_future(raw.verify()) for _ in range(4)]
    await until(running, "dancu_window_waiting_calls", {}, 4)
    release.set()
    await asyncio.gather(first, *others)
    found = await scrape(running)
    assert found.value("dancu_window_waiting_calls") == 0
    assert (found.value("dancu_window_calls_count"), found.value("dancu_window_calls_sum")) == (
        2,
        5,
    )


async def test_streams(running: Running, raw: RawClient) -> None:
    """Open while they are, with their messages; they are no calls."""
    request = sync_service_pb2.WatchChangesRequest(
        context=request_context(), progress_interval={"seconds": 1}
    )
    watch: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = raw.channel.unary_stream(WATCH)
    call = watch(request.SerializeToString())
    await call.read()
    await until(running, "dancu_streams_open", SYNC_LABELS, 1)
    call.cancel()
    await until(running, "dancu_streams_open", SYNC_LABELS, 0)
    found = await scrape(running)
    received = {**SYNC_LABELS, "direction": "received"}
    assert found.value("dancu_stream_messages_total", received) == 1
    assert found.value("dancu_stream_messages_total", {**SYNC_LABELS, "direction": "sent"}) >= 1
    assert found.value("dancu_streams_ended_total", {**SYNC_LABELS, "code": "CANCELLED"}) == 1
    in_flight = {str(sample.labels) for sample in found.families["dancu_calls_in_flight"].samples}
    assert str(SYNC_LABELS) not in in_flight


async def test_a_store_that_does_not_answer(running: Running, raw: RawClient) -> None:
    """It is told as such, what it would have said is left out, and the rest is there."""
    await raw.verify()
    path = running.data_dir / "gateway.db"
    path.rename(path.with_suffix(".away"))
    try:
        await failure_of(raw.send(VERIFY, GOOD))
        found = await scrape(running)
    finally:
        path.with_suffix(".away").rename(path)
    assert found.value("dancu_store_up", {"store": "records"}) == 0
    assert found.value("dancu_store_up", {"store": "register"}) == 1
    assert found.families["dancu_ledger_leaves"].samples == []
    assert found.value("dancu_register_revision") >= 1
    reason = {"reason": "RECORD_STORE_UNAVAILABLE"}
    assert found.value("dancu_windows_failed_total", reason) == 1
    assert found.calls("UNAVAILABLE") == 1
    again = await scrape(running)
    assert again.value("dancu_store_up", {"store": "records"}) == 1


async def test_a_store_that_takes_too_long(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scrape does not hang with it."""

    async def never(_records: SqliteRecords) -> str:
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr("gateway.observe.sources.PATIENCE_SECONDS", 0.05)
    with monkeypatch.context() as patched:
        patched.setattr(SqliteRecords, "checkpoint", never)
        found = await scrape(running)
    assert found.value("dancu_store_up", {"store": "records"}) == 0


async def test_nobody_is_in_the_metrics(running: Running, raw: RawClient) -> None:
    """No number, name, officer, unit, procedure, dossier, request id or method that was sent."""
    request = verify_request(request_id="REQ-CANARY")
    request.context.officer_id = "OFFICER-CANARY"
    request.context.dossier_id = "DOSSIER-CANARY"
    await raw.send(VERIFY, request.SerializeToString())
    request.context.unit_code = "UNIT-CANARY"
    request.context.procedure_code = "PROCEDURE-CANARY"
    await raw.send(VERIFY, request.SerializeToString())
    unknown = await failure_of(raw.send(f"{IDENTITY}Canary", GOOD))
    assert unknown.code is grpc.StatusCode.UNIMPLEMENTED
    found = await scrape(running)
    assert found.calls("OK") == 2
    assert "canary" not in found.text.lower()
    for sent in (claim().personal_id, claim().full_name, "plain", "000.00.00"):
        assert sent not in found.text


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_else_is_there(shared: Running) -> None:
    """One path, on this machine's own address."""
    assert shared.metrics.startswith("127.0.0.1:")
    for path in ("/", "/metrics/", "/metrics?x=1", "/checkpoint"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            await asyncio.to_thread(fetch, f"http://{shared.metrics}{path}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scraped(shared: Running) -> Scrape:
    """The page of a gateway."""
    return await scrape(shared)


def test_every_metric_is_documented(scraped: Scrape) -> None:
    """docs/observability.md has each with its type, and no other."""
    assert {name: row["type"] for name, row in DOCUMENTED.items()} == scraped.types


def test_labels_are_documented(scraped: Scrape) -> None:
    """docs/observability.md names the labels of each metric."""
    for name, row in DOCUMENTED.items():
        family = scraped.families[name.removesuffix("_total")]
        told = {label.strip() for label in row["labels"].split(",") if label.strip()}
        seen = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert seen <= told, name
        assert seen == told or not family.samples, name


def test_names_follow_the_conventions(scraped: Scrape) -> None:
    """Counters end in _total, and what has a base unit says so."""
    for name, kind in scraped.types.items():
        assert name.endswith("_total") is (kind == "counter"), name
        assert not re.search(r"_(ms|millis|minutes|kilobytes|mb)(_|$)", name), name


def expressions(panel: Mapping[str, Any]) -> list[str]:
    """What a panel asks for."""
    return [target["expr"] for target in panel.get("targets", ())]


def test_the_dashboard_asks_for_what_exists(scraped: Scrape) -> None:
    """Every metric that its panels and variables name, by the name of a sample or its base."""
    texts = [one for panel in DASHBOARD["panels"] for one in expressions(panel)]
    texts += [str(one["query"]) for one in DASHBOARD["templating"]["list"]]
    named = {name for text in texts for name in _OWN.findall(text)}
    histograms = {name for name, kind in scraped.types.items() if kind == "histogram"}
    there = (scraped.types.keys() - histograms) | {
        f"{name}_{part}" for name in histograms for part in ("bucket", "count", "sum")
    }
    assert len(named) > 15
    assert named - there == set()
    unused = {name for name in scraped.types if name.startswith("dancu_")} - {
        re.sub(r"_(bucket|count|sum)$", "", name) if name not in scraped.types else name
        for name in named
    }
    assert unused == set()


def test_what_the_page_asks_exists(scraped: Scrape) -> None:
    """So does every metric in the examples of docs/observability.md."""
    queries = [row["PromQL"] for row in tables(read("observability.md"), "question", "PromQL")]
    assert len(queries) > 5
    for name in {name for query in queries for name in _OWN.findall(query)}:
        assert name in scraped.types or name.rpartition("_")[0] in scraped.types, name


def test_the_dashboard_is_whole() -> None:
    """Panels have ids of their own, stand inside the grid, and speak to the chosen source."""
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}"
            assert expressions(panel), panel["title"]
            assert all(one.count("(") == one.count(")") for one in expressions(panel))
