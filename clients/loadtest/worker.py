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
from clients.loadtest.orders import End, Heard, Job, Ready, Run, Samples, Told, Unconnected
from clients.loadtest.pacer import Pacer
from clients.loadtest.recorder import Recorder
from clients.loadtest.sending import Sender

_PATIENCE = 2.0  # seconds to connect, at least
_HEED_EVERY = 0.05  # seconds


class Worker:
    """One process's part of a load test."""

    def __init__(self, job: Job, pipe: Connection[Heard, Told]) -> None:
        self._job = job
        self._pipe = pipe
        self._sender = Sender(job)
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
        while not isinstance(told := await asyncio.to_thread(self._pipe.recv), End):
            if isinstance(told, Run):  # else the word to stop, when all was sent already
                await self._stretch(told)
        for line in self._sender.lines:
            await line.close()
        self._pipe.send(Samples(self._sender.samples))

    async def _stretch(self, run: Run) -> None:
        """Send, drain, tell."""
        recorder = self._sender.recorder = Recorder(len(self._job.scenario.mix))
        self._cpu = _cpu_seconds()
        with Pacer() as pacer:
            beside = self._tell(run, recorder), self._heed(pacer)
            tasks = [asyncio.create_task(each) for each in beside]
            await self._send(run, pacer)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        second = int(time.monotonic() - run.start)
        self._pipe.send(recorder.flush(second, _cpu_seconds() - self._cpu))
        self._pipe.send(recorder.totals())

    async def _send(self, run: Run, pacer: Pacer) -> None:
        """What is due until the end, or until it is stopped; and wait for the last answers."""
        await pacer.until(run.start)
        callers = self._callers(run, pacer)
        if not run.in_flight:
            await self._open_loop(run, pacer)
        await pacer.until(run.start + run.seconds)
        passed = max(time.monotonic() - run.start, 0.0)
        self._sender.recorder.drain(passed if pacer.released else run.seconds)
        await asyncio.gather(*callers)
        await self._sender.drain()

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
            if pacer.released:
                return
            sender.send(draws[stream].one(sender.chance), moment)

    def _callers(self, run: Run, pacer: Pacer) -> list[asyncio.Task[None]]:
        """Closed loop: this worker's callers, each of whom asks again once answered."""
        sender, mine = self._sender, range(self._job.worker, run.in_flight, self._job.workers)
        draw, end = Draw(run.streams[0].parts), run.start + run.seconds

        async def caller() -> None:
            while time.monotonic() < end and not pacer.released:
                await sender.call(draw.one(sender.chance), time.monotonic())

        return [asyncio.create_task(caller()) for _ in mine]

    async def _tell(self, run: Run, recorder: Recorder) -> None:
        """What there was, each second."""
        second = 0
        while True:
            await asyncio.sleep(max(run.start + second + 1 - time.monotonic(), 0))
            for line in self._sender.lines:
                line.refresh()
            self._pipe.send(recorder.flush(second, _cpu_seconds() - self._cpu))
            second += 1

    async def _heed(self, pacer: Pacer) -> None:
        """Send no more once there is a word, which is Stop, or nobody left to say it.

        Which of them is seen when the stretch is over, and the next word is read.
        """
        while not self._pipe.poll():  # noqa: ASYNC110 - uvloop's readers would unblock the pipe
            await asyncio.sleep(_HEED_EVERY)
        pacer.release()


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
    except (EOFError, ConnectionError):
        sys.exit(1)


async def _begin(job: Job, pipe: Connection[Heard, Told]) -> None:
    await Worker(job, pipe).work()


if __name__ == "__main__":
    main()
