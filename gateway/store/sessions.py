"""Sessions of chunks in the gateway's records; see ``session_rows.py``."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.flows.ports import Session
from gateway.store import session_rows
from gateway.store.sqlite import SqliteRecords


class SqliteSessions:
    """See ``flows/ports.py``; they live in the file of the records, and share its connection."""

    def __init__(self, records: SqliteRecords) -> None:
        self._records = records

    async def open(self, caller: str, name: str, context: str, salt: bytes, at: int) -> Session:
        """The caller's session of this name, made if there is none."""
        return await self._records.write(session_rows.open_session, caller, name, context, salt, at)

    async def seen(self, session: int, first: int) -> Sequence[bytes]:
        """What was seen first by some chunks from one on; empty at the end."""
        return await self._records.run(session_rows.read_seen, session, first)

    async def close(self, session: int, at: int) -> Session:
        """Take no more chunks of a session, from now on or already."""
        return await self._records.write(session_rows.close_session, session, at)

    async def purge(self, rpc: str, idle: int, expired: int, now: int) -> bool:
        """Close what is idle, and delete a little of what has expired; whether there was any."""
        return await self._records.write(session_rows.purge, rpc, idle, expired, now)
