"""``WatchChanges``: how fast a reader catches up, and how soon those who wait see a change.

Soon after what: the change's own ``recorded_at``, which the gateway reads from the same machine's
clock right before the event's transaction begins. So the delay counts the event's rules and its
commit, too, and is never less than what passes from the commit on.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
from google.type.date_pb2 import Date

from dancu.v1.change_pb2 import Change
from dancu.v1.citizen_pb2 import PersonName
from dancu.v1.population_event_pb2 import CorrectionEvent, LegalDocument, PopulationEvent
from dancu.v1.population_event_service_pb2 import (
    SubmitPopulationEventRequest,
    SubmitPopulationEventResponse,
)
from dancu.v1.statement_pb2 import ChangeBatch
from dancu.v1.sync_service_pb2 import WatchChangesRequest, WatchChangesResponse
from tests.bench.errors import BenchError
from tests.bench.figures import Figure, Target
from tests.bench.gateway import gateway
from tests.bench.process import Server
from tests.bench.questions import CONTEXT, Question, questions

WATCH = "/dancu.v1.SyncService/WatchChanges"
SUBMIT = "/dancu.v1.PopulationEventService/SubmitPopulationEvent"
RATE = Target(must=20_000, goal=20_000, at_most=False)
DELAY = Target(must=50, goal=50)
READERS = 100
CONNECTIONS = 5  # a gateway lets each have so many calls under way, see Limits
EVENTS = 30  # submitted while the readers wait
_DAY = Date(year=2025, month=7, day=1)
_SECONDS = 60.0
_OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]


def measure(folder: Path, rounds: int) -> list[Figure]:
    """Over a register whose every citizen has changed once: the rearrangement of 2025-07-01."""
    data_dir = folder / "rearranged"
    register = data_dir / "population.db"
    data_dir.mkdir()
    _dancu("population", "build", "--size", "100000", "--as-of", "2025-06-30", "--out", register)
    _dancu("population", "rearrange", "--data-dir", data_dir)
    asked = questions(register, 2 * EVENTS, unknown_share=0)
    with gateway(data_dir) as server:
        rates, cpu = zip(*(_catch_up(server) for _ in range(rounds)), strict=True)
        alone = asyncio.run(_see(server.address, asked[:EVENTS], 1))
        crowded = asyncio.run(_see(server.address, asked[EVENTS:], READERS))
    return [
        Figure("change feed, one reader from the start", "changes/s", rates, RATE),
        Figure("  CPU a change, of the gateway", "µs", cpu),
        Figure("change feed, recorded to seen by a waiting reader", "ms", alone, DELAY),
        Figure(f"  the same by {READERS} of them, the median one", "ms", crowded, DELAY),
    ]


def _catch_up(server: Server) -> tuple[float, float]:
    """Read the whole history; changes a second, and the gateway's CPU a change in µs."""
    used, began, count = server.cpu_seconds(), time.monotonic(), 0
    request = WatchChangesRequest(context=CONTEXT, start_revision=1)
    request.progress_interval.seconds = 1
    with grpc.insecure_channel(server.address, options=_OPTIONS) as channel:
        start: grpc.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(WATCH)
        call = start(request.SerializeToString(), timeout=_SECONDS)
        ended = began
        for answer in call:
            changes = len(_changes(answer))
            if not changes:  # a progress mark: nothing more is there
                break
            count, ended = count + changes, time.monotonic()
        call.cancel()
    used = server.cpu_seconds() - used
    return count / (ended - began), used / count * 1e6


async def _see(address: str, asked: Sequence[Question], count: int) -> list[float]:
    """Milliseconds from recording an event to seeing its change: per event, the median reader's."""
    async with AsyncExitStack() as stack:
        channels = [
            await stack.enter_async_context(grpc.aio.insecure_channel(address, options=_OPTIONS))
            for _ in range(CONNECTIONS)
        ]
        readers = [await _open(channels[at % CONNECTIONS]) for at in range(count)]
        submit: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channels[0].unary_unary(SUBMIT)
        delays = []
        for one in asked:
            event = _correction(one)
            seeing = asyncio.gather(*(_next_change(reader) for reader in readers))
            answer = await submit(event.SerializeToString(), timeout=_SECONDS)
            seen = await seeing
            if not SubmitPopulationEventResponse.FromString(answer).HasField("signed"):
                raise BenchError("an event has no receipt")
            delays.append(statistics.median(seen) * 1000)
        return delays


_Reader = AsyncIterator[bytes]


async def _open(channel: grpc.aio.Channel) -> _Reader:
    """A stream from now on, once it has shown that it waits."""
    request = WatchChangesRequest(context=CONTEXT)
    request.progress_interval.seconds = 1
    watch: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(WATCH)
    reader = aiter(watch(request.SerializeToString(), timeout=_SECONDS))
    if _changes(await anext(reader)):
        raise BenchError("a change came before anything was changed")
    return reader


async def _next_change(reader: _Reader) -> float:
    """Seconds from when the next change was recorded to when it came."""
    while True:
        answer = await anext(reader)
        came = time.time()
        if changes := _changes(answer):
            recorded = changes[0].recorded_at
            return came - (recorded.seconds + recorded.nanos / 1e9)


def _changes(answer: bytes) -> Sequence[Change]:
    """The changes of a message; none in a progress mark."""
    response = WatchChangesResponse.FromString(answer)
    if not response.HasField("signed"):
        return ()
    return ChangeBatch.FromString(response.signed.statement.value).changes


def _correction(one: Question) -> SubmitPopulationEventRequest:
    """An event that anybody may have: the name is written otherwise."""
    context = type(CONTEXT)()
    context.CopyFrom(CONTEXT)
    context.request_id = uuid.uuid4().hex
    family, _, rest = one.claim.full_name.partition(" ")
    document = LegalDocument(number="1", issued_date=_DAY, authority="bench")
    correction = CorrectionEvent(
        person=one.claim, name=PersonName(family=family, given=f"{rest} Bên".strip())
    )
    event = PopulationEvent(
        document=document, effective_date=_DAY, registered_date=_DAY, correction=correction
    )
    return SubmitPopulationEventRequest(context=context, event=event)


def _dancu(*arguments: str | Path) -> None:
    command = [str(Path(sys.executable).with_name("dancu")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise BenchError(f"{' '.join(command[1:3])}: {done.stderr.strip()[-200:]}")
