"""Above capacity: ``python -m tests.bench.overload [SECONDS [ROUNDS]]``.

h2load offers more than can be answered, on a fixed schedule; it sees HTTP alone, so what was
answered is read from the log's growth, and a second client, with connections of its own and few
calls, sees statuses, latencies and health. The capacity is what a closed loop reaches in the same
round, beside the same client: figures of different minutes cannot be compared. The same with Envoy
before the gateway, by the page of docs/deployment without its TLS, which h2load could not pass.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from tests.bench import client, envoy, h2load
from tests.bench.figures import Figure, Target, ratios
from tests.bench.gateway import gateway
from tests.bench.process import Server
from tests.rpc.raw import VERIFY, verify_request

FEW, MANY = 12, 100  # connections
STREAMS = 10  # in flight on each of the few, to find the capacity
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


@dataclass(frozen=True, slots=True)
class Phase:
    """What is offered for some seconds."""

    connections: int
    multiple: float | None = None  # of the capacity; None: a closed loop, which finds it
    envoy: bool = False  # by way of it

    def __str__(self) -> str:
        by = " through Envoy" if self.envoy else ""
        if self.multiple is None:
            return f"closed loop{by}"
        return f"{self.multiple:g} x capacity on {self.connections} connections{by}"


SATURATED = Phase(FEW)
TWICE, THRICE = Phase(FEW, 2.0), Phase(FEW, 3.0)
CROWD = Phase(MANY, 3.0)
AFTER = Phase(FEW, 0.5)
BEHIND, BEHIND_CROWD = Phase(FEW, envoy=True), Phase(MANY, 3.0, envoy=True)
PHASES = (SATURATED, TWICE, THRICE, CROWD, AFTER, BEHIND, BEHIND_CROWD)


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a phase."""

    goodput: float  # answers a second
    seen: Seen


def _offer(address: str, body: Path, phase: Phase, capacity: float, seconds: float) -> list[str]:
    """The command that offers calls, whatever comes back."""
    command = ["h2load", "-D", f"{seconds:g}", "-c", str(phase.connections), "-d", str(body)]
    if phase.multiple is None:
        command += ["-m", str(STREAMS)]
    else:
        rate = max(1, round(phase.multiple * capacity / phase.connections))
        command += ["-m", "10000", "--rps", str(rate)]
    command += ["-H", "content-type: application/grpc", "-H", "te: trailers"]
    return [*command, f"http://{address}{VERIFY}"]


def _run(server: Server, address: str, command: list[str], seconds: float) -> Found:
    """Offer, and see what is answered once the queue, if there is one, stands."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as load:  # noqa: S603 - ours
        time.sleep(1)
        before, began = client.log_size(server.address), time.monotonic()
        seen = asyncio.run(probe(address, seconds - 3))
        answered = client.log_size(server.address) - before
        goodput = answered / (time.monotonic() - began)
        load.wait()
    return Found(goodput, seen)


def _line(phase: Phase, found: Found, capacity: float) -> str:
    seen = found.seen
    calls = [f"{len(seen.answered)} answered"]
    for name, times in (("", seen.answered), ("refused ", seen.refused), ("health ", seen.health)):
        if times:
            p50, p99 = statistics.median(times) * 1000, _percentile(times, 99) * 1000
            calls.append(f"{name}p50 {p50:.0f} ms p99 {p99:.0f} ms")
    codes = " ".join(f"{name}={count}" for name, count in sorted(seen.codes.items()))
    return (
        f"{phase}: goodput {found.goodput:.0f}/s = {found.goodput / capacity:.2f} of capacity; "
        f"another client: {', '.join(calls)}; {codes}"
    )


def _percentile(times: list[float], percent: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * percent / 100))]


def measure(
    data_dir: Path, rounds: int, seconds: float, tell: Callable[[str], None]
) -> list[Figure]:
    """Every phase in turn, and what of it is held against a target.

    Args:
        data_dir: of a gateway that is not there yet.
        rounds: how often.
        seconds: of each phase, at least 5.
        tell: told of each phase.
    """
    body = data_dir.with_suffix(".body")
    body.write_bytes(h2load.frame(_request()))
    options = ("--population", str(PEOPLE), "--log-level", "warning")
    found: dict[Phase, list[Found]] = {phase: [] for phase in PHASES}
    with gateway(data_dir, *options) as server, envoy.before(server.address, data_dir) as front:
        for _ in range(rounds):
            capacity = 0.0
            for phase in PHASES:
                if phase.multiple is None:
                    capacity = 0.0
                address = front if phase.envoy else server.address
                offer = _offer(address, body, phase, capacity, seconds)
                one = _run(server, address, offer, seconds)
                capacity = capacity or one.goodput
                tell(_line(phase, one, capacity))
                found[phase].append(one)
    return list(_figures(found))


def _figures(found: Mapping[Phase, list[Found]]) -> Iterator[Figure]:
    for what, phase, best, target in (
        ("three times the capacity", THRICE, SATURATED, _GOODPUT),
        (f"three times the capacity on {MANY} connections", CROWD, SATURATED, _GOODPUT),
        (f"the same through Envoy, which refuses on {MANY}", BEHIND_CROWD, BEHIND, _GOODPUT),
        ("twice the capacity", TWICE, SATURATED, None),
    ):
        kept = ratios(*([one.goodput for one in found[each]] for each in (phase, best)))
        yield Figure(f"{what}: goodput / best", "×", kept, target)
    for what, phase in (("capacity", SATURATED), ("capacity through Envoy", BEHIND)):
        yield Figure(what, "calls/s", [one.goodput for one in found[phase]])
    for what, phase in (
        ("at the capacity", SATURATED),
        ("at three times that", THRICE),
        (f"at three times that on {MANY} connections", CROWD),
        ("at half of it, at once after", AFTER),
        ("at the capacity through Envoy", BEHIND),
        (f"at three times that through Envoy on {MANY} connections", BEHIND_CROWD),
    ):
        seen = [one.seen for one in found[phase]]
        calls = [1000 * statistics.median(one.answered) for one in seen if one.answered]
        if calls:
            yield Figure(f"another client's p50 {what}", "ms", calls)
        refusals = [1000 * statistics.median(one.refused) for one in seen if one.refused]
        if refusals:
            yield Figure(f"its refusals' p50 {what}", "ms", refusals)
        checks = [1000 * _percentile(one.health, 99) for one in seen if one.health]
        if checks:
            yield Figure(f"p99 of health checks {what}", "ms", checks)


def _main(seconds: str = "15", rounds: str = "3") -> None:
    h2load.require()
    with tempfile.TemporaryDirectory() as made:
        for one in measure(Path(made) / "data", int(rounds), float(seconds), print):
            print(f"{one.what}: {one.median:.2f} {one.unit} {one.verdict}")  # noqa: T201 - a script


if __name__ == "__main__":
    _main(*sys.argv[1:])
