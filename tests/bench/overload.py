"""Above capacity: ``python -m tests.bench.overload [SECONDS]``.

h2load offers more than can be answered, on a fixed schedule; it sees HTTP alone, so what was
answered is read from the log's growth, and a second client, with a connection of its own and few
calls, sees statuses, latencies and health. Figures of one run on a busy machine mean nothing:
what counts are the ratios.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from tests.bench import client, h2load
from tests.bench.figures import Figure, Target
from tests.bench.gateway import gateway
from tests.bench.process import Server
from tests.rpc.raw import VERIFY, verify_request

CONNECTIONS = 12
MULTIPLES = (0.5, 1.0, 2.0, 3.0, 0.5)  # of what was answered at most; the last one: recovery
PROBES = 20  # a second, of calls and of health checks
PATIENCE = 10.0  # seconds; a probe's deadline
PEOPLE = 20_000
_GOODPUT = Target(0.85, 0.95, at_most=False)


@dataclass(slots=True)
class Seen:
    """What the second client saw."""

    codes: Counter[str] = field(default_factory=Counter)
    answered: list[float] = field(default_factory=list)  # seconds
    refused: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)


async def probe(address: str, seconds: float) -> Seen:
    """Ask now and then, on a fixed schedule, and see what comes back."""
    seen = Seen()
    apart = [("grpc.use_local_subchannel_pool", 1)]
    async with (
        grpc.aio.insecure_channel(address, apart) as calls,
        grpc.aio.insecure_channel(address, apart) as checks,
    ):
        ask: Ask = calls.unary_unary(VERIFY)
        check: Ask = checks.unary_unary("/grpc.health.v1.Health/Check")
        sent = _request()
        tasks = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            tasks.append(asyncio.create_task(_call(ask, sent, seen, seen.answered)))
            tasks.append(asyncio.create_task(_call(check, b"", seen, seen.health)))
            await asyncio.sleep(1 / PROBES)
        await asyncio.gather(*tasks)
    return seen


Ask = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]


async def _call(ask: Ask, sent: bytes, seen: Seen, answered: list[float]) -> None:
    began = time.monotonic()
    try:
        await ask(sent, timeout=PATIENCE)
    except grpc.aio.AioRpcError as error:
        seen.codes[error.code().name] += 1
        seen.refused.append(time.monotonic() - began)
    else:
        seen.codes["OK"] += 1
        answered.append(time.monotonic() - began)


def _request() -> bytes:
    request = verify_request()
    request.context.procedure_code = "DEMO.VERIFY"
    return request.SerializeToString()


def _offer(address: str, body: Path, rate: float, seconds: float) -> subprocess.Popen[bytes]:
    """Offer so many calls a second, whatever comes back."""
    command = ["h2load", "-D", f"{seconds:g}", "-c", str(CONNECTIONS), "-m", "10000"]
    command += ["--rps", f"{max(1, round(rate / CONNECTIONS))}", "-d", str(body)]
    command += ["-H", "content-type: application/grpc", "-H", "te: trailers"]
    command.append(f"http://{address}{VERIFY}")
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command


def _best(address: str, body: Path) -> float:
    """Answers a second of a closed loop, the best of three."""
    method = VERIFY.removeprefix("/")
    return max(h2load.load(address, method, body, 3000, CONNECTIONS).rate for _ in range(3))


def _round(server: Server, body: Path, rate: float, seconds: float) -> tuple[float, Seen]:
    """One rate for some seconds; answers a second while it lasted, and what was seen."""
    load = _offer(server.address, body, rate, seconds)
    time.sleep(1)  # until the queue, if there is one, stands
    before, began = client.log_size(server.address), time.monotonic()
    seen = asyncio.run(probe(server.address, seconds - 3))
    answered = client.log_size(server.address) - before
    answers = answered / (time.monotonic() - began)
    load.wait()
    return answers, seen


def _line(multiple: float, rate: float, answers: float, best: float, seen: Seen) -> str:
    calls = [f"{len(seen.answered)} answered"]
    for name, times in (("", seen.answered), ("refused ", seen.refused), ("health ", seen.health)):
        if times:
            p50, p99 = statistics.median(times) * 1000, _percentile(times, 99) * 1000
            calls.append(f"{name}p50 {p50:.0f} ms p99 {p99:.0f} ms")
    codes = " ".join(f"{name}={count}" for name, count in sorted(seen.codes.items()))
    return (
        f"{multiple:.1f} x best: offered {rate:.0f}/s, goodput {answers:.0f}/s = "
        f"{answers / best:.2f} of best; probes: {', '.join(calls)}; {codes}"
    )


def _percentile(times: list[float], percent: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * percent / 100))]


def measure(data_dir: Path, seconds: float, tell: Callable[[str], None]) -> list[Figure]:
    """One round of each multiple, and what of it is held against a target.

    Args:
        data_dir: of a gateway that is not there yet.
        seconds: of each multiple.
        tell: told of each multiple.
    """
    body = data_dir.with_suffix(".body")
    body.write_bytes(h2load.frame(_request()))
    options = ("--population", str(PEOPLE), "--log-level", "warning")
    goodput: dict[float, float] = {}
    slowest: dict[float, float] = {}
    with gateway(data_dir, *options) as server:
        best = _best(server.address, body)
        for multiple in MULTIPLES:
            rate = multiple * best
            answers, seen = _round(server, body, rate, seconds)
            tell(_line(multiple, rate, answers, best, seen))
            goodput[multiple] = answers / best
            slowest[multiple] = 1000 * _percentile(seen.answered, 50) if seen.answered else 0.0
    return [
        Figure("three times the capacity: goodput / best", "×", [goodput[3.0]], _GOODPUT),
        Figure("twice the capacity: goodput / best", "×", [goodput[2.0]]),
        Figure("another client's p50 meanwhile", "ms", [slowest[3.0]]),
        Figure("its p50 at half the capacity, seconds after", "ms", [slowest[0.5]]),
    ]


if __name__ == "__main__":
    h2load.require()
    with tempfile.TemporaryDirectory() as made:
        measure(Path(made) / "data", float(sys.argv[1]) if len(sys.argv) > 1 else 20.0, print)
