"""What the record store survives: failing statements, full disks, lost files.

Whatever happens, what was acknowledged is there afterwards, nothing is half-done, and the
next commit works.
"""

from __future__ import annotations

import asyncio
import fcntl
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from gateway.core.errors import Unavailable
from gateway.flows.ports import Records
from gateway.store.errors import StoreError
from gateway.store.sqlite import SqliteRecords, create_records, open_records, read_origin
from tests.support.acknowledged import Acknowledged
from tests.support.disk import files_no_larger_than, size_of_log
from tests.support.faults import Faults, inject
from tests.support.records import audited, certify, entries, entry, query, size_and_root
from tests.support.scene import ORIGIN

PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new record store."""
    folder = tmp_path / "data"
    folder.mkdir()
    create_records(folder / "gateway.db", ORIGIN, certify)
    return folder / "gateway.db"


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What goes wrong with the connections that are opened from now on."""
    with inject(told := Faults()):
        yield told


@pytest.fixture
async def records(faults: Faults, path: Path) -> AsyncIterator[SqliteRecords]:
    """A store whose connections obey ``faults``."""
    async with open_records(path) as opened:
        yield opened


async def fill_to_a_tile(sent: Acknowledged, records: Records) -> None:
    """Go on until two more leaves fill a tile: then a commit takes every kind of statement."""
    size, _ = size_and_root(await records.checkpoint())
    await sent.commit((253 - size) % 256 + 1)


