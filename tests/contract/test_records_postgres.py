"""What the records in PostgreSQL survive: broken connections, a server that is away, rivals.

Whatever happens, what was acknowledged is there afterwards, once; nothing is half-done, and the
next commit works.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import chain
from pathlib import Path

import asyncpg
import pytest

from gateway.core.errors import Unavailable
from gateway.flows.ports import Committed, Records
from gateway.store.postgres import database, partitions
from gateway.store.postgres.making import read_postgres_logged_revision
from gateway.store.postgres.records import PostgresRecords, open_postgres_records
from gateway.store.postgres.sessions import PostgresSessions
from gateway.store.postgres.waiting import waiting
from tests.support.acknowledged import Acknowledged, logged_at
from tests.support.faults import Faults
from tests.support.kept_answers import Answers
from tests.support.postgres import Cluster
from tests.support.postgres_faults import broken, inject_postgres
from tests.support.record_stores import audited, query
from tests.support.records import certify, check_committed, entries, entry, size_and_root
from tests.support.scene import REVISION

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(postgres: Cluster, empty_records_url: str) -> Iterator[str]:
    """A database with empty records."""
    with postgres.database(empty_records_url) as made:
        yield made


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What goes wrong with the connections that are opened from now on."""
    with inject_postgres(told := Faults(broken)):
        yield told


@pytest.fixture
async def records(faults: Faults, url: str) -> AsyncIterator[PostgresRecords]:
    """Records whose connections obey ``faults``."""
    async with open_postgres_records(url) as opened:
        yield opened


