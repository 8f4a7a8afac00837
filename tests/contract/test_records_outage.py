"""The PostgreSQL of the records goes away and comes back: no answers, then answers again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import pytest

from gateway.core.errors import Unavailable
from gateway.store.errors import StoreError
from gateway.store.postgres.making import create_postgres_records, read_postgres_origin
from gateway.store.postgres.records import PostgresRecords, open_postgres_records
from tests.support.postgres_outage import Outage, own_server
from tests.support.record_stores import audited
from tests.support.records import certify, check_committed, entries
from tests.support.scene import ORIGIN


@pytest.fixture
def outage() -> Iterator[Outage]:
    """A server that can be stopped."""
    try:
        with own_server() as server:
            yield server
    except LookupError as reason:
        pytest.skip(str(reason))


async def commit(records: PostgresRecords, number: int) -> None:
    """Three more entries; the proofs hold."""
    sent = entries(number, number + 3)
    check_committed(await records.commit(sent, certify), sent)


async def refuses(records: PostgresRecords) -> None:
    """Nothing is answered, and nothing hangs."""
    async with asyncio.timeout(10):
        for call in (
            commit(records, 900),
            records.checkpoint(),
            records.prove(0),
            records.pseudonym_key("2026-03"),
            records.usage("2026-03-04", "2026-03-04"),
        ):
            with pytest.raises(Unavailable) as caught:
                await call
            assert caught.value.reason == "RECORD_STORE_UNAVAILABLE"


async def test_no_server_no_answers_and_it_recovers_by_itself(outage: Outage) -> None:
    """Opened before or meanwhile, idle or in the middle of commits; acknowledged is stored."""
    url = outage.cluster.create_database()
    create_postgres_records(url, ORIGIN, certify)
    acknowledged = 0

    async def go_on(records: PostgresRecords) -> None:
        nonlocal acknowledged
        while True:
            await commit(records, 1000 + acknowledged)
            acknowledged += 3

    async with open_postgres_records(url) as busy, open_postgres_records(url) as idle:
        await commit(idle, 0)
        key = await idle.pseudonym_key("2026-03")
        under_way = asyncio.create_task(go_on(busy))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(outage.stop)
        with pytest.raises(Unavailable):
            await under_way
        async with open_postgres_records(url) as late:
            for records in (busy, idle, late):
                await refuses(records)
            with pytest.raises(StoreError, match="postgresql:///test_1: "):
                read_postgres_origin(url)
            await asyncio.to_thread(outage.start)
            for number, records in enumerate((busy, idle, late)):
                await commit(records, 10 + 10 * number)
                assert await records.pseudonym_key("2026-03") == key
    report = audited(url)
    assert report.findings == []
    # what was at work when it went: unknown to the caller, whole or not there
    assert report.leaves - acknowledged - 4 * 3 in (0, 3)


async def test_closing_does_not_wait_for_a_server_that_is_away(outage: Outage) -> None:
    """A gateway can be stopped."""
    url = outage.cluster.create_database()
    create_postgres_records(url, ORIGIN, certify)
    async with asyncio.timeout(10):
        async with open_postgres_records(url) as records:
            await commit(records, 0)
            await asyncio.to_thread(outage.stop)
            with contextlib.suppress(Unavailable):
                await records.checkpoint()
