"""Checks a whole record store against itself: the invariants of docs/design/evidence.md.

Reads a snapshot from its first leaf to its last, once, in constant memory, and recomputes
everything that can be recomputed. Every store of the records has a snapshot.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gateway.core.access import access_root, unpack
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
from gateway.core.model import Access, AccessCall, Outcome
from gateway.store.audit_events import check_events, check_kept
from gateway.store.errors import StoreError
from gateway.store.log import ENTRY_SIZE
from gateway.store.snapshot import Head, Snapshot
from gateway.store.sqlite_snapshot import open_snapshot
from gateway.store.usage import Account, account_of
from mock_population_db.events import Applied

Progress = Callable[[int, int], None]
"""Called with leaves checked and leaves in all."""

Events = Callable[[], Iterable[Applied]]
"""Events that were submitted; called once what the log holds is settled."""

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


@dataclass(frozen=True, slots=True)
class Expected:
    """What a store is compared with.

    Attributes:
        checkpoints: root by size, of checkpoints that somebody holds.
        register_revision: the register's; None if there is no register to compare with.
        is_signed: whether a checkpoint note carries the log's own signature.
        events: the register's; None if there is no register to compare with.
    """

    checkpoints: Mapping[int, bytes]
    register_revision: int | None
    is_signed: Callable[[str], bool]
    events: Events | None = None


def audit(
    path: Path,
    *,
    checkpoints: Mapping[int, bytes],
    register_revision: int | None,
    is_signed: Callable[[str], bool],
    progress: Progress,
    events: Events | None = None,
) -> Report:
    """Check ``gateway.db``, which may be in use meanwhile; see ``Expected``.

    Raises:
        StoreError: the file cannot be read at all.
    """
    expected = Expected(checkpoints, register_revision, is_signed, events)
    try:
        with open_snapshot(path) as snapshot:
            return audit_snapshot(snapshot, expected, progress)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}; restore it from a backup") from error


def audit_snapshot(snapshot: Snapshot, expected: Expected, progress: Progress) -> Report:
    """Check the records of one moment, and tell how far it is."""
    report = Report(snapshot.origin)
    began = datetime.now(UTC)
    try:
        for damage in snapshot.damages():
            report.found("FILE_INTACT", damage)
        _check_log(snapshot, report, expected, progress)
        check_kept(snapshot, report.found)
        if expected.events is not None:
            check_events(snapshot, report.found, expected.events(), began)
    except _DAMAGE as error:
        report.found("FILE_INTACT", f"a value is of a kind never written ({type(error).__name__})")
    return report


def _check_log(snapshot: Snapshot, report: Report, expected: Expected, progress: Progress) -> None:
    head = snapshot.head()
    report.checkpoint = head.checkpoint
    tree = _Grower()
    wanted = dict(expected.checkpoints)
    accesses = _AccessRows(report)
    tiles = _TileCheck(snapshot, report)
    _compare(report, wanted.pop(0, None), tree)
    for first, leaves, touched in snapshot.windows():
        if first != tree.size or not leaves or len(leaves) % ENTRY_SIZE:
            report.found("CONTIGUOUS", f"leaf {tree.size} is missing or misplaced")
            return
        accesses.check(tree.size, leaves, touched)
        for at in range(0, len(leaves), ENTRY_SIZE):
            digest, root = leaves[at : at + HASH_SIZE], leaves[at + HASH_SIZE : at + ENTRY_SIZE]
            leaf = leaf_hash(leaf_data(digest, root))
            tiles.add(leaf)
            tree.add(leaf)
            if tree.size % _STEP == 0:
                progress(tree.size, head.tree.size)
        _compare(report, wanted.pop(tree.size, None), tree)
    report.leaves, report.root = tree.size, tree.tree().root
    _check_usage(snapshot, report, accesses)
    if tiles.left_over():
        report.found("TILE", "there are tiles beyond the leaves")
    _check_head(report, head, tree, expected)
    if head.revision != accesses.revision:
        report.found("HEAD", "the head has another register revision than the leaves")
    for size in wanted:
        report.found("CHECKPOINT", f"no checkpoint of size {size} was ever made by this log")
    _check_register(report, accesses.revision, expected.register_revision)
    progress(tree.size, head.tree.size)


def _check_head(report: Report, head: Head, tree: _Grower, expected: Expected) -> None:
    if (head.tree, head.root) != (tree.tree(), tree.tree().root):
        report.found("HEAD", "the head is not what the leaves add up to")
    if not report.checkpoint.startswith(checkpoint_text(report.origin, head.tree) + "\n"):
        report.found("HEAD", "the stored checkpoint is not of the head")
    elif not expected.is_signed(report.checkpoint):
        report.found("HEAD", "the stored checkpoint is not signed by this log's key")


def _compare(report: Report, held: bytes | None, tree: _Grower) -> None:
    if held is not None and held != tree.tree().root:
        report.found("CHECKPOINT", f"a held checkpoint of size {tree.size} has another root")


def _check_usage(snapshot: Snapshot, report: Report, accesses: _AccessRows) -> None:
    charged = dict(snapshot.charges())
    logged = {
        account: (answers, accesses.records[account], accesses.verified[account])
        for account, answers in accesses.answers.items()
    }
    for day in sorted({account[0] for account, _ in charged.items() ^ logged.items()}):
        report.found("USAGE", f"what was charged on {day} is not what the log has of that day")


def _check_register(report: Report, logged: int, revision: int | None) -> None:
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
    """What the leaves touched, checked against the roots that they commit to."""

    def __init__(self, report: Report) -> None:
        self.answers: Counter[Account] = Counter()
        self.records: Counter[Account] = Counter()
        self.verified: Counter[Account] = Counter()
        self.revision = 0  # the latest of the register that was read
        self._report = report

    def check(self, first: int, leaves: bytes, touched: bytes) -> None:
        """Check the access rows of one window."""
        roots = [
            leaves[at + HASH_SIZE : at + ENTRY_SIZE] for at in range(0, len(leaves), ENTRY_SIZE)
        ]
        try:
            calls = list(unpack(touched))
        except ValueError:
            calls = []
        if len(calls) != len(roots):
            self._changed(first)
            return
        for leaf, ((call, rows), root) in enumerate(zip(calls, roots, strict=True), first):
            if access_root(call, rows) != root:
                self._changed(leaf)
            self._count(call, rows)

    def _changed(self, leaf: int) -> None:
        self._report.found("ACCESS_ROOT", f"the access rows of leaf {leaf} were changed")

    def _count(self, call: AccessCall, rows: Sequence[Access]) -> None:
        account = account_of(call)
        self.answers[account] += 1
        self.records[account] += len(rows)
        self.verified[account] += sum([row.outcome == Outcome.VERIFIED for row in rows])
        self.revision = max(self.revision, call.register_revision)
        self._report.accesses += len(rows)


class _TileCheck:
    """Full tiles must hold the leaves' hashes: proofs are made from them."""

    def __init__(self, snapshot: Snapshot, report: Report) -> None:
        self._report = report
        self._tiles = {level: snapshot.tiles(level) for level in snapshot.tile_levels()}
        self._pending: dict[int, list[bytes]] = {}
        self._filled: Counter[int] = Counter()  # tiles so far, by level

    def add(self, node: bytes, level: int = 0) -> None:
        pending = self._pending.setdefault(level, [])
        pending.append(node)
        if len(pending) < TILE_WIDTH:
            return
        stored = next(self._tiles.get(level, iter(())), None)
        root = root_of(pending)
        if stored != (self._filled[level], root, b"".join(pending)):
            self._report.found("TILE", f"a tile of level {level} is missing or was changed")
        self._filled[level] += 1
        pending.clear()
        self.add(root, level + 1)

    def left_over(self) -> bool:
        """Whether there are tiles that the leaves do not fill."""
        return any(next(rows, None) is not None for rows in self._tiles.values())
