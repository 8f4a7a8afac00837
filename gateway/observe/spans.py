"""A span a call, by OpenTelemetry's conventions for RPCs. Needs the extra ``otel``.

Nothing in a span tells of people: it has the RPC, the status, the reason of a refusal, and
when the window did what. Exceptions are not recorded, because their texts can carry what was
asked. A caller's ``traceparent`` is continued, its baggage is not read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import grpc
import structlog
from google.protobuf.descriptor import MethodDescriptor
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gateway.flows.figures import Lap
from gateway.rpc.figures import Handle, ending

SERVICE = "dancu"  # unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES says otherwise
FLUSH_SECONDS = 2.0  # for what is left at the end: a collector that is gone delays nobody

# what is the server's fault, by the conventions; the rest is the caller's
_FAULTS = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)
_HEADERS = ("traceparent", "tracestate")
_PROPAGATOR = TraceContextTextMapPropagator()

_log = structlog.get_logger(__name__)

Call = grpc.aio.ServicerContext[Any, Any]


class Spans:
    """Makes a span of every call that it looks on at."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer(SERVICE, version("dancu"))

    def watched(self, method: MethodDescriptor, handle: Handle) -> Handle:
        """The same handler, in a span of its own."""
        service = method.containing_service.full_name
        attributes = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method.name}

        async def traced(sent: Any, context: Call) -> Any:
            with self._tracer.start_as_current_span(
                f"{service}/{method.name}",
                _parent(context),
                trace.SpanKind.SERVER,
                attributes,
                record_exception=False,
                set_status_on_exception=False,
            ) as span:
                try:
                    answer = await handle(sent, context)
                except BaseException:
                    _end(span, ending(context))
                    raise
                _end(span, grpc.StatusCode.OK)
                return answer

        return traced

    def refused(self, reason: str) -> None:
        """The call of the current task ends with this reason."""
        trace.get_current_span().set_attribute("dancu.reason", reason)

    def told(self, lap: Lap) -> None:
        """Add when the window of the current task's call began, and when each step ended."""
        span = trace.get_current_span()
        if not span.is_recording():
            return
        epoch = time.time_ns() - round(lap.timer() * 1e9)
        span.add_event("window.began", timestamp=epoch + round(lap.began * 1e9))
        for step, at in lap.ended:
            span.add_event(f"window.{step}", timestamp=epoch + round(at * 1e9))


@contextlib.asynccontextmanager
async def open_spans(
    exporters: Sequence[str], environment: Mapping[str, str]
) -> AsyncIterator[Spans]:
    """Send spans for the length of the block, then what is left of them.

    Args:
        exporters: of ``tracing.EXPORTERS``.
        environment: may name the service.
    """
    provider = TracerProvider(resource=_resource(environment), shutdown_on_exit=False)
    for name in exporters:
        provider.add_span_processor(BatchSpanProcessor(_exporter(name)))
    with _library_logs():
        try:
            yield Spans(provider)
        finally:
            await asyncio.to_thread(provider.force_flush, round(FLUSH_SECONDS * 1000))
            await asyncio.to_thread(provider.shutdown)


def _parent(context: Call) -> Context:
    """Where the caller's trace stands; a trace of its own without one."""
    carrier = {
        key: value
        for key, value in context.invocation_metadata() or ()
        if key in _HEADERS and isinstance(value, str)
    }
    return _PROPAGATOR.extract(carrier, Context())


def _end(span: trace.Span, code: grpc.StatusCode) -> None:
    span.set_attribute("rpc.grpc.status_code", code.value[0])
    if code in _FAULTS:
        span.set_status(trace.StatusCode.ERROR)


def _resource(environment: Mapping[str, str]) -> Resource:
    """What the library reads of the environment goes first; it knows no service by itself."""
    about = {"service.version": version("dancu")}
    named = "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if not named and not environment.get("OTEL_SERVICE_NAME"):
        about["service.name"] = SERVICE
    return Resource.create(about)


def _exporter(name: str) -> SpanExporter:
    if name == "otlp":
        return OTLPSpanExporter()
    # not standard output: that is where READY is told
    return ConsoleSpanExporter(out=sys.stderr, formatter=lambda span: f"{span.to_json(None)}\n")


class _ToOurLog(logging.Handler):
    """Tells what the library has to say, as a line of ours: redacted, in the same format."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        _log.warning("traces", message=record.getMessage())


@contextlib.contextmanager
def _library_logs() -> Iterator[None]:
    logger, handler = logging.getLogger("opentelemetry"), _ToOurLog(logging.WARNING)
    logger.addHandler(handler)
    propagates, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.propagate = propagates
        logger.removeHandler(handler)
