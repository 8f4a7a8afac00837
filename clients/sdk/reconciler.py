"""Compare a system's own records with the register, losing nothing (đối soát, làm sạch dữ liệu).

>>> async with gateway.reconciler("payroll-2026-01") as reconciler:
...     async for result in reconciler.run(chunks):
...         for record in result.records: ...

A session outlives its streams. Where one is cut another is opened, the gateway says where the
session stands, and what has no answer yet is sent again: same chunk, same answer, byte for byte.
Every answer is verified before it is handed over: its signatures and log proof, that it answers
exactly the bytes that were sent, that it follows the chunk before, and each of its records.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Callable,
    Iterable,
)
from contextlib import aclosing
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from clients.receipts import ChunkChain, Expectations, Refusal, RefusedError
from clients.receipts.tlog import parse_proof
from clients.sdk.answers import Evidence
from clients.sdk.chunks import Chunk, ChunkSource, SentChunk
from clients.sdk.conversation import Conversation
from clients.sdk.cuts import pause_after
from clients.sdk.errors import Refused, Unreachable, UntrustedAnswer
from clients.sdk.exchange import Exchange
from clients.sdk.reconciled import ChunkResult, Closed, Parked, Standing, open_records
from clients.sdk.requests import CallContext
from dancu.v1 import statement_pb2, sync_service_pb2

DEFAULT_PATIENCE = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0  # seconds between attempts to connect, doubled
_TYPE_URL = "type.googleapis.com/dancu.v1.ReconciledChunk"


class Reconciler:
    """One session of reconciliation. Make one with ``Gateway.reconciler``.

    Attributes:
        standing: Where the session stood when it was last opened or taken up.
        closed: Until when answers may be fetched; None until ``run`` has closed the session.
    """

    def __init__(
        self,
        exchange: Exchange,
        session_id: str,
        context: CallContext | None = None,
        *,
        patience: float = DEFAULT_PATIENCE,
        on_parked: Callable[[Parked], None] = lambda _: None,
        on_cut: Callable[[Refused | Unreachable], None] = lambda _: None,
    ) -> None:
        self._exchange = exchange
        # the context, its request id too, must be the same each time the session is taken up
        asked = (context or exchange.context).to_message(session_id)
        self._opening = sync_service_pb2.OpenReconciliation(context=asked, session_id=session_id)
        self._patience = patience
        self._on_parked = on_parked
        self._on_cut = on_cut
        self._talk: Conversation | None = None
        self._parked_until = 0.0
        self._give_up: float | None = None  # while there is trouble, when it lasts too long
        self._pause = _FIRST_PAUSE
        self._chain = ChunkChain()
        self._unanswered: deque[SentChunk] = deque()
        self._source: ChunkSource | None = None
        self.closed: Closed | None = None

    async def __aenter__(self) -> Self:
        self._talk = await self._begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._hang_up()

    @property
    def standing(self) -> Standing:
        """Where the session stood when it was last opened or taken up."""
        if self._talk is None:
            raise ValueError("a reconciler is to be used with `async with`")
        return self._talk.standing

    async def run(
        self,
        chunks: Iterable[Chunk] | AsyncIterable[Chunk],
        *,
        first_chunk: int = 0,
        previous_digest: bytes | None = None,
    ) -> AsyncGenerator[ChunkResult]:
        """Send chunks, and yield their results in order; then close the session. Once only.

        Args:
            chunks: Up to 1,000 records each. To go on in another process, begin with the first
                chunk whose result was not kept; one that has been answered is answered again
                with the same bytes, and not charged.
            first_chunk: The number of the first of ``chunks``.
            previous_digest: ``digest`` of the result before that one, to check that the chain
                goes on; None takes the gateway's word.

        Raises:
            Refused: The gateway said no, e.g. a chunk was answered before with other records.
            Unreachable: Nobody answered for as long as ``patience``.
            UntrustedAnswer: An answer does not verify, or does not follow the one before.
        """
        if first_chunk or previous_digest is not None:
            self._chain = ChunkChain(self._opening.session_id, first_chunk, previous_digest)
        else:
            self._chain = ChunkChain(self._opening.session_id)
        self._source = ChunkSource(chunks, first_chunk)
        while True:
            try:
                async with aclosing(self._hear()) as results:
                    async for result in results:
                        yield result
            except (Refused, Unreachable) as error:
                await self._take_up(error)
            else:
                return

    # --- one stream

    async def _hear(self) -> AsyncGenerator[ChunkResult]:
        """The results that come over the stream that is open, until all is done."""
        talk, source = self._talk, self._source
        assert talk is not None and source is not None  # noqa: S101, PT018 - run() saw to it
        # what was cut off before goes alone at first: if it is refused, nothing that is sent
        # meanwhile hides the reason
        limit = max(talk.standing.max_chunks_in_flight, 1)
        room = asyncio.Semaphore(1 if self._unanswered else limit)
        held_back = limit - 1 if self._unanswered else 0
        feeding = asyncio.create_task(self._feed(talk, source, room))
        reading = asyncio.create_task(talk.receive())
        try:
            while not (talk.standing.closed and feeding.done() and not self._unanswered):
                if not await self._wait(talk, reading, feeding):
                    continue
                response = reading.result()
                reading = asyncio.create_task(talk.receive())
                self._give_up = None
                if response.HasField("closed"):
                    self.closed = Closed.of(response.closed)
                    return
                if response.HasField("parked"):
                    self._park(Parked.of(response.parked))
                if response.HasField("result"):
                    result = await self._accept(response.result)
                    for _ in range(1 + held_back):
                        room.release()
                    held_back = 0
                    yield result
        finally:
            for task in (feeding, reading):
                task.cancel()
            await asyncio.gather(feeding, reading, return_exceptions=True)

    async def _wait(
        self, talk: Conversation, reading: asyncio.Task[object], feeding: asyncio.Task[None]
    ) -> bool:
        """Wait for a message, or the end of the records; True for a message."""
        waiting: set[asyncio.Task[object] | asyncio.Task[None]]
        waiting = {reading} if feeding.done() else {reading, feeding}
        awaited = bool(self._unanswered) or feeding.done()
        parked = max(self._parked_until - datetime.now(UTC).timestamp(), 0.0)
        limit = parked + self._patience if awaited else None
        done, _ = await asyncio.wait(waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if feeding in done:
            feeding.result()  # an error of whoever makes the chunks is theirs
        if awaited and not done:
            raise talk.silent()
        return reading in done

    async def _feed(self, talk: Conversation, source: ChunkSource, room: asyncio.Semaphore) -> None:
        """Send again what has no answer, then what follows, as far as there is room."""
        for sent in tuple(self._unanswered):
            await room.acquire()
            if not await talk.send(sent.request):
                return
        while True:
            await room.acquire()
            following = await source.next()
            if following is None:
                break
            self._unanswered.append(following)
            if not await talk.send(following.request):
                return
        if not talk.standing.closed:
            close = sync_service_pb2.CloseReconciliation()
            request = sync_service_pb2.ReconcileCitizensRequest(close=close)
            await talk.send(request.SerializeToString())

    async def _accept(self, result: sync_service_pb2.ReconciledChunkResult) -> ChunkResult:
        """Verify an answer; only what was signed passes."""
        receipt = result.signed.SerializeToString(deterministic=True)
        if not self._unanswered or result.chunk_number != self._unanswered[0].number:
            raise UntrustedAnswer(Refusal.CONTEXT_MISMATCH, "an answer out of order", receipt)
        sent = self._unanswered[0]
        expected = Expectations(
            type_url=_TYPE_URL,
            audience=self._exchange.audience,
            request_id=self._opening.context.request_id,
            request_digest=hashlib.sha256(sent.request).digest(),
        )
        verdict = await self._exchange.checker.check(receipt, expected)
        statement = verdict.statement
        if not isinstance(statement, statement_pb2.ReconciledChunk):
            raise TypeError(f"{verdict.type_url} was let through for a chunk")
        digest = self._follow(receipt, statement)
        messages, values = open_records(result, statement, sent.row_keys)
        self._unanswered.popleft()
        self._parked_until = 0.0
        index = parse_proof(result.signed.log_proof.tlog_proof).index
        evidence = Evidence.of(statement.header, index, receipt)
        return ChunkResult(
            sent.number,
            messages,
            values,
            evidence,
            digest,
            result.SerializeToString(deterministic=True),
        )

    def _follow(self, receipt: bytes, statement: statement_pb2.ReconciledChunk) -> bytes:
        try:
            return self._chain.follow(receipt, statement)
        except RefusedError as error:
            raise UntrustedAnswer(error.refusal, error.detail, receipt) from error

    def _park(self, parked: Parked) -> None:
        self._parked_until = parked.resumes_at.timestamp()
        self._on_parked(parked)

    # --- from stream to stream

    async def _begin(self) -> Conversation:
        return await Conversation.begin(
            self._exchange.transport, self._opening, self._exchange.transport.timeout
        )

    async def _take_up(self, error: Refused | Unreachable) -> None:
        """Open another stream; raises the last error when there is no use in trying on.

        A stream that opens is no sign of life yet: only a message that comes over it is.
        """
        now = asyncio.get_running_loop().time
        told, opened = self._give_up is not None, True
        if self._give_up is None:
            self._give_up, self._pause = now() + self._patience, _FIRST_PAUSE
        while True:
            self._hang_up()
            wait = pause_after(error, self._pause, opened=opened)
            if wait is None or now() + wait > self._give_up:
                raise error
            if not told:
                self._on_cut(error)
                told = True
            await asyncio.sleep(wait)
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            try:
                talk = await self._begin()
            except (Refused, Unreachable) as again:
                error, opened = again, False
            else:
                self._require_all(talk)
                self._talk = talk
                return

    def _require_all(self, talk: Conversation) -> None:
        """A gateway that has fewer answers than it gave lost some, or is another one."""
        if talk.standing.next_chunk_number < self._chain.next_number:
            talk.end()
            detail = (
                f"the session stands at chunk {talk.standing.next_chunk_number}, but"
                f" {self._chain.next_number} were answered"
            )
            raise UntrustedAnswer(Refusal.CONTEXT_MISMATCH, detail, b"")

    def _hang_up(self) -> None:
        if self._talk is not None:
            self._talk.end()
