"""Every finding of an audit can be provoked, and is called by its name."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.core.access import pack, unpack
from gateway.core.ledger import Tree, grow, leaf_hash
from gateway.store.audit import audit
from gateway.store.sqlite import create_records, open_records
from tests.support.records import (
    audited,
    certify,
    data_of,
    entries,
    is_signed,
    names,
    query,
    size_and_root,
)
from tests.support.scene import CONTEXT, NOW, ORIGIN, REVISION

WINDOWS = (3, 1, 5, 300, 2)
LEAVES = sum(WINDOWS)

# what somebody does to the file, and what the audit calls it
CHANGES = [
    ("UPDATE window SET accesses = zeroblob(length(accesses)) WHERE first = 3",
     {"ACCESS_ROOT", "USAGE"}),
    ("UPDATE window SET accesses = substr(accesses, 1, length(accesses) - 21) WHERE first = 3",
     {"ACCESS_ROOT", "USAGE"}),
    ("UPDATE window SET accesses = accesses || zeroblob(21) WHERE first = 3",
     {"ACCESS_ROOT", "USAGE"}),
    ("UPDATE window SET accesses = accesses || accesses WHERE first = 3",
     {"ACCESS_ROOT", "USAGE"}),
    ("UPDATE window SET accesses = x'' WHERE first = 309", {"ACCESS_ROOT", "USAGE"}),
    ("UPDATE window SET accesses = 5 WHERE first = 309", {"ACCESS_ROOT", "USAGE"}),
    ("UPDATE window SET accesses = 'text' WHERE first = 309", {"ACCESS_ROOT", "USAGE"}),
    ("UPDATE window SET leaves = zeroblob(64) WHERE first = 3", {"ACCESS_ROOT", "HEAD", "TILE"}),
    ("UPDATE window SET leaves = cast(zeroblob(32) || substr(leaves, 33) AS BLOB) WHERE first = 3",
     {"HEAD", "TILE"}),
    ("UPDATE window SET leaves = zeroblob(63) WHERE first = 3", {"CONTIGUOUS"}),
    ("UPDATE window SET leaves = x'' WHERE first = 3", {"CONTIGUOUS"}),
    ("UPDATE window SET leaves = 5 WHERE first = 3", {"FILE_INTACT"}),
    ("UPDATE window SET first = 1000 WHERE first = 309", {"CONTIGUOUS"}),
    ("UPDATE window SET first = -1 WHERE first = 0", {"CONTIGUOUS"}),
    ("DELETE FROM window WHERE first = 3", {"CONTIGUOUS"}),
    ("DELETE FROM window WHERE first = 0", {"CONTIGUOUS"}),
    ("DELETE FROM window WHERE first = 309", {"HEAD", "USAGE"}),
    ("DELETE FROM window", {"HEAD", "TILE", "USAGE"}),
    ("UPDATE head SET size = 310", {"HEAD"}),
    ("UPDATE head SET root = zeroblob(32)", {"HEAD"}),
    ("UPDATE head SET peaks = zeroblob(length(peaks))", {"HEAD"}),
    ("UPDATE head SET checkpoint = replace(checkpoint, '311', '312')", {"HEAD"}),
    ("UPDATE head SET checkpoint = substr(checkpoint, 1, length(checkpoint) - 8)", {"HEAD"}),
    ("UPDATE head SET checkpoint = ''", {"HEAD"}),
    ("UPDATE head SET revision = revision - 1", {"HEAD"}),
    ("UPDATE head SET checkpoint = x'05'", {"FILE_INTACT"}),
    ("UPDATE meta SET value = 'another log' WHERE key = 'origin'", {"HEAD"}),
    ("UPDATE tile SET hashes = zeroblob(length(hashes))", {"TILE"}),
    ("UPDATE tile SET root = zeroblob(32)", {"TILE"}),
    ("UPDATE tile SET number = 1", {"TILE"}),
    ("DELETE FROM tile", {"TILE"}),
    ("INSERT INTO tile SELECT level, 1, root, hashes FROM tile", {"TILE"}),
    ("INSERT INTO tile SELECT 1, number, root, hashes FROM tile", {"TILE"}),
    ("DROP TABLE pseudonym_key", {"FILE_INTACT"}),
    ("CREATE TRIGGER t AFTER INSERT ON window BEGIN DELETE FROM usage; END", {"FILE_INTACT"}),
    ("UPDATE usage SET answers = answers + 1", {"USAGE"}),
    ("UPDATE usage SET records = records - 1", {"USAGE"}),
    ("UPDATE usage SET caller = 'full'", {"USAGE"}),
    ("UPDATE usage SET day = '2026-03-05'", {"USAGE"}),
    ("DELETE FROM usage", {"USAGE"}),
    ("INSERT INTO usage VALUES ('2026-03-04', 'full', 'p', 'r', 1, 1, 1)", {"USAGE"}),
]  # fmt: skip


async def write(path: Path) -> dict[int, bytes]:
    """Commit a few windows and one tile; the root at the end of each window."""
    held = {0: Tree().root}
    async with open_records(path) as records:
        for size in WINDOWS:
            first = max(held)
            committed = await records.commit(entries(first, first + size), certify)
            held.update([size_and_root(committed.checkpoint)])
    return held


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, bytes]]:
    """A record store, closed, made once, and every checkpoint that it made."""
    path = tmp_path_factory.mktemp("records") / "gateway.db"
    create_records(path, ORIGIN, certify)
    return path, asyncio.run(write(path))


@pytest.fixture
def path(written: tuple[Path, dict[int, bytes]], tmp_path: Path) -> Path:
    """A store that a test may spoil."""
    return Path(shutil.copy(written[0], tmp_path / "gateway.db"))


@pytest.fixture
def held(written: tuple[Path, dict[int, bytes]]) -> dict[int, bytes]:
    """Root by size, of every checkpoint that the log made."""
    return written[1]


def test_a_sound_store_has_no_finding(path: Path, held: dict[int, bytes]) -> None:
    """With every checkpoint that it ever made, held by somebody."""
    report = audited(path, held)
    assert report.findings == []
    assert (report.origin, report.leaves, report.accesses) == (ORIGIN, LEAVES, LEAVES)
    assert (report.leaves, report.root) == size_and_root(report.checkpoint)


@pytest.mark.parametrize(("sql", "found"), CHANGES, ids=[sql for sql, _ in CHANGES])
def test_a_change_is_named(path: Path, sql: str, found: set[str]) -> None:
    """By one edit behind the gateway's back."""
    query(path, sql)
    assert names(audited(path)) == found


