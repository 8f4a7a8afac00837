"""Traces of a whole gateway, as a collector receives them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.rpc.gateways import serving
from tests.rpc.raw import VERIFY, RawClient, claim, failure_of, verify_request

EXPORT = "opentelemetry.proto.collector.trace.v1.TraceService"


@pytest.fixture
async def received(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Span]]:
    """A collector that the environment names, and what it was sent."""
    spans: list[Span] = []

    async def export(raw: bytes, _context: Any) -> bytes:
        for resource in ExportTraceServiceRequest.FromString(raw).resource_spans:
            for scope in resource.scope_spans:
                spans.extend(scope.spans)
        return ExportTraceServiceResponse().SerializeToString()

    server = grpc.aio.server()
    handler: grpc.RpcMethodHandler[Any, Any] = grpc.unary_unary_rpc_method_handler(export)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(EXPORT, {"Export": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    yield spans
    await server.stop(0)


async def test_calls_reach_the_collector(data_dir: Path, received: list[Span]) -> None:
    """An answer with what its window did, a refusal with its reason, and nobody in either."""
    async with serving(data_dir) as running, RawClient(running) as raw:
        await raw.verify()
        failure = await failure_of(raw.send(VERIFY, verify_request(claim("1")).SerializeToString()))
    answered, refused = sorted(received, key=lambda span: span.start_time_unix_nano)
    assert answered.name == refused.name == "dancu.v1.IdentityService/VerifyIdentity"
    names = [event.name for event in answered.events]
    assert names == ["window.began", "window.read", "window.decide", "window.commit"]
    values = {one.key: one.value for one in refused.attributes}
    assert values["dancu.reason"].string_value == failure.reason
    assert values["rpc.grpc.status_code"].int_value == failure.code.value[0]
    told = f"{answered}{refused}"
    for sent in (claim().personal_id, claim().full_name, "TEST-OFFICER", "000.00.00", "plain"):
        assert sent not in told


async def test_nobody_asks(
    data_dir: Path, received: list[Span], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the variable nothing is sent."""
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT")
    async with serving(data_dir) as running, RawClient(running) as raw:
        await raw.verify()
    assert received == []
