"""Life beside a running gateway: days pass at a pace, and their events come one by one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Protocol

from mock_population_db.life.living import Day, Life, Register, Tally
from mock_population_db.store.errors import PopulationError
from mock_population_db.store.places import Place
from mock_population_db.store.reading import RegisterInfo

_TICK_S = 0.25  # events of so much time are reported together
_AGAIN_S = 1.0  # after the register could not be used


class RunningRegister(Register, Protocol):
    """What a running life needs besides."""

    async def info(self) -> RegisterInfo:
        """What the register says of itself."""


Told = Callable[[date, Tally], None]
"""Told of each day that is over."""


@asynccontextmanager
async def living(
    register: RunningRegister,
    place: Place,
    day_seconds: float,
    now: Callable[[], datetime],
    told: Told,
) -> AsyncIterator[None]:
    """Let time pass for the length of the block.

    Args:
        register: takes the events in.
        place: where it is.
        day_seconds: real time that one day takes; days that take longer are not caught up.
        now: when the register takes something in, aware.
        told: of each day.

    Raises:
        PopulationError: the register cannot be read.
    """
    info = await register.info()
    life = Life(register, place, info.seed, lambda _: now())
    task = asyncio.create_task(_live(life, day_seconds, told), name="life")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _live(life: Life, day_seconds: float, told: Told) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        start = clock()
        try:
            begun = await life.begin()
        except PopulationError:
            await asyncio.sleep(_AGAIN_S)  # the gateway tells of it; the day has not begun
            continue
        tally = Tally(rearranged=begun.rearranged)
        with contextlib.suppress(PopulationError):  # likewise; what is left of the day is lost
            await _pass(life, begun, start, day_seconds, tally)
        await asyncio.sleep(max(0.0, start + day_seconds - clock()))
        told(begun.date, tally)


async def _pass(life: Life, begun: Day, start: float, day_seconds: float, tally: Tally) -> None:
    """Report the events of a day, evenly spread over it."""
    clock = asyncio.get_running_loop().time
    done, events = 0, begun.events
    while done < len(events):
        passed = (clock() - start + _TICK_S) / day_seconds
        due = max(done + 1, min(len(events), int(passed * len(events))))
        await life.report(events[done:due], tally)
        done = due
        if done < len(events):
            await asyncio.sleep(max(0.0, start + day_seconds * done / len(events) - clock()))
