"""Reading the register's history, and forgetting its beginning."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from mock_population_db.changes import (
    Change,
    ChangeCause,
    ChangeKind,
    ChangePage,
    ChangeQuery,
    Compacted,
    NotReached,
)
from mock_population_db.store import packing
from mock_population_db.store.asking import Session, rows_found, transaction
from mock_population_db.store.event_rows import event_id
from mock_population_db.store.records import ChangeRow

# enum calls cost 0.2 µs each; these are read by the ten thousand
_KIND = {int(one): one for one in ChangeKind}
_CAUSE = {int(one): one for one in ChangeCause}

# what one transaction forgets at most: a few milliseconds
COMPACTION_STEP = 5_000

_EXTENT = """
SELECT (SELECT value FROM meta WHERE key = 'revision'),
       COALESCE((SELECT value FROM meta WHERE key = 'compacted'), '0')
"""
# Filters run in SQLite, and what they find comes as one row: see sql.IDENTITIES.
_WHERE = """
WHERE revision BETWEEN :start AND :through
  AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
  AND (:since IS NULL OR at >= :since)
  AND (:before IS NULL OR at < :before)
  AND (:provinces IS NULL
       OR EXISTS (SELECT 1 FROM json_each(:provinces) WHERE instr(communes, ' ' || value)))
  AND (:communes IS NULL
       OR EXISTS (SELECT 1 FROM json_each(:communes) WHERE instr(communes, value || ' ')))
"""
# a change's own columns, then who reported the event behind it, and the subject where it is
# somebody's number now and leads nowhere else, as nearly all do
_COLUMNS = f"""{", ".join(f"c.{name}" for name in ChangeRow._fields)},
  (SELECT e.reporter FROM event AS e WHERE e.id = c.event AND e.cause = {ChangeCause.SUBMITTED}),
  (SELECT p.id FROM citizen AS p WHERE p.id = c.subject
     AND NOT EXISTS (SELECT 1 FROM number_step AS s WHERE s.former = p.id)
     AND NOT EXISTS (SELECT 1 FROM withdrawn AS w WHERE w.number = p.id))"""  # noqa: S608 - made of constants
_FOUND = f"""
SELECT json_group_array(json_array({_COLUMNS})) FROM (
  SELECT * FROM changes {_WHERE} ORDER BY revision LIMIT :limit) AS c
"""  # noqa: S608 - made of constants
_SUBJECTS = f"""
SELECT json_group_array(json_array(revision, subject)) FROM (
  SELECT revision, subject FROM changes {_WHERE} ORDER BY revision) AS c
"""  # noqa: S608 - made of constants
_AT_REVISIONS = f"""
SELECT json_group_array(json_array({_COLUMNS}))
  FROM json_each(?) AS k CROSS JOIN changes AS c ON c.revision = k.value
"""  # noqa: S608 - made of constants
# A number leads onward through its steps, and through an annulled renumbering back.
CURRENT = """
WITH RECURSIVE ahead(subject, number, depth) AS (
  SELECT k.value, k.value, 0 FROM json_each(?) AS k
  UNION ALL
  SELECT ahead.subject, s.successor, depth + 1
    FROM ahead CROSS JOIN number_step AS s ON s.former = ahead.number
    WHERE depth < 32
  UNION ALL
  SELECT ahead.subject, w.successor, depth + 1
    FROM ahead CROSS JOIN withdrawn AS w ON w.number = ahead.number
    WHERE w.successor IS NOT NULL AND depth < 32)
SELECT json_group_array(json_array(subject, number))
  FROM ahead CROSS JOIN citizen AS c ON c.id = ahead.number
"""


def find_changes(connection: Session, query: ChangeQuery) -> ChangePage:
    """The changes that a query asks for.

    Raises:
        Compacted: the query starts too early.
        NotReached: the query starts too late.
    """
    with transaction(connection):
        head, compacted = read_extent(connection)
        if query.start <= compacted:
            raise Compacted(compacted)
        if query.start > head + 1:
            raise NotReached(head)
        through = min(head, query.start + query.scan - 1)
        if query.numbers is None:
            (text,) = connection.execute(_FOUND, _arguments(query, through)).fetchone()
            rows = json.loads(text)
        else:
            rows = _of_numbers(connection, query, through, query.numbers)
        changes = tuple([_change(*row) for row in rows])
        if len(changes) == query.limit:
            through = changes[-1].revision
        pairs = list(zip(changes, rows, strict=True))
        there = [change.personal_id for change, row in pairs if row[-1] is not None]
        current = dict(zip(there, there, strict=True))
        if len(there) < len(changes):  # some were renumbered or withdrawn
            current |= _current(connection, [change for change, row in pairs if row[-1] is None])
        return ChangePage(changes, through, head, compacted, current)


def read_extent(connection: Session) -> tuple[int, int]:
    """The register's revision, and the latest one whose change is no longer kept."""
    head, compacted = connection.execute(_EXTENT).fetchone()
    return int(head), int(compacted)


