"""Reconciling a system's own records: sessions of chunks, each answered once and for good.

A session belongs to its caller and its name, and its context is fixed when it is opened. One
stream at a time goes on with it: the latest. The stream before ends, because most often it is
one whose client has lost it and the network has not noticed yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog

from gateway.core.errors import CallError, Conflict, Obstructed
from gateway.core.model import Call
from gateway.core.policy import RPCS
from gateway.core.records import check_opening
from gateway.flows.admission import Gate
from gateway.flows.ports import Records, Sessions
from gateway.flows.reconcile_sitting import KEPT_SECONDS, Sitting

SALT_SIZE = 32  # bytes
IDLE_SECONDS = 30 * 86_400  # then a session is closed
PURGE_SECONDS = 600.0
PURGE_PAUSE = 0.02  # seconds between two deletions: calls are served in between

_RPC = RPCS["ReconcileCitizens"]

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Seat:
    """A stream that has opened a session, or is about to."""

    ended: CallError | None = None
    sitting: Sitting | None = None

    def end(self, error: CallError) -> None:
        """Let another stream go on with the session."""
        self.ended = error
        if self.sitting is not None:
            self.sitting.end(error)


class Reconciliation:
    """Compares callers' own records with the register."""

    def __init__(self, gate: Gate, records: Records, sessions: Sessions) -> None:
        self._gate = gate
        self._records = records
        self._sessions = sessions
        self._seats: dict[tuple[str, str], _Seat] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def sit(self, call: Call, name: str) -> AsyncIterator[Sitting]:
        """Open a session, or go on with it, for the length of the block.

        Raises:
            CallError: malformed, refused, out of reach, or another stream took it over.
        """
        check_opening(call.context, name)
        async with self._gate.admit(call, 0):
            pass
        place, seat = (call.caller, name), _Seat()
        before = self._seats.get(place)
        self._seats[place] = seat
        try:
            if before is not None:
                await _take_over(before)
            seat.sitting = await self._sitting(call, name)
            if seat.ended is not None:
                raise seat.ended
            yield seat.sitting
        finally:
            leaving = asyncio.create_task(self._leave(place, seat), name=f"leaving {name}")
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def purge(self) -> None:
        """Delete what has expired, from time to time, until cancelled."""
        while True:
            try:
                await self.purge_once()
            except CallError as error:
                _log.warning("sessions_not_purged", reason=error.reason)
            await asyncio.sleep(PURGE_SECONDS)

    async def purge_once(self) -> None:
        """Close what is idle, and delete what has expired."""
        found = True
        while found:
            now = int(self._gate.now())
            idle, expired = now - IDLE_SECONDS, now - KEPT_SECONDS
            found = await self._sessions.purge(_RPC, idle, expired, now)
            await asyncio.sleep(PURGE_PAUSE)

    async def _sitting(self, call: Call, name: str) -> Sitting:
        context = json.dumps(call.context, ensure_ascii=False)
        salt, now = os.urandom(SALT_SIZE), int(self._gate.now())
        session = await self._sessions.open(call.caller, name, context, salt, now)
        if session.context != context:
            raise _session_changed()
        return Sitting(self._gate, self._records, self._sessions, name, session)

    async def _leave(self, place: tuple[str, str], seat: _Seat) -> None:
        """Free the place once nothing is under way: whoever comes before that waits for it."""
        if seat.sitting is not None:
            await seat.sitting.settle()
        if self._seats.get(place) is seat:
            del self._seats[place]


@contextlib.asynccontextmanager
async def keeping_sessions(reconciliation: Reconciliation) -> AsyncIterator[None]:
    """Purge in the background for the length of the block."""
    task = asyncio.create_task(reconciliation.purge(), name="sessions")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _take_over(before: _Seat) -> None:
    before.end(_taken_over())
    if before.sitting is not None:
        await before.sitting.settle()


def _taken_over() -> Obstructed:
    return Obstructed(
        "SESSION_TAKEN_OVER",
        "another stream goes on with this session; only one at a time can",
        "một luồng khác đang tiếp tục phiên này; mỗi lúc chỉ một luồng được phép",
    )


def _session_changed() -> Conflict:
    return Conflict(
        "SESSION_CHANGED",
        "this session was opened with another context; send the same, or open another session",
        "phiên này được mở với ngữ cảnh khác; hãy gửi đúng như cũ hoặc mở phiên khác",
    )
