"""The partitions of the history: made before they are needed, dropped when they are forgotten."""

from __future__ import annotations

from mock_population_db.store import history
from mock_population_db.store.asking import Session
from mock_population_db.store.book import writing
from mock_population_db.store.errors import EngineFailed
from mock_population_db.store.reading import read_info

REVISIONS = 1_000_000  # of one partition
AHEAD = 2  # partitions beyond the one that is written to: one event may change a nation's records

_NAMES = """
SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'changes'::regclass
"""
_FORGOTTEN = "INSERT OR REPLACE INTO meta VALUES ('compacted', ?)"
_MADE = "CREATE TABLE IF NOT EXISTS changes_{} (LIKE changes INCLUDING ALL)"
_ATTACHED = "ALTER TABLE changes ATTACH PARTITION changes_{} FOR VALUES FROM ({}) TO ({})"
_DETACHED = "ALTER TABLE changes DETACH PARTITION changes_{} CONCURRENTLY"


def make_room(session: Session, further: int = 0) -> int:
    """Make the partitions that may be needed next; return the first revision without one.

    Args:
        session: for writing.
        further: changes that one transaction will make, besides the usual ones.
    """
    with writing(session) as book:
        return ensure_partitions(session, book.head, book.head + further)


def make_room_for_all(session: Session) -> int:
    """Make the partitions for a change of everybody: a rearrangement is one transaction."""
    return make_room(session, further=read_info(session).size)


def ensure_partitions(session: Session, head: int, upto: int) -> int:
    """Make the partitions that may be needed next; return the first revision without one.

    Attaching stands in nobody's way, neither readers' nor writers'.
    """
    last = upto // REVISIONS + AHEAD
    there = _numbers(session)
    for number in range(head // REVISIONS, last + 1):
        if number not in there:
            _attach(session, number)
    return (last + 1) * REVISIONS


def compact(session: Session, upto: int) -> int:
    """Forget the changes up to a revision, at once; return the latest that is no longer kept.

    They are not told any more. The disk has their room back when a whole partition is forgotten.
    """
    session.execute("BEGIN IMMEDIATE")
    try:
        head, compacted = history.read_extent(session)
        goal = max(min(upto, head), compacted)
        if goal > compacted:
            session.execute(_FORGOTTEN, (str(goal),))
        session.execute("COMMIT")
    except BaseException:
        session.execute("ROLLBACK")
        raise
    for number in _numbers(session):
        if (number + 1) * REVISIONS <= goal + 1:
            _drop(session, number)
    return goal


def _numbers(session: Session) -> set[int]:
    return {int(name.removeprefix("changes_")) for (name,) in session.execute(_NAMES)}


def _attach(session: Session, number: int) -> None:
    start = number * REVISIONS
    session.execute(_MADE.format(number))
    session.execute(_ATTACHED.format(number, start, start + REVISIONS))


def _drop(session: Session, number: int) -> None:
    """Drop one partition, without making readers wait; whoever does it first has done it."""
    try:
        session.execute(_DETACHED.format(number))
        session.execute(f"DROP TABLE changes_{number}")
    except EngineFailed:
        if number in _numbers(session):
            raise
