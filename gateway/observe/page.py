"""``/metrics``, as Prometheus reads it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus

import structlog
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway.observe import families
from gateway.observe.sources import Sources, Stored, ask
from gateway.rpc.http import Response, refusal

PATH = "/metrics"

_log = structlog.get_logger(__name__)


class MetricsPage:
    """Answers whoever scrapes. Made once for each gateway: its registry is its own."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def answer(self, path: str) -> Response:
        """The metrics of this moment, or NOT_FOUND."""
        if path != PATH:
            return refusal(HTTPStatus.NOT_FOUND)
        stored = await ask(self._sources.register, self._sources.records)
        registry = CollectorRegistry()
        registry.register(_Moment(self._sources, stored))
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        return Response(HTTPStatus.OK, generate_latest(registry), CONTENT_TYPE_LATEST)


class _Moment(Collector):
    """What the sources and the stores say now."""

    def __init__(self, sources: Sources, stored: Stored) -> None:
        self._sources = sources
        self._stored = stored

    def collect(self) -> Iterator[Metric]:
        """Every family of the gateway's own."""
        sources = self._sources
        yield from families.of_calls(sources.calls)
        yield from families.of_streams(sources.calls)
        yield from families.of_windows(sources.windows, sources.window.waiting)
        yield from families.of_stores(self._stored, sources.events.pending)
        yield from families.of_installation(self._expiries())

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: one collector cannot clash with itself."""
        yield from ()

    def _expiries(self) -> Mapping[str, datetime]:
        try:
            return self._sources.expiries()
        except (OSError, ValueError) as error:
            _log.warning("expiries_not_read", error=type(error).__name__)
            return {}
