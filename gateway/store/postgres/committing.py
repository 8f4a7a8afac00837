"""One commit: the head is locked, the log grows, and all that belongs to it goes in together.

What is particular here is a connection that breaks at COMMIT: the server may have done it, or
not, or be about to. ``_settle`` asks. It takes the head's lock, which the old transaction holds
as long as it lives, and looks whether the window stands where it was to stand. If so, its
answers go out like any others; if not, they never do, and the window cannot come in any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from gateway.core.allowance import Allowance
from gateway.core.ledger import Tree
from gateway.flows.ports import Certify, Committed, Entry
from gateway.store.log import Packed, packed
from gateway.store.postgres import kept, log, partitions, quotas, session_rows
from gateway.store.postgres.database import FAILURES, Columns, Database, Db, columns
from gateway.store.usage import charges

_CHARGE = 7  # columns: an account's four, and three sums

_log = structlog.get_logger(__name__)


class RolledBack(Exception):
    """The log lacks what it had: a server took over that had not got all of it."""


@dataclass(slots=True)
class _Sent:
    """A window that is in the log if its transaction was done."""

    entries: Sequence[Entry]
    allowances: Mapping[int, Allowance]
    packed: Packed
    charges: Columns
    committed: Committed | None = None  # as soon as all of it but COMMIT was sent
    tree: Tree = field(default_factory=Tree)


class Committer:
    """Commits to the log, one window at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tip = Tree()  # the largest log that was acknowledged from here
        self._seen = 0  # on the writer's how manieth connection the log was seen to have it
        self._end = 0  # up to which leaf there are partitions

    async def commit(
        self, entries: Sequence[Entry], certify: Certify, allowances: Mapping[int, Allowance]
    ) -> Committed:
        """Append all entries, or none, durably; by position, what some must fit into.

        Raises:
            AlreadyKept: some of these requests were answered before.
            OverQuota: some entries do not fit into what their callers may ask.
            RolledBack: the log is not the one that was acknowledged before.
            LogConflict, or one of FAILURES: nothing is acknowledged.
        """
        charged = columns(charges(entries), _CHARGE)  # nobody waits for this
        sent = _Sent(entries, allowances, packed(entries), charged)
        try:
            async with self._database.writing() as db:
                await self._prepare(db, len(entries))
                committed = await _commit(db, sent, certify)
        except FAILURES as error:
            committed = await self._settle(sent, error)
        self._tip = sent.tree
        return committed

    async def _prepare(self, db: Db, count: int) -> None:
        """What is done once a connection, or once some millions of leaves."""
        if self._seen != self._database.writers:
            await self._check_tip(db)
            self._seen = self._database.writers
        size = self._tip.size + count
        if self._end < size + partitions.LEAVES:
            self._end = await partitions.extend_log(db, size)

    async def _check_tip(self, db: Db) -> None:
        """Another server may have taken over. Raises RolledBack."""
        tree, _ = await log.read_head(db)
        tip = self._tip
        if tree.size < tip.size or await log.root_at(db, tip.size) != tip.root:
            _log.error("log_rolled_back", leaves=tree.size, acknowledged=tip.size)
            raise RolledBack

    async def _settle(self, sent: _Sent, error: Exception) -> Committed:
        """What came of a window whose commit failed; raises the error if it is not there."""
        if sent.committed is None:
            raise error
        async with self._database.writing() as db, db.transaction():
            await log.lock_head(db)
            stored = await db.fetchval(
                "SELECT leaves FROM gateway.window WHERE first = $1", sent.committed.first_index
            )
        if stored != sent.packed.leaves:
            raise error
        _log.warning("commit_settled", error=type(error).__name__)
        return sent.committed


async def _commit(db: Db, sent: _Sent, certify: Certify) -> Committed:
    """Lock first, read the head, append, commit: another gateway waits, and repeats nothing."""
    entries, allowances = sent.entries, sent.allowances
    async with db.transaction():
        tree = await log.lock_head(db)
        await kept.check_new(db, entries)
        used = await quotas.fit(db, entries, allowances)
        growth, checkpoint = await log.append(db, tree, sent.packed, sent.charges, certify)
        committed = Committed(tree.size, growth.paths, checkpoint, used)
        await quotas.charge_mismatches(db, entries, allowances)
        await kept.keep(db, entries, committed)
        await session_rows.advance(db, entries)
        sent.committed, sent.tree = committed, growth.tree
    return committed
