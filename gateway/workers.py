"""Several processes behind one port: who starts them, and starts them again.

``dancu serve`` and ``dancu dev`` with more than one worker check everything and then become this
process, which imports no gRPC and answers no call. It takes the ports, so that nobody else can,
and starts the workers (``gateway/commands/worker.py``) as processes of their own: gRPC does not
outlive a fork. The kernel shares the connections of the one port out among them
(``SO_REUSEPORT``). A worker whose standard input ends knows that this process is gone.
"""

from __future__ import annotations

import asyncio
import base64
import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn, Self

from gateway import telemetry
from gateway.config import DevConfig, Place, ServeConfig
from gateway.reserving import PortTaken, Reserved, reserve
from gateway.worker import Order, Worker, WorkerFailed

LOOPBACK = "127.0.0.1"  # for the ports that are for this machine only
KILL_SECONDS = 5.0  # beyond the time to drain

_WORKER = (sys.executable, "-P", "-m", "gateway.commands.worker")
_EXIT_FAILED = 1


@dataclass(slots=True)
class Ports:
    """What is held for the workers, for as long as this process lives."""

    grpc: Reserved
    control: Reserved
    log: Reserved
    metrics: list[Reserved] = field(default_factory=list)

    @classmethod
    def take(cls, config: DevConfig | ServeConfig) -> Self:
        """Take every port. Raises PortTaken."""
        ports = cls(
            reserve(config.host, config.port),
            reserve(LOOPBACK, config.wanted_control_port),
            reserve(LOOPBACK, config.wanted_log_port),
        )
        wanted = config.wanted_metrics_port
        for number in range(config.workers):
            ports.metrics.append(reserve(LOOPBACK, wanted + number if wanted else 0))
        return ports

    def of_worker(self, number: int, config: DevConfig | ServeConfig) -> DevConfig | ServeConfig:
        """The settings of one worker, which finds everything prepared."""
        theirs = replace(
            config,
            port=self.grpc.port,
            control_port=self.control.port,
            log_port=self.log.port,
            metrics_port=self.metrics[number].port,
        )
        return replace(theirs, personas=None) if isinstance(theirs, DevConfig) else theirs

    def __str__(self) -> str:
        metrics = ",".join(map(str, self.metrics))
        return f"grpc={self.grpc} control={self.control} log={self.log} metrics={metrics}"


async def supervise(
    workers: Sequence[Worker], drain_seconds: float, ready: Callable[[], None]
) -> None:
    """Keep all workers running until SIGTERM or SIGINT, then let them drain.

    Args:
        workers: not started yet.
        drain_seconds: that they need for it, at most.
        ready: called once all of them answer.

    Raises:
        WorkerFailed: one of them does not live; the others were drained.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, _hang_up, workers)
    keeping = [asyncio.create_task(worker.keep()) for worker in workers]
    stopped = asyncio.create_task(stop.wait())
    telling = asyncio.create_task(_tell(workers, ready))
    try:
        await asyncio.wait({stopped, *keeping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        telling.cancel()
        stopped.cancel()
        patience = drain_seconds + KILL_SECONDS
        await asyncio.gather(*(worker.stop(patience) for worker in workers))
        outcomes = await asyncio.gather(*keeping, return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


def _hang_up(workers: Sequence[Worker]) -> None:
    for worker in workers:
        worker.hang_up()


async def _tell(workers: Sequence[Worker], ready: Callable[[], None]) -> None:
    await asyncio.gather(*(worker.ready.wait() for worker in workers))
    ready()


def become(config: DevConfig | ServeConfig, command: Sequence[str] = _WORKER) -> NoReturn:
    """Turn this process, which has prepared everything, into the one that keeps the workers."""
    there, here = os.pipe()
    os.write(here, base64.b64encode(pickle.dumps(config)))
    os.close(here)
    os.set_inheritable(there, True)  # noqa: FBT003 - its one argument
    sys.stdout.flush()
    sys.stderr.flush()
    arguments = [sys.executable, "-P", "-m", "gateway.workers", str(there), *command]
    os.execv(sys.executable, arguments)  # noqa: S606 - ourselves


def run(config: DevConfig | ServeConfig, command: Sequence[str]) -> None:
    """Keep the workers of one gateway until told to stop.

    Raises:
        PortTaken, WorkerFailed: it cannot be run.
    """
    ports = Ports.take(config)

    def announce() -> None:
        sys.stdout.write(f"READY {ports}\n")
        sys.stdout.flush()

    async def supervised() -> None:
        places = [Place(number, config.workers) for number in range(config.workers)]
        orders = [Order(ports.of_worker(place.number, config), place) for place in places]
        workers: list[Worker] = []
        workers += [Worker(command, order, workers) for order in orders]
        await supervise(workers, config.lame_seconds + config.drain_seconds, announce)

    asyncio.run(supervised())


def main(descriptor: str, *command: str) -> None:
    """What ``become`` starts."""
    with os.fdopen(int(descriptor), "rb") as pipe:
        handed = pipe.read()
    config = pickle.loads(base64.b64decode(handed))  # noqa: S301 - from ourselves, before exec
    telemetry.configure(config.log_level, config.log_format)
    try:
        run(config, command)
    except (PortTaken, WorkerFailed) as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(_EXIT_FAILED) from None


if __name__ == "__main__":
    main(*sys.argv[1:])
