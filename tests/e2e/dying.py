"""``dancu`` that dies between register and log: an event is applied, its receipt is not made.

Run as a script. Only a process that is gone shows that nothing of it was needed.
"""

from __future__ import annotations

import os
import signal

from gateway import cli
from gateway.core.model import Effect
from gateway.flows.event_receipts import Ask, EventReceipts
from gateway.flows.moment import Receipt
from mock_population_db.events import Applied


async def state(
    _self: EventReceipts, _ask: Ask, _applied: Applied, _effects: tuple[Effect, ...] = ()
) -> Receipt:
    """Die at once, as by ``kill -9``."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


if __name__ == "__main__":
    setattr(EventReceipts, "state", state)  # noqa: B010 - a method must not be assigned to
    cli.main()
