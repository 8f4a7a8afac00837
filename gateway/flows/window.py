"""The window: calls that wait at the same moment are read, decided and recorded together.

There is no timer. While one window is at work, the next one gathers; so a lone call waits
for nobody, and a crowd shares one register read and one durable commit. After a window that
many shared, the next one lets those join whose calls are on their way through the event loop:
the same crowd in fewer windows costs a quarter less. The window runs in a task of its own: a
caller that goes away disturbs nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from gateway.core import access, ledger, statement
from gateway.core.allowance import Allowance, OverQuota, Tallies
from gateway.core.errors import CallError
from gateway.core.hmac_key import HmacKey
from gateway.core.merging import merged
from gateway.core.model import Access
from gateway.flows.figures import Lap, Step, WindowFigures
from gateway.flows.moment import Decide, Moment, NotYet, Prepared, Receipt, Signed
from gateway.flows.outages import (
    answered_meanwhile,
    defect,
    register_unavailable,
    stopping,
)
from gateway.flows.ports import AlreadyKept, Authority, Authorize, Committed, Records, Register
from mock_population_db.snapshot import Keys
from mock_population_db.store.errors import PopulationUnavailable

MAX_CALLS = 256
MAX_RECORDS = 2000  # claims: a window of batches must not grow without bound
CROWD = 8  # calls of one window, after which the next one gathers
ENOUGH = 64  # calls: more of them would wait longer and cost hardly less
QUIET_TURNS = 16  # of the event loop without a call: microseconds each, with nothing to do

_log = structlog.get_logger(__name__)


class Charge(Protocol):
    """Is told what became of a call, once and whether or not its caller still waits."""

    def decided(self, rows: Sequence[Access], /) -> Allowance | None:
        """These are about to be recorded; returns what they must fit into, if anything."""
        ...

    def recorded(self, used: Tallies, /) -> None:
        """It stands; this was used before."""
        ...

    def over(self, used: Tallies, /) -> CallError:
        """It did not fit into what others had left; why."""
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
    lap: Lap | None = None  # of its window, once that is at work
    allowance: Allowance | None = None

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
        figures: WindowFigures | None = None,
    ) -> None:
        self._figures = figures or WindowFigures(lambda: clock().timestamp())
        self._register = register
        self._records = records
        self._authorize = authorize
        self._clock = clock
        self._waiting: deque[_Question] = deque()
        self._arrived = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None  # of its first call, and of all others

    @property
    def waiting(self) -> int:
        """How many calls wait for the next window."""
        return len(self._waiting)

    async def ask(
        self, keys: Keys, decide: Decide, *, records: int = 1, charge: Charge | None = None
    ) -> Receipt:
        """Join the next window and wait for its durable answer.

        Raises:
            NotYet: from ``decide``.
            Unavailable: register or records are out of reach; nothing was answered.
        """
        if self._loop is None:  # asking for it is a system call
            self._loop = asyncio.get_running_loop()
        answer: asyncio.Future[Receipt] = self._loop.create_future()
        question = _Question(keys, decide, records, answer, charge)
        self._waiting.append(question)
        self._arrived.set()
        try:
            return await answer
        finally:
            if self._figures.told is not None and question.lap is not None:
                self._figures.told(question.lap)

    async def run(self) -> None:
        """Answer windows until cancelled."""
        questions: list[_Question] = []
        while True:
            await self._arrived.wait()
            if len(questions) >= CROWD:
                await self._gather()
            questions = self._take()
            try:
                await self._answer(questions)
            except asyncio.CancelledError:
                _fail(questions, stopping())
                raise
            except CallError as error:
                self._failed(questions, error)
            except Exception:  # noqa: BLE001 - the window must outlive any defect
                _log.exception("window_failed", calls=len(questions))
                self._failed(questions, defect())

    def close(self) -> None:
        """Fail whoever still waits."""
        _fail(self._waiting, stopping())
        self._waiting.clear()

    def _failed(self, questions: list[_Question], error: CallError) -> None:
        self._figures.failed[error.reason] += 1
        _fail(questions, error)

    async def _gather(self) -> None:
        """Let those join who are about to, until the event loop has brought nobody for a while."""
        quiet, seen = 0, len(self._waiting)
        while quiet < QUIET_TURNS and seen < ENOUGH:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == seen else 0
            seen = len(self._waiting)

    def _take(self) -> list[_Question]:
        """The next window's calls; those whose caller went away leave nothing."""
        taken: list[_Question] = []
        records = 0
        while self._waiting and len(taken) < MAX_CALLS and records < MAX_RECORDS:
            question = self._waiting.popleft()
            if question.answer.done():
                question.fail(stopping())
                continue
            taken.append(question)
            records += question.records
        if not self._waiting:
            self._arrived.clear()
        return taken

    async def _answer(self, questions: list[_Question]) -> None:
        if not questions:
            return
        lap = self._begin(questions)
        try:
            snapshot = await self._register.read(merged([question.keys for question in questions]))
        except PopulationUnavailable as error:
            raise register_unavailable() from error
        lap.done(Step.READ)
        at = self._clock()
        key = await self._records.pseudonym_key(access.month_of(at))
        authority = self._authorize(at)
        common = statement.common_header(authority.issuer, snapshot, at)
        moment = Moment(authority.issuer, snapshot, at, HmacKey(key), common)
        prepared = [(question, _decide(question, moment)) for question in questions]
        decided = [(question, one.signed()) for question, one in prepared if one is not None]
        lap.done(Step.DECIDE)
        if not decided:
            return
        committed, decided = await self._commit(decided, authority)
        lap.done(Step.COMMIT)
        for question, _ in decided:
            if question.charge is not None:
                question.charge.recorded(committed.used)
                question.charge = None
        for offset, (question, signed) in enumerate(decided):
            if question.answer.done():  # the caller went away; its leaf stands
                continue
            proof = ledger.tlog_proof(
                committed.first_index + offset, committed.paths[offset], committed.checkpoint
            )
            receipt = Receipt(signed.statement, proof, signed.entry.access_root)
            question.answer.set_result(receipt)

    def _begin(self, questions: list[_Question]) -> Lap:
        lap = self._figures.begin(len(questions), sum(one.records for one in questions))
        for question in questions:
            question.lap = lap
        return lap

    async def _commit(
        self, decided: list[tuple[_Question, Signed]], authority: Authority
    ) -> tuple[Committed, list[tuple[_Question, Signed]]]:
        """Record all; without those that other gateways answered, or left no quota for."""
        certify = authority.certify
        while decided:
            entries = [signed.entry for _, signed in decided]
            limits = {at: one.allowance for at, (one, _) in enumerate(decided) if one.allowance}
            try:
                return await self._records.commit(entries, certify, limits), decided
            except (AlreadyKept, OverQuota) as conflict:
                for position in conflict.positions:
                    question = decided[position][0]
                    question.fail(_lateness(question, conflict))
                decided = [one for at, one in enumerate(decided) if at not in conflict.positions]
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
            question.allowance = question.charge.decided(prepared.rows)
    except NotYet as later:
        question.charge = None
        if not question.answer.done():
            question.answer.set_exception(later)
    except CallError as error:
        _fail([question], error)
    except PopulationUnavailable as error:  # what was read contradicts the register's schema
        _log.error("register_damaged", problem=str(error))
        _fail([question], register_unavailable())
    except Exception:  # noqa: BLE001 - one call's defect must not fail its window
        _log.exception("decision_failed")
        _fail([question], defect())
    else:
        return prepared
    return None


def _lateness(question: _Question, conflict: AlreadyKept | OverQuota) -> CallError:
    if isinstance(conflict, OverQuota) and question.charge is not None:
        return question.charge.over(conflict.used)
    return answered_meanwhile()


def _fail(questions: Iterable[_Question], error: CallError) -> None:
    for question in questions:
        question.fail(error)
