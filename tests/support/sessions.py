"""Reconciling against real records and a register in memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from dancu.v1.reconciliation_pb2 import ReconciledRecord
from dancu.v1.statement_pb2 import ReconciledChunk
from gateway.core.model import Call, Claim
from gateway.core.policy import RPCS, Policy
from gateway.core.records import Record
from gateway.flows.admission import Gate
from gateway.flows.reconcile_chunk import Answer, Chunk
from gateway.flows.reconcile_sitting import Closed, Outcome, Parked, Sitting, Step
from gateway.flows.reconciliation import Reconciliation
from gateway.flows.window import Window, open_window
from gateway.store.sessions import SqliteSessions
from gateway.store.sqlite import SqliteRecords, create_records, open_records
from mock_population_db.citizen import Identity, PersonName, Sex
from mock_population_db.partial_date import PartialDate
from mock_population_db.snapshot import Keys, Part, Snapshot
from tests.support.policies import DEMO_POLICY
from tests.support.records import authorize, certify
from tests.support.scene import AS_OF, CALL, NOW, ORIGIN

RECONCILE = CALL._replace(rpc=RPCS["ReconcileCitizens"])
BIRTH = PartialDate(1990, 5, 12)


def number_of(position: int) -> str:
    """The number of the person at a position."""
    return f"001090{position:06d}"


def row(position: int, name: str = "Lê Văn An", key: str = "") -> Record:
    """A record about the person at a position."""
    return Record(key or f"row-{position}", Claim(number_of(position), "", name, BIRTH))


def chunk(number: int, records: Iterable[Record]) -> Chunk:
    """A chunk; its body is another one for other records."""
    listed = list(records)
    return Chunk(number, listed, repr((number, listed)).encode())


@dataclass
class MovingRegister:
    """People named alike, at even positions, whose numbers may be followed by others."""

    revision: int = 7
    successors: dict[str, str] = field(default_factory=dict)
    begun: asyncio.Event = field(default_factory=asyncio.Event)  # it was asked for somebody

    async def read(self, keys: Keys) -> Snapshot:
        """Find everything at one revision."""
        if keys != Keys():
            self.begun.set()
        revision, successors = self.revision, dict(self.successors)
        await asyncio.sleep(0)
        there = {one: self._person(one) for one in keys.numbers if self._is(one, successors)}
        ends = {one: self._person(successors[one]) for one in keys.succeeded if one in successors}
        parts = {one: Part(sex=Sex.NO_DATA, vital_date=None) for one in keys.sought}
        return Snapshot(revision, AS_OF, there, successors=ends, parts=parts)

    def _is(self, number: str, successors: dict[str, str]) -> bool:
        return int(number) % 2 == 0 and number not in successors

    def _person(self, number: str) -> Identity:
        return Identity(number, PersonName("Lê", "Văn", "An"), BIRTH)


@dataclass
class Talk:
    """One stream: what a caller sends, and what comes back."""

    sitting: Sitting
    call: Call
    sent: asyncio.Queue[Step | None] = field(default_factory=asyncio.Queue)
    again: list[float] = field(default_factory=list)  # when somebody was authenticated anew
    came: AsyncGenerator[Outcome] = field(init=False)

    def __post_init__(self) -> None:
        self.came = self.sitting.converse(self._steps())

    async def _steps(self) -> AsyncIterator[Step]:
        while (step := await self.sent.get()) is not None:
            yield step

    def send(self, *chunks: Chunk) -> None:
        """Send chunks, without waiting."""
        for one in chunks:
            self.sent.put_nowait(Step(self.call, one, lambda: self.again.append(0)))

    def send_close(self) -> None:
        """Send the closing."""
        self.sent.put_nowait(Step(self.call, None, lambda: None))

    async def next(self) -> Outcome:
        """What comes next."""
        async with asyncio.timeout(20):
            return await anext(self.came)

    async def answer(self, *chunks: Chunk) -> Answer:
        """Send chunks and wait for an answer."""
        self.send(*chunks)
        came = await self.next()
        assert isinstance(came, Answer)
        return came

    async def parked(self) -> Parked:
        """Wait until the session parks."""
        came = await self.next()
        assert isinstance(came, Parked)
        return came

    async def close(self) -> Closed:
        """Close the session."""
        self.send_close()
        came = await self.next()
        assert isinstance(came, Closed)
        return came


@dataclass
class House:
    """A gateway that reconciles, and can be built again over the same records."""

    path: Path
    policy: Policy = DEMO_POLICY
    register: MovingRegister = field(default_factory=MovingRegister)
    seconds: float = NOW.timestamp()
    stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    gate: Gate = field(init=False)
    records: SqliteRecords = field(init=False)
    sessions: SqliteSessions = field(init=False)
    reconciliation: Reconciliation = field(init=False)

    @classmethod
    def new(cls, path: Path) -> Self:
        """One with an empty log."""
        create_records(path, ORIGIN, certify)
        return cls(path)

    async def __aenter__(self) -> Self:
        enter = self.stack.enter_async_context
        self.records = await enter(open_records(self.path))
        window = Window(self.register, self.records, authorize, lambda: NOW)
        self.gate = Gate(self.policy, await enter(open_window(window)), lambda: self.seconds)
        self.sessions = SqliteSessions(self.records)
        self.reconciliation = Reconciliation(self.gate, self.records, self.sessions)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stack.aclose()

    @contextlib.asynccontextmanager
    async def talk(self, name: str = "s1", call: Call = RECONCILE) -> AsyncIterator[Talk]:
        """A stream that has opened a session."""
        async with self.reconciliation.sit(call, name) as sitting:
            talk = Talk(sitting, call)
            async with contextlib.aclosing(talk.came):
                yield talk


def statement_of(answer: Answer) -> ReconciledChunk:
    """What was signed."""
    return ReconciledChunk.FromString(answer.receipt.statement.value)


def items_of(answer: Answer) -> list[ReconciledRecord]:
    """What became of each record."""
    return [ReconciledRecord.FromString(item) for item in answer.items]


def verdicts(answer: Answer) -> Sequence[int]:
    """Of each record."""
    return [int(item.verdict) for item in items_of(answer)]
