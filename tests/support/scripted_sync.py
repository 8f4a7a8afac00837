"""A reconciling gateway for the tests of the client: it keeps to the contract, and to a script.

Its register is a rule, so that files of any size can be made for it: citizen *i* has the number
001090000000 + i, a name that spells *i*, was born on 1990-05-12, men have even numbers.
What it does wrong (cuts, delays, spoils), it does because a test asked for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import grpc
from google.rpc import error_details_pb2 as details
from google.rpc import status_pb2

from dancu.v1 import citizen_pb2 as c
from dancu.v1 import reconciliation_pb2 as r
from dancu.v1 import statement_pb2 as s
from dancu.v1 import sync_service_pb2 as sync
from tests.unit.client_fake_gateway import FakeGateway
from tests.unit.client_signing import pack, pae

RPC = "dancu.v1.SyncService/ReconcileCitizens"
FIRST_NUMBER = 1_090_000_000
KEPT_SECONDS = 7 * 86_400

_DIGITS = ("Không", "Một", "Hai", "Ba", "Bốn", "Năm", "Sáu", "Bảy", "Tám", "Chín")
_DEAD_EVERY = 1000
_Context = grpc.aio.ServicerContext[bytes, bytes]


def number_of(citizen: int) -> str:
    """The personal number."""
    return f"{FIRST_NUMBER + citizen:012d}"


def name_of(citizen: int) -> str:
    """The full name."""
    return "Nguyễn " + " ".join(_DIGITS[int(digit)] for digit in str(citizen))


@dataclass
class Session:
    """What the gateway keeps of one."""

    opened_with: bytes
    requests: list[bytes] = field(default_factory=list)
    answers: list[sync.ReconciledChunkResult] = field(default_factory=list)
    digest: bytes = bytes(32)
    numbers: set[str] = field(default_factory=set)
    closed: bool = False


@dataclass
class ScriptedSync(FakeGateway):
    """Answers chunks, keeps the answers, and keeps the script.

    Attributes:
        cuts: For each stream, after how many results it is cut; None never.
        lost: Chunks whose first answer is recorded and then lost with the stream.
        parks: Seconds that a chunk waits for quota, once each.
        holds: Chunks that are answered when their event is set, once each.
        refusals: A refusal for a chunk, as the status and reason.
        spoil_result: Applied to every result before it goes out.
        in_flight: What is allowed.
        most_waiting: The most chunks that ever waited for their answers.
        streams: How many were opened.
        charged: How many records were charged.
    """

    cuts: list[int | None] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)
    parks: dict[int, float] = field(default_factory=dict)
    holds: dict[int, asyncio.Event] = field(default_factory=dict)
    refusals: dict[int, tuple[grpc.StatusCode, str]] = field(default_factory=dict)
    spoil_result: Callable[[sync.ReconciledChunkResult], object] = lambda _: None
    in_flight: int = 4
    most_waiting: int = 0
    streams: int = 0
    charged: int = 0
    sessions: dict[str, Session] = field(default_factory=dict)

    async def converse(self, sent: AsyncIterator[bytes], context: _Context) -> AsyncIterator[bytes]:
        """One stream: its messages are read ahead, and answered in order."""
        cut = self.cuts.pop(0) if self.cuts else None
        self.streams += 1
        waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        reading = asyncio.create_task(self._read(sent, waiting))
        session: Session | None = None
        results = 0
        try:
            while (raw := await waiting.get()) is not None:
                request = sync.ReconcileCitizensRequest.FromString(raw)
                if session is None:
                    session = await self._open(request, context)
                    yield self._standing(request.open.session_id, session)
                    continue
                if request.HasField("close"):
                    session.closed = True
                    yield _closing(session)
                    return
                number = request.chunk.chunk_number
                if results == cut:
                    await abort(context, grpc.StatusCode.UNAVAILABLE, "STREAM_TOO_OLD")
                if number in self.refusals:
                    await abort(context, *self.refusals[number])
                if number in self.parks:
                    seconds = self.parks.pop(number)
                    yield _parked(number, seconds)
                    await asyncio.sleep(seconds)
                if number in self.holds:
                    await self.holds.pop(number).wait()
                self.most_waiting = max(self.most_waiting, waiting.qsize() + 1)
                result = await self._answer(session, raw, request, context)
                if number in self.lost:
                    self.lost.discard(number)
                    await abort(context, grpc.StatusCode.UNAVAILABLE, "STOPPING")
                results += 1
                yield sync.ReconcileCitizensResponse(result=result).SerializeToString()
        finally:
            reading.cancel()

    @staticmethod
    async def _read(sent: AsyncIterator[bytes], waiting: asyncio.Queue[bytes | None]) -> None:
        async for raw in sent:
            waiting.put_nowait(raw)
        waiting.put_nowait(None)

    async def _open(self, request: sync.ReconcileCitizensRequest, context: _Context) -> Session:
        if not request.HasField("open"):
            await abort(context, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
        opening = request.open.SerializeToString(deterministic=True)
        session = self.sessions.setdefault(request.open.session_id, Session(opening))
        if session.opened_with != opening:
            await abort(context, grpc.StatusCode.ALREADY_EXISTS, "SESSION_CONFLICT")
        return session

    def _standing(self, session_id: str, session: Session) -> bytes:
        standing = sync.ReconciliationStanding(
            session_id=session_id,
            next_chunk_number=len(session.answers),
            record_count=sum(len(answer.items) for answer in session.answers),
            max_chunks_in_flight=self.in_flight,
            closed=session.closed,
        )
        return sync.ReconcileCitizensResponse(standing=standing).SerializeToString()

    async def _answer(
        self,
        session: Session,
        raw: bytes,
        request: sync.ReconcileCitizensRequest,
        context: _Context,
    ) -> sync.ReconciledChunkResult:
        number = request.chunk.chunk_number
        if number < len(session.answers):
            if session.requests[number] != raw:
                await abort(context, grpc.StatusCode.ALREADY_EXISTS, "CHUNK_CONFLICT")
            return session.answers[number]
        if number > len(session.answers) or session.closed:
            await abort(context, grpc.StatusCode.FAILED_PRECONDITION, "CHUNK_OUT_OF_ORDER")
        result = self._state_chunk(session, raw, request.chunk)
        session.requests.append(raw)
        session.answers.append(result)
        self.charged += len(result.items)
        return result

    def _state_chunk(
        self, session: Session, raw: bytes, chunk: sync.RecordChunk
    ) -> sync.ReconciledChunkResult:
        opening = sync.OpenReconciliation.FromString(session.opened_with)
        statement = s.ReconciledChunk(
            session_id=opening.session_id,
            chunk_number=chunk.chunk_number,
            previous_digest=session.digest,
        )
        statement.header.context.CopyFrom(opening.context)
        result = sync.ReconciledChunkResult(
            chunk_number=chunk.chunk_number, item_seed=secrets.token_bytes(32)
        )
        for index, record in enumerate(chunk.records):
            packed = pack(judge(index, record, session.numbers))
            salt = hmac.digest(result.item_seed, index.to_bytes(4, "big"), "sha256")
            digest = hashlib.sha256(b"dancu.item.v1\n" + salt + packed.value).digest()
            statement.item_digests.append(digest)
            result.items.append(packed)
        result.signed.CopyFrom(self.state(RPC, raw, statement))
        session.digest = hashlib.sha256(pae(result.signed.statement)).digest()
        self.spoil_result(result)
        return result


def judge(index: int, record: r.CitizenRecord, seen: set[str]) -> r.ReconciledRecord:
    """What the rule's register says to one record; ``seen`` are the numbers of the session."""
    answer = r.ReconciledRecord(index=index, row_key=record.row_key)
    number = record.claim.personal_id
    if len(number) == 11 and number.isdecimal():
        number = "0" + number
        answer.flags.append(r.RECORD_FLAG_REPAIRED)
    if len(number) != 12 or not number.isdecimal():
        answer.verdict = r.RECORD_VERDICT_INVALID
        answer.violations.add(
            field="claim.personal_id", rule="PERSONAL_ID", description="it has 12 digits"
        )
        return answer
    answer.claim.CopyFrom(record.claim)
    answer.claim.personal_id = number
    citizen = int(number) - FIRST_NUMBER
    date = record.claim.birth_date
    same = record.claim.full_name == name_of(citizen) if citizen >= 0 else False
    if not same or (date.year, date.month, date.day) != (1990, 5, 12):
        answer.verdict = r.RECORD_VERDICT_NOT_VERIFIED
        return answer
    answer.verdict = r.RECORD_VERDICT_MATCHED
    if number in seen:
        answer.flags.append(r.RECORD_FLAG_DUPLICATE_IN_SESSION)
    seen.add(number)
    if citizen and citizen % _DEAD_EVERY == 0:
        answer.flags.insert(0, r.RECORD_FLAG_DECEASED)
        answer.death_date.year = 2020
    sex = c.SEX_FEMALE if citizen % 2 else c.SEX_MALE
    if record.sex:
        differs = record.sex != sex
        answer.fields.add(
            field="sex",
            agreement=r.AGREEMENT_DIFFERS if differs else r.AGREEMENT_MATCH,
            register_value=c.Sex.Name(sex).removeprefix("SEX_") if differs else "",
        )
        if differs:
            answer.verdict = r.RECORD_VERDICT_CORRECTED
    if record.permanent_commune_code:
        answer.fields.add(field="permanent_commune_code", agreement=r.AGREEMENT_WITHHELD)
    return answer


