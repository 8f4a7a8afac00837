"""What a gateway is watched with while it runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from time import perf_counter

from gateway.flows.figures import WindowFigures
from gateway.observe.tracing import Tracing, open_tracing
from gateway.rpc.figures import CallFigures


@dataclass(frozen=True, slots=True)
class Observation:
    """What calls and windows are counted in, and who makes spans of them, if anybody does."""

    calls: CallFigures
    windows: WindowFigures
    tracing: Tracing | None


@contextlib.asynccontextmanager
async def open_observation(
    environment: Mapping[str, str] = os.environ,
) -> AsyncIterator[Observation]:
    """Watch for the length of the block, with traces if the environment asks for them."""
    async with open_tracing(environment) as tracing:
        told = tracing.told if tracing else None
        yield Observation(CallFigures(), WindowFigures(perf_counter, told), tracing)
