"""``VerifyIdentity`` beside the echo: h2load asks about one citizen, over and over."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench import client, h2load
from tests.bench.echo import METHOD
from tests.bench.figures import Figure, Target, ratios
from tests.bench.process import Server, running
from tests.bench.questions import VERIFY, persona_question, verify_request
from tests.bench.rounds import Work, interleave
from tests.bench.samples import Sampler

WARM_UP = 500  # calls
SAMPLES = 20
CPU = Target(must=1.8, goal=1.5)
RATE = Target(must=0.50, goal=0.65, at_most=False)


def echo(answer_bytes: int, folder: Path) -> AbstractContextManager[Server]:
    """An echo that answers with so many bytes, for the length of the block."""
    command = [sys.executable, "-m", "tests.bench.echo", str(answer_bytes)]
    return running(command, folder / "echo.log")


def measure(server: Server, data_dir: Path, rounds: int, calls: int) -> list[Figure]:
    """Interleaved rounds of ``calls`` calls each."""
    question = persona_question()
    request = verify_request(question)
    body = data_dir.with_suffix(".body")
    body.write_bytes(h2load.frame(request))
    size = round(h2load.load(server.address, VERIFY, body, WARM_UP).answer_bytes)
    with echo(size, data_dir.parent) as bare:
        h2load.load(bare.address, METHOD, body, WARM_UP)
        works = {
            "echo": Work(bare, lambda: h2load.load(bare.address, METHOD, body, calls).rate, calls),
            "ours": Work(
                server,
                lambda: h2load.load(server.address, VERIFY, body, calls).rate,
                calls,
                leaves=calls,
            ),
        }
        found = interleave(works, rounds)
    found_answers = client.ask(
        server.address, VERIFY, [request] * SAMPLES, connections=1, in_flight=4
    )
    for answer in found_answers.answers:
        Sampler(data_dir).verification(question, answer)
    ours, bare_echo = found["ours"], found["echo"]
    return [
        Figure("VerifyIdentity: CPU a call / echo's", "×", ratios(ours.cpu, bare_echo.cpu), CPU),
        Figure("VerifyIdentity: rate / echo's", "×", ratios(ours.rates, bare_echo.rates), RATE),
        Figure("  gateway, CPU a call", "µs", ours.cpu),
        Figure(f"  echo of {len(request)} and {size} bytes, CPU a call", "µs", bare_echo.cpu),
        Figure("  gateway, rate", "calls/s", ours.rates),
        Figure("  echo, rate", "calls/s", bare_echo.rates),
    ]
