"""Whether the environment asks for traces, by OpenTelemetry's own variables.

Nobody who does not ask pays anything: the libraries are not even imported.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

import structlog

from gateway.flows.figures import Lap
from gateway.rpc.figures import Watch

EXPORTERS = ("otlp", "console")
PROTOCOL = "grpc"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")

_log = structlog.get_logger(__name__)


class Tracing(Watch, Protocol):
    """Makes a span of every call."""

    @property
    def told(self) -> Callable[[Lap], None]:
        """Adds what happened in the window to the span of the current task's call."""
        ...


def exporters(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Where traces are to go, by the names of ``OTEL_TRACES_EXPORTER``; empty: nowhere."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return ()
    named = [one.strip() for one in environment.get("OTEL_TRACES_EXPORTER", "").split(",")]
    wanted = tuple(dict.fromkeys(filter(None, named)))
    if not wanted and any(environment.get(name) for name in _ENDPOINTS):
        return ("otlp",)
    return () if wanted == ("none",) else wanted


@contextlib.asynccontextmanager
async def open_tracing(environment: Mapping[str, str]) -> AsyncIterator[Tracing | None]:
    """Trace calls for the length of the block; None when nobody asks, or it cannot be done.

    What cannot be done is told in one warning: answers do not depend on traces.
    """
    wanted = exporters(environment)
    why = _obstacle(wanted, environment) if wanted else ""
    if why:
        _log.warning("traces_not_sent", why=why)
    if why or not wanted:
        yield None
        return
    from gateway.observe.spans import open_spans  # noqa: PLC0415 - an extra, checked just now

    async with open_spans(wanted, environment) as spans:
        yield spans


def _obstacle(wanted: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """Why there will be no traces; empty if nothing stands in the way."""
    unknown = ", ".join(one for one in wanted if one not in EXPORTERS)
    if unknown:
        return f"OTEL_TRACES_EXPORTER names {unknown}; there are: {', '.join(EXPORTERS)}, none"
    protocol = next(filter(None, map(environment.get, _PROTOCOLS)), PROTOCOL)
    if "otlp" in wanted and protocol != PROTOCOL:
        return f"OTEL_EXPORTER_OTLP_PROTOCOL is {protocol}; there is: {PROTOCOL}"
    try:
        import opentelemetry.exporter.otlp.proto.grpc  # noqa: PLC0415 - an extra
        import opentelemetry.sdk  # noqa: F401, PLC0415 - likewise
    except ImportError:
        return "OpenTelemetry is not installed; in dancu's checkout: pip install -e '.[otel]'"
    return ""
