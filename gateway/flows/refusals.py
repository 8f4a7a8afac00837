"""Refusals of known callers are entered in the log like answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.core import statement
from gateway.core.errors import Refused
from gateway.core.model import Call
from gateway.flows.window import Window
from mock_population_db.citizen import Keys


@asynccontextmanager
async def recorded(window: Window, call: Call) -> AsyncIterator[None]:
    """Record a refusal raised in the block, durably, before it reaches the caller."""
    try:
        yield
    except Refused as refused:
        reason = refused.reason
        await window.ask(
            Keys(),
            lambda moment: moment.sign(call, statement.refusal(moment.header(call), reason), ()),
        )
        raise
