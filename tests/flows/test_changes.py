"""Following changes: in order, without gap or duplicate, and only what is granted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from dancu.v1 import change_pb2, citizen_pb2
from gateway.core.change_query import Filter
from gateway.core.errors import MalformedRequest, OutOfRange, QuotaExceeded, Refused
from gateway.core.policy import Grant
from gateway.core.pool import Quota
from gateway.flows import changes
from gateway.flows.changes import Told
from mock_population_db.changes import ChangeKind
from mock_population_db.stored import StoredResidence
from tests.support.following import GRANTED, House, read, refusal, revisions, settled, take
from tests.support.history import FIRST, number_of
from tests.support.policies import policy
from tests.support.scene import NOW


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Twenty people of whom nothing has changed yet."""
    async with settled() as made:
        yield made


async def test_changes_come_in_order_and_all(house: House) -> None:
    """Past ones in batches, then those that happen while the stream waits."""
    house.register.change_many(1_203)
    stream = house.watch()
    taken = asyncio.create_task(take(stream, 1_206))
    await asyncio.sleep(0.05)
    for _ in range(3):
        house.register.change_many(1)
        await asyncio.sleep(0.01)
    assert await taken == list(range(FIRST, FIRST + 1_206))


@pytest.mark.parametrize("size", [1, 3, 30])
async def test_every_cut_can_be_resumed(
    house: House, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """From the last revision seen + 1, wherever the stream was cut: no gap, no duplicate."""
    monkeypatch.setattr(changes, "BATCH", size)
    house.register.change_many(30)
    everything = list(range(FIRST, FIRST + 30))
    for cut in range(size, 30, size):
        seen = await take(house.watch(), cut)
        assert seen == everything[:cut]
        assert seen + await take(house.watch(seen[-1] + 1), 30 - cut) == everything


async def test_only_what_is_granted_is_shown(house: House) -> None:
    """PRESENT, NOT_RECORDED or WITHHELD for each changed field; the paths are always told."""
    fields = ("name", "other_names", "sex", "blood_type", "phone")
    house.register.change(number_of(1), fields=fields)
    told = await anext(house.watch(paths=()))
    (change,) = read(told.receipt).changes
    assert list(change.paths) == list(fields)
    assert {one.path: one.status for one in change.fields} == {
        "name": citizen_pb2.FIELD_STATUS_PRESENT,
        "other_names": citizen_pb2.FIELD_STATUS_WITHHELD,
        "sex": citizen_pb2.FIELD_STATUS_PRESENT,
        "blood_type": citizen_pb2.FIELD_STATUS_WITHHELD,
        "phone": citizen_pb2.FIELD_STATUS_WITHHELD,
    }
    assert (change.citizen.name.full, change.citizen.phone) == ("Lê Văn An", "")
    ((entry,),) = house.records.commits
    assert [row.fields for row in entry.rows] == [0b100100]


async def test_a_read_mask_narrows(house: House) -> None:
    """Only the changed fields that were asked for; one that is not granted is refused."""
    house.register.change(number_of(1), fields=("name", "sex"))
    (change,) = read((await anext(house.watch(paths=("sex", "personal_id")))).receipt).changes
    assert [one.path for one in change.fields] == ["sex"]
    assert not change.citizen.HasField("name")
    refused = await refusal(anext(house.watch(paths=("phone",))))
    assert (refused.reason, isinstance(refused, Refused)) == ("FIELD_NOT_GRANTED", True)


async def test_who_may_see_nothing_learns_what_happened_to_whom(house: House) -> None:
    """A grant without fields shows kind and number, and reads nobody's record."""
    house.register.change(number_of(1))
    (change,) = read((await anext(house.watch(caller="silent"))).receipt).changes
    assert (change.personal_id, change.kind) == (number_of(1), change_pb2.CHANGE_KIND_CORRECTION)
    assert not change.citizen.ListFields()


async def test_a_person_is_recorded_once_a_batch(house: House) -> None:
    """One access row a person, with all fields shown of them, and so many records charged."""
    for fields in (("name",), ("sex",), ("phone",)):
        house.register.change(number_of(1), fields=fields)
    house.register.change(number_of(2), fields=("sex",))
    await anext(house.watch())
    ((entry,),) = house.records.commits
    assert sorted(row.fields for row in entry.rows) == [0b100000, 0b100100]


async def test_values_are_those_of_the_statement(house: House) -> None:
    """Not of the change: a later one follows with the same values."""
    house.register.change(number_of(1))
    house.register.change_many(1)
    batch = read((await anext(house.watch())).receipt)
    assert batch.header.register_revision == batch.through_revision == house.register.head
    assert len({one.citizen.SerializeToString() for one in batch.changes}) == 1


async def test_an_event_is_named_to_who_reported_it(house: House) -> None:
    """And to nobody else."""
    house.register.change(number_of(1), reporter="plain")
    house.register.change(number_of(1), reporter="other")
    batch = read((await anext(house.watch())).receipt)
    assert [one.event_id for one in batch.changes] == [f"event-{FIRST}", ""]


async def test_a_withdrawn_record_has_no_citizen(house: House) -> None:
    """The change says that it is gone, and the earlier ones show nothing of it any more."""
    house.register.change(number_of(1))
    house.register.withdraw(number_of(1))
    batch = read((await anext(house.watch())).receipt)
    assert [one.HasField("citizen") for one in batch.changes] == [False, False]
    gone = batch.changes[1]
    assert gone.kind == change_pb2.CHANGE_KIND_WITHDRAWN
    assert {one.status for one in gone.fields} == {citizen_pb2.FIELD_STATUS_NOT_RECORDED}


async def test_a_renumbered_person_is_shown_as_it_is_now(house: House) -> None:
    """Under the old number in earlier changes, with the values at the new one."""
    house.register.change(number_of(1))
    house.register.renumber(number_of(1), number_of(91))
    batch = read((await anext(house.watch())).receipt)
    assert [one.personal_id for one in batch.changes] == [number_of(1), number_of(91)]
    assert batch.changes[1].former_personal_id == number_of(1)
    assert batch.changes[1].citizen.personal_id == number_of(91)
    ((entry,),) = house.records.commits
    assert len(entry.rows) == 1


async def test_renumbered_between_the_two_reads(house: House) -> None:
    """The page is found anew; nobody's neighbour is shown."""
    house.register.change(number_of(2))

    def renumber() -> None:
        house.register.before_read = lambda: None
        house.register.renumber(number_of(2), number_of(92))

    house.register.before_read = renumber
    assert await take(house.watch(), 2) == [FIRST, FIRST + 1]
    assert len(house.records.commits) == 2


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Filter(), [0, 1, 2, 3]),
        (Filter(kinds=(ChangeKind.DEATH,)), [1, 3]),
        (Filter(communes=("00004",)), [0, 1]),
        (Filter(provinces=("26",)), [2, 3]),
        (Filter(provinces=("26", "00"), kinds=(ChangeKind.CORRECTION,)), [0, 2]),
        (Filter(communes=("99999",)), []),
    ],
)
@pytest.mark.parametrize("when", ["before", "while it waits"])
async def test_filters(house: House, asked: Filter, expected: Sequence[int], when: str) -> None:
    """Each part that is given must agree, for past changes and for those that are waited for."""

    def happen() -> None:
        for commune in ("00004", "26734"):
            house.register.change(number_of(1), commune=commune)
            house.register.change(number_of(2), ChangeKind.DEATH, commune=commune)

    if when == "before":
        happen()
    stream = house.watch(filter=asked, progress=1.0)
    first = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.02)
    if when != "before":
        happen()
    told = await first
    found = revisions(read(told.receipt)) if told.receipt else []
    assert [one - FIRST for one in found] == list(expected)
    assert told.through == house.register.head
    await stream.aclose()


