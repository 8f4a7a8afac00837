"""Servers as processes of their own: started, waited for, measured, stopped."""

from __future__ import annotations

import re
import select
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import machine
from tests.bench.errors import BenchError

START_SECONDS = 120.0
STOP_SECONDS = 30.0
_READY = re.compile(rb"READY grpc=(\S+)")


@dataclass(frozen=True, slots=True)
class Server:
    """A process that answers calls."""

    pid: int
    address: str  # host:port
    seconds_to_ready: float  # from exec

    def cpu_seconds(self) -> float:
        """What it has used so far."""
        return machine.cpu_seconds(self.pid)

    def peak_memory(self) -> float:
        """The most it ever had resident, in MB."""
        return machine.peak_memory(self.pid)


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[Server]:
    """Run a server that says READY for the length of the block; what else it says goes to log.

    Raises:
        BenchError: it does not get ready, or does not end when told to.
    """
    began = time.monotonic()
    with log.open("ab") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL
        )
    try:
        address = _address(process, log)
        yield Server(process.pid, address, time.monotonic() - began)
    finally:
        _stop(process)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Wait for the READY line."""
    if process.stdout is None:
        raise ValueError("the process has no pipe")
    deadline = time.monotonic() + START_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([process.stdout], [], [], left)[0]:
            break
        line = process.stdout.readline()
        if not line:
            break
        if found := _READY.match(line):
            return found[1].decode()
    tail = log.read_text("utf-8", errors="replace").strip().splitlines()[-1:]
    raise BenchError(f"the server did not get ready: {' '.join(tail) or 'no word from it'}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise BenchError("the server did not end within the time it has to drain") from None
    finally:
        if process.stdout is not None:
            process.stdout.close()
