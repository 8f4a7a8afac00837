"""The tables ``session`` and ``seen``: where sessions of chunks stand, and what they have seen.

A session moves on in the transaction that records its chunk, and only from where it stood: two
gateways cannot both answer its next chunk. Plain coroutines over a connection; ``records.py``
and ``sessions.py`` decide when they run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.flows.ports import Entry, Session, SessionStep
from gateway.store.log import LogConflict
from gateway.store.postgres.database import Db, one_row
from gateway.store.session_rows import NO_STATEMENT

PAGE = 128  # chunks whose digests are read at once: about 1 MB
PURGED_AT_ONCE = 1000  # rows: a short transaction

_COLUMNS = "id, context, salt, chunks, records, tip, closed"
_OPEN = f"""
WITH made AS (
  INSERT INTO gateway.session (caller, name, context, salt, chunks, records, tip, used)
  VALUES ($1, $2, $3, $4, 0, 0, $5, $6) ON CONFLICT DO NOTHING RETURNING {_COLUMNS}
)
SELECT * FROM made UNION ALL
SELECT {_COLUMNS} FROM gateway.session WHERE caller = $1 AND name = $2 LIMIT 1
"""  # noqa: S608 - constants
_STANDS = """
SELECT id, chunks, tip FROM gateway.session
WHERE id = ANY ($1::bigint[]) AND closed IS NULL ORDER BY id FOR UPDATE
"""
_ADVANCE = """
UPDATE gateway.session SET chunks = chunks + 1, records = records + $4, tip = $5, used = $6
WHERE id = $1 AND chunks = $2 AND tip = $3 AND closed IS NULL
"""
_CLOSE_IDLE = """
UPDATE gateway.session SET closed = $1, salt = '' WHERE closed IS NULL AND used < $2
"""
_EXPIRED_SEEN = """
DELETE FROM gateway.seen WHERE (session, chunk) IN (
  SELECT old.session, old.chunk FROM gateway.session JOIN gateway.seen AS old
    ON old.session = session.id
  WHERE session.closed IS NOT NULL LIMIT $1)
"""
_EXPIRED_KEPT = """
DELETE FROM gateway.kept WHERE (caller, rpc, request, number) IN (
  SELECT old.caller, old.rpc, old.request, old.number
  FROM gateway.session JOIN gateway.kept AS old
    ON old.caller = session.caller AND old.rpc = $1 AND old.request = session.name
  WHERE session.closed < $2 LIMIT $3)
"""


class _Stepping(NamedTuple):
    """An entry that is the next one of a session, if it is."""

    position: int
    step: SessionStep
    digest: bytes  # of its statement


async def misplaced(db: Db, entries: Sequence[Entry]) -> frozenset[int]:
    """The positions of those entries that are not the next ones of their sessions.

    Locks the sessions, so that nobody closes one meanwhile.
    """
    stepping = list(_stepping(entries))
    if not stepping:
        return frozenset()
    rows = await db.fetch(_STANDS, list({one.step.session for one in stepping}))
    stands = {key: (chunks, tip) for key, chunks, tip in rows}
    found = []
    for position, step, digest in stepping:
        if stands.get(step.session) == (step.number, step.previous):
            stands[step.session] = (step.number + 1, digest)
        else:
            found.append(position)
    return frozenset(found)


async def advance(db: Db, entries: Sequence[Entry]) -> None:
    """Move the sessions of these entries on.

    Raises:
        LogConflict: one of them stands elsewhere.
    """
    for _, step, digest in _stepping(entries):
        session = (step.session, step.number, step.previous)
        moved = await db.execute(_ADVANCE, *session, step.records, digest, step.at)
        if moved != "UPDATE 1":
            raise LogConflict
        await db.execute(
            "INSERT INTO gateway.seen VALUES ($1, $2, $3)", step.session, step.number, step.seen
        )


def _stepping(entries: Sequence[Entry]) -> Iterator[_Stepping]:
    for position, entry in enumerate(entries):
        if entry.keep is not None and entry.keep.step is not None:
            yield _Stepping(position, entry.keep.step, entry.keep.statement.digest)


async def open_session(
    db: Db, caller: str, name: str, context: str, salt: bytes, at: int
) -> Session:
    """The caller's session of this name, made if there is none."""
    asked = (caller, name, context, salt, NO_STATEMENT, at)
    # none at all: somebody else is making it at this moment, and is seen the next time
    row = await db.fetchrow(_OPEN, *asked) or await one_row(db, _OPEN, *asked)
    return Session(*row)


async def read_seen(db: Db, session: int, first: int) -> list[bytes]:
    """What was seen first by some chunks from one on; empty at the end."""
    rows = await db.fetch(
        "SELECT digests FROM gateway.seen WHERE session = $1 AND chunk >= $2 ORDER BY chunk "
        "LIMIT $3",
        session,
        first,
        PAGE,
    )
    return [digests for (digests,) in rows]


async def close_session(db: Db, session: int, at: int) -> Session:
    """Take no more chunks of a session, from now on or already."""
    await db.execute(
        "UPDATE gateway.session SET closed = $1, salt = '' WHERE id = $2 AND closed IS NULL",
        at,
        session,
    )
    found = f"SELECT {_COLUMNS} FROM gateway.session WHERE id = $1"  # noqa: S608 - constants
    return Session(*await one_row(db, found, session))


async def purge(db: Db, rpc: str, idle: int, expired: int, now: int) -> bool:
    """Close what is idle, and delete a little of what has expired; whether there was any."""
    await db.execute(_CLOSE_IDLE, now, idle)
    done = [
        await db.execute(_EXPIRED_SEEN, PURGED_AT_ONCE),
        await db.execute(_EXPIRED_KEPT, rpc, expired, PURGED_AT_ONCE),
    ]
    return any(one != "DELETE 0" for one in done)
