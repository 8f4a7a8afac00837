"""One worker, as the process sees it that keeps it: started, started again, told what others do.

Beside signals there is one thing that workers share: a **state**, bytes that this process does not
read. Whichever worker shares one hands it up (``share``); it is handed to every other (``adopt``),
what those say to it comes back (``reply``) and goes, all together, to the first (``shared``). A
worker that begins later, or anew, begins with it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import pickle
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import structlog

from gateway.config import DevConfig, Place, ServeConfig
from gateway.frames import Frame, next_frame

SETTLED_SECONDS = 10.0  # a worker that lived so long had no trouble starting
PAUSES = (0.0, 0.5, 1.0, 2.0)  # seconds before the next try, after so many short lives
REPLY_SECONDS = 5.0  # until a worker that answers calls must have replied to another's state

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is told when it starts."""

    config: DevConfig | ServeConfig
    place: Place
    state: bytes = b""  # that the workers share; empty when none was shared yet

    def to_line(self) -> bytes:
        """As it goes over the worker's standard input."""
        handed = (self.config, self.place, self.state)
        return base64.b64encode(pickle.dumps(handed)) + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """What ``to_line`` made, in a process of our own."""
        return cls(*pickle.loads(base64.b64decode(line)))  # noqa: S301 - from our own parent


class Shared(NamedTuple):
    """What came of a state that a worker shared."""

    replies: Sequence[bytes]
    silent: int  # how many answer calls and did not reply in time

    def to_bytes(self) -> bytes:
        """As the body of a frame."""
        return pickle.dumps((list(self.replies), self.silent))

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """What ``to_bytes`` made."""
        return cls(*pickle.loads(body))  # noqa: S301 - from our own parent


class WorkerFailed(Exception):
    """A worker ends soon after each start."""


class Worker:
    """One worker, over all its lives.

    Args:
        command: starts it.
        order: what it is told.
        crew: all workers of the gateway, with this one; filled before any is started.
    """

    def __init__(self, command: Sequence[str], order: Order, crew: Sequence[Worker] = ()) -> None:
        self.ready = asyncio.Event()
        self._command = command
        self._order = order
        self._crew = crew
        self._process: asyncio.subprocess.Process | None = None
        self._answers = False
        self._hang_up_owed = False
        self._stopping = asyncio.Event()
        self._asked = 0
        self._owed: dict[int, asyncio.Future[bytes]] = {}  # replies, by number
        self._sharing: set[asyncio.Task[None]] = set()

    async def keep(self) -> None:
        """Run it, and run it again whenever it ends, until ``stop``.

        Raises:
            WorkerFailed: it does not live long enough.
        """
        clock = asyncio.get_running_loop().time
        short_lives = 0
        while not self._stopping.is_set():
            began = clock()
            code = await self._live()
            if self._stopping.is_set():
                return
            lived = clock() - began
            short_lives = short_lives + 1 if lived < SETTLED_SECONDS else 1
            number = self._order.place.number
            _log.error("worker_ended", worker=number, code=code, after=round(lived, 1))
            if short_lives > len(PAUSES):
                raise WorkerFailed(
                    f"worker {number} ended {short_lives} times in a row within "
                    f"{SETTLED_SECONDS:g} seconds of its start, at last with code {code}"
                )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), PAUSES[short_lives - 1])

    def hang_up(self) -> None:
        """Have it read its policy again; one that is starting, as soon as it can be told."""
        self._hang_up_owed = not self._answers
        if self._answers:
            self._signal(signal.SIGHUP)

    async def stop(self, seconds: float) -> None:
        """Let it drain, for so many seconds at most."""
        self._stopping.set()
        self._signal(signal.SIGTERM)
        if self._process is None:
            return
        try:
            await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            _log.error("worker_killed", worker=self._order.place.number)
            self._signal(signal.SIGKILL)

    def adopt(self, state: bytes) -> asyncio.Future[bytes] | None:
        """Hand it a state; its reply, or None of one that is not there yet and begins with it."""
        self._order = replace(self._order, state=state)
        self._asked += 1
        self._write(Frame("adopt", self._asked, state))
        if not self._answers:
            return None
        owed = self._owed[self._asked] = asyncio.get_running_loop().create_future()
        return owed

    async def _live(self) -> int:
        """One life; returns how it ended."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe)
        self._process = process
        assert process.stdin is not None  # noqa: S101 - both are pipes; tells mypy so
        assert process.stdout is not None  # noqa: S101 - likewise
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        process.stdin.write(self._order.to_line())
        listening = asyncio.create_task(self._listen(process.stdout, process.pid))
        try:
            # not until its pipe ends: a process that it started may hold that open
            return await process.wait()
        finally:
            listening.cancel()
            self._end(process.stdin)

    async def _listen(self, stream: asyncio.StreamReader, pid: int) -> None:
        while frame := await next_frame(stream):
            if frame.kind == "ready":
                self._begin(pid)
            elif frame.kind == "share":
                self._share(frame)
            elif owed := self._owed.pop(frame.number, None):
                owed.set_result(frame.body)

    def _begin(self, pid: int) -> None:
        _log.info("worker_ready", worker=self._order.place.number, pid=pid)
        self._answers = True
        self.ready.set()
        if self._hang_up_owed:
            self.hang_up()

    def _end(self, pipe: asyncio.StreamWriter) -> None:
        self._answers = False
        pipe.close()
        for owed in self._owed.values():
            owed.cancel()  # its next life begins with what it was asked about
        self._owed.clear()

    def _share(self, frame: Frame) -> None:
        """Hand its state to all others, and what they reply back to it."""
        self._order = replace(self._order, state=frame.body)
        others = [worker.adopt(frame.body) for worker in self._crew if worker is not self]
        owed = [reply for reply in others if reply is not None]
        task = asyncio.create_task(self._tell_of(frame.number, owed))
        self._sharing.add(task)
        task.add_done_callback(self._sharing.discard)

    async def _tell_of(self, number: int, owed: Sequence[asyncio.Future[bytes]]) -> None:
        late: set[asyncio.Future[bytes]] = set()
        if owed:
            _, late = await asyncio.wait(owed, timeout=REPLY_SECONDS)
        replies = [one.result() for one in owed if one.done() and not one.cancelled()]
        if late:
            _log.error("workers_silent", count=len(late))
        self._write(Frame("shared", number, Shared(replies, len(late)).to_bytes()))

    def _write(self, frame: Frame) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(frame.to_bytes())

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
