"""Traces: when the environment asks for them, what is in a span, and what never is."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock

import grpc
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from structlog.testing import capture_logs

from dancu.v1 import identity_service_pb2
from gateway.flows.figures import Step, WindowFigures
from gateway.observe import spans as spans_module
from gateway.observe.observation import open_observation
from gateway.observe.spans import Spans
from gateway.observe.tracing import exporters, open_tracing
from gateway.rpc.figures import Handle

SERVICE = identity_service_pb2.DESCRIPTOR.services_by_name["IdentityService"]
METHOD = SERVICE.methods_by_name["VerifyIdentity"]
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, ()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317"}, ("otlp",)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4317"}, ("otlp",)),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://c:4317"}, ()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, ()),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ("otlp",)),
        ({"OTEL_TRACES_EXPORTER": "console, otlp"}, ("console", "otlp")),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317"}, ()),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "TRUE"}, ()),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "false"}, ("otlp",)),
        ({"OTEL_SERVICE_NAME": "me"}, ()),
    ],
)
def test_whether_anybody_asks(environment: dict[str, str], found: tuple[str, ...]) -> None:
    """By the standard variables, and by nothing else."""
    assert exporters(environment) == found


async def test_nobody_asks() -> None:
    """No tracer, no word about it, and windows tell nobody."""
    with capture_logs() as logs:
        async with open_observation({}) as observed:
            assert observed.tracing is None
            assert observed.windows.told is None
    assert logs == []


async def test_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One warning that says what to install; the gateway goes on without."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    with capture_logs() as logs:
        async with open_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317"}) as tracing:
            assert tracing is None
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("traces_not_sent", "warning")
    assert "pip install -e '.[otel]'" in line["why"]


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "zipkin"),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            },
            "http/protobuf",
        ),
    ],
)
async def test_what_there_is_not(environment: dict[str, str], told: str) -> None:
    """An exporter or protocol that is not there is named in the one warning."""
    with capture_logs() as logs:
        async with open_tracing(environment) as tracing:
            assert tracing is None
    (line,) = logs
    assert told in line["why"]


@dataclass
class Traced:
    """A server whose calls are traced, and what came of them."""

    exporter: InMemorySpanExporter
    spans: Spans
    channel: grpc.aio.Channel

    async def call(self, *metadata: tuple[str, str], sent: bytes = b"") -> bytes:
        """Call VerifyIdentity."""
        send: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(
            f"/{SERVICE.full_name}/VerifyIdentity"
        )
        return await send(sent, timeout=5, metadata=metadata)

    async def only(self) -> ReadableSpan:
        """The one span that ended; a caller may hear before it does."""
        async with asyncio.timeout(5):
            # the exporter tells nobody
            while not (found := self.exporter.get_finished_spans()):  # noqa: ASYNC110
                await asyncio.sleep(0)
        (span,) = found
        assert isinstance(span, ReadableSpan)
        return span


@pytest.fixture
async def traced(request: pytest.FixtureRequest) -> AsyncIterator[Traced]:
    """A server with the handler that the test's parameter makes of its tracer."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans = Spans(provider)
    server = grpc.aio.server()
    handler: grpc.RpcMethodHandler[Any, Any] = grpc.unary_unary_rpc_method_handler(
        spans.watched(METHOD, request.param(spans))
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE.full_name, {METHOD.name: handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Traced(exporter, spans, channel)
    await server.stop(0)
    provider.shutdown()


async def echo(sent: bytes, _context: Any) -> bytes:
    """Answer what was sent."""
    return sent


def context() -> Any:
    """As much of a call's context as a tracer asks for."""
    return Mock(invocation_metadata=lambda: None)


def answering(_spans: Spans) -> Handle:
    """Answers what was sent."""
    return echo


def refusing(spans: Spans) -> Handle:
    """Refuses, as the edge does."""

    async def handle(_sent: bytes, context: Any) -> bytes:
        spans.refused("QUOTA_DAY_EXCEEDED")
        await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "SECRET-IN-THE-TEXT")
        return b""

    return handle


def failing(_spans: Spans) -> Handle:
    """Breaks with a text that must not get out."""

    async def handle(_sent: bytes, context: Any) -> bytes:
        try:
            int("SECRET-IN-THE-TEXT")
        except ValueError:
            await context.abort(grpc.StatusCode.INTERNAL, "a defect")
        return b""

    return handle


@pytest.mark.parametrize("traced", [answering], indirect=True)
async def test_a_span_of_a_call(traced: Traced) -> None:
    """Named and marked by the conventions for gRPC."""
    assert await traced.call(sent=b"SECRET-REQUEST") == b"SECRET-REQUEST"
    span = await traced.only()
    assert (span.name, span.kind) == ("dancu.v1.IdentityService/VerifyIdentity", SpanKind.SERVER)
    assert dict(span.attributes or {}) == {
        "rpc.system": "grpc",
        "rpc.service": "dancu.v1.IdentityService",
        "rpc.method": "VerifyIdentity",
        "rpc.grpc.status_code": 0,
    }
    assert span.status.status_code is StatusCode.UNSET
    assert span.parent is None
    assert "SECRET" not in span.to_json()


@pytest.mark.parametrize("traced", [answering], indirect=True)
async def test_the_callers_trace_goes_on(traced: Traced) -> None:
    """Its traceparent is the span's parent; its other metadata stays out."""
    await traced.call(
        ("traceparent", TRACEPARENT), ("tracestate", "a=1"), ("authorization", "SECRET")
    )
    span = await traced.only()
    context = span.get_span_context()
    assert context is not None
    assert span.parent is not None
    assert format(context.trace_id, "032x") == TRACE
    assert format(span.parent.span_id, "016x") == PARENT
    assert span.parent.is_remote
    assert "SECRET" not in span.to_json()


@pytest.mark.parametrize("traced", [answering], indirect=True)
@pytest.mark.parametrize("given", ["", "00-zz", f"00-{'0' * 32}-{PARENT}-01", "9" * 5000])
async def test_a_broken_traceparent_is_none(traced: Traced, given: str) -> None:
    """The call is answered, in a trace of its own."""
    with capture_logs():
        await traced.call(("traceparent", given), sent=b"x")
    assert (await traced.only()).parent is None


@pytest.mark.parametrize("traced", [answering], indirect=True)
async def test_a_caller_that_does_not_want_to_be_traced(traced: Traced) -> None:
    """By the flag in its traceparent."""
    await traced.call(("traceparent", TRACEPARENT[:-2] + "00"))
    assert traced.exporter.get_finished_spans() == ()


@pytest.mark.parametrize("traced", [refusing], indirect=True)
async def test_a_refusal(traced: Traced) -> None:
    """Its code and reason, no error of the server's, and nothing of its text."""
    with pytest.raises(grpc.aio.AioRpcError):
        await traced.call()
    span = await traced.only()
    attributes = dict(span.attributes or {})
    assert attributes["rpc.grpc.status_code"] == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    assert attributes["dancu.reason"] == "QUOTA_DAY_EXCEEDED"
    assert span.status.status_code is StatusCode.UNSET
    assert "SECRET" not in span.to_json()


@pytest.mark.parametrize("traced", [failing], indirect=True)
async def test_a_defect(traced: Traced) -> None:
    """Is an error of the server's; the exception and its text stay here."""
    with pytest.raises(grpc.aio.AioRpcError):
        await traced.call()
    span = await traced.only()
    assert span.status.status_code is StatusCode.ERROR
    assert span.events == ()
    assert "SECRET" not in span.to_json()


def windowed(spans: Spans) -> Handle:
    """Goes through a window, whose lap is told in the call's own task."""

    async def handle(sent: bytes, _context: Any) -> bytes:
        lap = WindowFigures(time.perf_counter).begin(1, 1)
        for step in Step:
            await asyncio.sleep(0.002)
            lap.done(step)
        spans.told(lap)
        return sent

    return handle


@pytest.mark.parametrize("traced", [windowed], indirect=True)
async def test_what_the_window_did(traced: Traced) -> None:
    """Each step is an event at the moment at which it ended, within the span."""
    await traced.call()
    span = await traced.only()
    names = [event.name for event in span.events]
    assert names == ["window.began", "window.read", "window.decide", "window.commit"]
    moments = [event.timestamp for event in span.events]
    assert span.start_time is not None
    assert span.end_time is not None
    assert moments == sorted(moments)
    slack = 1_000_000  # ns: two clocks are compared
    assert span.start_time - slack <= moments[0] < moments[-1] <= span.end_time + slack
    assert all(later - earlier > slack for earlier, later in itertools.pairwise(moments))


async def test_spans_reach_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With ``console``: one line of JSON a span, named as the environment wants it."""
    monkeypatch.setenv("OTEL_SERVICE_NAME", "mine")
    environment = {"OTEL_TRACES_EXPORTER": "console", "OTEL_SERVICE_NAME": "mine"}
    async with open_tracing(environment) as tracing:
        assert tracing is not None
        assert await tracing.watched(METHOD, echo)(b"x", context()) == b"x"
    written = capsys.readouterr()
    assert written.out == ""
    (line,) = written.err.splitlines()
    span = json.loads(line)
    assert span["name"] == "dancu.v1.IdentityService/VerifyIdentity"
    assert span["resource"]["attributes"]["service.name"] == "mine"


async def test_a_collector_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Delays the end by what is allowed for it, and what the library says is a line of ours."""
    monkeypatch.setattr(spans_module, "FLUSH_SECONDS", 0.2)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    began = time.monotonic()
    with capture_logs() as logs:
        async with open_tracing({"OTEL_TRACES_EXPORTER": "otlp"}) as tracing:
            assert tracing is not None
            await tracing.watched(METHOD, echo)(b"", context())
            logging.getLogger("opentelemetry.sdk").warning("something")
    assert time.monotonic() - began < 8
    assert {"event": "traces", "message": "something", "log_level": "warning"} in logs
