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
from collections.abc import Iterable, Iterator, Sequence
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
from tests.bench.questions import (
    CHUNK_SIZE,
    CONTEXT,
    Question,
    chunk_requests,
    count_askable,
    questions,
)
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

    def on(self, server: Server, *, recorded: bool = True) -> Work:
        """This load on one gateway; a chunk is one leaf of the log."""
        leaves = len(self.chunks) if recorded else 0
        return Work(server, lambda: self.rate(server), self.records, leaves=leaves)


@dataclass(frozen=True, slots=True)
class Gateways:
    """Over registers of the same content."""

    usual: Server
    unrecorded: Server  # the same without recording
    long: Server | None = None  # with a long access log


def measure(gateways: Gateways, data_dir: Path, rounds: int, chunks: int) -> list[Figure]:
    """Interleaved rounds of ``chunks`` chunks on each gateway."""
    asked = questions(data_dir / "population.db", chunks * CHUNK_SIZE, UNKNOWN_SHARE)
    load = Load(len(asked), chunk_requests(asked))
    works = {"usual": load.on(gateways.usual)}
    works["unrecorded"] = load.on(gateways.unrecorded, recorded=False)
    if gateways.long:
        works["long"] = load.on(gateways.long)
    for name, work in works.items():
        answers = reconcile(work.server.address, load.chunks[:2])
        if name != "unrecorded":
            Sampler(data_dir).chunk(asked[:CHUNK_SIZE], answers[0], SAMPLE_EVERY)
    found = interleave(works, rounds)
    figures = _figures("reconciliation", found["usual"])
    unrecorded = found["unrecorded"]
    figures.append(Figure("  the same without recording", "µs", unrecorded.cpu))
    shares = ratios(found["usual"].cpu, unrecorded.cpu)
    figures.append(Figure("  with / without recording", "×", shares))
    if gateways.long:
        compared = ratios(found["long"].rates, found["usual"].rates)
        figures += _figures("reconciliation, long access log", found["long"])
        figures.append(Figure("  rate / that with a short log", "×", compared))
    return figures


def measure_file(server: Server, data_dir: Path, rows: int) -> list[Figure]:
    """``dancu sync reconcile`` of a CSV: its rate, what it costs both sides, and its memory.

    Of a file that is longer than the register the rows come again and again.
    """
    register = data_dir / "population.db"
    distinct = min(rows, count_askable(register))
    asked = questions(register, distinct, UNKNOWN_SHARE)
    used = server.cpu_seconds()
    run = _reconcile_file(server, data_dir, itertools.islice(itertools.cycle(asked), rows), rows)
    used = server.cpu_seconds() - used
    return [
        Figure(f"dancu sync reconcile, {rows:,} rows", "rows/s", [rows / run.seconds], RATE),
        Figure("  CPU a row, of the gateway", "µs", [used / rows * 1e6]),
        Figure("  CPU a row, of the client", "µs", [run.cpu / rows * 1e6]),
        Figure("  the client's memory at most", "MB", [max(run.memory)]),
        Figure("  the same / in the first quarter of the time", "×", [run.growth], FLAT),
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


@dataclass(frozen=True, slots=True)
class _Run:
    """The command, from start to end."""

    seconds: float
    cpu: float  # seconds
    memory: Sequence[float]  # MB, looked at again and again

    @property
    def growth(self) -> float:
        """The most memory that it had, beside the most in the first quarter of the time."""
        return max(self.memory) / max(self.memory[: len(self.memory) // 4 + 1])


def _reconcile_file(server: Server, data_dir: Path, asked: Iterable[Question], rows: int) -> _Run:
    records = data_dir.with_suffix(f".{rows}.csv")
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
        cpu, memory = _watched(process)
    seconds = time.monotonic() - began
    if process.returncode not in (0, 1) or json.loads(told.read_text("utf-8"))["rows"] != rows:
        raise BenchError(f"dancu sync reconcile ended with {process.returncode}")
    return _Run(seconds, cpu, memory)


def _watched(process: subprocess.Popen[bytes]) -> tuple[float, list[float]]:
    """Wait for the end; the CPU seconds until shortly before, and the memory (MB) all along."""
    cpu, memory = 0.0, []
    while process.poll() is None:
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            memory.append(machine.memory(process.pid))
            cpu = machine.cpu_seconds(process.pid)
        time.sleep(_LOOK_EVERY)
    return cpu, memory


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
