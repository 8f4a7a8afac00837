"""The decision journal: the latest calls that were refused or not verified, check by check.

A convenience, not evidence: the log is. Two files of at most 5 MB, the older one overwritten in
turn, readable by their owner only. Callers never wait for it: what comes faster than it is
written, or cannot be written at all, is dropped and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import structlog

from gateway.core.trail import Explained

MAX_BYTES = 5_000_000  # of each of the two files
MAX_WAITING = 500  # entries between two writings
PAUSE_SECONDS = 0.2  # between two writings
MAX_STRANGERS = 20  # entries of callers that proved nothing, in so many seconds
STRANGERS_SECONDS = 60.0

_log = structlog.get_logger(__name__)


class Decisions:
    """Keeps decisions. Made by ``keeping_decisions``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: deque[Explained] = deque()
        self._arrived = asyncio.Event()
        self._dropped = 0
        self._strangers = 0
        self._strangers_since = time.monotonic()

    def keep(self, decision: Explained) -> None:
        """Take a decision to be written soon; never waits, never fails."""
        if not decision.caller and not self._has_room_for_strangers():
            return
        if len(self._waiting) >= MAX_WAITING:
            self._dropped += 1
            return
        self._waiting.append(decision)
        self._arrived.set()

    async def run(self) -> None:
        """Write what arrives, until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await self.write()
            await asyncio.sleep(PAUSE_SECONDS)

    def _has_room_for_strangers(self) -> bool:
        """They must not push out the others' entries."""
        now = time.monotonic()
        if now - self._strangers_since > STRANGERS_SECONDS:
            self._strangers_since, self._strangers = now, 0
        self._strangers += 1
        return self._strangers <= MAX_STRANGERS

    async def write(self) -> None:
        """Write what waits."""
        taken, dropped = list(self._waiting), self._dropped
        self._waiting.clear()
        self._dropped = 0
        try:
            await asyncio.to_thread(_append, self._path, taken)
        except OSError as error:
            _log.warning("decisions_not_written", cause=type(error).__name__, count=len(taken))
        if dropped:
            _log.warning("decisions_dropped", count=dropped)


@contextlib.asynccontextmanager
async def keeping_decisions(path: Path) -> AsyncIterator[Decisions]:
    """Keep decisions for the length of the block."""
    decisions = Decisions(path)
    task = asyncio.create_task(decisions.run(), name="decisions")
    try:
        yield decisions
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await decisions.write()


def find_decision(path: Path, trace: str) -> dict[str, Any] | None:
    """The decision with a trace, as it was kept; None if it is not there, or no more.

    Raises:
        OSError: the journal cannot be read.
    """
    for file in (path, _former(path)):
        with contextlib.suppress(FileNotFoundError), file.open(encoding="utf-8") as lines:
            for line in lines:
                if trace in line and (found := _read(line)).get("trace") == trace:
                    return found
    return None


def _read(line: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:  # cut off by a full disk or a killed gateway
        return {}
    return found


def _append(path: Path, decisions: Sequence[Explained]) -> None:
    """Add whole lines; several gateways may, at one file."""
    if not decisions:
        return
    lines = "".join(_line(decision) for decision in decisions).encode()
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        os.write(descriptor, lines)
    finally:
        os.close(descriptor)
    if size + len(lines) > MAX_BYTES:
        with contextlib.suppress(FileNotFoundError):  # another gateway was faster
            path.replace(_former(path))


def _line(decision: Explained) -> str:
    checks = [check._asdict() for check in decision.checks]
    return json.dumps(decision._asdict() | {"checks": checks}, ensure_ascii=False) + "\n"


def _former(path: Path) -> Path:
    return path.with_suffix(f".old{path.suffix}")
