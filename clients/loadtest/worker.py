"""A worker process: ``python -m clients.loadtest.worker FD``.

It is told what to do through a pipe, connects, says that it is ready, and then sends one stretch
of load after the other, by the system's own clock.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
import sys
import time
from multiprocessing.connection import Connection

import uvloop

from clients.loadtest.arrivals import arrivals
from clients.loadtest.claims import Draw
from clients.loadtest.orders import Heard, Job, Ready, Run, Samples, Stop, Told, Unconnected
from clients.loadtest.pacer import Pacer
from clients.loadtest.recorder import Recorder
from clients.loadtest.sending import Sender

_PATIENCE = 2.0  # seconds to connect, at least


class Worker:
    """One process's part of a load test."""

    def __init__(self, job: Job, pipe: Connection[Heard, Told]) -> None:
        self._job = job
        self._pipe = pipe
        self._sender = Sender(job)
        self._stopped = False
        self._cpu = 0.0  # used before the stretch

    async def work(self) -> None:
        """Connect, and do what is told until there is no more."""
        patience = max(self._job.scenario.timeout, _PATIENCE)
        try:
            for line in self._sender.lines:
                await line.connect(patience)
        except TimeoutError:
            self._pipe.send(Unconnected(f"no connection within {patience:g} s"))
            return
        gc.collect()
        gc.freeze()  # what is there now stays, and need not be looked through again
        self._pipe.send(Ready())
        while isinstance(told := await asyncio.to_thread(self._pipe.recv), Run):
            await self._stretch(told)
        for line in self._sender.lines:
            await line.close()
        self._pipe.send(Samples(self._sender.samples))

    async def _stretch(self, run: Run) -> None:
        """Send, drain, tell."""
        recorder = self._sender.recorder = Recorder(len(self._job.scenario.mix))
        self._stopped, self._cpu = False, _cpu_seconds()
        ticking = asyncio.create_task(self._tell(run, recorder))
        with Pacer() as pacer:
            await (self._closed_loop if run.in_flight else self._open_loop)(run, pacer)
        recorder.draining = True
        await self._sender.drain()
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        second = int(time.monotonic() - run.start)
        self._pipe.send(recorder.flush(second, _cpu_seconds() - self._cpu))
        self._pipe.send(recorder.totals())

    async def _open_loop(self, run: Run, pacer: Pacer) -> None:
        """Each call leaves when it is due, whatever became of the ones before."""
        job, sender = self._job, self._sender
        draws = [Draw(stream.parts) for stream in run.streams]
        due = arrivals(
            [stream.curve for stream in run.streams],
            worker=job.worker,
            workers=job.workers,
            spacing=job.scenario.spacing,
            seed=job.scenario.seed,
        )
        for second, stream in due:
            moment = run.start + second
            await pacer.until(moment)
            if self._stopped:
                return
            sender.send(draws[stream].one(sender.chance), moment)
        await pacer.until(run.start + run.seconds)

    async def _closed_loop(self, run: Run, pacer: Pacer) -> None:
        """So many callers, each of whom asks again once answered."""
        job, sender = self._job, self._sender
        draw, end = Draw(run.streams[0].parts), run.start + run.seconds
        mine = len(range(job.worker, run.in_flight, job.workers))
        await pacer.until(run.start)

        async def caller() -> None:
            while time.monotonic() < end and not self._stopped:
                await sender.call(draw.one(sender.chance), time.monotonic())

        callers = [asyncio.create_task(caller()) for _ in range(mine)]
        await pacer.until(end)
        sender.recorder.draining = True
        await asyncio.gather(*callers)

    async def _tell(self, run: Run, recorder: Recorder) -> None:
        """What there was, each second; and look whether it is to end."""
        second = 0
        while True:
            await asyncio.sleep(max(run.start + second + 1 - time.monotonic(), 0))
            for line in self._sender.lines:
                line.refresh()
            self._pipe.send(recorder.flush(second, _cpu_seconds() - self._cpu))
            second += 1
            if self._pipe.poll() and isinstance(self._pipe.recv(), Stop):
                self._stopped = True


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Work until the one who started us has enough, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us is told, and tells us
    pipe: Connection[Heard, Told] = Connection(int(sys.argv[1]))
    try:
        job = pipe.recv()
        if isinstance(job, Job):
            uvloop.run(_begin(job, pipe))
    except (EOFError, BrokenPipeError):
        sys.exit(1)


async def _begin(job: Job, pipe: Connection[Heard, Told]) -> None:
    await Worker(job, pipe).work()


if __name__ == "__main__":
    main()
