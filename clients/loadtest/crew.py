"""The workers of a load test, as processes of their own.

They are spawned anew: gRPC does not survive a fork.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from types import TracebackType
from typing import Self

from clients.loadtest.errors import LoadError, NoGatewayError
from clients.loadtest.orders import (
    End,
    Heard,
    Job,
    Ready,
    Run,
    Sample,
    Samples,
    Stop,
    Told,
    Unconnected,
)
from clients.loadtest.recorder import Tick, Totals

_LEAD = 0.2  # seconds between the word to start and the start
_GRACE = 30.0  # seconds beyond a stretch and its last call until a worker is taken for dead
_PARTING = 10.0  # seconds to end

OnTick = Callable[[int, Tick], None]


class Crew:
    """Some workers; to be used with ``with``, which starts and ends them.

    Args:
        count: How many.
        longest_call: Seconds after which the last call is over, when no more are sent.
    """

    def __init__(self, count: int, longest_call: float) -> None:
        self._count = count
        self._longest_call = longest_call
        self._pipes: list[Connection[Told, Heard]] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self._running = self._stopped = False

    def __enter__(self) -> Self:
        for _ in range(self._count):
            ours, theirs = Pipe()
            with theirs:
                command = [sys.executable, "-m", "clients.loadtest.worker", str(theirs.fileno())]
                process = subprocess.Popen(command, pass_fds=[theirs.fileno()])  # noqa: S603 - our own module
            self._pipes.append(ours)
            self._processes.append(process)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._running = False
        for pipe in self._pipes:
            pipe.close()  # a worker that waits for a word ends
        for process in self._processes:
            if kind is not None:
                process.terminate()
            try:
                process.wait(_PARTING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def pids(self) -> list[int]:
        """Of the workers."""
        return [process.pid for process in self._processes]

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Give each its job, and wait until all are connected; NoGatewayError if one cannot."""
        for pipe, job in zip(self._pipes, jobs, strict=True):
            with self._alive():
                pipe.send(job)
        for _, heard in self._hear(Ready, 120.0):
            if isinstance(heard, Unconnected):
                raise NoGatewayError(heard.detail)

    def run(self, run: Callable[[float], Run], on_tick: OnTick) -> list[Totals]:
        """One stretch of load on all workers at the same time.

        Args:
            run: Made when the moment of its start is known.
            on_tick: Told each second of each worker: its number, and what it saw.
        """
        stretch = run(time.monotonic() + _LEAD)
        self._tell(stretch)
        self._running = True
        if self._stopped:  # before all were told to run
            self._tell(Stop())
        totals: dict[int, Totals] = {}
        patience = stretch.seconds + self._longest_call + _GRACE
        for worker, heard in self._hear(Totals, patience):
            if isinstance(heard, Tick):
                on_tick(worker, heard)
            elif isinstance(heard, Totals):
                totals[worker] = heard
        self._running = False
        return [totals[worker] for worker in sorted(totals)]

    def stop(self) -> None:
        """End the stretch that runs, and any later one; what is under way is still waited for.

        A signal's handler may call it: it waits for a word that is half said.
        """
        self._stopped = True
        if self._running:
            self._tell(Stop())

    def dismiss(self) -> list[Sample]:
        """End the work, and collect the kept answers."""
        self._tell(End())
        heard = [one for _, one in self._hear(Samples, 60.0)]
        return [each for one in heard if isinstance(one, Samples) for each in one.samples]

    def _tell(self, word: Told) -> None:
        """One word to all workers."""
        for pipe in self._pipes:
            with self._alive():
                pipe.send(word)

    def _hear(self, last: type[Heard], patience: float) -> Iterator[tuple[int, Heard]]:
        """What workers say, until each has said its last word."""
        end, open_ends = time.monotonic() + patience, list(self._pipes)
        while open_ends:
            ready = wait(open_ends, max(end - time.monotonic(), 0))
            if not ready:
                raise LoadError("a worker does not answer any more")
            for pipe in ready:
                assert isinstance(pipe, Connection)  # noqa: S101 - of ours
                with self._alive():
                    heard = pipe.recv()
                if isinstance(heard, last | Unconnected):
                    open_ends.remove(pipe)
                yield self._pipes.index(pipe), heard

    @contextlib.contextmanager
    def _alive(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, ConnectionError):
            codes = [process.poll() for process in self._processes]
            told = ", ".join(f"{code}" for code in codes if code is not None) or "none yet"
            raise LoadError(f"a worker ended before its time (exit codes: {told})") from None
