"""The caller's list: verified like any claim, followed through every renumbering."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from dancu.v1 import citizen_pb2, statement_pb2
from gateway.core import watched as core_watched
from gateway.core.change_query import Filter, Question
from gateway.core.errors import CallError, MalformedRequest
from gateway.core.model import Call
from gateway.core.policy import Grant
from gateway.flows.admission import Gate, open_gate
from gateway.flows.changes import Changes
from gateway.flows.ports import WatchLists
from gateway.flows.watched import WatchedCitizens
from gateway.flows.watching import Watching
from gateway.flows.window import Window, open_window
from gateway.store.sqlite import create_records, open_records
from gateway.store.watched import SqliteWatchLists
from mock_population_db.changes import ChangeKind
from tests.support.history import FIRST, MemoryRegister, number_of
from tests.support.lists import MemoryLists
from tests.support.policies import policy
from tests.support.records import authorize, certify
from tests.support.scene import CONTEXT, NOW, ORIGIN, claim
from tests.support.stores import FakeRecords

UPDATE_RPC = "dancu.v1.SyncService/UpdateWatchedCitizens"
ALL = Question(FIRST, Filter(watched_only=True), (), progress=1.0)


@dataclass
class House:
    """Lists, and a register in memory."""

    register: MemoryRegister
    records: FakeRecords
    lists: WatchLists
    watched: WatchedCitizens
    changes: Changes

    async def update(
        self, add: tuple[str, ...] = (), remove: tuple[str, ...] = (), caller: str = "plain"
    ) -> statement_pb2.WatchedCitizens:
        """Change a list; what was signed."""
        claims = [claim(number) for number in add]
        receipt = await self.watched.update(call_of(caller), claims, remove)
        return statement_pb2.WatchedCitizens.FromString(receipt.statement.value)

    async def listed(self, caller: str = "plain") -> list[str]:
        """Who is on a list."""
        return (await self.watched.list_page(call_of(caller), 0, ""))[0]

    async def seen(self, count: int, start: int = FIRST) -> list[int]:
        """The revisions of the first so many changes of those on the list."""
        found: list[int] = []
        stream = self.changes.watch(call_of, ALL._replace(start=start))
        async with asyncio.timeout(5):
            while len(found) < count:
                receipt = (await anext(stream)).receipt
                if receipt is not None:
                    batch = statement_pb2.ChangeBatch.FromString(receipt.statement.value)
                    found += [one.revision for one in batch.changes]
        await stream.aclose()
        return found


def call_of(caller: str = "plain") -> Call:
    """A call of the tests."""
    return Call(caller, UPDATE_RPC, CONTEXT, bytes(range(32)))


async def opened(register: MemoryRegister, lists: WatchLists, stack: AsyncExitStack) -> House:
    """A house around a register and lists."""
    records = FakeRecords()
    window = Window(register, records, authorize, lambda: NOW)
    await stack.enter_async_context(open_window(window))
    fields = frozenset({"personal_id", "sex"})
    rules = policy(plain=Grant(fields), other=Grant(fields))
    gate = Gate(rules, window, NOW.timestamp)
    await stack.enter_async_context(open_gate(gate))
    watching = Watching(lists, register, register)
    watched = WatchedCitizens(gate, watching)
    return House(register, records, lists, watched, Changes(gate, register, watching))


@pytest.fixture
def register() -> MemoryRegister:
    """Nine people."""
    made = MemoryRegister()
    made.settle(9)
    return made


@pytest.fixture
async def house(register: MemoryRegister) -> AsyncIterator[House]:
    """Nobody is on a list yet."""
    async with AsyncExitStack() as stack:
        yield await opened(register, MemoryLists(), stack)


async def test_who_is_verified_is_on_the_list(house: House) -> None:
    """The others are not, and the statement says so for each in order; all are recorded."""
    said = await house.update((number_of(1), number_of(77), number_of(2)))
    yes, no = citizen_pb2.OUTCOME_VERIFIED, citizen_pb2.OUTCOME_NOT_VERIFIED
    assert list(said.added) == [yes, no, yes]
    assert (said.watched_count, said.removed_count) == (2, 0)
    assert await house.listed() == [number_of(1), number_of(2)]
    assert await house.listed("other") == []
    ((entry,),) = house.records.commits
    assert [row.outcome for row in entry.rows] == [1, 2, 1]


async def test_taken_off(house: House) -> None:
    """One that is not on the list is passed over; it touches nobody."""
    await house.update((number_of(1), number_of(2)))
    said = await house.update(remove=(number_of(1), number_of(5)))
    assert (said.removed_count, said.watched_count) == (1, 1)
    assert await house.listed() == [number_of(2)]
    assert house.records.commits[-1][0].rows == []


async def test_only_their_changes_are_told(house: House) -> None:
    """Of past changes and of those that are waited for."""
    await house.update((number_of(2), number_of(3)))
    house.register.change_many(9)
    waiting = asyncio.create_task(house.seen(3))
    await asyncio.sleep(0.02)
    house.register.change(number_of(4))
    last = house.register.change(number_of(3))
    assert await waiting == [FIRST + 1, FIRST + 2, last]


async def test_nobody_on_the_list_is_nobody(house: House) -> None:
    """An empty list does not mean everybody."""
    house.register.change_many(5)
    stream = house.changes.watch(call_of, ALL)
    told = await anext(stream)
    assert (told.receipt, told.through) == (None, house.register.head)
    await stream.aclose()


async def test_renumbered_people_stay_on_the_list(house: House) -> None:
    """Under the new number, in the list and in the feed, also when it is followed late."""
    await house.update((number_of(1),))
    house.register.change(number_of(1))
    house.register.renumber(number_of(1), number_of(41))
    house.register.renumber(number_of(41), number_of(51))
    last = house.register.change(number_of(51))
    assert await house.seen(4) == [FIRST, FIRST + 1, FIRST + 2, last]
    assert await house.listed() == [number_of(51)]
    assert (await house.update(remove=(number_of(51),))).removed_count == 1


async def test_renumbered_while_the_reader_waits(house: House) -> None:
    """The first change under the new number is not missed."""
    await house.update((number_of(1),))
    waiting = asyncio.create_task(house.seen(2))
    await asyncio.sleep(0.02)
    house.register.renumber(number_of(1), number_of(41))
    house.register.change(number_of(41))
    assert await waiting == [FIRST, FIRST + 1]


async def test_an_annulled_renumbering_leads_back(house: House) -> None:
    """The list follows it there and back again."""
    await house.update((number_of(1),))
    house.register.renumber(number_of(1), number_of(41))
    assert await house.listed() == [number_of(41)]
    house.register.people[number_of(1)] = house.register.people.pop(number_of(41))
    house.register.moves = {number_of(41): number_of(1)}
    fields = ("personal_id",)
    house.register.change(number_of(1), ChangeKind.ANNULMENT, fields, former=number_of(41))
    assert await house.listed() == [number_of(1)]


async def test_followed_when_the_history_is_no_longer_kept(house: House) -> None:
    """Then the register is asked where each number led."""
    await house.update((number_of(1), number_of(2)))
    house.register.renumber(number_of(1), number_of(41))
    house.register.change_many(5)
    house.register.compacted = house.register.head - 1
    assert await house.listed() == [number_of(2), number_of(41)]


async def test_a_full_list(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody more gets on it; who is on it already, and taking off, is no matter."""
    monkeypatch.setattr(core_watched, "MAX_WATCHED", 2)
    await house.update((number_of(1), number_of(2)))
    with pytest.raises(CallError) as caught:
        await house.update((number_of(3),))
    assert caught.value.reason == "QUOTA_WATCHED_EXCEEDED"
    assert await house.listed() == [number_of(1), number_of(2)]
    await house.update((number_of(1),))
    await house.update((number_of(3),), remove=(number_of(1),))
    assert await house.listed() == [number_of(2), number_of(3)]


