"""What goes on beside the calls: receipts that are missing are made, waiting numbers confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from dancu.v1 import population_event_pb2 as pb
from gateway.core.errors import Unavailable
from gateway.flows import event_keeping
from gateway.flows.event_keeping import ON_THEIR_WAY, PAGE
from gateway.store.sqlite import SqliteRecords
from tests.support.records import query
from tests.support.reports import House, failing_commit, record, working_house
from tests.support.scene import NOW


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house at work, whose plain caller may report everything."""
    async with working_house(tmp_path / "gateway.db") as made:
        yield made


async def test_a_start_makes_the_receipts_that_are_missing(house: House) -> None:
    """For reports and annulments, once; the same request then finds it."""
    await house.submit("E-1")
    await house.submit("E-2")
    await house.annul("BD-1")
    leaves = len(house.logged())
    query(house.path, "DELETE FROM kept WHERE request <> 'E-2'")
    keeping = house.keeping()
    assert await keeping.catch_up() == 3
    assert len(house.logged()) == leaves + 2
    assert await keeping.catch_up() == 0
    assert record(await house.submit("E-1")).state == pb.EVENT_STATE_ANNULLED
    assert record(await house.annul("BD-1")).annulled_by == "BD-3"
    assert len(house.logged()) == leaves + 2


async def test_a_long_history_is_not_read_again(house: House) -> None:
    """The mark moves page by page, and survives."""
    for at in range(PAGE + 1):
        await house.submit(f"E-{at:04}")
    house.taken.applied = [
        replace(one, event_id=f"BD-{at:04}") for at, one in enumerate(house.taken.applied)
    ]
    assert await house.keeping().catch_up() == PAGE + 1
    assert await house.keeping().catch_up() == 0
    assert house.taken.pages == ["", f"BD-{PAGE - 1:04}", f"BD-{PAGE:04}"]


async def test_events_on_their_way_are_left_alone(house: House) -> None:
    """A sweep makes up only for what is older than any call takes."""
    await house.submit()
    house.forget_receipts()
    assert await house.keeping().catch_up(NOW) == 0
    assert await house.keeping().catch_up(NOW + ON_THEIR_WAY) == 1
    assert len(house.logged()) == 2


async def test_an_event_without_its_request_stops_nobody(house: House) -> None:
    """It is logged; the others get their receipts."""
    for request_id in ("E-1", "E-2"):
        await house.submit(request_id)
    house.taken.applied[0] = replace(house.taken.applied[0], original=b"{}")
    house.forget_receipts()
    await house.keeping().catch_up()
    assert [row[0] for row in query(house.path, "SELECT request FROM kept")] == ["E-2"]


async def test_a_sweep_makes_up_for_a_log_that_failed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself, without a restart, once the stores answer again; waiting numbers are confirmed."""
    monkeypatch.setattr(event_keeping, "SWEEP_SECONDS", 0.01)
    await house.submit("E-0")
    await house.keeping().catch_up()
    with monkeypatch.context() as patched:
        patched.setattr(SqliteRecords, "commit", failing_commit)
        with pytest.raises(Unavailable):
            await house.submit("E-1")
    house.now[0] = NOW + 2 * ON_THEIR_WAY
    house.taken.down = True
    sweeping = asyncio.create_task(house.keeping().run())
    await asyncio.sleep(0.05)
    assert len(house.logged()) == 1
    house.taken.down = False
    for _ in range(200):
        await asyncio.sleep(0.01)
        if len(house.logged()) == 2:
            break
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    assert [row[0] for row in query(house.path, "SELECT request FROM kept")] == ["E-0", "E-1"]
    assert house.taken.confirmed_before[0] == house.now[0]


async def test_a_register_without_events_is_not_written_to(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Confirming numbers would open it for writing."""
    monkeypatch.setattr(event_keeping, "SWEEP_SECONDS", 0.01)
    sweeping = asyncio.create_task(house.keeping().run())
    await asyncio.sleep(0.1)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    assert house.taken.confirmed_before == []
    assert len(house.taken.pages) > 1
