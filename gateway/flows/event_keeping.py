"""Beside the calls: receipts that a crash left out are made, and numbers are confirmed.

Before the gateway says READY every event of the register has its receipt in the log; so a
receipt that is missing at any other time belongs to an event that is on its way, or to one
whose record failed. The first is left alone for a minute, the second is made up for then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Protocol

import structlog

from gateway.core.errors import CallError
from gateway.flows.admission import Gate
from gateway.flows.event_receipts import EventReceipts, register_within_reach
from gateway.flows.events import PopulationEvents
from gateway.flows.ports import ChangeFeed, EventMark, EventRegister, Records
from mock_population_db.events import Applied

PAGE = 200  # events
ON_THEIR_WAY = timedelta(seconds=60)  # longer than any call takes
SWEEP_SECONDS = 60.0
CONFIRM_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class EventKeeping:
    """Makes up for what is missing.

    Args:
        events: makes the receipts.
        register: has the events.
        mark: notes how far all is well, so that a long history is not read at every start.
        clock: aware, UTC.
        number_delay: how long a number that was set up waits to be confirmed.
    """

    def __init__(
        self,
        events: PopulationEvents,
        register: EventRegister,
        mark: EventMark,
        clock: Callable[[], datetime],
        number_delay: timedelta,
    ) -> None:
        self._events = events
        self._register = register
        self._mark = mark
        self._clock = clock
        self._number_delay = number_delay

    async def catch_up(self, before: datetime | None = None) -> int:
        """Make the receipts that events recorded before a moment lack; all, if none is named.

        Returns:
            How many events were looked at.

        Raises:
            CallError: register or records are out of reach.
        """
        mark, looked_at = await self._mark.event_mark(), 0
        while True:
            with register_within_reach():
                page = await self._register.events_after(mark, PAGE)
            due = list(takewhile(lambda one: not before or one.recorded_at < before, page))
            await asyncio.gather(*map(self._make_up, due))
            if due:
                mark = due[-1].event_id
                await self._mark.set_event_mark(mark)
            looked_at += len(due)
            if len(due) < PAGE:
                return looked_at

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Catch up, and then keep up for the length of the block.

        Raises:
            CallError: register or records are out of reach.
        """
        looked_at = await self.catch_up()
        if looked_at:
            _log.info("events_caught_up", looked_at=looked_at)
        task = asyncio.create_task(self.run(), name="events")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def run(self) -> None:
        """Go on until cancelled."""
        waits = bool(self._number_delay)
        sweep = 0.0
        while True:
            pause = CONFIRM_SECONDS if waits else SWEEP_SECONDS
            await asyncio.sleep(pause)
            sweep += pause
            try:
                await self._confirm()
                if sweep >= SWEEP_SECONDS:
                    sweep = 0.0
                    await self.catch_up(self._clock() - ON_THEIR_WAY)
            except CallError as error:
                _log.warning("events_not_kept_up", reason=error.reason)

    async def _confirm(self) -> None:
        if not self._number_delay and not await self._mark.event_mark():
            return  # no event ever came: the register is not opened for writing
        with register_within_reach():
            confirmed = await self._register.confirm_pending(self._clock() - self._number_delay)
        if confirmed:
            _log.info("numbers_confirmed", count=confirmed)

    async def _make_up(self, applied: Applied) -> None:
        try:
            await self._events.make_up(applied)
        except ValueError:
            # not by this gateway: `dancu ledger verify` names it, and no start mends it
            _log.error("event_without_request", event_id=applied.event_id)


class EventStore(EventRegister, ChangeFeed, Protocol):
    """The register, as events need it."""


class EventRecords(Records, EventMark, Protocol):
    """The gateway's records, as events need them."""


@contextlib.asynccontextmanager
async def open_events(
    gate: Gate,
    register: EventStore,
    records: EventRecords,
    clock: Callable[[], datetime],
    number_delay: timedelta,
    *,
    keep: bool = True,
) -> AsyncIterator[PopulationEvents]:
    """Events for the length of the block; in the end each comes to its receipt.

    Whoever gets them finds every receipt in the log, unless that is left (``keep`` is False) to
    another process, as is all that goes on beside the calls.

    Raises:
        CallError: register or records are out of reach.
    """
    receipts = EventReceipts(register, register, records)
    events = PopulationEvents(gate, register, receipts, clock, numbers_wait=bool(number_delay))
    keeping = EventKeeping(events, register, records, clock, number_delay)
    async with keeping.going_on() if keep else contextlib.nullcontext():
        try:
            yield events
        finally:
            await events.finish()
