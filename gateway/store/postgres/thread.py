"""A thread with an event loop of its own, for one store.

A commit holds the log's lock while it waits for the server's words. In the loop that answers
calls it would wait for those too, and every other gateway with it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

_T = TypeVar("_T")


class LoopThread:
    """Runs coroutines for others. Started when made."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wait(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run it; the calling thread waits."""
        return self._submit(coroutine).result()

    async def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run it; it comes to its end also when the caller goes away."""
        result = asyncio.wrap_future(self._submit(coroutine))
        result.add_done_callback(_look)
        return await asyncio.shield(result)

    def close(self) -> None:
        """End the thread, after what it is at."""
        self.wait(_others_done())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _submit(self, coroutine: Coroutine[Any, Any, _T]) -> Future[_T]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()


def _look(result: asyncio.Future[Any]) -> None:
    """Nobody may wait for it any more; an error is no news then."""
    if not result.cancelled():
        result.exception()


async def _others_done() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others)