@contextlib.asynccontextmanager
async def serving_sync(fake: ScriptedSync) -> AsyncIterator[ScriptedSync]:
    """Serve on a free port; ``fake.target`` is where."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([_Handlers(fake)])
    port = server.add_insecure_port("127.0.0.1:0")
    fake.target = f"127.0.0.1:{port}"
    await server.start()
    try:
        yield fake
    finally:
        await server.stop(None)


class _Handlers(grpc.GenericRpcHandler):
    def __init__(self, fake: ScriptedSync) -> None:
        self._fake = fake

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[bytes, bytes]:
        method = handler_call_details.method
        if method == f"/{RPC}":
            return grpc.stream_stream_rpc_method_handler(self._fake.converse)

        async def serve(raw: bytes, context: _Context) -> bytes:
            return await self._fake.serve(method, raw, context)

        return grpc.unary_unary_rpc_method_handler(serve)


async def abort(context: _Context, code: grpc.StatusCode, reason: str) -> None:
    """End a call as dancu does."""
    number: int = code.value[0]
    info = pack(details.ErrorInfo(reason=reason, domain="dancu"))
    status = status_pb2.Status(code=number, message=reason, details=[info])
    trailer = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, reason, trailer)


def _parked(number: int, seconds: float) -> bytes:
    parked = sync.ReconciliationParked(chunk_number=number, reason="RATE_LIMITED")
    parked.resumes_at.FromNanoseconds(int((time.time() + seconds) * 1e9))
    return sync.ReconcileCitizensResponse(parked=parked).SerializeToString()


def _closing(session: Session) -> bytes:
    closed = sync.ReconciliationClosed(
        chunk_count=len(session.answers),
        record_count=sum(len(answer.items) for answer in session.answers),
    )
    closed.kept_until.FromSeconds(int(time.time()) + KEPT_SECONDS)
    return sync.ReconcileCitizensResponse(closed=closed).SerializeToString()
