"""Changes told from a register in memory to those who follow them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest

from dancu.v1 import statement_pb2
from gateway.core.change_query import Filter, Question
from gateway.core.errors import CallError
from gateway.core.model import Call
from gateway.core.policy import Grant
from gateway.core.pool import Quota
from gateway.flows.admission import Gate, open_gate
from gateway.flows.changes import Changes, Told
from gateway.flows.moment import Receipt
from gateway.flows.watching import Watching
from gateway.flows.window import Window, open_window
from tests.support.history import FIRST, MemoryRegister
from tests.support.lists import MemoryLists
from tests.support.policies import policy
from tests.support.records import authorize
from tests.support.scene import CONTEXT, NOW
from tests.support.stores import FakeRecords

GRANTED = frozenset({"personal_id", "name", "sex"})
WATCH_RPC, LIST_RPC = "dancu.v1.SyncService/WatchChanges", "dancu.v1.SyncService/ListChanges"
PEOPLE = 20


@dataclass
class House:
    """Changes told from a register in memory."""

    register: MemoryRegister
    records: FakeRecords
    gate: Gate
    lists: MemoryLists
    changes: Changes

    def watch(
        self, start: int = FIRST, caller: str = "plain", **asked: object
    ) -> AsyncGenerator[Told]:
        """A stream; ``asked`` are parts of the question."""
        question = replace_question(start, asked)
        return self.changes.watch(lambda: call_of(WATCH_RPC, caller), question)

    async def list(
        self, start: int = 0, size: int = 0, token: str = "", caller: str = "plain", **asked: object
    ) -> tuple[statement_pb2.ChangeBatch, str]:
        """A page, read."""
        question = replace_question(start, asked)
        receipt, after = await self.changes.list_changes(
            call_of(LIST_RPC, caller), question, size, token
        )
        return read(receipt), after


def replace_question(start: int, asked: dict[str, object]) -> Question:
    """A question with these parts."""
    return Question(start, Filter(), ())._replace(**asked)  # type: ignore[arg-type]


def call_of(rpc: str, caller: str = "plain") -> Call:
    """A call of the tests."""
    return Call(caller, rpc, CONTEXT, bytes(range(32)))


def read(receipt: Receipt | None) -> statement_pb2.ChangeBatch:
    """What was signed."""
    assert receipt is not None
    return statement_pb2.ChangeBatch.FromString(receipt.statement.value)


def revisions(batch: statement_pb2.ChangeBatch) -> list[int]:
    """Of a batch's changes."""
    return [one.revision for one in batch.changes]


async def take(stream: AsyncGenerator[Told], count: int) -> list[int]:
    """The revisions of the first so many changes, and no progress marks."""
    found: list[int] = []
    async with asyncio.timeout(5), aclosing(stream):
        async for told in stream:
            found += revisions(read(told.receipt)) if told.receipt else []
            if len(found) >= count:
                return found
    raise AssertionError("the stream ended")


async def refusal(awaitable: object) -> CallError:
    """How a call, or the first message of a stream, fails."""
    with pytest.raises(CallError) as caught:
        await awaitable  # type: ignore[misc]
    return caught.value


@asynccontextmanager
async def settled(**quotas: Quota) -> AsyncIterator[House]:
    """A house of twenty people of whom nothing has changed yet; ``quotas`` are of callers."""
    register, records, lists = MemoryRegister(), FakeRecords(), MemoryLists()
    register.settle(PEOPLE)
    grants = {"plain": Grant(GRANTED), "silent": Grant(frozenset()), "limited": Grant(GRANTED)}
    rules = policy({(caller, "*"): quota for caller, quota in quotas.items()}, **grants)
    window = Window(register, records, authorize, lambda: NOW)
    gate = Gate(rules, window, NOW.timestamp)
    async with open_window(window), open_gate(gate):
        watching = Watching(lists, register, register)
        yield House(register, records, gate, lists, Changes(gate, register, watching))
