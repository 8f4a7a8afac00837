"""``BatchVerifyIdentities``: claims a second, over a short and over a long access log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import client
from tests.bench.figures import Figure, Target, ratios
from tests.bench.process import Server
from tests.bench.questions import BATCH, BATCH_SIZE, Question, batch_requests, questions
from tests.bench.rounds import Series, Work, interleave
from tests.bench.samples import Sampler

CONNECTIONS = 4  # each has one batch under way
UNKNOWN_SHARE = 0.25
WARM_UP = 4  # batches
SAMPLE_EVERY = 100  # items
RATE = Target(must=15_000, goal=25_000, at_most=False)
MEMORY = Target(must=250, goal=250)


@dataclass(frozen=True, slots=True)
class Load:
    """The batches of a round; no number is asked twice in it."""

    asked: Sequence[Question]
    requests: Sequence[bytes]

    def rate(self, server: Server) -> float:
        """Send them all; claims a second."""
        return len(self.asked) / _send(server, self.requests).seconds

    def on(self, server: Server) -> Work:
        """This load on one gateway; a batch is one leaf of the log."""
        leaves = len(self.requests)
        return Work(server, lambda: self.rate(server), len(self.asked), leaves=leaves)


def measure(
    server: Server, data_dir: Path, rounds: int, batches: int, long: Server | None
) -> list[Figure]:
    """Interleaved rounds of ``batches`` batches on a gateway, and on one with a long log."""
    asked = questions(data_dir / "population.db", batches * BATCH_SIZE, UNKNOWN_SHARE)
    load = Load(asked, batch_requests(asked))
    works = {"short": load.on(server)} | ({"long": load.on(long)} if long else {})
    for work in works.values():
        answers = _send(work.server, load.requests[:WARM_UP]).answers
        Sampler(data_dir).batch(asked[:BATCH_SIZE], answers[0], SAMPLE_EVERY)
    found = interleave(works, rounds)
    figures = _figures("batches", found["short"])
    if long:
        compared = ratios(found["long"].rates, found["short"].rates)
        figures += _figures("batches, long access log", found["long"])
        figures.append(Figure("  rate / that with a short log", "×", compared))
        figures.append(memory("  memory, long access log", long))
    return figures


def memory(what: str, server: Server) -> Figure:
    """The most memory that a gateway had so far."""
    return Figure(what, "MB", [server.peak_memory()], MEMORY)


def _figures(name: str, series: Series) -> list[Figure]:
    return [
        Figure(f"{name}: rate", "claims/s", series.rates, RATE),
        Figure("  CPU a claim", "µs", series.cpu),
    ]


def _send(server: Server, requests: Sequence[bytes]) -> client.Answers:
    return client.ask(server.address, BATCH, requests, connections=CONNECTIONS, in_flight=1)