async def test_what_is_not_recorded_is_not_listed(house: House) -> None:
    """The list never holds anybody of whom nothing is recorded."""
    house.records.down = True
    with pytest.raises(CallError):
        await house.update((number_of(1),))
    house.records.down = False
    assert await house.listed() == []


async def test_pages(house: House) -> None:
    """Ascending, each number once; a token is bound to the caller."""
    await house.update(tuple(number_of(index) for index in range(1, 8)))
    found: list[str] = []
    token = ""
    while True:
        page, token = await house.watched.list_page(call_of(), 3, token)
        found += page
        if not token:
            break
        with pytest.raises(MalformedRequest):
            await house.watched.list_page(call_of("other"), 3, token)
    assert found == [number_of(index) for index in range(1, 8)]


async def test_malformed(house: House) -> None:
    """Each claim and number that has the wrong shape is named."""
    with pytest.raises(MalformedRequest) as caught:
        await house.update(("1",), ("2", number_of(3)))
    assert {one.field: one.rule for one in caught.value.violations} == {
        "add[0].personal_id": "PERSONAL_ID_FORMAT",
        "remove[0]": "PERSONAL_ID_FORMAT",
    }
    with pytest.raises(MalformedRequest) as caught:
        await house.update((number_of(1),) * 1001)
    assert {one.rule for one in caught.value.violations} == {"BATCH_SIZE"}


async def test_lists_are_durable(register: MemoryRegister, tmp_path: Path) -> None:
    """Another gateway of the same records sees them, and what the first one changes."""
    path = tmp_path / "gateway.db"
    create_records(path, ORIGIN, certify)
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(open_records(path)) for _ in range(2)]
        one, other = [await opened(register, SqliteWatchLists(store), stack) for store in stores]
        assert await other.listed() == []
        await one.update((number_of(1), number_of(2)))
        register.renumber(number_of(1), number_of(41))
        assert await one.listed() == [number_of(2), number_of(41)]
        await asyncio.sleep(1.01)
        assert await other.listed() == [number_of(2), number_of(41)]
        assert (await other.lists.load("plain")).version == 2
        assert (await other.lists.load("nobody")).numbers == frozenset()


async def test_taken_off_is_gone_from_the_file(register: MemoryRegister, tmp_path: Path) -> None:
    """No number stays behind in the pages of the database."""
    path = tmp_path / "gateway.db"
    create_records(path, ORIGIN, certify)
    number = "079088000001"
    needle = int(number).to_bytes(6, "big")
    async with AsyncExitStack() as stack:
        lists = SqliteWatchLists(await stack.enter_async_context(open_records(path)))
        await lists.change("plain", {number}, set(), FIRST)
    assert needle in path.read_bytes()
    async with AsyncExitStack() as stack:
        lists = SqliteWatchLists(await stack.enter_async_context(open_records(path)))
        await lists.change("plain", set(), {number}, FIRST)
    assert needle not in path.read_bytes()
