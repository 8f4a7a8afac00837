"""One digest of everything on file, to see whether two registers are the same."""

from __future__ import annotations

import hashlib

from mock_population_db.store.asking import Session, transaction
from mock_population_db.store.records import (
    ChangeRow,
    CitizenRow,
    EventRow,
    HouseholdRow,
    StayRow,
    StepRow,
)

_TABLES = {
    "citizen": CitizenRow._fields,
    "household": HouseholdRow._fields,
    "stay": StayRow._fields,
    "number_step": StepRow._fields,
    "changes": ChangeRow._fields,
    "event": EventRow._fields,
    "touched": ("what", "id", "revision"),
    "withdrawn": ("number", "successor"),
}
_TIMES = frozenset({"at"})
_ROWS = 10_000  # at a time


def register_digest(connection: Session) -> str:
    """SHA-256, hexadecimal, of all rows but for the times at which they were written."""
    total = hashlib.sha256()
    with transaction(connection):
        for table, fields in _TABLES.items():
            columns = ", ".join(name for name in fields if name not in _TIMES)
            rows = connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2")  # noqa: S608 - constants
            while some := rows.fetchmany(_ROWS):
                total.update(repr(some).encode())
        meta = connection.execute("SELECT key, value FROM meta ORDER BY key")
        total.update(repr(meta.fetchall()).encode())
    return total.hexdigest()
