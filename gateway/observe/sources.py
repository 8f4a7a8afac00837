"""Where the metrics come from: what is counted in memory, and what the stores are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.core.errors import Unavailable
from gateway.flows.events import PopulationEvents
from gateway.flows.figures import WindowFigures
from gateway.flows.ports import Records, Register
from gateway.flows.window import Window
from gateway.rpc.figures import CallFigures
from mock_population_db.snapshot import Keys
from mock_population_db.store.errors import PopulationUnavailable

PATIENCE_SECONDS = 2.0  # with a store: whoever asks for metrics gives up after ten, by default


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a gateway can be asked for its metrics.

    Attributes:
        calls: of all ports.
        windows: of the one window.
        window: told how many calls wait for it.
        events: told how many are on their way.
        register: told its revision.
        records: told the size of the log.
        expiries: when what expires does so, by what it is; raises OSError or ValueError when a
            file cannot be read.
    """

    calls: CallFigures
    windows: WindowFigures
    window: Window
    events: PopulationEvents
    register: Register
    records: Records
    expiries: Callable[[], Mapping[str, datetime]]


@dataclass(slots=True)
class Stored:
    """What the stores said; nothing of one that did not answer.

    Attributes:
        up: by name of the store, whether it answered.
    """

    up: dict[str, bool] = field(default_factory=dict)
    revision: int | None = None
    leaves: int | None = None


async def ask(register: Register, records: Records) -> Stored:
    """Ask both stores at once. Raises nothing: a store that is out of reach is told as such."""
    revision, leaves = await asyncio.gather(_answer(_revision(register)), _answer(_leaves(records)))
    up = {"register": revision is not None, "records": leaves is not None}
    return Stored(up, revision, leaves)


async def _answer(asked: Awaitable[int]) -> int | None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await asked
    except (Unavailable, PopulationUnavailable, TimeoutError):
        return None


async def _revision(register: Register) -> int:
    return (await register.read(Keys())).revision


async def _leaves(records: Records) -> int:
    """The size in the latest checkpoint: its second line."""
    return int((await records.checkpoint()).split("\n", 2)[1])
