"""What is left of a record store after kill -9 and bit rot, and what an audit says of it."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.errors import StoreError
from gateway.store.sqlite import create_records, open_records, read_origin
from tests.support.records import (
    LEAVES,
    audited,
    by,
    certify,
    contents,
    entries,
    entry,
    names,
    query,
)
from tests.support.scene import ORIGIN

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new record store."""
    create_records(tmp_path / "gateway.db", ORIGIN, certify)
    return tmp_path / "gateway.db"


def test_a_killed_process_leaves_nothing_half_done(path: Path, tmp_path: Path) -> None:
    """Killed before and after every statement of a commit."""
    told = tmp_path / "acknowledged"
    run = [sys.executable, "-m", "tests.support.killed", str(path), str(told)]
    killed = subprocess.run(run, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    assert int(killed.stdout) >= 12  # twice: lock, head, window, move, usage, COMMIT
    report = audited(path)
    assert report.findings == []
    acknowledged = [int(number) for number in told.read_text().split()]
    assert len(acknowledged) > int(killed.stdout)
    stored = b"".join(blob for (blob,) in query(path, LEAVES))
    for number in acknowledged:
        assert entry(number).statement_digest in stored


def flips(size: int) -> Iterator[tuple[int, int]]:
    """Positions and bits, spread over a file: its header, and every few hundred bytes."""
    step = 569  # prime, so that all parts of pages are met
    yield from ((at, 1 << at % 8) for at in range(0, 120, 5))
    yield from ((at, 1 << at % 8) for at in range(120, size, step))


async def fill(path: Path) -> None:
    """Five windows by two callers."""
    async with open_records(path) as records:
        for first in range(0, 40, 8):
            window = [*entries(first, first + 7), entry(first + 7, common=by("full"))]
            await records.commit(window, certify)


def test_a_flipped_bit_is_found_or_changes_nothing(path: Path) -> None:
    """The audit names it, or the file is refused; else every row still reads the same."""
    asyncio.run(fill(path))
    good, before = path.read_bytes(), contents(path)
    found = 0
    for at, bit in flips(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ bit]) + good[at + 1 :])
        try:
            if audited(path).findings:
                found += 1
                continue
        except StoreError:
            found += 1
            continue
        assert contents(path) == before, f"bit {bit} of byte {at} went unnoticed"
    assert found > 25
    path.write_bytes(good)
    assert not audited(path).findings


@pytest.mark.parametrize(
    "content",
    [b"", b"no database", b"SQLite format 3\0" + bytes(5000)],
    ids=["empty", "text", "cut"],
)
def test_what_is_no_record_store_is_refused_by_name(path: Path, content: bytes) -> None:
    """One line that says what to do."""
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"gateway\.db is damaged or no record store"):
        read_origin(path)


def test_another_schema_version_is_refused(path: Path) -> None:
    """It may mean something else by the same tables."""
    query(path, "UPDATE meta SET value = '2' WHERE key = 'schema_version'")
    with pytest.raises(StoreError, match="has schema version 2, this dancu reads 1"):
        read_origin(path)


def test_a_store_that_cannot_be_made_is_told_by_name(path: Path, tmp_path: Path) -> None:
    """And leaves nothing under its name."""
    with pytest.raises(StoreError, match="cannot write"):
        create_records(tmp_path / "nowhere" / "gateway.db", ORIGIN, certify)

    def refuse(_tree: object) -> str:
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(StoreError, match="cannot write"):
        create_records(tmp_path / "new.db", ORIGIN, refuse)
    assert not (tmp_path / "new.db").exists()
    assert not names(audited(path))
