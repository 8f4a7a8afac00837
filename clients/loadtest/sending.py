"""The timed path: a call leaves, an answer comes, two moments are kept. Nothing is parsed here."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine, Iterator
from itertools import cycle

import grpc

from clients.loadtest.claims import Draw
from clients.loadtest.lanes import Cut
from clients.loadtest.line import Line
from clients.loadtest.orders import Job, Sample
from clients.loadtest.recorder import Recorder
from clients.loadtest.requests import Ask, requests_of
from clients.loadtest.scenario import Rpc


class Sender:
    """Sends the calls of one worker, and keeps some answers.

    Attributes:
        lines: One of each caller.
        chance: Where all draws come from.
        recorder: What is counted at the moment; another one for each stretch of load.
    """

    def __init__(self, job: Job) -> None:
        scenario = job.scenario
        self._parts = scenario.mix
        self._timeout = scenario.timeout
        self._room = scenario.max_in_flight
        self._job = job
        self.chance = random.Random(f"{scenario.seed}/{job.worker}")  # noqa: S311 - no secret
        self._callers = Draw([(at, one.share) for at, one in enumerate(scenario.callers)])
        self._under_way: set[asyncio.Task[None]] = set()
        self._seen = 0
        self.samples: list[Sample] = []
        self.recorder = Recorder(len(scenario.mix))
        self.lines = [
            Line(job.server, credentials, scenario.connections, context, scenario.timeout)
            for credentials, context in zip(job.credentials, job.contexts, strict=True)
        ]
        self._asks = [
            [self._requests(part, caller) for caller in range(len(scenario.callers))]
            for part in range(len(scenario.mix))
        ]

    @property
    def in_flight(self) -> int:
        """Calls that wait for their answers."""
        return len(self._under_way)

    def send(self, part: int, due: float) -> None:
        """Let a call leave that was due at a moment; drop it when too many wait already."""
        if len(self._under_way) >= self._room:
            self.recorder.dropped(part)
            return
        task = asyncio.get_running_loop().create_task(self.call(part, due))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def drain(self) -> None:
        """Wait for what is under way; every call has a deadline."""
        while self._under_way:
            await asyncio.wait(tuple(self._under_way))

    def call(self, part: int, due: float) -> Coroutine[None, None, None]:
        """One call from beginning to end, recorded."""
        caller = self._callers.one(self.chance)
        ask = next(self._asks[part][caller])
        how = self._chunk if self._parts[part].rpc is Rpc.RECONCILE else self._unary
        return how(part, caller, ask, due)

    async def _unary(self, part: int, caller: int, ask: Ask, due: float) -> None:
        line, recorder, rpc = self.lines[caller], self.recorder, self._parts[part].rpc
        sent = time.monotonic()
        recorder.due(part, len(ask.request), sent - due)
        try:
            raw = await line.call(rpc)(ask.request, timeout=self._timeout, metadata=line.metadata)
        except grpc.aio.AioRpcError as error:
            now = time.monotonic()
            status, detail = error.code().name, error.details() or ""
            recorder.failed(part, status, detail, now - due, now - sent)
            return
        now = time.monotonic()
        recorder.answered(part, ask.records, len(raw), now - due, now - sent)
        if self._is_kept():
            self._keep(Sample(rpc, ask.kind, ask.request, ask.request_id, raw, caller))

    async def _chunk(self, part: int, caller: int, ask: Ask, due: float) -> None:
        line, recorder = self.lines[caller], self.recorder
        sent = time.monotonic()
        recorder.due(part, len(ask.request), sent - due)
        try:
            answered = await line.lanes.chunk(ask.request)
        except Cut as cut:
            now = time.monotonic()
            recorder.failed(part, cut.args[0], cut.args[1], now - due, now - sent)
            return
        now = time.monotonic()
        recorder.answered(part, ask.records, len(answered.raw), now - due, now - sent)
        if self._is_kept():
            request, session, raw = answered
            self._keep(Sample(Rpc.RECONCILE, ask.kind, request, session, raw, caller))

    def _is_kept(self) -> bool:
        """Each answer has the same chance to be kept, however many follow."""
        self._seen += 1
        return self.chance.random() * self._seen < self._job.samples

    def _keep(self, sample: Sample) -> None:
        if len(self.samples) < self._job.samples:
            self.samples.append(sample)
        else:
            self.samples[self.chance.randrange(len(self.samples))] = sample

    def _requests(self, part: int, caller: int) -> Iterator[Ask]:
        job, sort = self._job, self._parts[part]
        units = job.scenario.callers[caller].units
        seed = f"load-{job.scenario.seed}-{job.worker}-{part}-{caller}"
        asks = requests_of(sort, job.scenario, job.people, job.contexts[caller], units, seed)
        return cycle(asks)
