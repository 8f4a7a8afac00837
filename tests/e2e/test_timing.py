"""Unknown number and mismatch cost the same, as a patient stranger measures it over the wire."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from dancu.v1 import citizen_pb2, identity_service_pb2
from tests.e2e.server import DANCU, dev
from tests.rpc.gateways import Running, build
from tests.rpc.raw import BATCH, VERIFY, claim, request_context, verify_request
from tests.support.patience import Times, after, bound, rounds_to_notice

QUESTIONS, BATCHES, CLAIMS = 1_000, 500, 20
ROUNDS, MOST_ROUNDS = 10, 60  # of the same questions, each in an order of its own
WARM_UP = 300  # calls
PLANTED = (sys.executable, str(Path(__file__).with_name("planted.py")))
pytestmark = pytest.mark.alone  # the load of other tests would be noise
NAME, BIRTH = "Trần Thử Nghiệm", (1970, 1, 1)  # nobody's: never agrees


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers that exist, and as many that do not."""

    known: Sequence[str]
    unknown: Sequence[str]


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with enough people for a batch to ask about other ones each time."""
    return build(tmp_path_factory.mktemp("timing") / "data", size=BATCHES * CLAIMS)


@pytest.fixture(scope="module")
def numbers(population: Path) -> Numbers:
    """The register's numbers, and invented ones that differ in the last six digits."""
    with contextlib.closing(sqlite3.connect(population / "population.db")) as db:
        known = [f"{row[0]:012d}" for row in db.execute("SELECT id FROM citizen")]
    chance = random.Random(5)  # noqa: S311 - a fixed seed is wanted, not secrecy
    invented = {f"{number[:6]}{chance.randrange(10**6):06d}" for number in known}
    unknown = sorted(invented - set(known))
    chance.shuffle(known)
    chance.shuffle(unknown)
    return Numbers(known, unknown)


@pytest.fixture(scope="module")
def healthy(population: Path) -> Iterator[Running]:
    """The gateway as it is."""
    with dev(population, command=DANCU) as server:
        yield server.running


@pytest.fixture(scope="module")
def dawdling(population: Path) -> Iterator[Running]:
    """The gateway with 100 µs planted where the number is unknown."""
    with dev(population, command=PLANTED, log=population / "dawdling.log") as server:
        yield server.running


@pytest.fixture(scope="module")
def patience(dawdling: Running, numbers: Numbers) -> int:
    """How many rounds show the planted delay on this machine."""
    rounds = measure(dawdling, VERIFY, single_questions(numbers))
    told_apart = (bound(fastest) > 0.10 for fastest in rounds)
    return rounds_to_notice(told_apart, MOST_ROUNDS)


def test_single_answers_cost_the_same(healthy: Running, numbers: Numbers, patience: int) -> None:
    """Of 10,000 interleaved calls, the 95 % bound of |AUC - 0.5| is at most 0.10.

    Of more, where it takes more to notice 100 µs planted for one of the two.
    """
    rounds = measure(healthy, VERIFY, single_questions(numbers))
    assert bound(after(max(ROUNDS, patience), rounds)) <= 0.10


def test_batches_cost_the_same(healthy: Running, numbers: Numbers) -> None:
    """Of 500 interleaved batches, all unknown or all mismatches, it is at most 0.15."""
    assert bound(after(1, measure(healthy, BATCH, batch_questions(numbers)))) <= 0.15


def test_the_statistic_notices_a_planted_delay(patience: int) -> None:
    """With 100 µs planted, the same statistic fails."""
    assert patience <= MOST_ROUNDS


def measure(running: Running, method: str, questions: Sequence[bytes]) -> Iterator[Times]:
    """Ask every question once a round, one after another; the fastest time of each so far."""
    chance = random.Random(6)  # noqa: S311 - a fixed seed is wanted, not secrecy
    fastest = [float("inf")] * len(questions)
    with grpc.insecure_channel(running.grpc) as channel:
        ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
        for question in questions[:WARM_UP]:
            ask(question)
        while True:
            for index in chance.sample(range(len(questions)), len(questions)):
                fastest[index] = min(fastest[index], _timed(ask, questions[index]))
            yield fastest


def single_questions(numbers: Numbers) -> list[bytes]:
    """An unknown number, a known one, and so on in turn."""
    return [
        verify_request(_claim(number)).SerializeToString()
        for pair in zip(numbers.unknown, numbers.known[: QUESTIONS // 2], strict=False)
        for number in pair
    ]


def batch_questions(numbers: Numbers) -> list[bytes]:
    """Batches in turn: all of unknown numbers, all of known ones."""
    chance = random.Random(7)  # noqa: S311 - a fixed seed is wanted, not secrecy
    return [
        _batch(chance.sample(pool, CLAIMS))
        for _ in range(BATCHES // 2)
        for pool in (numbers.unknown, numbers.known)
    ]


def _timed(ask: grpc.UnaryUnaryMultiCallable[bytes, bytes], question: bytes) -> float:
    start = time.perf_counter()
    ask(question)
    return time.perf_counter() - start


def _claim(number: str) -> citizen_pb2.CitizenClaim:
    return claim(number, NAME, BIRTH)


def _batch(numbers: Sequence[str]) -> bytes:
    message = identity_service_pb2.BatchVerifyIdentitiesRequest(
        context=request_context(), claims=[_claim(number) for number in numbers]
    )
    return message.SerializeToString()
