"""``VerifyIdentity`` about many citizens, half of them unknown, from a real client.

h2load repeats one claim, and calls of one window that ask for the same number share its
seek. Here every claim is another. The client is Python and slower than the servers, so only
the CPU a call is compared.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench import client
from tests.bench.echo import METHOD
from tests.bench.figures import Figure, ratios
from tests.bench.process import Server
from tests.bench.questions import VERIFY, questions, verify_request
from tests.bench.rounds import Work, interleave
from tests.bench.samples import Sampler
from tests.bench.verify import CPU, MANY, echo

UNKNOWN_SHARE = 0.5
SAMPLE_EVERY = 50


def measure(server: Server, data_dir: Path, rounds: int, calls: int) -> list[Figure]:
    """Interleaved rounds of ``calls`` calls each, with the same requests on both sides."""
    asked = questions(data_dir / "population.db", calls, UNKNOWN_SHARE)
    requests = [verify_request(question) for question in asked]

    def send(address: str, method: str) -> client.Answers:
        return client.ask(
            address, method, requests, connections=MANY.connections, in_flight=MANY.streams
        )

    warm = send(server.address, VERIFY).answers
    sampler = Sampler(data_dir)
    for at in range(0, calls, SAMPLE_EVERY):
        sampler.verification(asked[at], warm[at])
    size = sum(map(len, warm)) // calls
    with echo(size, data_dir.parent) as bare:
        send(bare.address, METHOD)
        works = {
            "echo": Work(bare, lambda: calls / send(bare.address, METHOD).seconds, calls),
            "ours": Work(
                server, lambda: calls / send(server.address, VERIFY).seconds, calls, leaves=calls
            ),
        }
        found = interleave(works, rounds)
    ours, bare_echo = found["ours"], found["echo"]
    return [
        Figure("distinct claims: CPU a call / echo's", "×", ratios(ours.cpu, bare_echo.cpu), CPU),
        Figure("  gateway, CPU a call", "µs", ours.cpu),
        Figure("  echo, CPU a call", "µs", bare_echo.cpu),
    ]
