"""``VerifyIdentity`` beside the echo: h2load asks about one citizen, over and over."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.bench import client, h2load
from tests.bench.echo import METHOD
from tests.bench.figures import Figure, Target, ratios
from tests.bench.process import Server, running
from tests.bench.questions import VERIFY, persona_question, verify_request
from tests.bench.rounds import Work, interleave
from tests.bench.samples import Sampler


class Crowd(NamedTuple):
    """Who asks at once."""

    connections: int
    streams: int  # calls in flight on each

    @property
    def in_flight(self) -> int:
        """Calls, all together."""
        return self.connections * self.streams


MANY = Crowd(8, 15)  # saturate it: with fewer it waits for the disk; below ``overload.FLOOR``
FEW = Crowd(4, 10)
WARM_UP = 500  # calls
SAMPLES = 20
CPU = Target(must=1.8, goal=1.5)
RATE = Target(must=0.50, goal=0.65, at_most=False)


def echo(answer_bytes: int, folder: Path) -> AbstractContextManager[Server]:
    """An echo that answers with so many bytes, for the length of the block."""
    command = [sys.executable, "-m", "tests.bench.echo", str(answer_bytes)]
    return running(command, folder / "echo.log")


def measure(server: Server, data_dir: Path, rounds: int, calls: int) -> list[Figure]:
    """Interleaved rounds of ``calls`` calls each, of a crowd and of a few."""
    question = persona_question()
    request = verify_request(question)
    body = data_dir.with_suffix(".body")
    body.write_bytes(h2load.frame(request))
    size = round(h2load.load(server.address, VERIFY, body, WARM_UP).answer_bytes)
    with echo(size, data_dir.parent) as bare:
        h2load.load(bare.address, METHOD, body, WARM_UP)
        works = {
            (name, crowd): Work(
                target, partial(_rate, target, method, body, calls, crowd), calls, leaves
            )
            for crowd in (MANY, FEW)
            for name, target, method, leaves in (
                ("echo", bare, METHOD, 0),
                ("ours", server, VERIFY, calls),
            )
        }
        found = interleave(works, rounds)
    found_answers = client.ask(
        server.address, VERIFY, [request] * SAMPLES, connections=1, in_flight=4
    )
    for answer in found_answers.answers:
        Sampler(data_dir).verification(question, answer)
    ours, bare_echo = found["ours", MANY], found["echo", MANY]
    our_few, echo_few = found["ours", FEW], found["echo", FEW]
    few = f"  with {FEW.in_flight} calls in flight"
    return [
        Figure("VerifyIdentity: CPU a call / echo's", "×", ratios(ours.cpu, bare_echo.cpu), CPU),
        Figure("VerifyIdentity: rate / echo's", "×", ratios(ours.rates, bare_echo.rates), RATE),
        Figure("  gateway, CPU a call", "µs", ours.cpu),
        Figure(f"  echo of {len(request)} and {size} bytes, CPU a call", "µs", bare_echo.cpu),
        Figure("  gateway, rate", "calls/s", ours.rates),
        Figure("  echo, rate", "calls/s", bare_echo.rates),
        Figure(f"{few}: CPU a call / echo's", "×", ratios(our_few.cpu, echo_few.cpu)),
        Figure(f"{few}: rate / echo's", "×", ratios(our_few.rates, echo_few.rates)),
    ]


def _rate(server: Server, method: str, body: Path, calls: int, crowd: Crowd) -> float:
    return h2load.load(server.address, method, body, calls, *crowd).rate
