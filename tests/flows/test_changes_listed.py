"""Changes in pages: all once, in order, under a token that is bound to what was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.core import changes as core_changes
from gateway.core.change_query import Filter
from gateway.core.errors import MalformedRequest
from tests.support.following import House, refusal, revisions, settled, take
from tests.support.history import FIRST
from tests.support.scene import NOW


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Twenty people of whom nothing has changed yet."""
    async with settled() as made:
        yield made


async def test_pages_follow_each_other(house: House) -> None:
    """All changes once, in order; the last page has no token."""
    house.register.change_many(25)
    found, token = [], ""
    while True:
        batch, token = await house.list(size=10, token=token)
        found += revisions(batch)
        if not token:
            break
    assert found == list(range(FIRST, FIRST + 25))
    assert batch.through_revision == house.register.head


async def test_pages_in_a_window_of_time(house: House) -> None:
    """From start_time on, and before end_time."""
    house.register.change_many(10)
    since, before = NOW + timedelta(seconds=FIRST + 2), NOW + timedelta(seconds=FIRST + 5)
    batch, token = await house.list(since=since, before=before)
    assert (revisions(batch), token) == ([FIRST + 2, FIRST + 3, FIRST + 4], "")


async def test_a_token_is_bound_to_its_request(house: House) -> None:
    """With another filter, start, time, mask, caller or procedure it is refused."""
    house.register.change_many(25)
    _, token = await house.list(size=10)
    for other in (
        {"filter": Filter(kinds=(1,))},
        {"start": FIRST},
        {"since": NOW},
        {"paths": ("sex",)},
        {"caller": "silent"},
    ):
        refused = await refusal(house.list(size=10, token=token, **other))
        assert isinstance(refused, MalformedRequest)
        assert [one.rule for one in refused.violations] == ["PAGE_TOKEN"]
    batch, _ = await house.list(size=5, token=token)
    assert revisions(batch) == list(range(FIRST + 10, FIRST + 15))


async def test_an_empty_page_is_signed(house: House) -> None:
    """That nothing happened is an answer; it touches nobody."""
    batch, token = await house.list(start=FIRST)
    assert (revisions(batch), token, batch.through_revision) == ([], "", FIRST - 1)
    ((entry,),) = house.records.commits
    assert entry.rows == []


async def test_a_batch_fits_a_statement(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too much for one goes into the next; through_revision says so."""
    house.register.change_many(50)
    monkeypatch.setattr(core_changes, "MAX_BATCH_BYTES", 1_000)
    batch, token = await house.list(size=50)
    assert 0 < len(batch.changes) < 50
    assert batch.through_revision == batch.changes[-1].revision
    more, _ = await house.list(size=50, token=token)
    assert more.changes[0].revision == batch.through_revision + 1
    assert await take(house.watch(), 50) == list(range(FIRST, FIRST + 50))
