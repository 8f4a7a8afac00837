"""``dancu`` that records nothing: beside the real one it tells what recording costs.

A variant for this measurement only; the gateway has no such mode. Records are compared, answers
put together, signed, compressed and sealed as ever, and access rows made and hashed. Left out is
the commit: rows, leaves, tree, checkpoint and the wait for the disk. The answers lack their proof,
so none of them verifies. Run as a script.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway import cli
from gateway.flows.ports import Certify, Committed, Entry
from gateway.store.sqlite import SqliteRecords


async def _commit(
    _records: SqliteRecords, entries: Sequence[Entry], _certify: Certify, *_allowances: object
) -> Committed:
    """As if all of them were recorded."""
    return Committed(0, [()] * len(entries), "")


if __name__ == "__main__":
    setattr(SqliteRecords, "commit", _commit)  # noqa: B010 - mypy forbids to assign to a method
    cli.main()
