"""Answers that a record store is to keep: of an event, and of a session's chunk."""

from __future__ import annotations

import contextlib
import hashlib

from gateway.core.access import access_root
from gateway.core.signing import pre_authentication_encoding
from gateway.core.statement import Statement
from gateway.flows.ports import (
    AlreadyKept,
    Entry,
    KeptKey,
    Records,
    Sessions,
    SessionStep,
    ToKeep,
)
from tests.support.records import ANYBODY, COMMON, certify

TYPE = "type.googleapis.com/dancu.v1.Test"


def entry_of(key: KeptKey, step: SessionStep | None = None) -> Entry:
    """An entry whose answer is kept: one of each key."""
    value = repr(key).encode()
    digest = hashlib.sha256(pre_authentication_encoding(TYPE, value)).digest()
    statement = Statement(TYPE, value, (("key", b"signature"),), digest)
    keep = ToKeep(key, digest, statement, b"beside " + value, step)
    return Entry(digest, access_root(COMMON, (ANYBODY,)), COMMON, (ANYBODY,), keep)


class Answers:
    """An event and a chunk at a time, each pair in one commit, sent again until it is stored."""

    def __init__(self, records: Records, sessions: Sessions) -> None:
        self._records = records
        self._sessions = sessions
        self.sent = 0

    async def pair(self) -> list[Entry]:
        """The next event, and the session's next chunk."""
        session = await self._sessions.open("plain", "s1", "{}", bytes(32), 0)
        number = self.sent
        step = SessionStep(session.key, number, session.tip, 1, b"8 bytes.", 0)
        return [
            entry_of(KeptKey("plain", "Submit", f"r{number}")),
            entry_of(KeptKey("plain", "Reconcile", "s1", number), step),
        ]

    async def commit(self, pair: list[Entry]) -> None:
        """Send a pair, which must be stored, now or before; it is stored once."""
        with contextlib.suppress(AlreadyKept):
            await self._records.commit(pair, certify)
        self.sent += 1
        await self.check(pair, stored=True)

    async def check(self, pair: list[Entry], *, stored: bool | None = None) -> bool:
        """Both answers are kept, or neither, and the session stands accordingly."""
        kept = [await self._records.kept(one.keep.key) for one in pair if one.keep]
        assert [one is None for one in kept] in ([True] * 2, [False] * 2)
        there = kept[0] is not None
        session = await self._sessions.open("plain", "s1", "{}", bytes(32), 0)
        assert session.next_chunk == self.sent + (there and stored is None)
        assert stored in (None, there)
        return there
