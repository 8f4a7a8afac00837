"""The files that a reconciliation writes, and its journal, kept in step."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from clients.reconcile.bundle import delimited
from clients.reconcile.errors import FileError
from clients.reconcile.journal import State, load, new_session, save, sync_directory
from clients.reconcile.outcomes import OutcomeReader
from clients.reconcile.results import Form
from clients.reconcile.tables import Piece
from clients.sdk.reconciled import ChunkResult

_KEEP_EVERY = 1.0  # seconds; what was written since the last time is fetched again after a crash


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything goes.

    Attributes:
        result: The rows with their verdicts.
        bundle: The signed statements, one after the other.
        answers: The whole answers, of which one row's receipt can be cut; None to keep none.
    """

    result: Path
    bundle: Path
    answers: Path | None = None

    def named(self) -> dict[str, Path]:
        """Each file by what it is."""
        more = {"answers": self.answers} if self.answers else {}
        return {"result": self.result, "bundle": self.bundle} | more


class Books:
    """Open files; use with ``with``, and ``finish`` at the end of the work.

    Attributes:
        state: Where the work stands, with what was written just now.
    """

    def __init__(
        self, places: Places, form: Form, source: Mapping[str, Any], session: str | None
    ) -> None:
        self._places = places.named()
        self._form = form
        self._journal = beside(places.result, ".journal")
        self._lock = beside(places.result, ".lock")
        self._source, self._session = dict(source), session
        self._reader = OutcomeReader()
        self._closing = ExitStack()
        self._files: dict[str, BinaryIO] = {}
        self._kept_at = time.monotonic()
        self._opened = False
        self.state = State("", {})

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._closing:
            if not self._opened:
                self._discard()
            elif not self.state.finished:
                self.keep()

    def opened(self) -> None:
        """The gateway knows the session: from here on what was done is kept, however it ends."""
        self._opened = True

    def enter(self, piece: Piece, result: ChunkResult, not_understood: Mapping[str, int]) -> None:
        """Write the rows of one chunk, and its statement."""
        outcomes = self._reader.read(result)
        state, tally = self.state, self.state.tally
        self._write("result", self._form.rows(piece.rows, outcomes))
        self._write("bundle", delimited(result.evidence.receipt))
        if "answers" in self._files:
            self._write("answers", delimited(result.response))
        state.next_chunk, state.digest = result.chunk_number + 1, result.digest.hex()
        tally.add(piece.first_row, _numbers(piece), outcomes)
        tally.not_understood.update(not_understood)
        tally.unreadable += piece.unreadable
        if time.monotonic() - self._kept_at >= _KEEP_EVERY:
            self.keep()

    def keep(self) -> None:
        """Make all that was written durable, and then say so in the journal."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        save(self._journal, self.state)
        self._kept_at = time.monotonic()

    def finish(self) -> None:
        """Give the files their names. May be done again after a crash in the midst of it."""
        self.state.finished = True
        self.keep()
        # the result last: where it is, everything is
        for path in reversed(self._places.values()):
            part = beside(path, ".part")
            if part.exists():
                part.replace(path)
            sync_directory(path.parent)
        self._journal.unlink(missing_ok=True)

    def _open(self) -> None:
        # the lock is on a file of its own: the others are renamed
        lock = self._closing.enter_context(self._lock.open("wb"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileError(f"{self._places['result']}: another process is at work on it") from None
        self._closing.callback(self._lock.unlink, missing_ok=True)
        left = load(self._journal, self._source, self._session)
        self.state = left or State(self._session or new_session(self._source), self._source)
        self._opened = left is not None
        if self.state.finished:
            return
        for what, path in self._places.items():
            part = beside(path, ".part")
            self._files[what] = file = self._closing.enter_context(part.open("ab"))
            _cut(file, self.state.lengths.setdefault(what, 0))
        if left is None:
            self._write("result", self._form.head())
            self.keep()

    def _discard(self) -> None:
        for path in self._places.values():
            beside(path, ".part").unlink(missing_ok=True)
        self._journal.unlink(missing_ok=True)

    def _write(self, what: str, content: bytes) -> None:
        self.state.lengths[what] += self._files[what].write(content)


def beside(path: Path, suffix: str) -> Path:
    """The file of the same name with something after it."""
    return path.with_name(path.name + suffix)


def _cut(file: BinaryIO, length: int) -> None:
    """Cut off what the journal does not know of."""
    if os.fstat(file.fileno()).st_size < length:
        raise FileError(f"{file.name} is shorter than its journal says; delete both to begin anew")
    file.truncate(length)


def _numbers(piece: Piece) -> Sequence[str]:
    """What each row is called by in the summary."""
    first = piece.columns.get("personal_id")
    second = piece.columns.get("old_id_number")
    if first is None or second is None:
        return first or second or ()
    return [one or other for one, other in zip(first, second, strict=True)]
