"""Reconciles one file after the other, goes on where it stood, and fetches answers again."""

from __future__ import annotations

import asyncio
import hashlib
import random
from contextlib import aclosing
from itertools import count

from clients.sdk import ChunkResult, Gateway, Refused, Unreachable
from tests.torture.clients.setup import Setup, is_temporary, packed, pause, start
from tests.torture.clients.way import Way
from tests.torture.journal import Journal
from tests.torture.rows import Row, file_of

_PATIENCE = 2.0  # seconds that the SDK goes on by itself
_LOOK_BACK = 2  # chunks that are fetched again when a session is taken up, at most
_OF_ALL = 0.3  # share of sessions that are fetched again as a whole
_AT_TWO = 0.2  # share of sessions that two servers are asked for at once, where there are two
_GIVE_WAY = (0.5, 3.0)  # seconds that one of the two leaves the session to the other
_AT_THE_END = 20  # sessions that are fetched again when everything is quiet


class Sessions:
    """One client's sessions."""

    def __init__(self, setup: Setup, journal: Journal, way: Way) -> None:
        self._setup = setup
        self._journal = journal
        self._way = way
        self._cast = setup.cast()
        # digest of each chunk's statement
        self._digests: dict[tuple[str, int], bytes] = {}
        self._closed: set[str] = set()
        for entry in journal.entries:
            self._note(entry)

    async def run(self) -> None:
        """Go on from where the journal ends; at the end fetch everything once more."""
        for number in count():
            session = f"{self._setup.name}-{number}"
            begun = (session, 0) in self._digests
            if self._setup.finishing() and not begun:
                break
            chance = random.Random(f"{self._setup.seed} again {session}")  # noqa: S311 - no secret
            if session not in self._closed:
                rivals = not self._way.is_only and chance.random() < _AT_TWO
                await asyncio.gather(
                    *(self._until_answered(session, at) for at in range(1 + rivals))
                )
                if chance.random() < _OF_ALL:
                    await self._until_answered(session, 1, first=0)
        closed = sorted(self._closed)
        for session in random.sample(closed, min(_AT_THE_END, len(closed))):
            await self._until_answered(session, random.randint(0, 1), first=0)  # noqa: S311 - no secret

    async def _until_answered(self, session: str, turns: int, first: int | None = None) -> None:
        """Have every chunk of a session answered, from one on; where it stood, if none is said.

        So many servers further than the client's own is where it begins.
        """
        way = self._way.copy()
        for _ in range(turns):
            way.turn()
        chunks = file_of(self._setup.seed, session, self._cast)
        at = first
        while True:
            if at is None:
                at = max(0, self._next(session) - random.randint(0, _LOOK_BACK))  # noqa: S311 - no secret
            try:
                await self._converse(way.gateway, session, chunks, at)
            except (Refused, Unreachable) as error:
                if _is_rivalry(error):
                    await asyncio.sleep(random.uniform(*_GIVE_WAY))  # noqa: S311 - no secret
                elif not is_temporary(error):
                    raise
                way.turn()
                await pause()
                at = first
            else:
                return

    async def _converse(
        self, gateway: Gateway, session: str, chunks: list[list[Row]], first: int
    ) -> None:
        before = self._digests[session, first - 1] if first else None
        async with gateway.reconciler(session, patience=_PATIENCE) as reconciler:
            messages = ([row.record for row in rows] for rows in chunks[first:])
            results = reconciler.run(messages, first_chunk=first, previous_digest=before)
            async with aclosing(results):
                async for result in results:
                    self._write(session, result)
        if session not in self._closed:
            self._closed.add(session)
            self._journal.add(closed=session, chunks=len(chunks))

    def _write(self, session: str, result: ChunkResult) -> None:
        self._journal.add(
            session=session,
            chunk=result.chunk_number,
            digest=result.digest.hex(),
            response=hashlib.sha256(result.response).hexdigest(),
            receipt=packed(result.evidence.receipt),
            verdicts=[
                (
                    record.verdict.name,
                    [flag.name for flag in record.flags],
                    [(each.field, each.agreement.name) for each in record.fields],
                )
                for record in result.records
            ],
        )
        self._note(self._journal.entries[-1])

    def _note(self, entry: dict[str, object]) -> None:
        if "closed" in entry:
            self._closed.add(str(entry["closed"]))
        if "chunk" in entry:
            place = str(entry["session"]), int(str(entry["chunk"]))
            self._digests[place] = bytes.fromhex(str(entry["digest"]))

    def _next(self, session: str) -> int:
        return next(at for at in count() if (session, at) not in self._digests)


def _is_rivalry(error: Refused | Unreachable) -> bool:
    """Whether our own other conversation, asked of the same server, took the session over."""
    return isinstance(error, Refused) and error.reason == "SESSION_TAKEN_OVER"


async def reconcile(setup: Setup, journal: Journal) -> None:
    """Reconcile over one connection at a time."""
    async with setup.connect() as way:
        await Sessions(setup, journal, way).run()


if __name__ == "__main__":
    start(reconcile)
