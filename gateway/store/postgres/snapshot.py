"""A snapshot of the records in PostgreSQL, and the audit of it.

On a standby it costs the gateways nothing; on their own server it keeps the dead rows of head
and usage from being cleared for as long as it takes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator

from gateway.flows.ports import Kept, KeptKey
from gateway.store.audit import Expected, Progress, Report, audit_snapshot
from gateway.store.postgres import kept, log
from gateway.store.postgres.making import read_origin
from gateway.store.postgres.waiting import Waiting, waiting
from gateway.store.snapshot import Head
from gateway.store.usage import Account

_TRIGGERS = """
SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger
JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = 'gateway'::regnamespace
UNION ALL
SELECT 'rule ' || rulename || ' on ' || tablename FROM pg_rules WHERE schemaname = 'gateway'
UNION ALL
SELECT 'policy ' || policyname || ' on ' || tablename FROM pg_policies
WHERE schemaname = 'gateway'
"""
_UNGUARDED = """
SELECT relname FROM pg_class WHERE relnamespace = 'gateway'::regnamespace AND relkind IN ('r', 'p')
AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisunique AND indisvalid)
AND relname NOT LIKE 'access%'
"""


class PostgresSnapshot:
    """See ``store/snapshot.py``. Made by ``open_postgres_snapshot``."""

    def __init__(self, origin: str, store: Waiting) -> None:
        self.origin = origin
        self._store = store

    def damages(self) -> Iterator[str]:
        """What somebody added that could change what is written; checksums are the server's."""
        for (what,) in self._store.rows(_TRIGGERS):
            yield f"there is a {what}, which no dancu made"
        for (table,) in self._store.rows(_UNGUARDED):
            yield f"the table {table} has lost its key"

    def head(self) -> Head:
        """The log's one head."""
        tree, checkpoint = self._store.run(log.read_head)
        ((root, revision),) = self._store.rows("SELECT root, revision FROM gateway.head")
        return Head(tree, root, checkpoint, revision)

    def windows(self) -> Iterator[tuple[int, bytes, bytes]]:
        """All windows by their first leaf."""
        return self._store.stream(
            "SELECT first, leaves, accesses FROM gateway.window ORDER BY first"
        )

    def tile_levels(self) -> Collection[int]:
        """The levels that have full tiles."""
        return [level for (level,) in self._store.rows("SELECT DISTINCT level FROM gateway.tile")]

    def tiles(self, level: int) -> Iterator[tuple[int, bytes, bytes]]:
        """The full tiles of a level by their number."""
        return self._store.stream(
            "SELECT number, root, hashes FROM gateway.tile WHERE level = $1 ORDER BY number", level
        )

    def charges(self) -> Iterable[tuple[Account, tuple[int, int, int]]]:
        """What was charged to each account."""
        for row in self._store.stream("SELECT * FROM gateway.usage"):
            day, caller, procedure, rpc, *sums = row
            answers, records, verified = sums
            yield (day, caller, procedure, rpc), (answers, records, verified)

    def kept_keys(self) -> Iterator[KeptKey]:
        """Of all answers that are kept."""
        for row in self._store.stream("SELECT caller, rpc, request, number FROM gateway.kept"):
            yield KeptKey(*row)

    def kept(self, key: KeptKey) -> Kept | None:
        """The answer that was kept for a request, or None."""
        return self._store.run(kept.find, key)

    def leaf(self, index: int) -> bytes:
        """The data of a leaf; empty if there is none."""
        return b"".join(self._store.run(log.stored_leaves, index, index + 1))


@contextlib.contextmanager
def open_postgres_snapshot(url: str) -> Iterator[PostgresSnapshot]:
    """Read records for the length of the block.

    Raises:
        StoreError: there are none, or of another version, or the server fails.
    """
    with waiting(url) as store:
        origin = read_origin(store, url)
        with store.transaction(snapshot=True):
            yield PostgresSnapshot(origin, store)


def audit_postgres_records(url: str, expected: Expected, progress: Progress) -> Report:
    """Check the records of a database, which may be in use meanwhile.

    Raises:
        StoreError: they cannot be read at all.
    """
    with open_postgres_snapshot(url) as snapshot:
        return audit_snapshot(snapshot, expected, progress)
