"""Follow the register's changes, losing nothing (theo dõi biến động).

>>> follower = gateway.follower(start_revision=cursor.load(), save=cursor.save)
>>> async for batch in follower.batches():
...     for change in batch.changes: ...

A stream ends: after its maximum age, with the token that opened it, with the connection, with the
gateway. Then another is opened, from the last revision seen + 1. Every batch is verified before
it is handed over: its signatures and log proof, that it answers the request of this very stream,
and that it goes on where the one before ended. ``save`` is told where to go on when the consumer
comes back for more: what it was handed is dealt with then, and not before.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from clients.receipts import Expectations
from clients.receipts.tlog import parse_proof
from clients.sdk.answers import Evidence
from clients.sdk.changes import (
    EVERYTHING,
    ChangeBatch,
    ChangeFilter,
    SaveCursor,
    read_batch,
    require_batch,
    untrusted,
)
from clients.sdk.errors import Refused, Unreachable
from clients.sdk.exchange import Exchange, parse
from clients.sdk.requests import CallContext, new_request_id
from dancu.v1 import statement_pb2, sync_service_pb2

RPC = "/dancu.v1.SyncService/WatchChanges"
FOREVER = float("inf")

_TYPE_URL = "type.googleapis.com/dancu.v1.ChangeBatch"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0  # seconds between attempts to connect, doubled
_MARKS_MISSED = 3  # progress marks that do not come: then nobody is there any more
_TEMPORARY = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED})


class Follower:
    """Follows the register. Make one with ``Gateway.follower``.

    Attributes:
        next_revision: Where it goes on; 0 until it is known where "now" is.
    """

    def __init__(
        self,
        exchange: Exchange,
        start_revision: int = 0,
        *,
        which: ChangeFilter = EVERYTHING,
        fields: Sequence[str] = (),
        progress_seconds: float = 10.0,
        context: CallContext | None = None,
        patience: float = FOREVER,
        save: SaveCursor = lambda _revision: None,
        on_cut: Callable[[Refused | Unreachable], None] = lambda _: None,
    ) -> None:
        self._exchange = exchange
        self._which = which
        self._fields = tuple(fields)
        self._progress = progress_seconds
        self._context = context or exchange.context
        self._patience = patience
        self._save = save
        self._on_cut = on_cut
        self._heard = False  # something came on the present stream
        self.next_revision = start_revision

    async def batches(self) -> AsyncGenerator[ChangeBatch]:
        """Batches of changes, and progress marks, which are batches of none, for ever.

        Raises:
            Refused: The gateway said no, e.g. REVISION_COMPACTED: what is to come next is no
                longer kept.
            Unreachable: Nobody answered for as long as ``patience``.
            UntrustedAnswer: A batch does not verify, or does not go on from the one before.
        """
        now = asyncio.get_running_loop().time
        alive, pause = now(), _FIRST_PAUSE
        while True:
            try:
                async with aclosing(self._hear()) as heard:
                    async for batch in heard:
                        yield batch
                        self.next_revision = batch.through_revision + 1
                        self._save(self.next_revision)
            except (Refused, Unreachable) as error:
                if self._heard:
                    alive, pause = now(), _FIRST_PAUSE
                self._check_temporary(error)
                wait = _wait(error, pause)
                if now() + wait > alive + self._patience:
                    raise
                self._on_cut(error)
            await asyncio.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _check_temporary(self, error: Refused | Unreachable) -> None:
        """Raise an error that another attempt does not mend."""
        if isinstance(error, Unreachable) or error.code in _TEMPORARY:
            return
        # a stream outlives the token that it was opened with; the next one brings a new one
        if error.code is grpc.StatusCode.UNAUTHENTICATED and self._heard:
            return
        raise error

    async def _hear(self) -> AsyncGenerator[ChangeBatch]:
        """What one stream brings."""
        self._heard = False
        request = self._request()
        sent = request.SerializeToString()
        expected = Expectations(
            type_url=_TYPE_URL,
            audience=self._exchange.audience,
            request_id=request.context.request_id,
            request_digest=hashlib.sha256(sent).digest(),
        )
        start, seen = request.start_revision, request.start_revision - 1
        call = self._exchange.transport.listen(RPC, sent)
        try:
            while True:
                response = await self._next(call)
                self._heard = True
                if not response.HasField("signed"):
                    batch = _progress(response.progress_revision, seen)
                    start = start or batch.through_revision + 1
                else:
                    batch = await self._checked(response.signed, expected, start, seen)
                seen = batch.through_revision
                yield batch
        finally:
            call.cancel()

    def _request(self) -> sync_service_pb2.WatchChangesRequest:
        interval = Duration()
        interval.FromMilliseconds(round(self._progress * 1000))
        return sync_service_pb2.WatchChangesRequest(
            context=self._context.to_message(new_request_id()),
            start_revision=self.next_revision,
            filter=self._which.to_message(),
            read_mask=FieldMask(paths=self._fields) if self._fields else None,
            progress_interval=interval,
        )

    async def _next(
        self, call: grpc.aio.UnaryStreamCall[bytes, bytes]
    ) -> sync_service_pb2.WatchChangesResponse:
        transport = self._exchange.transport
        try:
            async with asyncio.timeout(_MARKS_MISSED * self._progress + transport.timeout):
                raw = await call.read()
        except grpc.aio.AioRpcError as error:
            raise transport.failure(error) from error
        except TimeoutError:
            code = grpc.StatusCode.DEADLINE_EXCEEDED
            raise Unreachable(transport.target, code, "no progress mark in time") from None
        if not isinstance(raw, bytes):
            code = grpc.StatusCode.UNAVAILABLE
            raise Unreachable(transport.target, code, "the stream ended")
        return parse(sync_service_pb2.WatchChangesResponse, raw)

    async def _checked(
        self,
        signed: statement_pb2.SignedStatement,
        expected: Expectations,
        start: int,
        seen: int,
    ) -> ChangeBatch:
        receipt = signed.SerializeToString(deterministic=True)
        verdict = await self._exchange.checker.check(receipt, expected)
        said = verdict.statement
        if not isinstance(said, statement_pb2.ChangeBatch):
            raise TypeError(f"{verdict.type_url} was let through for changes")
        require_batch(said, self._which, receipt, seen=seen)
        if said.start_revision != start:
            raise untrusted("changes of another stream than this one", receipt)
        index = parse_proof(signed.log_proof.tlog_proof).index
        return read_batch(said, Evidence.of(said.header, index, receipt))


def _progress(revision: int, seen: int) -> ChangeBatch:
    if revision < seen:
        raise untrusted("a progress mark that goes back", b"")
    return ChangeBatch((), revision)


def _wait(error: Refused | Unreachable, pause: float) -> float:
    """Seconds until the next attempt: as the gateway says, and not all at one moment."""
    told = error.retry_after if isinstance(error, Refused) else None
    return max(pause * random.uniform(0.5, 1.0), told or 0.0)  # noqa: S311 - no secret
