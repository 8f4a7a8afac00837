"""One stream's hold of a session: chunks go in, answers come out in the same order.

A chunk that was let in is answered and kept whoever still waits for it. So a stream may end at
any moment, and the next one that opens the session only has to wait until it has settled.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import NamedTuple

from gateway.core.days import moment
from gateway.core.errors import CallError, Conflict, Obstructed, OutOfRange, QuotaExceeded
from gateway.core.model import Call
from gateway.core.records import check_chunk
from gateway.flows.admission import Admission, Gate
from gateway.flows.ports import Records, Session, Sessions
from gateway.flows.reconcile_chunk import (
    Answer,
    Chunk,
    Line,
    answer_again,
    answer_chunk,
    fingerprint,
    key_of,
)

MAX_IN_FLIGHT = 4  # chunks that wait for their answers
KEPT_SECONDS = 7 * 86_400  # after a session was closed
PARK_STEP = 30.0  # seconds: a policy that was changed is noticed after so long


class Step(NamedTuple):
    """What a caller sent: a chunk, or None to close."""

    call: Call
    chunk: Chunk | None
    again: Callable[[], object]  # authenticates once more; raises Unauthenticated


class Parked(NamedTuple):
    """The quota is used up: this chunk waits."""

    number: int
    resumes_at: datetime
    reason: str


class Closed(NamedTuple):
    """The session takes no more chunks."""

    chunk_count: int
    record_count: int
    kept_until: datetime


Outcome = Answer | Parked | Closed


class Sitting:
    """A session in one stream's hands. Made by ``Reconciliation.sit``."""

    def __init__(
        self, gate: Gate, records: Records, sessions: Sessions, name: str, session: Session
    ) -> None:
        self.session = session
        self._gate = gate
        self._records = records
        self._sessions = sessions
        self._name = name
        self._line = Line.of(name, session)
        self._next = session.next_chunk  # to be let in
        self._loaded = session.next_chunk == 0
        self._room = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._outbox: asyncio.Queue[asyncio.Task[Answer] | Outcome | Exception | None]
        self._outbox = asyncio.Queue()
        self._under_way: set[asyncio.Task[Answer]] = set()
        self._feeder: asyncio.Task[None] | None = None

    @property
    def first_kept(self) -> int:
        """The first chunk whose answer is still kept."""
        return self.session.next_chunk if self._expired() else 0

    async def converse(self, steps: AsyncIterator[Step]) -> AsyncGenerator[Outcome]:
        """What comes of each step, in order.

        Raises:
            CallError: a step was refused; whatever came before it was answered.
        """
        self._feeder = asyncio.create_task(self._feed(steps), name=f"session {self._name}")
        try:
            while (outcome := await self._outbox.get()) is not None:
                if isinstance(outcome, Exception):
                    raise outcome
                if isinstance(outcome, asyncio.Task):
                    outcome = await asyncio.shield(outcome)
                yield outcome
                if isinstance(outcome, Answer):
                    self._room.release()
        finally:
            self._feeder.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._feeder

    def end(self, error: CallError) -> None:
        """Take nothing in any more; end after the answers that are under way."""
        self._outbox.put_nowait(error)
        if self._feeder is not None:
            self._feeder.cancel()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _feed(self, steps: AsyncIterator[Step]) -> None:
        """Take steps in, as long as there is room, until the caller closes or goes."""
        try:
            await self._room.acquire()
            async for step in steps:
                if step.chunk is None:
                    self._outbox.put_nowait(await self._close(step.call))
                    break
                await self._take(step.call, step.chunk, step.again)
                await self._room.acquire()
            self._outbox.put_nowait(None)
        except Exception as error:  # noqa: BLE001 - raised by converse, where the caller waits
            self._outbox.put_nowait(error)

    async def _take(self, call: Call, chunk: Chunk, again: Callable[[], object]) -> None:
        check_chunk(chunk.number, len(chunk.records))
        if chunk.number < self._next:
            await self.settle()  # the answer may be on its way
            self._outbox.put_nowait(await self._kept(call, chunk))
            return
        if self.session.closed is not None:
            raise _session_closed(self.session.next_chunk)
        if chunk.number > self._next:
            raise _out_of_order(self._next)
        await self._load()
        await self._await_quota(call, chunk, again)
        async with AsyncExitStack() as stack:
            admitted = await stack.enter_async_context(self._gate.admit(call, len(chunk.records)))
            self._next += 1
            self._start(stack.pop_all(), admitted, call, chunk)

    def _start(self, stack: AsyncExitStack, admitted: Admission, call: Call, chunk: Chunk) -> None:
        async def answer() -> Answer:
            async with stack:
                return await answer_chunk(self._line, call, chunk, admitted)

        task = asyncio.create_task(answer(), name=f"chunk {chunk.number}")
        self._under_way.add(task)
        task.add_done_callback(self._done)
        self._outbox.put_nowait(task)

    def _done(self, task: asyncio.Task[Answer]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # nobody may wait for it any more

    async def _kept(self, call: Call, chunk: Chunk) -> Answer:
        """The answer to a chunk that is sent again. Not recorded, and not charged."""
        async with self._gate.admit(call, 0):
            if self._expired():
                raise _chunk_expired()
            kept = await self._records.kept(key_of(call, self._name, chunk.number))
            if kept is None:
                raise _chunk_expired()
            if kept.fingerprint != fingerprint(chunk):
                raise _chunk_changed()
            return answer_again(chunk, kept)

    async def _close(self, call: Call) -> Closed:
        async with self._gate.admit(call, 0):
            await self.settle()
            if self._line.error is not None:
                raise self._line.error
            session = await self._sessions.close(self.session.key, int(self._gate.now()))
        assert session.closed is not None  # noqa: S101 - it was closed just now; tells mypy so
        until = moment(float(session.closed + KEPT_SECONDS))
        return Closed(session.next_chunk, session.record_count, until)

    async def _load(self) -> None:
        """Read once what the session has seen; other calls are served in between."""
        if self._loaded:
            return
        first = 0
        while pages := await self._sessions.seen(self.session.key, first):
            for fresh in pages:
                self._line.seen.load(fresh)
                await asyncio.sleep(0)
            first += len(pages)
        for _ in self._line.seen.settle():
            await asyncio.sleep(0)
        self._loaded = True

    async def _await_quota(self, call: Call, chunk: Chunk, again: Callable[[], object]) -> None:
        """Wait until the chunk fits, if waiting helps; else it is refused when it is let in."""
        told: datetime | None = None
        while (lack := self._lack(call, chunk)) is not None:
            wait = lack.retry_after or 0.0
            resumes_at = moment(self._gate.now() + wait)
            if told is None or abs((resumes_at - told).total_seconds()) > 1:
                told = resumes_at
                self._outbox.put_nowait(Parked(chunk.number, resumes_at, lack.reason))
            await asyncio.sleep(min(wait, PARK_STEP))
            again()

    def _lack(self, call: Call, chunk: Chunk) -> QuotaExceeded | None:
        lack = self._gate.lack(call, len(chunk.records))
        return None if lack is None or lack.retry_after is None else lack

    def _expired(self) -> bool:
        closed = self.session.closed
        return closed is not None and self._gate.now() >= closed + KEPT_SECONDS


def _out_of_order(expected: int) -> Obstructed:
    return Obstructed(
        "CHUNK_OUT_OF_ORDER",
        f"the next chunk of this session is {expected}; send them in order, without gaps",
        f"khối tiếp theo của phiên này là {expected}; hãy gửi lần lượt, không bỏ sót",
        "chunk.chunk_number",
    )


def _session_closed(chunks: int) -> Obstructed:
    return Obstructed(
        "SESSION_CLOSED",
        f"this session was closed after {chunks} chunks; open another one for further records",
        f"phiên này đã đóng sau {chunks} khối; hãy mở phiên khác cho các bản ghi tiếp theo",
        "chunk.chunk_number",
    )


def _chunk_changed() -> Conflict:
    return Conflict(
        "CHUNK_CHANGED",
        "this chunk was answered with other records; send it as it was, or open another session",
        "khối này đã được trả lời với các bản ghi khác; hãy gửi đúng như cũ hoặc mở phiên khác",
    )


def _chunk_expired() -> OutOfRange:
    return OutOfRange(
        "CHUNK_EXPIRED",
        "the answer to this chunk is not kept any more; open another session to ask anew",
        "kết quả của khối này không còn được lưu; hãy mở phiên khác để đối soát lại",
    )
