"""The window: calls that wait at the same moment are read, decided and recorded together.

There is no timer. While one window is at work, the next one gathers; so a lone call waits
for nobody, and a crowd shares one register read and one durable commit. The window runs in
a task of its own: a caller that goes away disturbs nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

import structlog
from google.protobuf.message import Message

from gateway.core import access, ledger, statement
from gateway.core.errors import CallError, Internal, Unavailable
from gateway.core.hmac_key import HmacKey
from gateway.core.model import Access, AccessCall, Call, Decision, Outcome
from gateway.core.statement import Issuer, Statement
from gateway.flows.ports import (
    AlreadyKept,
    Authority,
    Authorize,
    Committed,
    Entry,
    KeptKey,
    Records,
    Register,
    SessionStep,
    ToKeep,
)
from mock_population_db.citizen import Keys, Snapshot
from mock_population_db.store.errors import PopulationUnavailable

MAX_CALLS = 256
MAX_RECORDS = 2000  # claims: a window of batches must not grow without bound

_log = structlog.get_logger(__name__)


class Receipt(NamedTuple):
    """A statement that is signed and durably recorded, ready to be given out."""

    statement: Statement
    tlog_proof: str
    access_root: bytes


class Prepared(NamedTuple):
    """A signed statement that waits to be recorded."""

    statement: Statement
    entry: Entry


class Keep(NamedTuple):
    """That an answer is to be kept, for which request, and what travels beside it."""

    key: KeptKey
    fingerprint: bytes
    beside: bytes = b""
    step: SessionStep | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What every decision of one window rests on."""

    issuer: Issuer
    snapshot: Snapshot
    at: datetime
    pseudonym_key: HmacKey
    common_header: statement.Header

    def header(self, call: Call, policy_version: str) -> statement.Header:
        """The header of a statement for this call, and of the policy that decided it."""
        salt = os.urandom(statement.SALT_SIZE)
        return statement.header(self.common_header, call, policy_version, salt)

    def pseudonym(self, number: str) -> bytes:
        """How a number stands in the access log, whether it exists or not."""
        return access.pseudonym(self.pseudonym_key, number)

    def touched(self, decision: Decision, fields: int = 0) -> Access:
        """The access row of one decision."""
        return self.touched_person(decision.subject, decision.outcome, fields)

    def touched_person(self, number: str, outcome: Outcome, fields: int) -> Access:
        """The access row of somebody who is shown in an answer about another person."""
        return Access(self.pseudonym(number), int(outcome), fields)

    def sign(
        self, call: Call, message: Message, rows: Sequence[Access], keep: Keep | None = None
    ) -> Prepared:
        """Sign a statement and bind the rows of those it touched to it."""
        signed = statement.sign(message, self.issuer.signers)
        common = AccessCall(self.at, call.caller, call.rpc, call.context, self.snapshot.revision)
        root = access.access_root(common, rows)
        kept = None
        if keep:
            kept = ToKeep(keep.key, keep.fingerprint, signed, keep.beside, keep.step)
        return Prepared(signed, Entry(signed.digest, root, common, rows, kept))


Decide = Callable[[Moment], Prepared]
"""Steps 4 to 6 for one call, as a pure function. Raises NotYet."""


class NotYet(Exception):
    """Raised by a decision: there is nothing to record yet, and what was charged stands."""


class Charge(Protocol):
    """Is told what became of a call, once and whether or not its caller still waits."""

    def decided(self, rows: Sequence[Access], /) -> None:
        """These are about to be recorded."""
        ...

    def lost(self) -> None:
        """Nothing was recorded, whatever was decided."""
        ...


@dataclass(slots=True)
class _Question:
    keys: Keys
    decide: Decide
    records: int
    answer: asyncio.Future[Receipt]
    charge: Charge | None

    def fail(self, error: CallError) -> None:
        """End without a record."""
        if self.charge is not None:
            self.charge.lost()
            self.charge = None
        if not self.answer.done():
            self.answer.set_exception(error)


