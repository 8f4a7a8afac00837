"""The note of how far the log had grown, and what it is held against."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from gateway.flows.ports import Records
from gateway.store import mark
from gateway.store.errors import StoreError
from gateway.store.mark import Mark, head_at, keeping_mark, read_marks, remember
from gateway.store.sqlite import create_records, open_records
from tests.support.records import certify, entries, query, size_and_root
from tests.support.scene import ORIGIN


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new record store."""
    create_records(tmp_path / "gateway.db", ORIGIN, certify)
    return tmp_path / "gateway.db"


@pytest.fixture
async def records(path: Path) -> AsyncIterator[Records]:
    """The same, opened."""
    async with open_records(path) as opened:
        yield opened


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """Where the mark is kept."""
    return tmp_path / "log.json"


def with_root(checkpoint: str, size: int) -> str:
    """A checkpoint of another size."""
    origin, _, rest = checkpoint.split("\n", 2)
    return f"{origin}\n{size}\n{rest}"


def check(note: Path, records: Path) -> None:
    """Hold a log against the note."""
    mark.check_mark(note, str(records), ORIGIN, partial(head_at, records))


def is_private(path: Path) -> bool:
    """Whether nobody but its owner may read a file."""
    return path.stat().st_mode & 0o077 == 0


async def test_the_largest_head_is_kept(records: Records, note: Path) -> None:
    """By origin, for the owner alone; a smaller one never takes its place."""
    assert read_marks(note) == {}
    first = (await records.commit(entries(0, 3), certify)).checkpoint
    second = (await records.commit(entries(3, 5), certify)).checkpoint
    for checkpoint in (second, first, with_root(second, 4), second.replace(ORIGIN, "other")):
        remember(note, checkpoint)
    size, root = size_and_root(second)
    assert read_marks(note) == {ORIGIN: Mark(size, root), "other": Mark(size, root)}
    assert is_private(note)


@pytest.mark.parametrize("sizes", [(3, 2), (256, 300), (1, 700)])
async def test_a_log_that_only_grew_is_let_in(
    path: Path, records: Records, note: Path, sizes: tuple[int, int]
) -> None:
    """At the head that was noted, and later."""
    first = await records.commit(entries(0, sizes[0]), certify)
    remember(note, first.checkpoint)
    check(note, path)
    await records.commit(entries(sizes[0], sum(sizes)), certify)
    check(note, path)


async def test_an_older_copy_is_refused(path: Path, records: Records, note: Path) -> None:
    """A backup that lacks a leaf, and one that has grown differently since."""
    await records.commit(entries(0, 300), certify)
    backup = Path(shutil.copy(path, path.with_name("backup.db")))
    shutil.copy(f"{path}-wal", f"{backup}-wal")
    remember(note, (await records.commit(entries(300, 303), certify)).checkpoint)
    with pytest.raises(StoreError, match=r"LOG_ROLLED_BACK.*300 leaves, and 303.*new-epoch"):
        check(note, backup)
    async with open_records(backup) as restored:
        await restored.commit(entries(400, 403), certify)
        with pytest.raises(StoreError, match=r"LOG_ROLLED_BACK.*first 303 leaves are not"):
            check(note, backup)
        await restored.commit(entries(403, 1000), certify)
        with pytest.raises(StoreError, match=r"LOG_ROLLED_BACK.*first 303 leaves are not"):
            check(note, backup)
    check(note, path)


async def test_another_log_is_not_compared(path: Path, records: Records, note: Path) -> None:
    """A new epoch begins at nothing."""
    committed = await records.commit(entries(0, 3), certify)
    remember(note, committed.checkpoint.replace(ORIGIN, "other"))
    check(note, path)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"format": 1}', '{"format": 1, "logs": {"a": {"size": "x"}}}']
)
def test_a_damaged_note_is_named(path: Path, note: Path, content: str) -> None:
    """With what to do; it is not taken for none."""
    note.write_text(content)
    with pytest.raises(StoreError, match=r"log\.json is damaged"):
        check(note, path)


def test_a_note_of_another_format(path: Path, note: Path) -> None:
    """Written by a later version."""
    note.write_text('{"format": 2}')
    with pytest.raises(StoreError, match="format 2"):
        check(note, path)


async def test_leaves_that_are_gone(path: Path, records: Records, note: Path) -> None:
    """A head that says the same over other leaves does not help."""
    remember(note, (await records.commit(entries(0, 600), certify)).checkpoint)
    query(path, "DELETE FROM window")
    query(path, "DELETE FROM tile")
    with pytest.raises(StoreError, match="first 600 leaves are not"):
        check(note, path)


async def test_the_head_is_noted_while_running_and_at_the_end(
    records: Records, note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, every interval, and last of all."""
    monkeypatch.setattr(mark, "INTERVAL", 0.05)
    async with keeping_mark(records, note):
        await until(note, 0)
        await records.commit(entries(0, 3), certify)
        await until(note, 3)
        monkeypatch.setattr(mark, "INTERVAL", 60)
        await asyncio.sleep(0.1)
        await records.commit(entries(3, 5), certify)
        assert read_marks(note)[ORIGIN].size == 3
    assert read_marks(note)[ORIGIN].size == 5


async def until(note: Path, size: int) -> None:
    """Wait for a note."""
    async with asyncio.timeout(5):
        while read_marks(note).get(ORIGIN, Mark(-1, b"")).size != size:  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.01)


async def test_a_note_that_cannot_be_written_stops_nothing(
    records: Records, tmp_path: Path
) -> None:
    """Answers do not depend on it."""
    async with keeping_mark(records, tmp_path / "nowhere" / "log.json"):
        committed = await records.commit(entries(0, 1), certify)
    assert committed.first_index == 0
