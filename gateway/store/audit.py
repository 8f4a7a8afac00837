"""Checks a whole record store against itself: the invariants of docs/design/evidence.md.

Reads ``gateway.db`` from its first leaf to its last, once, in constant memory, and
recomputes everything that can be recomputed.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway.core.access import access_root
from gateway.core.ledger import (
    HASH_SIZE,
    TILE_WIDTH,
    Tree,
    checkpoint_text,
    leaf_data,
    leaf_hash,
    node_hash,
    root_of,
)
from gateway.core.model import Access, AccessCall, Context
from gateway.store.errors import StoreError
from gateway.store.log import ENTRY_SIZE, read_head
from gateway.store.sqlite import Account, account_of, read_origin

Progress = Callable[[int, int], None]
"""Called with leaves checked and leaves in all."""

_STEP = 5_000  # leaves between two calls of Progress
# what values of the wrong type, length or range raise further on
_DAMAGE = (ValueError, TypeError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold."""

    invariant: str  # stable UPPER_SNAKE name
    message: str


@dataclass(slots=True)
class Report:
    """What an audit saw."""

    origin: str
    leaves: int = 0
    accesses: int = 0
    root: bytes = b""
    checkpoint: str = ""
    findings: list[Finding] = field(default_factory=list)

    def found(self, invariant: str, message: str) -> None:
        """Note something that does not hold."""
        self.findings.append(Finding(invariant, message))


def audit(
    path: Path,
    *,
    checkpoints: Mapping[int, bytes],
    register_revision: int | None,
    is_signed: Callable[[str], bool],
    progress: Progress,
) -> Report:
    """Check a record store that may be in use meanwhile.

    Args:
        path: of ``gateway.db``.
        checkpoints: root by size, of checkpoints that somebody holds.
        register_revision: the register's; None if there is no register to compare with.
        is_signed: whether a checkpoint note carries the log's own signature.
        progress: told how far it is.

    Raises:
        StoreError: the file cannot be read at all.
    """
    report = Report(read_origin(path))
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA query_only = ON")
            db.execute("BEGIN")  # one snapshot, whatever is written meanwhile
            _check_file(db, report)
            _check_log(db, report, checkpoints, is_signed, progress)
            _check_register(db, report, register_revision)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}; restore it from a backup") from error
    except _DAMAGE as error:
        report.found("FILE_INTACT", f"a value is of a kind never written ({type(error).__name__})")
    return report


def _check_file(db: sqlite3.Connection, report: Report) -> None:
    for (line,) in db.execute("PRAGMA quick_check(3)"):
        if line != "ok":
            report.found("FILE_INTACT", str(line))


def _check_log(
    db: sqlite3.Connection,
    report: Report,
    checkpoints: Mapping[int, bytes],
    is_signed: Callable[[str], bool],
    progress: Progress,
) -> None:
    head, report.checkpoint = read_head(db)
    tree = _Grower()
    wanted = dict(checkpoints)
    accesses = _AccessRows(db)
    tiles = _TileCheck(db, report)
    _compare(report, wanted.pop(0, None), tree)
    for first, entries in db.execute("SELECT first, entries FROM leaves ORDER BY first"):
        if first != tree.size or not entries or len(entries) % ENTRY_SIZE:
            report.found("CONTIGUOUS", f"leaf {tree.size} is missing or misplaced")
            return
        for at in range(0, len(entries), ENTRY_SIZE):
            digest, root = entries[at : at + HASH_SIZE], entries[at + HASH_SIZE : at + ENTRY_SIZE]
            if accesses.root_of_leaf(tree.size) != root:
                report.found("ACCESS_ROOT", f"the access rows of leaf {tree.size} were changed")
            leaf = leaf_hash(leaf_data(digest, root))
            tiles.add(leaf)
            tree.add(leaf)
            if tree.size % _STEP == 0:
                progress(tree.size, head.size)
        _compare(report, wanted.pop(tree.size, None), tree)
    report.leaves, report.root, report.accesses = tree.size, tree.tree().root, accesses.count
    _check_usage(db, report, accesses)
    if accesses.left_over():
        report.found("ACCESS_ROOT", "there are access rows without a leaf")
    if tiles.left_over():
        report.found("TILE", "there are tiles beyond the leaves")
    (stored_root,) = db.execute("SELECT root FROM head").fetchone()
    _check_head(report, head, stored_root, tree, is_signed)
    for size in wanted:
        report.found("CHECKPOINT", f"no checkpoint of size {size} was ever made by this log")
    progress(tree.size, head.size)


