"""Who asked about whom, found again in the log of whatever store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.access import month_of, pseudonym
from gateway.core.hmac_key import HmacKey
from gateway.core.model import Access
from gateway.core.paging import Page, Position
from gateway.flows.ports import AccessLog, Entry
from gateway.store.errors import StoreError
from tests.support.record_stores import Place, Store, audited, engine_of, opened, query
from tests.support.records import COMMON, certify, entry

ANNA, BERT = "001090000013", "001090000026"
FEBRUARY, MARCH = datetime(2026, 2, 20, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC)
ALL = Page(50, None)


@pytest.fixture
async def records(record_place: Place) -> AsyncIterator[Store]:
    """A new store."""
    async with opened(record_place) as store:
        yield store


@pytest.fixture
def accesses(records: Store, record_place: Place) -> AccessLog:
    """Its access log."""
    return engine_of(record_place).access_log(records, record_place)


async def about(records: Store, number: int, at: datetime, *people: str) -> Entry:
    """An entry of a moment that touches some people, by their pseudonyms of the month."""
    key = HmacKey(await records.pseudonym_key(month_of(at)))
    rows = [Access(pseudonym(key, one), 1, 0) for one in people]
    return entry(number, rows, COMMON._replace(at=at))


async def test_rows_are_found_newest_first_whatever_month_and_number(
    records: Store, accesses: AccessLog
) -> None:
    """Of all months whose keys exist, under every number that the person had."""
    sent = [
        await about(records, 0, FEBRUARY, ANNA, BERT),
        await about(records, 1, FEBRUARY),
        await about(records, 2, MARCH, BERT),
        await about(records, 3, MARCH, BERT, BERT, ANNA),
    ]
    await records.commit(sent[:2], certify)
    await records.commit(sent[2:], certify)
    found = await accesses.accesses([ANNA], ALL)
    assert [tuple(one.position) for one in found.entries] == [(3, 2), (0, 0)]
    assert (found.more, list(found.months), found.log_size) == (False, ["2026-02", "2026-03"], 4)
    first = found.entries[0]
    assert (first.call, list(first.rows)) == (sent[3].call, list(sent[3].rows))
    assert first.statement_digest == sent[3].statement_digest
    both = await accesses.accesses([ANNA, BERT], ALL)
    assert [tuple(one.position) for one in both.entries] == [
        (3, 2), (3, 1), (3, 0), (2, 0), (0, 1), (0, 0),
    ]  # fmt: skip
    assert (await accesses.accesses(["001090000039"], ALL)).entries == []


async def test_pages_follow_each_other(records: Store, accesses: AccessLog) -> None:
    """Without gap or double, also when more is recorded meanwhile."""
    for number in range(7):
        await records.commit([await about(records, number, MARCH, ANNA, ANNA)], certify)
    seen: list[Position] = []
    page = Page(3, None)
    while True:
        found = await accesses.accesses([ANNA], page)
        seen += [one.position for one in found.entries]
        if not found.more:
            break
        page = Page(3, seen[-1])
        await records.commit([await about(records, 100 + len(seen), MARCH, ANNA)], certify)
    assert seen == [Position(leaf, row) for leaf in range(6, -1, -1) for row in (1, 0)]


async def test_what_is_forgotten_is_found_no_more(
    records: Store, accesses: AccessLog, record_place: Place
) -> None:
    """The month's key is gone, the log is whole, and other months are told of as before."""
    await records.commit([await about(records, 0, FEBRUARY, ANNA)], certify)
    await records.commit([await about(records, 1, MARCH, ANNA)], certify)
    assert len((await accesses.accesses([ANNA], ALL)).entries) == 2
    forget = engine_of(record_place).forget
    with pytest.raises(StoreError, match="kept for 24 months"):
        forget(record_place, "2026-03", MARCH)
    later = MARCH + timedelta(days=24 * 31)
    assert forget(record_place, "2026-03", later) == ["2026-02"]
    found = await accesses.accesses([ANNA], ALL)
    assert [one.position.leaf for one in found.entries] == [1]
    assert found.months == ("2026-03",)
    assert query(record_place, "SELECT month FROM pseudonym_key") == [("2026-03",)]
    assert not audited(record_place).findings


async def test_leaves_are_exported_in_order(records: Store, record_place: Place) -> None:
    """Each once, with what it commits to."""
    sent = [entry(number) for number in range(5)]
    await records.commit(sent[:2], certify)
    await records.commit(sent[2:], certify)
    exported = list(engine_of(record_place).export(record_place))
    assert [one["index"] for one in exported] == list(range(5))
    assert len({one["statement_hash"] for one in exported}) == 5
