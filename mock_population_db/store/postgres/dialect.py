"""The register's statements, translated from SQLite's language into PostgreSQL's.

They are written in few idioms, and each has its counterpart here; the few that go beyond them
have a translation of their own. Keys come as one JSON array there and as one ``bigint[]`` here;
rows come back in the same columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mock_population_db.store import event_rows, history
from mock_population_db.store.records import (
    ChangeRow,
    CitizenRow,
    EventRow,
    HouseholdRow,
    StayRow,
    StepRow,
)

# table: its columns in the order in which rows are given, and those of its key
_TABLES = {
    "meta": (("key", "value"), ("key",)),
    "citizen": (CitizenRow._fields, ("id",)),
    "household": (HouseholdRow._fields, ("id",)),
    "stay": (StayRow._fields, ("citizen", "kind")),
    "number_step": (StepRow._fields, ("former",)),
    "changes": (ChangeRow._fields, ("revision",)),
    "event": (EventRow._fields, ("id",)),
    "touched": (("what", "id", "revision"), ("what", "id")),
    "withdrawn": (("number", "successor"), ("number",)),
}

# A number leads onward through its steps, and through an annulled renumbering back. Another text,
# because here a recursive query names itself once.
_CURRENT = """
WITH RECURSIVE ahead(subject, number, depth) AS (
  SELECT value, value, 0 FROM unnest($1::bigint[]) AS k(value)
  UNION ALL
  SELECT ahead.subject, s.successor, ahead.depth + 1
    FROM ahead JOIN LATERAL (
      SELECT successor FROM number_step WHERE former = ahead.number
      UNION ALL
      SELECT successor FROM withdrawn WHERE number = ahead.number AND successor IS NOT NULL
    ) AS s ON true
    WHERE ahead.depth < 32)
SELECT json_agg(json_build_array(subject, number))
  FROM ahead JOIN citizen AS c ON c.id = ahead.number
"""
_KNOWN = """
SELECT e.reporter, e.rpc, e.request_id FROM json_array_elements($1::json) AS k(value)
  JOIN event AS e ON e.reporter = k.value->>0 AND e.rpc = k.value->>1
    AND e.request_id = k.value->>2
"""

_MARK = re.compile(r"\?(\d*)|(?<!:):([a-z]+)")
_CHOICE = re.compile(r"json_each\(:([a-z]+)\)")
_ABSENT = re.compile(r":([a-z]+) IS NULL")
_KEYS = re.compile(r"json_each\(\$(\d+)\)(\s+AS\s+k\b)?")
_JOIN = re.compile(r"CROSS JOIN (\w+) AS (\w+)(\s+)ON\b")
_INSTR = re.compile(r"\binstr\(([^()]*)\)")
_FUNCTIONS = {
    "json_group_array(": "json_agg(",
    "json_array(": "json_build_array(",
    "SELECT max(COALESCE(": "SELECT greatest(COALESCE(",  # of two values, not of rows
}
_INSERT = re.compile(r"INSERT (OR REPLACE )?INTO (\w+) VALUES")


@dataclass(frozen=True, slots=True)
class Translated:
    """A statement as PostgreSQL reads it.

    Attributes:
        text: with ``$1``, ``$2`` … for its parameters.
        plain: whether it begins or ends a transaction, and answers nothing.
        names: of the parameters, in order, where they have names.
        keys: which parameters are arrays of keys, counted from 0.
    """

    text: str
    plain: bool
    names: tuple[str, ...]
    keys: frozenset[int]

    @property
    def at_once(self) -> bool:
        """Whether it answers with one JSON array, which is none here when it is empty."""
        return "SELECT json_agg(" in self.text

    def arguments(self, given: Iterable[Any] | Mapping[str, Any]) -> list[Any]:
        """The parameters as the driver takes them."""
        values = [given[name] for name in self.names] if isinstance(given, Mapping) else given
        return [
            json.loads(value) if position in self.keys else value
            for position, value in enumerate(values)
        ]


def _own(text: str, keys: Iterable[int] = ()) -> Translated:
    return Translated(text, plain="$" not in text, names=(), keys=frozenset(keys))


_OWN = {
    # all that is found is of one revision
    "BEGIN": _own("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
    # whoever has the row of the revision writes: changes are committed in their order
    "BEGIN IMMEDIATE": _own("BEGIN; SELECT FROM meta WHERE key = 'revision' FOR UPDATE"),
    "COMMIT": _own("COMMIT"),
    # what comes later makes a commit wait for the disk, too
    "PRAGMA synchronous = NORMAL": _own("SET synchronous_commit = off"),
    "ROLLBACK": _own("ROLLBACK"),
    history.CURRENT: _own(_CURRENT, keys=(0,)),
    event_rows.KNOWN: _own(_KNOWN),
}


@lru_cache(maxsize=1024)
def translated(statement: str) -> Translated:
    """The statement in PostgreSQL's language."""
    if statement in _OWN:
        return _OWN[statement]
    text, names = _numbered(_CHOICE.sub(_chosen, _ABSENT.sub(_absent, statement)))
    keys = frozenset(int(found[1]) - 1 for found in _KEYS.finditer(text))
    text = _JOIN.sub(r"JOIN \1 AS \2\3ON", _KEYS.sub(_unnested, text))
    text = _INSTR.sub(r"(strpos(\1) > 0)", text)
    for theirs, ours in _FUNCTIONS.items():
        text = text.replace(theirs, ours)
    return Translated(_upserting(text), plain=False, names=names, keys=keys)


def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """Parameters as ``$1``, ``$2`` …, and their names where they have any."""
    names: list[str] = []
    count = 0

    def number(found: re.Match[str]) -> str:
        nonlocal count
        if found[2]:
            if found[2] not in names:
                names.append(found[2])
            return f"${names.index(found[2]) + 1}"
        count = int(found[1]) if found[1] else count + 1
        return f"${count}"

    return _MARK.sub(number, statement), tuple(names)


def _unnested(found: re.Match[str]) -> str:
    """Keys with their positions, from 0."""
    rows = f"unnest(${found[1]}::bigint[]) WITH ORDINALITY AS u(value, key)"
    return f"(SELECT value, key - 1 AS key FROM {rows}) AS k"  # noqa: S608 - no values in it


def _chosen(found: re.Match[str]) -> str:
    """What a filter lets through, of a JSON array."""
    value = "value::int AS value" if found[1] == "kinds" else "value"
    rows = f"json_array_elements_text(:{found[1]}::json) AS j(value)"
    return f"(SELECT {value} FROM {rows}) AS k"  # noqa: S608 - no values in it


def _absent(found: re.Match[str]) -> str:
    """A question whether a filter is there, by which alone its type would not be known."""
    kind = "json" if f"json_each({found[0].split()[0]})" in found.string else "bigint"
    return f":{found[1]}::{kind} IS NULL"


def _upserting(text: str) -> str:
    """Insertions by the columns' names, which stand in another order here."""
    found = _INSERT.search(text)
    if found is None:
        return text
    columns, key = _TABLES[found[2]]
    text = _INSERT.sub(f"INSERT INTO {found[2]} ({', '.join(columns)}) VALUES", text)
    if not found[1]:
        return text
    rest = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns if name not in key)
    return f"{text} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {rest}"
