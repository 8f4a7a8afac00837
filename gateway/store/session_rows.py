"""The tables ``session`` and ``seen``: where sessions of chunks stand, and what they have seen.

A session moves on in the transaction that records its chunk, and only from where it stood: two
gateways cannot both answer its next chunk. Plain functions over an open sqlite3 connection;
``sqlite.py`` and ``sessions.py`` decide when they run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gateway.flows.ports import Entry, Session, SessionStep
from gateway.store.log import LogConflict

NO_STATEMENT = bytes(32)
PAGE = 128  # chunks whose digests are read at once: about 1 MB
PURGED_AT_ONCE = 64  # rows: deleted pages are overwritten, and commits wait meanwhile

_COLUMNS = "id, context, salt, chunks, records, tip, closed"
_FIND = f"SELECT {_COLUMNS} FROM session WHERE caller = ? AND name = ?"  # noqa: S608 - constants
_GET = f"SELECT {_COLUMNS} FROM session WHERE id = ?"  # noqa: S608 - constants
_EXPIRED_SEEN = """
DELETE FROM seen WHERE rowid IN (
  SELECT s.rowid FROM session CROSS JOIN seen AS s ON s.session = session.id
  WHERE session.closed IS NOT NULL LIMIT ?)
"""
_EXPIRED_KEPT = """
DELETE FROM kept WHERE rowid IN (
  SELECT k.rowid FROM session CROSS JOIN kept AS k
    ON k.caller = session.caller AND k.rpc = ? AND k.request = session.name
  WHERE session.closed < ? LIMIT ?)
"""


def misplaced(db: sqlite3.Connection, entries: Sequence[Entry]) -> frozenset[int]:
    """The positions of those entries that are not the next ones of their sessions."""
    stands: dict[int, tuple[int, bytes]] = {}
    found = []
    for position, entry in enumerate(entries):
        step = _step(entry)
        if entry.keep is None or step is None:
            continue
        if step.session not in stands:
            stands[step.session] = _stand(db, step.session)
        if stands[step.session] == (step.number, step.previous):
            stands[step.session] = (step.number + 1, entry.keep.statement.digest)
        else:
            found.append(position)
    return frozenset(found)


def advance(db: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Move the sessions of these entries on.

    Raises:
        LogConflict: one of them stands elsewhere.
    """
    for entry in entries:
        step = _step(entry)
        if entry.keep is None or step is None:
            continue
        moved = db.execute(
            "UPDATE session SET chunks = chunks + 1, records = records + ?, tip = ?, used = ? "
            "WHERE id = ? AND chunks = ? AND tip = ? AND closed IS NULL",
            (
                step.records,
                entry.keep.statement.digest,
                step.at,
                step.session,
                step.number,
                step.previous,
            ),
        )
        if moved.rowcount != 1:
            raise LogConflict
        db.execute("INSERT INTO seen VALUES (?, ?, ?)", (step.session, step.number, step.seen))


def _step(entry: Entry) -> SessionStep | None:
    return None if entry.keep is None else entry.keep.step


def _stand(db: sqlite3.Connection, session: int) -> tuple[int, bytes]:
    row = db.execute(
        "SELECT chunks, tip FROM session WHERE id = ? AND closed IS NULL", (session,)
    ).fetchone()
    return (-1, b"") if row is None else (row[0], row[1])


def open_session(
    db: sqlite3.Connection, caller: str, name: str, context: str, salt: bytes, at: int
) -> Session:
    """The caller's session of this name, made if there is none."""
    row = db.execute(_FIND, (caller, name)).fetchone()
    if row is None:
        db.execute(
            "INSERT INTO session (caller, name, context, salt, chunks, records, tip, used) "
            "VALUES (?, ?, ?, ?, 0, 0, ?, ?) ON CONFLICT DO NOTHING",
            (caller, name, context, salt, NO_STATEMENT, at),
        )
        row = db.execute(_FIND, (caller, name)).fetchone()
    return Session(*row)


def read_seen(db: sqlite3.Connection, session: int, first: int) -> list[bytes]:
    """What chunks from one on saw first, at most PAGE of them."""
    rows = db.execute(
        "SELECT digests FROM seen WHERE session = ? AND chunk >= ? ORDER BY chunk LIMIT ?",
        (session, first, PAGE),
    )
    return [digests for (digests,) in rows]


def close_session(db: sqlite3.Connection, session: int, at: int) -> Session:
    """Take no more chunks of a session, from now on or already."""
    db.execute(
        "UPDATE session SET closed = ?, salt = x'' WHERE id = ? AND closed IS NULL", (at, session)
    )
    return Session(*db.execute(_GET, (session,)).fetchone())


def purge(db: sqlite3.Connection, rpc: str, idle: int, expired: int, now: int) -> bool:
    """Close what is idle, and delete a little of what has expired; whether there was any."""
    db.execute(
        "UPDATE session SET closed = ?, salt = x'' WHERE closed IS NULL AND used < ?", (now, idle)
    )
    seen = db.execute(_EXPIRED_SEEN, (PURGED_AT_ONCE,)).rowcount
    kept = db.execute(_EXPIRED_KEPT, (rpc, expired, PURGED_AT_ONCE)).rowcount
    return seen + kept > 0