def changed_row(path: Path, first: int, **changes: Any) -> None:
    """Change what one window touched, in the first of its calls, and store it as the log would."""
    ((stored,),) = query(path, f"SELECT accesses FROM window WHERE first = {first}")  # noqa: S608 - a number
    (call, rows), *others = unpack(stored)
    if "subject" in changes or "outcome" in changes or "fields" in changes:
        rows = (rows[0]._replace(**changes), *rows[1:])
    elif "rows" in changes:
        rows = rows * changes["rows"]
    else:
        call = call._replace(**changes)
    packed = b"".join(pack(*one) for one in ((call, rows), *others)).hex()
    query(path, f"UPDATE window SET accesses = x'{packed}' WHERE first = {first}")  # noqa: S608 - our own bytes


def same_id_in_every_process(value: dict[str, Any] | set[str]) -> str:
    """A set's own text differs from process to process, and tests are spread over several."""
    return "+".join(sorted(value)) if isinstance(value, set) else str(value)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"subject": b"x" * 16}, {"ACCESS_ROOT"}),
        ({"outcome": 2}, {"ACCESS_ROOT", "USAGE"}),  # verified is charged, too
        ({"fields": 0}, {"ACCESS_ROOT"}),
        ({"rows": 0}, {"ACCESS_ROOT", "USAGE"}),  # the row is gone
        ({"rows": 2}, {"ACCESS_ROOT", "USAGE"}),  # one more
        ({"at": NOW + timedelta(seconds=1)}, {"ACCESS_ROOT"}),
        ({"at": NOW + timedelta(days=1)}, {"ACCESS_ROOT", "USAGE"}),
        ({"caller": "full"}, {"ACCESS_ROOT", "USAGE"}),
        ({"rpc": "another"}, {"ACCESS_ROOT", "USAGE"}),
        ({"context": CONTEXT._replace(officer_id="another")}, {"ACCESS_ROOT"}),
        ({"context": CONTEXT._replace(procedure_code="another")}, {"ACCESS_ROOT", "USAGE"}),
        ({"register_revision": REVISION - 1}, {"ACCESS_ROOT"}),
        ({"register_revision": REVISION + 1}, {"ACCESS_ROOT", "HEAD", "REGISTER_BEHIND_LEDGER"}),
    ],
    ids=same_id_in_every_process,
)
@pytest.mark.parametrize("first", [0, 3, 9, 309])
def test_a_changed_access_row_is_named(
    path: Path, first: int, changes: dict[str, Any], found: set[str]
) -> None:
    """Well-formed and only not true: whom a call touched, who asked, and why."""
    changed_row(path, first, **changes)
    report = audited(path)
    assert names(report) == found
    assert f"the access rows of leaf {first} were changed" in [
        one.message for one in report.findings
    ]