async def test_every_statement_of_a_commit_may_break_the_connection(
    records: PostgresRecords, url: str, faults: Faults
) -> None:
    """Unavailable and nothing half-done; but what came in with COMMIT is acknowledged."""
    sent = Acknowledged(records)
    await sent.commit()
    faults.disarm()
    await sent.commit(2)
    steps = list(faults.executed)
    assert len(steps) == 4
    assert steps[-1] == "COMMIT;"
    for step in range(2 * len(steps)):
        await sent.commit()
        size = len(sent.stored)
        faults.arm(step // 2, after=step % 2 == 1)
        if step == 2 * len(steps) - 1:  # after COMMIT: the head was asked, and it is there
            await sent.commit(2)
        else:
            with pytest.raises(Unavailable) as caught:
                await sent.commit(2)
            assert caught.value.reason == "RECORD_STORE_UNAVAILABLE"
        faults.disarm()
        assert size_and_root(await records.checkpoint())[0] == len(sent.stored)
        assert len(sent.stored) == size + 2 * (step == 2 * len(steps) - 1)
    await sent.check(url)
    assert audited(url).leaves == len(sent.stored)


async def test_answers_are_kept_with_their_leaf_and_their_session_or_not_at_all(
    records: PostgresRecords, url: str, faults: Faults
) -> None:
    """Whatever statement breaks the connection; and sent again they are there."""
    answers = Answers(records, PostgresSessions(records))
    await answers.commit(await answers.pair())
    first = await answers.pair()
    faults.disarm()
    await records.commit(first, certify)
    answers.sent += 1
    steps = len(faults.executed)
    assert (steps, faults.executed[-1]) == (9, "COMMIT;")
    outcomes = []
    for step in range(2 * steps):
        await records.commit([entry(step)], certify)  # on a connection that is made
        pair = await answers.pair()
        faults.arm(step // 2, after=step % 2 == 1)
        with contextlib.suppress(Unavailable):
            await records.commit(pair, certify)
        faults.disarm()
        outcomes.append(await answers.check(pair))
        await answers.commit(pair)
    report = audited(url)
    assert (report.leaves, report.findings) == (2 * answers.sent + 2 * steps, [])
    assert outcomes == [False] * (2 * steps - 1) + [True]  # an error after COMMIT: it is there


async def test_every_statement_of_an_opening_may_break_the_connection(
    url: str, faults: Faults
) -> None:
    """The call that needed the connection fails, and the next one opens another."""
    async with open_postgres_records(url) as records:
        await records.commit([entry(0)], certify)
    steps = len(faults.executed)
    assert steps > 6
    for step in range(2 * steps):
        async with open_postgres_records(url) as records:
            sent = Acknowledged(records)
            sent.number = 100 * step + 1
            faults.arm(step // 2, after=step % 2 == 1)
            with contextlib.suppress(Unavailable):
                await sent.commit()
            faults.disarm()
            await sent.commit()
            assert logged_at(url)[max(sent.stored)] == entry(sent.number - 1).statement_digest
    assert audited(url).findings == []


async def test_connections_that_are_cut_off_lose_nothing(postgres: Cluster, url: str) -> None:
    """An operator's, a failover's or a network's doing, in the middle of any commit."""

    async def cut() -> None:
        for _ in range(8):
            await asyncio.sleep(0.03)
            await asyncio.to_thread(postgres.cut_off, url)

    async with open_postgres_records(url) as one, open_postgres_records(url) as other:
        sent = [Acknowledged(one), Acknowledged(other)]
        sent[1].number = 100_000
        cutting = asyncio.create_task(cut())
        while not cutting.done():
            both = (each.commit(3) for each in sent)
            await asyncio.gather(*both, return_exceptions=True)
        await cutting
        for each in sent:
            await each.commit_as_long_as_it_fails()
            await each.check(url)
    logged = logged_at(url)
    assert len(set(logged)) == len(logged)


async def test_a_writer_that_ignores_the_lock_is_noticed(
    records: PostgresRecords, url: str
) -> None:
    """The head moved after it was read: the last fence, and nothing is stored."""
    sent = Acknowledged(records)
    await sent.commit()
    query(url, "ALTER TABLE head RENAME TO real")
    query(url, "CREATE VIEW head AS SELECT id, size + 0 AS size, root, peaks, checkpoint, revision "
               "FROM real WHERE id = 1")  # fmt: skip
    query(url, "CREATE RULE lost AS ON UPDATE TO head DO INSTEAD UPDATE real SET size = real.size "
               "WHERE false RETURNING real.*")  # fmt: skip
    with pytest.raises(Unavailable):
        await sent.commit()
    query(url, "DROP VIEW head")
    query(url, "ALTER TABLE real RENAME TO head")
    await sent.commit_as_long_as_it_fails()
    await sent.check(url)
    assert audited(url).leaves == 2


async def test_a_gateway_that_hangs_with_the_lock_hangs_nobody(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server takes the lock from it, and its window never comes in."""
    settings = database.SETTINGS | {"idle_in_transaction_session_timeout": "300ms"}
    monkeypatch.setattr(database, "SETTINGS", settings)
    hung = await asyncpg.connect(url, server_settings=settings)
    await hung.execute("BEGIN")
    await hung.execute("UPDATE gateway.head SET revision = 9")
    async with open_postgres_records(url) as records:
        committed = await records.commit([entry(0)], certify)
        check_committed(committed, [entry(0)])
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await hung.execute("COMMIT")
    assert read_postgres_logged_revision(url) == REVISION


async def test_a_lock_that_is_never_given_back_is_waited_for_no_longer_than_said(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit gives up, and works when the lock is free."""
    monkeypatch.setattr(database, "SETTINGS", database.SETTINGS | {"lock_timeout": "100ms"})
    other = await asyncpg.connect(url)
    async with open_postgres_records(url) as records:
        async with other.transaction():
            await other.execute("SELECT FROM gateway.head FOR UPDATE")
            with pytest.raises(Unavailable):
                await records.commit([entry(0)], certify)
        assert (await records.commit([entry(0)], certify)).first_index == 0
    await other.close()


@pytest.mark.parametrize("lost", [1, 3])
async def test_a_server_that_lacks_acknowledged_leaves_is_not_gone_on_with(
    postgres: Cluster, url: str, lost: int
) -> None:
    """A standby took over that had not got all: going on would fork the log."""
    async with open_postgres_records(url) as records:
        await records.commit(entries(0, 2), certify)
        with postgres.database(await copied(postgres, url)) as backup:
            for number in range(lost):
                await records.commit([entry(10 + number)], certify)
            restore(url, backup)
        for _ in range(2):  # shorter than it was, and then as long and longer, but another
            postgres.cut_off(url)
            with pytest.raises(Unavailable):
                await records.commit([entry(20)], certify)
            async with open_postgres_records(url) as other:  # which knows of nothing
                await other.commit(entries(30, 33), certify)


async def copied(postgres: Cluster, url: str) -> str:
    """A copy of a database that is in use, whose connections are cut for it."""
    postgres.cut_off(url)
    return postgres.create_database(url)


def restore(url: str, backup: str) -> None:
    """Put the log of a database back to what it is in another."""
    (head,) = query(backup, "SELECT size, root, peaks, checkpoint FROM head")
    with waiting(url) as store:
        move = "UPDATE gateway.head SET (size, root, peaks, checkpoint) = ($1, $2, $3, $4)"
        store.rows(move, *head)
        store.rows("DELETE FROM gateway.window WHERE first >= $1", head[0])


async def test_the_log_goes_on_from_partition_to_partition(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made ahead, by whichever gateway, also while somebody reads the whole log."""
    monkeypatch.setattr(partitions, "LEAVES", 100)
    query(url, 'DROP TABLE "window_0"')
    query(url, 'CREATE TABLE "window_0" PARTITION OF "window" FOR VALUES FROM (0) TO (100)')
    reader = await asyncpg.connect(url)
    async with reader.transaction():
        await reader.fetch("SELECT * FROM gateway.window")
        async with open_postgres_records(url) as one, open_postgres_records(url) as other:
            for number in range(0, 700, 70):
                store = other if number % 140 else one
                sent = entries(number, number + 70)
                check_committed(await store.commit(sent, certify), sent)
    await reader.close()
    assert audited(url).leaves == 700
    assert not audited(url).findings
    parts = query(
        url, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'gateway.window'::regclass"
    )
    assert parts == [(8,)]


async def test_two_gateways_make_one_tree_and_one_account(url: str) -> None:
    """Windows of both, all proofs hold, and the day's charges are of both."""

    async def commit(store: Records, first: int) -> list[Committed]:
        sent = [entries(number, number + 5) for number in range(first, first + 100, 5)]
        done = [await store.commit(one, certify) for one in sent]
        for one, committed in zip(sent, done, strict=True):
            check_committed(committed, one)
        return done

    async with open_postgres_records(url) as one, open_postgres_records(url) as other:
        done = list(chain(*await asyncio.gather(commit(one, 0), commit(other, 1000))))
        (charged,) = await one.usage("2000-01-01", "2100-01-01")
    firsts = sorted(committed.first_index for committed in done)
    assert firsts == list(range(0, 200, 5))
    assert charged.answers == 200


def test_a_killed_process_leaves_nothing_half_done(url: str, tmp_path: Path) -> None:
    """Killed before and after every statement of a commit."""
    told = tmp_path / "acknowledged"
    run = [sys.executable, "-m", "tests.support.killed", url, str(told)]
    killed = subprocess.run(run, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    assert int(killed.stdout) == 8  # twice: BEGIN, lock, append, COMMIT
    acknowledged = [int(number) for number in told.read_text().split()]
    assert len(acknowledged) > int(killed.stdout)
    assert audited(url).findings == []
    logged = logged_at(url)
    assert len(set(logged)) == len(logged)
    assert {entry(number).statement_digest for number in acknowledged} <= set(logged)


async def test_one_of_two_gateways_is_killed_under_load(url: str) -> None:
    """The other goes on at once; each answer that either gave out is in the log, once."""
    command = [sys.executable, "-m", "tests.support.telling", url, "100000"]
    other = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert other.stdout is not None
    told = [await other.stdout.readline() for _ in range(20)]
    async with open_postgres_records(url) as records:
        ours = Acknowledged(records)
        for _ in range(20):
            await ours.commit(3)
        other.kill()
        for _ in range(20):
            await ours.commit(3)
        told += (await other.stdout.read()).splitlines(keepends=True)
        await other.wait()
        await ours.check(url)
    logged = logged_at(url)
    assert len(set(logged)) == len(logged)
    numbers = [int(line) for line in told if line.endswith(b"\n")]
    assert len(numbers) >= 20
    assert {entry(number).statement_digest for number in numbers} <= set(logged)