async def test_progress_is_told_while_nothing_happens(house: House) -> None:
    """A mark says up to where all was sent, also past what the filter leaves out."""
    stream = house.watch(filter=Filter(kinds=(ChangeKind.DEATH,)), progress=1.0)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.02)
    house.register.change_many(3)
    assert await waiting == Told(None, house.register.head)
    await stream.aclose()


async def test_from_now_on_begins_with_where_now_is(house: House) -> None:
    """Whoever is cut off before the first change knows where to go on."""
    house.register.change_many(4)
    stream = house.watch(0)
    assert await anext(stream) == Told(None, house.register.head)
    house.register.change_many(1)
    assert revisions(read((await anext(stream)).receipt)) == [house.register.head]
    await stream.aclose()


async def test_too_old_and_not_reached(house: House) -> None:
    """OUT_OF_RANGE with the revision that matters."""
    house.register.change_many(9)
    house.register.compacted = 5
    old = await refusal(anext(house.watch(5)))
    assert isinstance(old, OutOfRange)
    assert (old.reason, old.told) == ("REVISION_COMPACTED", {"compacted_revision": "5"})
    assert "5" in old.message_en
    early = await refusal(anext(house.watch(house.register.head + 2)))
    assert isinstance(early, OutOfRange)
    assert (early.reason, early.told) == (
        "REVISION_NOT_REACHED",
        {"register_revision": str(house.register.head)},
    )
    assert (await take(house.watch(6), 1))[0] == 6
    batch, _ = await house.list()
    assert batch.start_revision == 6


async def test_compacted_while_the_reader_was_slow(house: House) -> None:
    """What it has not taken yet is gone, and it is told so; nothing is left out in silence."""
    house.register.change_many(changes.BATCH + 10)
    stream = house.watch()
    await anext(stream)
    house.register.compacted = house.register.head - 2
    assert (await refusal(anext(stream))).reason == "REVISION_COMPACTED"