def test_a_log_cut_short_cannot_be_signed(path: Path, held: dict[int, bytes]) -> None:
    """A forger with the file but without the key: only the checkpoint does not fit."""
    peaks = b"".join(grow(Tree(), [leaf_hash(data_of(one)) for one in entries(0, 309)]).tree.peaks)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM window WHERE first = 309")
        db.execute("UPDATE usage SET answers = 309, records = 309, verified = 309")
        db.execute("UPDATE head SET size = 309, root = ?, peaks = ?", (held[309], peaks))
    report = audited(path)
    assert [one.message for one in report.findings] == ["the stored checkpoint is not of the head"]


def test_a_log_set_back_is_noticed_by_who_holds_a_checkpoint(
    path: Path, held: dict[int, bytes]
) -> None:
    """An old backup, with its own signed checkpoint, holds by itself."""
    peaks = grow(Tree(), [leaf_hash(data_of(one)) for one in entries(0, 309)]).tree.peaks
    old = Tree(309, peaks)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM window WHERE first = 309")
        db.execute("UPDATE usage SET answers = 309, records = 309, verified = 309")
        row = (old.size, old.root, b"".join(peaks), certify(old))
        db.execute("UPDATE head SET size = ?, root = ?, peaks = ?, checkpoint = ?", row)
    assert names(audited(path, {309: held[309]})) == set()
    assert names(audited(path, held)) == {"CHECKPOINT"}


def test_a_checkpoint_of_another_log_is_not_the_logs_own(path: Path) -> None:
    """Signed by another key: the head does not count."""
    report = audit(
        path,
        checkpoints={},
        register_revision=None,
        is_signed=lambda _note: False,
        progress=lambda _done, _total: None,
    )
    assert names(report) == {"HEAD"}


@pytest.mark.parametrize("size", [0, 3, 9, LEAVES])
def test_a_held_checkpoint_with_another_root_is_a_fork(path: Path, size: int) -> None:
    """Somebody was shown another log: at its beginning, on its way, at its end."""
    report = audited(path, {size: b"x" * 32})
    assert names(report) == {"CHECKPOINT"}
    assert f"size {size} has another root" in report.findings[0].message


@pytest.mark.parametrize("size", [2, 8, LEAVES + 1, 10**9])
def test_a_held_checkpoint_that_was_never_made_is_named(path: Path, size: int) -> None:
    """Within a window, or of leaves that are gone: an old backup was restored."""
    report = audited(path, {size: b"x" * 32})
    assert names(report) == {"CHECKPOINT"}
    assert f"size {size} was ever made" in report.findings[0].message


@pytest.mark.parametrize(
    ("revision", "found"),
    [
        (REVISION + 1, set()),
        (REVISION, set()),
        (REVISION - 1, {"REGISTER_BEHIND_LEDGER"}),
        (None, set()),  # no register to compare with
    ],
)
def test_a_register_behind_the_log_is_named(
    path: Path, revision: int | None, found: set[str]
) -> None:
    """It was restored from an older backup than the log."""
    assert names(audited(path, revision=revision)) == found


def test_a_damaged_page_is_named(path: Path) -> None:
    """Damage that SQLite itself sees."""
    raw = bytearray(path.read_bytes())
    ((page,),) = query(path, "SELECT rootpage FROM sqlite_master WHERE name = 'pseudonym_key'")
    raw[(page - 1) * 4096 + 5] ^= 1  # where the content of this page begins
    path.write_bytes(raw)
    assert names(audited(path)) == {"FILE_INTACT"}


def test_a_store_in_use_is_seen_at_one_moment(path: Path) -> None:
    """What is written while the audit runs is not half seen."""
    grew = []

    def grow_meanwhile(_done: int, _total: int) -> None:
        query(path, "UPDATE usage SET answers = answers + 1")
        grew.append(1)

    report = audit(
        path,
        checkpoints={},
        register_revision=None,
        is_signed=is_signed,
        progress=grow_meanwhile,
    )
    assert grew
    assert report.findings == []
    assert names(audited(path)) == {"USAGE"}


def test_an_empty_log_holds(tmp_path: Path) -> None:
    """Nothing yet, and nothing wrong."""
    create_records(tmp_path / "new.db", ORIGIN, certify)
    report = audited(tmp_path / "new.db", {0: Tree().root})
    assert (report.leaves, report.root, report.findings) == (0, Tree().root, [])
