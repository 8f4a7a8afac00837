"""From the feed into somebody's hands, and only then the cursor moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from clients.follower.handover import Handover, HandoverError
from clients.sdk import ChangeBatch, Follower

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between attempts to hand over, doubled


async def follow(
    follower: Follower,
    handover: Handover,
    *,
    on_failed: Callable[[HandoverError, float], None],
    on_batch: Callable[[ChangeBatch], None] = lambda _: None,
) -> None:
    """Hand over batch after batch, until cancelled.

    Args:
        follower: Saves its cursor when the batch before was taken.
        handover: Who takes them.
        on_failed: Told why a batch was not taken, and after how many seconds it is tried again.
        on_batch: Told of each batch that was taken, and of each progress mark.

    Raises:
        Refused, Unreachable, UntrustedAnswer: as ``Follower.batches``.
    """
    async with aclosing(follower.batches()) as batches:
        async for batch in batches:
            if batch.changes:
                await _insist(handover, batch, on_failed)
            on_batch(batch)


async def _insist(
    handover: Handover, batch: ChangeBatch, on_failed: Callable[[HandoverError, float], None]
) -> None:
    pause = FIRST_PAUSE
    while True:
        try:
            return await handover.take(batch.changes)
        except HandoverError as error:
            on_failed(error, pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
