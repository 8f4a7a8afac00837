"""Stores that fail while the gateway runs: no record, no answer, and recovery by itself."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from gateway.store import sqlite, tables
from tests.rpc.gateways import audited
from tests.rpc.raw import VERIFY, Failure, RawClient, failure_of, verify_request

CHECKPOINT = "/dancu.v1.EvidenceService/GetCheckpoint"
GOOD = verify_request().SerializeToString()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record store that waits for a lock for 50 ms instead of 5 s."""
    configure = tables.configure

    def configured(db: sqlite3.Connection) -> None:
        configure(db)
        db.execute("PRAGMA busy_timeout = 50")

    monkeypatch.setattr(sqlite, "configure", configured)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process writes to the database and does not come to an end."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextlib.contextmanager
def refusing(path: Path) -> Iterator[None]:
    """The last write of each commit fails."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(
            "CREATE TRIGGER refusing BEFORE INSERT ON usage BEGIN SELECT raise(ABORT, 'no'); END"
        )
        yield
        other.execute("DROP TRIGGER refusing")


@contextlib.contextmanager
def overwritten(path: Path) -> Iterator[None]:
    """The file's content is gone for a while, as on a failing disk."""
    content = path.read_bytes()
    path.write_bytes(b"\xff" * len(content))
    yield
    path.write_bytes(content)


async def failed(raw: RawClient) -> Failure:
    """A call that must fail."""
    return await failure_of(raw.send(VERIFY, GOOD))


@pytest.mark.parametrize("outage", [locked, refusing])
async def test_no_record_no_answer(
    impatient: None, raw: RawClient, data_dir: Path, outage: type
) -> None:
    """While records cannot be written there are no answers; afterwards there are again."""
    await raw.verify()
    with outage(data_dir / "gateway.db"):
        failures = await asyncio.gather(*(failed(raw) for _ in range(20)))
    for failure in failures:
        assert failure.code is grpc.StatusCode.UNAVAILABLE
        assert failure.reason == "RECORD_STORE_UNAVAILABLE"
        assert failure.retry_after == 1.0
    await raw.verify()
    report = audited(data_dir)
    assert (report.leaves, report.findings) == (2, [])


async def test_a_lost_record_store_is_not_begun_anew(
    impatient: None, raw: RawClient, data_dir: Path
) -> None:
    """When gateway.db is moved away no new log takes its place; moved back, all goes on."""
    await raw.verify()
    path = data_dir / "gateway.db"
    with locked(path):  # makes the gateway drop its connection
        await failed(raw)
    away = path.rename(path.with_suffix(".away"))
    for method, request in ((VERIFY, GOOD), (CHECKPOINT, b"")):
        failure = await failure_of(raw.send(method, request))
        assert failure.reason == "RECORD_STORE_UNAVAILABLE"
    assert not path.exists()
    away.rename(path)
    await raw.verify()


async def test_a_failing_register(raw: RawClient, data_dir: Path) -> None:
    """While the register cannot be read there are no answers and no records; then there are."""
    await raw.verify()
    with overwritten(data_dir / "population.db"):
        failures = await asyncio.gather(*(failed(raw) for _ in range(10)))
    for failure in failures:
        assert failure.code is grpc.StatusCode.UNAVAILABLE
        assert (failure.reason, failure.retry_after) == ("REGISTER_UNAVAILABLE", 1.0)
    await raw.verify()
    assert audited(data_dir).leaves == 2


async def test_another_gateway_that_holds_the_lock(raw: RawClient, data_dir: Path) -> None:
    """While another process holds the log's lock, calls wait; then they are answered."""
    with (data_dir / "gateway.db.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        calls = [asyncio.ensure_future(raw.verify()) for _ in range(5)]
        await asyncio.sleep(0.2)
        assert not any(call.done() for call in calls)
        fcntl.flock(lock, fcntl.LOCK_UN)
        await asyncio.gather(*calls)
