"""What goes on beside the calls: the policy is read again, days pass."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

import structlog

from gateway.config import DevConfig, ServeConfig
from gateway.datadir import read_policy
from gateway.engines.choice import store_of
from gateway.engines.engine import RegisterStore
from gateway.flows.admission import Gate
from gateway.policies.file import PolicyFileError

if TYPE_CHECKING:
    from mock_population_db.life.living import Tally

_log = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def reloading(config: DevConfig | ServeConfig, gate: Gate) -> AsyncIterator[None]:
    """Read the policy again on SIGHUP. One that is wrong changes nothing."""
    told = asyncio.Event()
    task = asyncio.create_task(_reload(config, gate, told), name="policy")
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, told.set)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _reload(config: DevConfig | ServeConfig, gate: Gate, told: asyncio.Event) -> None:
    while True:
        await told.wait()
        told.clear()
        try:
            # in a thread: a large policy takes longer than calls should wait
            policy = await asyncio.to_thread(read_policy, config)
        except PolicyFileError as error:
            first, count = error.problems[0], len(error.problems)
            _log.error("policy_not_reloaded", file=error.name, first=str(first), problems=count)
        else:
            gate.adopt(policy)
            _log.info("policy_reloaded", version=policy.version)


def life(
    config: DevConfig | ServeConfig, register: RegisterStore, clock: Callable[[], datetime]
) -> contextlib.AbstractAsyncContextManager[None]:
    """The days that pass beside the calls, where somebody asked for them."""
    if not isinstance(config, DevConfig) or config.life is None:
        return contextlib.nullcontext()
    # only here: choosing people needs NumPy, serving does not, and it is the half of a start
    from mock_population_db.life.running import living  # noqa: PLC0415

    place = store_of(config) or config.population_path
    return living(register, place, config.life, clock, _tell_of_day)


def _tell_of_day(day: date, tally: Tally) -> None:
    _log.debug("day_lived", day=str(day), events=tally.events, refused=tally.refused.total())
    if tally.rearranged:
        _log.info("rearranged", day=str(day), people=tally.rearranged.people)
