"""Hearing of commits: PostgreSQL tells every listener of the register's new revision."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from mock_population_db.store.postgres.driver import FAILURES, asyncpg

CHANNEL = "dancu_revision"
_RETRY_S = 0.5


async def listen(url: str, reached: Callable[[int], None], head: Callable[[], Any]) -> None:
    """Tell of every commit of any process, until cancelled; a lost connection comes back.

    Args:
        url: of the database.
        reached: told the revision.
        head: asks for the revision; what was missed while there was no connection is told by it.
    """
    while True:
        with suppress(*FAILURES):
            await _listen(url, reached, head)
        await asyncio.sleep(_RETRY_S)


async def _listen(url: str, reached: Callable[[int], None], head: Callable[[], Any]) -> None:
    """Listen for as long as the connection lasts."""
    over = asyncio.Event()
    connection = await asyncpg.connect(
        url, timeout=5, server_settings={"application_name": "dancu-population"}
    )
    try:
        connection.add_termination_listener(lambda _: over.set())
        await connection.add_listener(CHANNEL, lambda *told: reached(int(told[3])))
        reached(await head())
        await over.wait()
    finally:
        connection.terminate()