async def test_every_statement_of_a_commit_may_fail(
    records: SqliteRecords, path: Path, faults: Faults
) -> None:
    """Before or after it did its work: Unavailable, nothing half-done, the next commit works."""
    sent = Acknowledged(records)
    await fill_to_a_tile(sent, records)
    faults.disarm()
    await sent.commit(2)
    steps = list(faults.executed)
    assert len(steps) >= 8
    assert steps[-1] == "COMMIT"
    for step in range(2 * len(steps)):
        await fill_to_a_tile(sent, records)
        size, _ = size_and_root(await records.checkpoint())
        faults.arm(step // 2, after=step % 2 == 1)
        with pytest.raises(Unavailable) as caught:
            await sent.commit(2)
        assert caught.value.reason == "RECORD_STORE_UNAVAILABLE"
        faults.disarm()
        stored = step == 2 * len(steps) - 1  # the error came after COMMIT: nobody can know
        assert size_and_root(await records.checkpoint())[0] == size + 2 * stored
        await sent.commit(2)
    await sent.check(path)


async def test_every_statement_of_an_opening_may_fail(path: Path, faults: Faults) -> None:
    """The call that needed the connection fails, and the next one opens another."""
    async with open_records(path) as records:
        await records.checkpoint()
    steps = len(faults.executed) - 1  # the last one reads the head
    assert steps >= 4
    for step in range(2 * steps):
        async with open_records(path) as records:
            faults.arm(step // 2, after=step % 2 == 1)
            with pytest.raises(Unavailable):
                await records.checkpoint()
            faults.disarm()
            assert size_and_root(await records.checkpoint())[0] == 0


async def test_no_lock_no_commit(
    records: SqliteRecords, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that cannot be had is the store's failure like any other."""
    sent = Acknowledged(records)
    await sent.commit()

    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", refuse)
        with pytest.raises(Unavailable):
            await sent.commit()
    await sent.commit()
    await sent.check(path)
    assert audited(path).leaves == 2


async def test_a_lock_that_is_never_given_back_hangs_nobody(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process hangs with the lock: the commit gives up, and works when it is gone."""
    monkeypatch.setattr("gateway.store.locking.LOCK_SECONDS", 0.05)
    async with open_records(path) as records:
        with (path.parent / "gateway.db.lock").open("rb+") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(Unavailable):
                await records.commit([entry(0)], certify)
        assert (await records.commit([entry(0)], certify)).first_index == 0


async def test_a_writer_that_ignores_the_lock_is_noticed(
    records: SqliteRecords, path: Path
) -> None:
    """The head moved after it was read: the last fence, and nothing is stored."""
    sent = Acknowledged(records)
    await sent.commit()
    query(path, "CREATE TRIGGER other BEFORE INSERT ON window BEGIN UPDATE head SET size = 9; END")
    with pytest.raises(Unavailable):
        await sent.commit()
    query(path, "DROP TRIGGER other")
    await sent.commit()
    await sent.check(path)
    assert audited(path).leaves == 2


async def test_a_full_disk_stores_all_or_nothing(
    records: SqliteRecords, path: Path, faults: Faults
) -> None:
    """Acknowledged is stored; and when there is room again, it goes on."""
    sent = Acknowledged(records)
    ((pages,),) = query(path, "PRAGMA page_count")
    faults.pages = pages + 12
    with pytest.raises(Unavailable):
        await sent.commit_for_ever()
    assert sent.stored
    for _ in range(3):  # it stays full
        with pytest.raises(Unavailable):
            await sent.commit(200)
    assert audited(path).leaves == len(sent.stored)
    faults.disarm()
    await sent.commit(200)
    await sent.check(path)


async def test_writes_that_fail_halfway_leave_nothing(path: Path) -> None:
    """At many sizes of the write-ahead log, within its pages and between them."""
    failed = 0
    async with open_records(path) as records:
        sent = Acknowledged(records)
        await sent.commit()
        for more in range(0, 9 * PAGE, 1_777):
            try:
                with files_no_larger_than(size_of_log(path) + more):
                    await sent.commit(20)
            except Unavailable:
                failed += 1
            await sent.commit()
        await sent.check(path)
        assert audited(path).leaves == len(sent.stored)
    assert failed > 3


def move_away(path: Path) -> Callable[[], object]:
    """Take the file; how to bring it back."""
    elsewhere = path.parent.parent / "elsewhere.db"
    path.rename(elsewhere)
    return lambda: elsewhere.rename(path)


def remove(path: Path) -> None:
    """Delete a file that somebody has open."""
    path.unlink()


def is_there(path: Path) -> bool:
    """Whether a file of this name came back."""
    return path.exists()


def move_directory_away(path: Path) -> Callable[[], object]:
    """Take the whole directory; how to bring it back."""
    elsewhere = path.parent.parent / "elsewhere"
    path.parent.rename(elsewhere)
    return lambda: elsewhere.rename(path.parent)


@pytest.mark.parametrize("take", [move_away, move_directory_away])
@pytest.mark.parametrize("opened", [True, False], ids=["opened", "not opened"])
async def test_a_store_that_is_away_answers_nothing_until_it_returns(
    path: Path,
    take: Callable[[Path], Callable[[], object]],
    opened: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Also when the connection could still write to it: nobody would find those records."""
    async with open_records(path) as records:
        sent = Acknowledged(records)
        if opened:
            await sent.commit(3)
        bring_back = take(path)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await sent.commit()
            with pytest.raises(Unavailable):
                await records.checkpoint()
            with pytest.raises(Unavailable):
                await records.prove(0)
            with pytest.raises(Unavailable):
                await records.pseudonym_key("2026-03")
        bring_back()
        await sent.commit(3)
        await sent.check(path)
        assert audited(path).leaves == len(sent.stored)


async def test_a_lost_store_is_not_begun_anew(path: Path) -> None:
    """A new log in its place would hide that the old one is gone."""
    async with open_records(path) as records:
        await records.commit(entries(0, 3), certify)
        remove(path)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await records.commit([entry(3)], certify)
    assert not is_there(path)
    for look in (read_origin, audited):
        with pytest.raises(StoreError, match="there is no record store"):
            look(path)
    assert not is_there(path)


async def test_pseudonym_keys_are_those_of_the_file(path: Path, tmp_path: Path) -> None:
    """A key of a file that was replaced is not used on with the next: it is not stored there."""
    shutil.copy(path, tmp_path / "copy.db")
    async with open_records(path) as records:
        key = await records.pseudonym_key("2026-03")
        shutil.move(tmp_path / "copy.db", path)
        remove(Path(f"{path}-wal"))
        remove(Path(f"{path}-shm"))
        with pytest.raises(Unavailable):
            await records.commit([entry(0)], certify)
        assert await records.pseudonym_key("2026-03") != key
    assert len(query(path, "SELECT * FROM pseudonym_key")) == 1


async def test_calls_that_fail_together_recover_together(
    records: SqliteRecords, path: Path, faults: Faults
) -> None:
    """One error drops the connection under others: they fail too, or were stored."""
    sent = Acknowledged(records)
    await sent.commit()
    faults.arm(3, after=False)
    done = await asyncio.gather(*(sent.commit() for _ in range(6)), return_exceptions=True)
    assert {type(one) for one in done} <= {type(None), Unavailable}
    assert any(done)
    faults.disarm()
    await sent.commit()
    await sent.check(path)