def read_head(connection: Session) -> int:
    """The register's revision."""
    return read_extent(connection)[0]


def current_numbers(connection: Session, numbers: Iterable[int]) -> dict[int, int]:
    """The number that each one's owner has now; those who are withdrawn have none."""
    return dict(rows_found(connection, CURRENT, numbers))


def _current(connection: Session, changes: Iterable[Change]) -> dict[str, str]:
    """The same by the numbers in some changes, with their leading zeros."""
    named = {int(change.personal_id): change.personal_id for change in changes}
    now = current_numbers(connection, named)
    return {
        named[then]: named[then] if to == then else packing.personal_id(to)
        for then, to in now.items()
    }


def compact(connection: Session, upto: int) -> int:
    """Forget the changes up to a revision, or the first ``COMPACTION_STEP`` of them.

    Returns the latest revision whose change is no longer kept.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        head, compacted = read_extent(connection)
        goal = min(upto, head, compacted + COMPACTION_STEP)
        if goal > compacted:
            connection.execute("DELETE FROM changes WHERE revision <= ?", (goal,))
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('compacted', ?)", (str(goal),))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return max(goal, compacted)


def _arguments(query: ChangeQuery, through: int) -> dict[str, object]:
    return {
        "start": query.start,
        "through": through,
        "limit": query.limit,
        "kinds": json.dumps(sorted(query.kinds)) if query.kinds else None,
        "since": _packed(query.since),
        "before": _packed(query.before),
        "provinces": json.dumps(sorted(query.provinces)) if query.provinces else None,
        "communes": json.dumps(sorted(query.communes)) if query.communes else None,
    }


def _packed(moment: datetime | None) -> int | None:
    return None if moment is None else packing.pack_time(moment)


def _of_numbers(
    connection: Session, query: ChangeQuery, through: int, numbers: frozenset[str]
) -> list[Any]:
    """The rows of the changes of some people, whatever their numbers were."""
    (text,) = connection.execute(_SUBJECTS, _arguments(query, through)).fetchone()
    subjects: list[tuple[int, int]] = json.loads(text)
    now = current_numbers(connection, {subject for _, subject in subjects})
    # who was withdrawn has no number now: then the one in the change is asked for
    hits = [
        revision
        for revision, subject in subjects
        if packing.personal_id(now.get(subject, subject)) in numbers
    ]
    return rows_found(connection, _AT_REVISIONS, hits[: query.limit])


@lru_cache(maxsize=1024)
def _names(fields: str) -> tuple[str, ...]:
    return tuple(fields.split())


@lru_cache(maxsize=65536)  # few sets of communes recur in many changes
def _places(communes: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The communes, 5 digits, and the provinces, 2 digits."""
    places = communes.split()
    return tuple(one[2:] for one in places), tuple(one[:2] for one in places)


# a page of changes has few moments, days and events
_time = lru_cache(maxsize=1024)(packing.time)
_day = lru_cache(maxsize=4096)(packing.whole_day)
_event = lru_cache(maxsize=1024)(event_id)


def _change(
    revision: int,
    kind: int,
    subject: int,
    former: int | None,
    fields: str,
    cause: int,
    at: int,
    effective: int,
    event: int | None,
    communes: str,
    reporter: str | None,
    _present: int | None,
) -> Change:
    """A change of the columns that ``_COLUMNS`` names."""
    places, provinces = _places(communes)
    values = (
        revision,
        _KIND[kind],
        packing.personal_id(subject),
        _names(fields),
        _CAUSE[cause],
        _time(at),
        _day(effective),
        "" if former is None else packing.personal_id(former),
        _event(event),
        places,
        provinces,
        reporter or "",
    )
    return tuple.__new__(Change, values)  # in half the time of calling it
