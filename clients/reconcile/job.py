"""A file reconciled, from its first byte to the summary.

(1) open the file: its kind, its encoding, its columns
(2) take up what an earlier run left, or begin
(3) open the session; the gateway says where it stands
(4) send chunks ahead, write what was signed of each, in order
(5) close the session, give the files their names
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from clients.reconcile.books import Books, Places
from clients.reconcile.errors import FileError
from clients.reconcile.journal import source_of
from clients.reconcile.kinds import kind_of
from clients.reconcile.parquet import ParquetTable
from clients.reconcile.results import form_for
from clients.reconcile.tables import Piece, Table, open_text_table
from clients.reconcile.tally import Tally
from clients.reconcile.values import fill
from clients.sdk import Gateway, Refused, Unreachable
from clients.sdk.reconciled import Closed, Parked
from dancu.v1 import sync_service_pb2

_SESSION = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done.

    Attributes:
        file: The records.
        places: Where everything goes.
        mapping: Column by field, where they are not called alike.
        encoding: ``auto`` or a name of ``encodings.NAMES``.
        chunk_size: Records a chunk, 1 to 1,000.
        session: The session's id; None to make one up.
        patience: Seconds to go on trying while nobody answers.
    """

    file: Path
    places: Places
    mapping: Mapping[str, str]
    encoding: str
    chunk_size: int
    session: str | None
    patience: float


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: how many of what, by which session, and until when answers are kept."""

    session: str
    encoding: str
    tally: Tally
    closed: Closed | None


class Watcher(Protocol):
    """Is told how the work goes on."""

    def begins(self, session: str, rows: int) -> None:
        """The session, and how many rows an earlier run has done; 0 when it begins anew."""
        ...

    def wrote(self, rows: int, done: float) -> None:
        """Rows with a result, all told, and how much of the file was read, 0 to 1."""
        ...

    def parked(self, parked: Parked) -> None:
        """The quota is used up."""
        ...

    def cut(self, error: Refused | Unreachable) -> None:
        """The stream was cut; another is opened."""
        ...


async def reconcile(job: Job, gateway: Gateway, watcher: Watcher) -> Done:
    """Reconcile a file, or go on with it.

    However it ends, what was written is kept, and the same call goes on from there.

    Raises:
        OSError: A file cannot be read or written.
        FileError: The file or the options do not fit.
        Refused, Unreachable, UntrustedAnswer: As ``Reconciler.run``.
    """
    # (1) open the file: its kind, its encoding, its columns
    _check_options(job)
    with open_table(job) as table:
        form = form_for(table, job.places.result)
        encoding = table.encoding.name if table.encoding else ""
        settings = {
            "chunk_size": job.chunk_size,
            "encoding": encoding,
            "columns": dict(table.found),
            "answers": job.places.answers is not None,
        }

        # (2) take up what an earlier run left, or begin
        source = source_of(job.file, settings)
        with Books(job.places, form, source, job.session) as books:
            state = books.state
            watcher.begins(state.session, state.tally.rows)
            closed = (
                None if state.finished else await _converse(job, gateway, watcher, table, books)
            )

            # (5) close the session, give the files their names
            books.finish()
            return Done(state.session, encoding, state.tally, closed)


def open_table(job: Job) -> Table:
    """Open the file that a job names."""
    kind = kind_of(job.file)
    if kind == "parquet":
        return ParquetTable(job.file, job.mapping)
    return open_text_table(job.file, kind, job.mapping, job.encoding)


async def _converse(
    job: Job, gateway: Gateway, watcher: Watcher, table: Table, books: Books
) -> Closed | None:
    state = books.state
    reading = _Reading(table, job.chunk_size, state.tally.rows)

    # (3) open the session; the gateway says where it stands
    async with gateway.reconciler(
        state.session, patience=job.patience, on_parked=watcher.parked, on_cut=watcher.cut
    ) as reconciler:
        books.opened()

        # (4) send chunks ahead, write what was signed of each, in order
        results = reconciler.run(
            reading.chunks(),
            first_chunk=state.next_chunk,
            previous_digest=bytes.fromhex(state.digest),
        )
        async with aclosing(results):
            async for result in results:
                piece, not_understood = reading.sent.popleft()
                books.enter(piece, result, not_understood)
                watcher.wrote(state.tally.rows, table.done())
        return reconciler.closed


class _Reading:
    """The file as chunks; pieces whose chunks are on their way wait in ``sent``."""

    def __init__(self, table: Table, size: int, skip: int) -> None:
        self._pieces = table.pieces(size, skip)
        self.sent: deque[tuple[Piece, Counter[str]]] = deque()

    def chunks(self) -> Iterator[sync_service_pb2.RecordChunk]:
        """What is still to be sent."""
        for piece in self._pieces:
            chunk = sync_service_pb2.RecordChunk()
            not_understood = fill(chunk, piece.first_row, piece.columns)
            self.sent.append((piece, not_understood))
            yield chunk


def _check_options(job: Job) -> None:
    if job.session is not None and not _SESSION.fullmatch(job.session):
        raise FileError(f"--session {job.session}: 1 to 40 characters of A-Z a-z 0-9 - _")
    paths = [path.absolute() for path in (job.file, *job.places.named().values())]
    if len(set(paths)) < len(paths):
        raise FileError("the file, --out, --bundle and --answers must be different files")