def _check_head(
    report: Report,
    head: Tree,
    stored_root: bytes,
    tree: _Grower,
    is_signed: Callable[[str], bool],
) -> None:
    if (head.size, head.peaks, stored_root) != (tree.size, tree.tree().peaks, tree.tree().root):
        report.found("HEAD", "the head is not what the leaves add up to")
    if not report.checkpoint.startswith(checkpoint_text(report.origin, head) + "\n"):
        report.found("HEAD", "the stored checkpoint is not of the head")
    elif not is_signed(report.checkpoint):
        report.found("HEAD", "the stored checkpoint is not signed by this log's key")


def _compare(report: Report, held: bytes | None, tree: _Grower) -> None:
    if held is not None and held != tree.tree().root:
        report.found("CHECKPOINT", f"a held checkpoint of size {tree.size} has another root")


def _check_usage(db: sqlite3.Connection, report: Report, accesses: _AccessRows) -> None:
    charged = {row[:4]: row[4:] for row in db.execute("SELECT * FROM usage")}
    logged = {
        account: (answers, accesses.records[account])
        for account, answers in accesses.answers.items()
    }
    for day in sorted({account[0] for account, _ in charged.items() ^ logged.items()}):
        report.found("USAGE", f"what was charged on {day} is not what the log has of that day")


def _check_register(db: sqlite3.Connection, report: Report, revision: int | None) -> None:
    (logged,) = db.execute("SELECT coalesce(max(revision), 0) FROM access_call").fetchone()
    if revision is not None and logged > revision:
        report.found(
            "REGISTER_BEHIND_LEDGER",
            f"the log has seen register revision {logged}, the register is at {revision}: it was "
            "restored from an older backup",
        )


class _Grower:
    """The tree so far, leaf by leaf: amortised one hash a leaf."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        size = self.size
        while size & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            size >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def tree(self) -> Tree:
        return Tree(self.size, tuple(self._peaks))


class _AccessRows:
    """The access rows in the order of their leaves, which is the order of their making."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.count = 0
        self.answers: Counter[Account] = Counter()
        self.records: Counter[Account] = Counter()
        self._calls = db.execute("SELECT * FROM access_call ORDER BY leaf")
        rows = db.execute("SELECT leaf, subject, outcome, fields FROM access ORDER BY rowid")
        self._groups = itertools.groupby(rows, key=lambda row: int(row[0]))
        self._next = next(self._groups, None)

    def root_of_leaf(self, leaf: int) -> bytes | None:
        """The root over the rows of a leaf, or None when it does not even have a call."""
        row = self._calls.fetchone()
        if row is None or row[0] != leaf:
            return None
        call, touched = _access_call(row), list(self._rows(leaf))
        account = account_of(call)
        self.answers[account] += 1
        self.records[account] += len(touched)
        return access_root(call, touched)

    def left_over(self) -> bool:
        """Whether calls or rows are left that no leaf asked for."""
        return self._next is not None or self._calls.fetchone() is not None

    def _rows(self, leaf: int) -> Iterator[Access]:
        if self._next is None or self._next[0] != leaf:
            return
        for _, subject, outcome, fields in self._next[1]:
            self.count += 1
            yield Access(subject, outcome, fields)
        self._next = next(self._groups, None)


def _access_call(row: tuple[object, ...]) -> AccessCall:
    _, at, caller, rpc, *context, revision = row
    return AccessCall(
        datetime.fromisoformat(str(at)),
        str(caller),
        str(rpc),
        Context(*map(str, context)),
        int(str(revision)),
    )


class _TileCheck:
    """Full tiles must hold the leaves' hashes: proofs are made from them."""

    def __init__(self, db: sqlite3.Connection, report: Report) -> None:
        self._report = report
        self._tiles = {
            level: db.execute(
                "SELECT number, root, hashes FROM tile WHERE level = ? ORDER BY number", (level,)
            )
            for (level,) in db.execute("SELECT DISTINCT level FROM tile").fetchall()
        }
        self._pending: dict[int, list[bytes]] = {}

    def add(self, node: bytes, level: int = 0) -> None:
        pending = self._pending.setdefault(level, [])
        pending.append(node)
        if len(pending) < TILE_WIDTH:
            return
        rows = self._tiles.get(level)
        stored = rows.fetchone() if rows else None
        root = root_of(pending)
        if stored is None or stored[1:] != (root, b"".join(pending)):
            self._report.found("TILE", f"a tile of level {level} is missing or was changed")
        pending.clear()
        self.add(root, level + 1)

    def left_over(self) -> bool:
        """Whether there are tiles that the leaves do not fill."""
        return any(rows.fetchone() is not None for rows in self._tiles.values())