class Window:
    """Gathers calls and answers them together. Made by ``open_window``."""

    def __init__(
        self,
        register: Register,
        records: Records,
        authorize: Authorize,
        clock: Callable[[], datetime],
    ) -> None:
        self._register = register
        self._records = records
        self._authorize = authorize
        self._clock = clock
        self._waiting: deque[_Question] = deque()
        self._arrived = asyncio.Event()

    async def ask(
        self, keys: Keys, decide: Decide, *, records: int = 1, charge: Charge | None = None
    ) -> Receipt:
        """Join the next window and wait for its durable answer.

        Raises:
            NotYet: from ``decide``.
            Unavailable: register or records are out of reach; nothing was answered.
        """
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Question(keys, decide, records, answer, charge))
        self._arrived.set()
        return await answer

    async def run(self) -> None:
        """Answer windows until cancelled."""
        while True:
            await self._arrived.wait()
            questions = self._take()
            try:
                await self._answer(questions)
            except asyncio.CancelledError:
                _fail(questions, _stopping())
                raise
            except CallError as error:
                _fail(questions, error)
            except Exception:  # noqa: BLE001 - the window must outlive any defect
                _log.exception("window_failed", calls=len(questions))
                _fail(questions, _defect())

    def close(self) -> None:
        """Fail whoever still waits."""
        _fail(self._waiting, _stopping())
        self._waiting.clear()

    def _take(self) -> list[_Question]:
        """The next window's calls; those whose caller went away leave nothing."""
        taken: list[_Question] = []
        records = 0
        while self._waiting and len(taken) < MAX_CALLS and records < MAX_RECORDS:
            question = self._waiting.popleft()
            if question.answer.done():
                question.fail(_stopping())
                continue
            taken.append(question)
            records += question.records
        if not self._waiting:
            self._arrived.clear()
        return taken

    async def _answer(self, questions: list[_Question]) -> None:
        if not questions:
            return
        try:
            snapshot = await self._register.read(_merged(question.keys for question in questions))
        except PopulationUnavailable as error:
            raise register_unavailable() from error
        at = self._clock()
        key = await self._records.pseudonym_key(access.month_of(at))
        authority = self._authorize(at)
        common = statement.common_header(authority.issuer, snapshot, at)
        moment = Moment(authority.issuer, snapshot, at, HmacKey(key), common)
        decided = [
            (question, prepared)
            for question in questions
            if (prepared := _decide(question, moment)) is not None
        ]
        if not decided:
            return
        committed, decided = await self._commit(decided, authority)
        for question, _ in decided:
            question.charge = None  # it stands
        for offset, (question, prepared) in enumerate(decided):
            if question.answer.done():  # the caller went away; its leaf stands
                continue
            proof = ledger.tlog_proof(
                committed.first_index + offset, committed.paths[offset], committed.checkpoint
            )
            receipt = Receipt(prepared.statement, proof, prepared.entry.access_root)
            question.answer.set_result(receipt)

    async def _commit(
        self, decided: list[tuple[_Question, Prepared]], authority: Authority
    ) -> tuple[Committed, list[tuple[_Question, Prepared]]]:
        """Record all; without those that another gateway answered in the meantime."""
        while decided:
            entries = [prepared.entry for _, prepared in decided]
            try:
                return await self._records.commit(entries, authority.certify), decided
            except AlreadyKept as already:
                late = [decided[position][0] for position in already.positions]
                _fail(late, _answered_meanwhile())
                decided = [one for at, one in enumerate(decided) if at not in already.positions]
        return Committed(0, (), ""), decided


@contextlib.asynccontextmanager
async def open_window(window: Window) -> AsyncIterator[Window]:
    """Run a window's task for the length of the block."""
    task = asyncio.create_task(window.run(), name="window")
    try:
        yield window
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        window.close()


def _decide(question: _Question, moment: Moment) -> Prepared | None:
    """Steps 4 to 6 of one call; its failure is its own."""
    try:
        prepared = question.decide(moment)
        if question.charge is not None:
            question.charge.decided(prepared.entry.rows)
    except NotYet as later:
        question.charge = None
        if not question.answer.done():
            question.answer.set_exception(later)
    except CallError as error:
        _fail([question], error)
    except Exception:  # noqa: BLE001 - one call's defect must not fail its window
        _log.exception("decision_failed")
        _fail([question], _defect())
    else:
        return prepared
    return None


def _fail(questions: Iterable[_Question], error: CallError) -> None:
    for question in questions:
        question.fail(error)


def _merged(keys: Iterable[Keys]) -> Keys:
    """One read for all; a number asked twice is sought once."""
    numbers: dict[str, None] = {}
    old_numbers: dict[str, None] = {}
    former: dict[str, None] = {}
    details: dict[str, None] = {}
    households: dict[str, None] = {}
    succeeded: dict[str, None] = {}
    parts: dict[str, frozenset[str]] = {}
    sought: dict[str, frozenset[str]] = {}
    for one in keys:
        numbers.update(dict.fromkeys(one.numbers))
        old_numbers.update(dict.fromkeys(one.old_numbers))
        former.update(dict.fromkeys(one.former))
        details.update(dict.fromkeys(one.details))
        households.update(dict.fromkeys(one.households))
        succeeded.update(dict.fromkeys(one.succeeded))
        for number, fields in one.parts.items():
            parts[number] = parts.get(number, fields) | fields
        for number, fields in one.sought.items():
            sought[number] = sought.get(number, fields) | fields
    return Keys(
        tuple(numbers),
        tuple(old_numbers),
        tuple(former),
        tuple(details),
        tuple(households),
        tuple(succeeded),
        parts,
        sought,
    )


def _answered_meanwhile() -> Unavailable:
    return Unavailable(
        "ANSWERED_MEANWHILE",
        "the same request was answered by another gateway just now; send it again for that answer",
        "yêu cầu này vừa được một cổng khác trả lời; hãy gửi lại để nhận kết quả đó",
    )


def register_unavailable() -> Unavailable:
    """The error for a register that cannot be read."""
    return Unavailable(
        "REGISTER_UNAVAILABLE",
        "the population register cannot be read now; nothing was answered, try again",
        "hiện không đọc được cơ sở dữ liệu dân cư; chưa có kết quả, hãy thử lại",
    )


def _stopping() -> Unavailable:
    return Unavailable(
        "STOPPING",
        "the gateway is stopping; nothing was answered, try again",
        "hệ thống đang dừng; chưa có kết quả, hãy thử lại",
    )


def _defect() -> Internal:
    return Internal(
        "INTERNAL",
        "a defect of the gateway; its log has the details",
        "lỗi nội bộ của hệ thống; chi tiết nằm trong nhật ký",
    )
