"""``ReconcileCitizens``: records a second over the wire, and of a file by ``dancu sync``."""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import queue
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc

from dancu.v1.sync_service_pb2 import (
    CloseReconciliation,
    OpenReconciliation,
    ReconcileCitizensRequest,
    ReconcileCitizensResponse,
)
from tests.bench import machine
from tests.bench.errors import BenchError
from tests.bench.figures import Figure, Target, ratios
from tests.bench.process import Server
from tests.bench.questions import CHUNK_SIZE, CONTEXT, Question, chunk_requests, questions
from tests.bench.rounds import Series, Work, interleave
from tests.bench.samples import Sampler

METHOD = "/dancu.v1.SyncService/ReconcileCitizens"
UNKNOWN_SHARE = 0.1  # DOMAIN: six to ten in a hundred do not verify
RATE = Target(must=15_000, goal=25_000, at_most=False)
FLAT = Target(must=1.2, goal=1.1)
SAMPLE_EVERY = 100  # records
_SECONDS = 120.0
_LOOK_EVERY = 0.1
_OPTIONS = [("grpc.max_receive_message_length", -1)]


@dataclass(frozen=True, slots=True)
class Load:
    """The chunks of a round, in a session of its own."""

    records: int
    chunks: Sequence[bytes]

    def rate(self, server: Server) -> float:
        """Reconcile them; records a second."""
        began = time.monotonic()
        reconcile(server.address, self.chunks)
        return self.records / (time.monotonic() - began)

    def on(self, server: Server) -> Work:
        """This load on one gateway; a chunk is one leaf of the log."""
        return Work(server, lambda: self.rate(server), self.records, leaves=len(self.chunks))


def measure(
    server: Server, data_dir: Path, rounds: int, chunks: int, long: Server | None
) -> list[Figure]:
    """Interleaved rounds of ``chunks`` chunks on a gateway, and on one with a long log."""
    asked = questions(data_dir / "population.db", chunks * CHUNK_SIZE, UNKNOWN_SHARE)
    load = Load(len(asked), chunk_requests(asked))
    works = {"short": load.on(server)} | ({"long": load.on(long)} if long else {})
    for work in works.values():
        answers = reconcile(work.server.address, load.chunks[:2])
        Sampler(data_dir).chunk(asked[:CHUNK_SIZE], answers[0], SAMPLE_EVERY)
    found = interleave(works, rounds)
    figures = _figures("reconciliation", found["short"])
    if long:
        compared = ratios(found["long"].rates, found["short"].rates)
        figures += _figures("reconciliation, long access log", found["long"])
        figures.append(Figure("  rate / that with a short log", "×", compared))
    return figures


def measure_file(server: Server, data_dir: Path, rows: int) -> list[Figure]:
    """``dancu sync reconcile`` of a CSV, and its memory beside that for a quarter of it."""
    asked = questions(data_dir / "population.db", rows, UNKNOWN_SHARE)
    _, small = _reconcile_file(server, data_dir, asked[: rows // 4])
    seconds, large = _reconcile_file(server, data_dir, asked)
    return [
        Figure(f"dancu sync reconcile, {rows:,} rows", "rows/s", [rows / seconds], RATE),
        Figure("  its memory", "MB", [large]),
        Figure("  its memory / that for a quarter of the rows", "×", [large / small], FLAT),
    ]


def reconcile(address: str, chunks: Sequence[bytes]) -> list[bytes]:
    """Send chunks in one new session, as many at once as the gateway allows; returns the answers.

    Raises:
        BenchError: the stream ended before every chunk was answered.
    """
    session = f"bench-{uuid.uuid4().hex}"
    opening = OpenReconciliation(context=CONTEXT, session_id=session)
    allowed: queue.SimpleQueue[None] = queue.SimpleQueue()
    answers: list[bytes] = []
    with grpc.insecure_channel(address, options=_OPTIONS) as channel:
        start: grpc.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(METHOD)
        call = start(_requests(opening, chunks, allowed), timeout=_SECONDS)
        try:
            standing = ReconcileCitizensResponse.FromString(next(call)).standing
            for _ in range(standing.max_chunks_in_flight):
                allowed.put(None)
            for answer in itertools.islice(call, len(chunks)):
                answers.append(answer)
                allowed.put(None)
            if not ReconcileCitizensResponse.FromString(next(call)).HasField("closed"):
                raise BenchError("the session was not closed")
        except (grpc.RpcError, StopIteration) as error:
            raise BenchError(f"{METHOD}: {error!r}") from error
    return answers


def _requests(
    opening: OpenReconciliation, chunks: Sequence[bytes], allowed: queue.SimpleQueue[None]
) -> Iterator[bytes]:
    yield ReconcileCitizensRequest(open=opening).SerializeToString()
    for chunk in chunks:
        allowed.get()
        yield chunk
    yield ReconcileCitizensRequest(close=CloseReconciliation()).SerializeToString()


def _reconcile_file(
    server: Server, data_dir: Path, asked: Sequence[Question]
) -> tuple[float, float]:
    """Seconds and peak memory (MB) of the command, from start to end."""
    records = data_dir.with_suffix(f".{len(asked)}.csv")
    with records.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("personal_id", "old_id_number", "full_name", "birth_date"))
        writer.writerows(_row(one) for one in asked)
    out = records.with_suffix(".out.csv")
    command = [str(Path(sys.executable).with_name("dancu")), "sync", "reconcile", str(records)]
    command += ["--out", str(out), "--server", server.address, "--data-dir", str(data_dir)]
    began = time.monotonic()
    told = out.with_suffix(".json")
    with told.open("wb") as stream:
        process = subprocess.Popen([*command, "--json"], stdout=stream)  # noqa: S603 - our own command
        peak = _peak_memory(process)
    seconds = time.monotonic() - began
    if process.returncode not in (0, 1) or json.loads(told.read_text("utf-8"))["rows"] != len(
        asked
    ):
        raise BenchError(f"dancu sync reconcile ended with {process.returncode}")
    return seconds, peak


def _peak_memory(process: subprocess.Popen[bytes]) -> float:
    """Wait for the end; the most memory it had until shortly before, in MB."""
    peak = 0.0
    while process.poll() is None:
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            peak = max(peak, machine.peak_memory(process.pid))
        time.sleep(_LOOK_EVERY)
    return peak


def _row(one: Question) -> tuple[str, str, str, str]:
    claim = one.claim
    birth = claim.birth_date
    day = f"{birth.year:04d}-{birth.month:02d}-{birth.day:02d}"
    return claim.personal_id, "", claim.full_name, day


def _figures(name: str, series: Series) -> list[Figure]:
    return [
        Figure(f"{name}: rate", "records/s", series.rates, RATE),
        Figure("  CPU a record, of the gateway", "µs", series.cpu),
    ]
