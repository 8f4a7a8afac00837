"""Load from several processes, each with connections of its own: h2load has no client certificates.

``python -m tests.bench.crowd ADDRESS METHOD BODY CALLS [CREDENTIALS]`` connects, prints a line,
waits for one, sends its calls, and prints the seconds that they took.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import grpc

from clients.sdk.credentials import Credentials
from tests.bench.errors import BenchError

PROCESSES = 2
IN_FLIGHT = 20  # calls of each process
_CALL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who asks whom what."""

    address: str
    method: str
    body: Path  # the request, without gRPC's frame
    credentials: Path | None = None  # as ``--credentials`` takes them; None: plain text

    def rate(self, calls: int) -> float:
        """Send so many calls, begun at one moment; returns calls a second.

        Raises:
            BenchError: a call failed.
        """
        share = calls // PROCESSES
        command = [sys.executable, "-m", "tests.bench.crowd", self.address, self.method]
        command += [str(self.body), str(share), *([str(self.credentials)] * bool(self.credentials))]
        with ExitStack() as stack:
            crowd = [stack.enter_context(_started(command)) for _ in range(PROCESSES)]
            if not all(_line(one) for one in crowd):
                raise BenchError(f"{self.method}: nobody could connect to {self.address}")
            for one in crowd:
                _tell(one)
            seconds = [_line(one) for one in crowd]
        if not all(seconds):
            raise BenchError(f"{self.method}: not every call was answered")
        return PROCESSES * share / max(map(float, seconds))


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline().strip() if process.stdout else ""


def _tell(process: subprocess.Popen[str]) -> None:
    if process.stdin:
        process.stdin.write("go\n")
        process.stdin.flush()


async def _send(crowd: Crowd, calls: int) -> None:
    """One process's part."""
    credentials = Credentials.from_file(crowd.credentials) if crowd.credentials else Credentials()
    if credentials.channel:
        channel = grpc.aio.secure_channel(crowd.address, credentials.channel)
    else:
        channel = grpc.aio.insecure_channel(crowd.address)
    token = credentials.tokens.token() if credentials.tokens else None
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    request = crowd.body.read_bytes()
    async with channel:
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
            f"/{crowd.method}"
        )

        async def some(count: int) -> None:
            for _ in range(count):
                await ask(request, timeout=_CALL_SECONDS, metadata=metadata)

        await some(1)
        sys.stdout.write("connected\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        began = time.monotonic()
        each, rest = divmod(calls, IN_FLIGHT)
        await asyncio.gather(*(some(each + (at < rest)) for at in range(IN_FLIGHT)))
        sys.stdout.write(f"{time.monotonic() - began}\n")


if __name__ == "__main__":
    _address, _method, _body, _calls, *_credentials = sys.argv[1:]
    _file = Path(_credentials[0]) if _credentials else None
    asyncio.run(_send(Crowd(_address, _method, Path(_body), _file), int(_calls)))