async def test_a_revoked_grant_ends_a_stream(house: House) -> None:
    """Before the next batch, and without one at the next progress mark; the refusal is recorded."""
    house.register.change_many(1)
    busy, idle = house.watch(), house.watch(house.register.head + 1, progress=1.0)
    await anext(busy)
    waiting = asyncio.create_task(anext(idle))
    await asyncio.sleep(0.02)
    house.gate.adopt(policy(other=Grant(GRANTED)))
    assert (await refusal(waiting)).reason == "CALLER_NOT_GRANTED"
    house.register.change_many(1)
    assert (await refusal(anext(busy))).reason == "CALLER_NOT_GRANTED"
    assert len(house.records.commits) == 3


async def test_who_may_not_ask_learns_nothing(house: House) -> None:
    """Not even whether a revision is kept."""
    house.register.compacted = 5
    refused = await refusal(anext(house.watch(1, caller="stranger")))
    assert refused.reason == "CALLER_NOT_GRANTED"
    assert house.register.searches == []


async def test_nothing_is_read_ahead(house: House) -> None:
    """A reader that takes nothing costs one page, however much happens."""
    house.register.change_many(3 * changes.BATCH)
    stream = house.watch()
    await anext(stream)
    searches = len(house.register.searches)
    house.register.change_many(100)
    await asyncio.sleep(0.02)
    assert len(house.register.searches) == searches == 1
    await stream.aclose()


async def test_a_hundred_readers_share_the_wait_and_the_read(house: House) -> None:
    """A change costs one question to the register; who does not want it takes no part in it."""
    nobody = Filter(communes=("99999",))
    streams = [house.watch(0, filter=nobody) for _ in range(100)]
    for stream in streams:
        await anext(stream)
    waiting = [asyncio.create_task(anext(stream)) for stream in streams]
    await asyncio.sleep(0.02)
    house.register.searches.clear()
    house.register.change_many(1)
    await asyncio.sleep(0.02)
    assert len(house.register.searches) == 1
    assert house.records.commits == []
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for stream in streams:
        await stream.aclose()


async def test_a_hundred_readers_are_told_by_one_commit(house: House) -> None:
    """Each has a statement of its own, but nobody waits for the next window."""
    streams = [house.watch(0) for _ in range(100)]
    for stream in streams:
        await anext(stream)
    waiting = [asyncio.create_task(anext(stream)) for stream in streams]
    await asyncio.sleep(0.02)
    house.register.change_many(1)
    told = await asyncio.gather(*waiting)
    assert len({one.receipt.statement.digest for one in told if one.receipt}) == 100
    assert [len(entries) for entries in house.records.commits] == [100]
    for stream in streams:
        await stream.aclose()


async def test_what_contradicts_the_schema_ends_the_stream(house: House) -> None:
    """As a register does that is down: the change is neither left out nor told without it."""
    epoch = 77
    broken = StoredResidence(1, 1, None, None, 4, epoch, 1, None, None)
    person = house.register.people[number_of(1)]
    there = replace(person, permanent_residence=broken)  # type: ignore[arg-type]
    house.register.people[number_of(1)] = there
    house.register.change(number_of(1), fields=("permanent_residence",))
    house.gate.adopt(policy(plain=Grant(frozenset({"permanent_residence"}))))
    assert (await refusal(anext(house.watch()))).reason == "REGISTER_UNAVAILABLE"
    assert house.records.commits == []


async def test_a_register_that_is_down_ends_the_stream(house: House) -> None:
    """It is told that nothing was answered, and can go on where it stood."""
    stream = house.watch(0)
    await anext(stream)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.02)
    house.register.down = True
    house.register.change_many(1)
    assert (await refusal(waiting)).reason == "REGISTER_UNAVAILABLE"


async def test_a_quota_is_used_to_its_end() -> None:
    """Batches are as large as it lets through; then it ends the stream and says until when."""
    async with settled(limited=Quota(per_second=1.0, burst=5, per_day=8)) as house:
        house.register.change_many(20)
        stream = house.watch(caller="limited")
        assert len(read((await anext(stream)).receipt).changes) == 5
        error = await refusal(anext(stream))
        assert isinstance(error, QuotaExceeded)
        assert (error.reason, error.retry_after) == ("QUOTA_RATE_EXCEEDED", 3.0)


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({"start": -1}, "REVISION"),
        ({"filter": Filter(provinces=("1",))}, "CODE_FORMAT"),
        ({"filter": Filter(communes=("0000x",))}, "CODE_FORMAT"),
        ({"filter": Filter(communes=("00004",) * 1001)}, "TOO_MANY_CODES"),
        ({"filter": Filter(kinds=(0,))}, "CHANGE_KIND"),
        ({"filter": Filter(kinds=(99,))}, "CHANGE_KIND"),
        ({"progress": 0.5}, "PROGRESS_INTERVAL"),
        ({"progress": 61.0}, "PROGRESS_INTERVAL"),
        ({"since": NOW, "before": NOW}, "TIME_RANGE"),
    ],
)
async def test_malformed(house: House, asked: dict[str, object], rule: str) -> None:
    """Each mistake has its rule."""
    error = await refusal(anext(house.watch(**asked)))  # type: ignore[arg-type]
    assert isinstance(error, MalformedRequest)
    assert {one.rule for one in error.violations} == {rule}
