"""A window of claims, read in one round trip.

A statement sees one revision, as a transaction does. So what verifying asks for is asked in one
statement, and not in four that begin, ask for the revision, ask, and end.
"""

from __future__ import annotations

import json
from datetime import date

from mock_population_db.snapshot import Keys, Snapshot
from mock_population_db.store import reading, sql
from mock_population_db.store.asking import Session, array

_NUMBERS = frozenset({"numbers", "old_numbers"})
_OTHERS = tuple(name for name in Keys._fields if name not in _NUMBERS)
QUESTION = f"SELECT m.*, ({sql.IDENTITIES}), ({sql.BY_OLD_NUMBER}) FROM ({sql.MOMENT}) AS m"  # noqa: S608 - made of constants


def read_snapshot(session: Session, keys: Keys) -> Snapshot:
    """Everything that the keys ask for, at one revision."""
    if any(getattr(keys, other) for other in _OTHERS):
        return reading.read_snapshot(session, keys)
    old_numbers = tuple(dict.fromkeys(keys.old_numbers))
    asked = (array(keys.numbers), array(old_numbers))
    revision, day, identities, owners = session.execute(QUESTION, asked).fetchone()
    snapshot = Snapshot(int(revision), date.fromisoformat(day))
    snapshot.identities = reading.identities_told(_rows(identities), keys.numbers)
    snapshot.by_old_number = reading.old_numbers_told(_rows(owners), old_numbers)
    return snapshot


def _rows(text: str | None) -> list[list[int | str | None]]:
    rows: list[list[int | str | None]] = json.loads(text) if text else []
    return rows
