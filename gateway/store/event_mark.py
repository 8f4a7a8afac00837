"""Up to which event of the register every receipt is known to be in the log.

Plain functions over an open sqlite3 connection; ``sqlite.py`` decides when they run.
"""

from __future__ import annotations

import sqlite3


def read(db: sqlite3.Connection) -> str:
    """The event's id; empty before the first."""
    row = db.execute("SELECT value FROM meta WHERE key = 'event_mark'").fetchone()
    return str(row[0]) if row else ""


def write(db: sqlite3.Connection, event_id: str) -> None:
    """Note that every event up to this one has its receipt."""
    db.execute("INSERT OR REPLACE INTO meta VALUES ('event_mark', ?)", (event_id,))
