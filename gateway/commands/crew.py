"""A worker's end of the pipes to the process that keeps it, and through that to the other workers.

A thread reads; everything else happens in the event loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import BinaryIO

from gateway.frames import Frame, await_frame
from gateway.rpc.sharing import Adopt, Silent
from gateway.worker import Shared


class Crew:
    """The other workers of this gateway; see ``Others``.

    Args:
        state: what they share as this one begins.
        up: to the process that keeps them.
    """

    def __init__(self, state: bytes, up: BinaryIO) -> None:
        self._state = state
        self._up = up
        self._lock = threading.Lock()
        self._early: deque[Frame] = deque()  # came before anybody followed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._adopt: Adopt | None = None
        self._asked = 0
        self._owed: dict[int, asyncio.Future[Shared]] = {}

    def read(self, down: BinaryIO, end: Callable[[], object]) -> None:
        """Take in what comes until there is nobody any more, then ``end``; in a thread."""
        while frame := await_frame(down):
            with self._lock:
                if self._loop is None:
                    self._early.append(frame)
                    continue
            with suppress(RuntimeError):  # the loop is closed: we are ending
                self._loop.call_soon_threadsafe(self._take, frame)
        end()

    def ready(self) -> None:
        """Say that this worker answers calls."""
        self._write(Frame("ready"))

    def follow(self, adopt: Adopt) -> bool:
        """Adopt what the others share now, and whatever they will; whether there was anything."""
        if self._state:
            adopt(self._state)
        with self._lock:
            self._adopt = adopt
            self._loop = asyncio.get_running_loop()
            early = list(self._early)
        for frame in early:
            self._take(frame)
        return bool(self._state or early)

    async def share(self, state: bytes) -> Sequence[bytes]:
        """Have all others adopt a state; their replies. Raises Silent."""
        self._asked += 1
        owed: asyncio.Future[Shared] = asyncio.get_running_loop().create_future()
        self._owed[self._asked] = owed
        self._write(Frame("share", self._asked, state))
        shared = await owed
        if shared.silent:
            raise Silent
        return shared.replies

    def _take(self, frame: Frame) -> None:
        if frame.kind == "adopt" and self._adopt is not None:
            self._write(Frame("reply", frame.number, self._adopt(frame.body)))
        elif frame.kind == "shared":
            owed = self._owed.pop(frame.number)
            if not owed.done():  # whoever asked may have gone
                owed.set_result(Shared.from_bytes(frame.body))

    def _write(self, frame: Frame) -> None:
        with suppress(BrokenPipeError):  # nobody keeps us any more: we are ending
            self._up.write(frame.to_bytes())
            self._up.flush()
