"""A session of chunks under a client that loses streams and a gateway that fails and restarts.

The model knows what was sent and what came back. Whatever happens in between: every chunk has one
answer, each time the same; the answers are chained; a number is a duplicate exactly when it came
before in the session; what was charged is what was answered; and the log holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.core.errors import Conflict, Obstructed, Unavailable
from gateway.core.reconciled import NO_STATEMENT
from gateway.flows.ports import Certify, Committed, Entry
from gateway.flows.reconcile_chunk import Answer, Chunk
from tests.support.records import audited, names, query
from tests.support.sessions import House, Talk, chunk, items_of, row, statement_of, verdicts

_T = TypeVar("_T")

POSITIONS = st.lists(st.integers(0, 30), min_size=1, max_size=6)
BURSTS = st.lists(POSITIONS, min_size=1, max_size=4)
DUPLICATE = 3


class SessionMachine(RuleBasedStateMachine):
    """One session, its gateway, and a client that remembers everything."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.house: House | None = None
        self.stack = contextlib.AsyncExitStack()
        self.talk: Talk | None = None
        self.sent: list[Chunk] = []  # in order; the last ones perhaps without an answer
        self.answers: list[Answer] = []
        self.closed = False

    @initialize()
    def start(self) -> None:
        """A gateway with an empty log."""
        house = House.new(self.folder / "gateway.db")
        self.house = self.run(house.__aenter__())

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Let the gateway and its client work."""
        return self.runner.run(work)

    @property
    def gateway(self) -> House:
        """The gateway that runs."""
        assert self.house is not None
        return self.house

    # -- what a client does --

    @precondition(lambda self: self.talk is None)
    @rule()
    def connect(self) -> None:
        """Open the session; what was sent without an answer is answered, or was never taken."""
        self.run(self._connect())

    @precondition(lambda self: self.talk and not self.closed)
    @rule(burst=BURSTS)
    def send(self, burst: list[list[int]]) -> None:
        """Send chunks at once and read their answers."""
        self.run(self._send(self._next_chunks(burst)))

    @precondition(lambda self: self.talk and not self.closed)
    @rule(burst=BURSTS, turns=st.integers(0, 12))
    def send_and_go(self, burst: list[list[int]], turns: int) -> None:
        """Send chunks, and lose the stream at some moment."""
        self.run(self._send_and_go(self._next_chunks(burst), turns))

    @precondition(lambda self: self.talk and not self.closed)
    @rule(burst=BURSTS, recorded=st.booleans())
    def send_while_the_store_fails(self, burst: list[list[int]], *, recorded: bool) -> None:
        """The first commit fails, before or after it took effect."""
        self.run(self._send_in_vain(self._next_chunks(burst), recorded=recorded))

    @precondition(lambda self: self.talk and self.answers)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """Any answered chunk: the same bytes."""
        number = data.draw(st.integers(0, len(self.answers) - 1))
        assert self.run(self._talk().answer(self.sent[number])) == self.answers[number]

    @precondition(lambda self: self.talk and self.answers)
    @rule(data=st.data(), positions=POSITIONS)
    def send_changed(self, data: st.DataObject, positions: list[int]) -> None:
        """An answered number with other records is refused, and ends the stream."""
        number = data.draw(st.integers(0, len(self.answers) - 1))
        changed = chunk(number, [row(one, key="changed") for one in positions])
        with pytest.raises(Conflict):
            self.run(self._talk().answer(changed))
        self.run(self._leave())

    @precondition(lambda self: self.talk)
    @rule(gap=st.integers(1, 5))
    def skip(self, gap: int) -> None:
        """A chunk that leaves others out is refused, and ends the stream."""
        with pytest.raises(Obstructed):
            self.run(self._talk().answer(chunk(len(self.answers) + gap, [row(2)])))
        self.run(self._leave())

    @precondition(lambda self: self.talk)
    @rule()
    def open_elsewhere(self) -> None:
        """Another stream takes over, and tells where the session stands."""
        old, self.stack = self.stack, contextlib.AsyncExitStack()
        self.run(self._connect())
        self.run(old.aclose())

    @precondition(lambda self: self.talk and not self.closed and self.answers)
    @rule()
    def close(self) -> None:
        """Close the session."""
        closed = self.run(self._talk().close())
        assert closed.chunk_count == len(self.answers)
        assert closed.record_count == sum(len(one.records) for one in self.sent)
        self.closed = True
        self.run(self._leave())

    @rule()
    def restart(self) -> None:
        """Stop the gateway and start it again."""
        self.run(self._restart())

    # -- what must hold --

    @invariant()
    def answers_are_chained(self) -> None:
        """Each names the one before."""
        previous = NO_STATEMENT
        for number, answer in enumerate(self.answers):
            said = statement_of(answer)
            assert (said.chunk_number, said.previous_digest) == (number, previous)
            previous = answer.receipt.statement.digest

    @invariant()
    def records_have_their_verdicts(self) -> None:
        """Even positions are known; a number is a duplicate when it came before."""
        before: set[str] = set()
        for sent, answer in zip(self.sent, self.answers, strict=False):
            known = [1 if int(one.claim.personal_id) % 2 == 0 else 3 for one in sent.records]
            assert verdicts(answer) == known
            for record, item in zip(sent.records, items_of(answer), strict=True):
                assert (DUPLICATE in item.flags) == (record.claim.personal_id in before)
                before.add(record.claim.personal_id)

    def teardown(self) -> None:
        """Everything that was acknowledged is there, once."""
        if self.house is not None:
            self.run(self._leave())
            self.run(self._connect())
            for sent, answer in zip(self.sent, self.answers, strict=True):
                assert self.run(self._talk().answer(sent)) == answer
            self.run(self._leave())
            self.run(self.gateway.__aexit__())
            path = self.gateway.path
            assert names(audited(path)) == set()
            ((answers, records),) = query(path, "SELECT sum(answers), sum(records) FROM usage")
            charged = (len(self.answers), sum(len(one.items) for one in self.answers))
            assert (answers or 0, records or 0) == charged
        self.runner.close()
        shutil.rmtree(self.folder)

    # -- how it is done --

    def _talk(self) -> Talk:
        assert self.talk is not None
        return self.talk

    def _next_chunks(self, burst: list[list[int]]) -> list[Chunk]:
        first = len(self.sent)
        made = [
            chunk(first + number, [row(one, key=f"{first + number}-{one}") for one in positions])
            for number, positions in enumerate(burst)
        ]
        self.sent += made
        return made

    async def _connect(self) -> None:
        self.talk = await self.stack.enter_async_context(self.gateway.talk())
        session = self.talk.sitting.session
        assert len(self.answers) <= session.next_chunk <= len(self.sent)
        assert (session.closed is not None) == self.closed
        del self.sent[session.next_chunk :]
        assert session.record_count == sum(len(one.records) for one in self.sent)
        for number in range(len(self.answers), session.next_chunk):
            self.answers.append(await self.talk.answer(self.sent[number]))

    async def _leave(self) -> None:
        await self.stack.aclose()
        self.talk = None

    async def _send(self, chunks: Sequence[Chunk]) -> None:
        talk = self._talk()
        talk.send(*chunks)
        for _ in chunks:
            self.answers.append(await talk.answer())

    async def _send_and_go(self, chunks: Sequence[Chunk], turns: int) -> None:
        talk = self._talk()
        talk.send(*chunks)
        reading = asyncio.create_task(talk.next())
        for _ in range(turns):
            await asyncio.sleep(0.0003)
        reading.cancel()
        await asyncio.wait([reading])
        await self._leave()

    async def _send_in_vain(self, chunks: Sequence[Chunk], *, recorded: bool) -> None:
        records = self.gateway.records
        commit = records.commit

        async def fail(entries: Sequence[Entry], certify: Certify, _limits: object) -> Committed:
            if recorded:
                await commit(entries, certify)
            raise Unavailable("RECORD_STORE_UNAVAILABLE", "down", "down")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(records, "commit", fail)
            with pytest.raises(Unavailable):
                await self._send(chunks)
            await self._talk().sitting.settle()
        await self._leave()

    async def _restart(self) -> None:
        await self._leave()
        await self.gateway.__aexit__()
        self.house = await House(self.gateway.path).__aenter__()


TestSession = SessionMachine.TestCase
TestSession.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
