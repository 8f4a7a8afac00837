"""A chunk of records that are not verified costs the same whatever is wrong with them.

As ``test_timing.py``, over ``ReconcileCitizens``: chunks of one kind each, each round in a session
of its own.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import random
import sqlite3
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest

from dancu.v1 import citizen_pb2, sync_service_pb2
from tests.e2e.server import DANCU, dev
from tests.rpc.gateways import Running, build
from tests.rpc.raw import claim
from tests.rpc.reconciling import RECONCILE, Request, chunk, opening, record
from tests.support.patience import Times, after, bound, rounds_to_notice

CHUNKS, RECORDS = 200, 20  # of each kind; of each chunk
ROUNDS, MOST_ROUNDS = 3, 30
LIMIT = 0.15  # as for batches
PLANTED = (sys.executable, str(Path(__file__).with_name("planted_reconcile.py")))
pytestmark = pytest.mark.alone  # the load of other tests would be noise
OTHER_NAME, OTHER_BIRTH = "Trần Thử Nghiệm", (1931, 2, 3)  # nobody's: never agrees
OTHERS = {"sex": citizen_pb2.SEX_FEMALE, "permanent_commune_code": "00004"}

Claim = citizen_pb2.CitizenClaim
Kinds = dict[str, list[list[Claim]]]


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with enough people for each to be asked about once."""
    return build(tmp_path_factory.mktemp("timing") / "data", size=4 * CHUNKS * RECORDS)


@pytest.fixture(scope="module")
def kinds(population: Path) -> Kinds:
    """Chunks of claims that fail, by what is wrong with them."""
    with contextlib.closing(sqlite3.connect(population / "population.db")) as db:
        rows = db.execute(
            "SELECT id, family || ' ' || middle || ' ' || given, birth FROM citizen "
            "WHERE family || middle || given IS NOT NULL AND birth % 100 > 0"
        ).fetchall()
    chance = random.Random(8)  # noqa: S311 - a fixed seed is wanted, not secrecy
    chance.shuffle(rows)
    taken = {row[0] for row in rows}
    places: Iterator[tuple[int, str, int]] = iter(rows)
    wrong_date = [_claim(number, name, OTHER_BIRTH) for number, name, _ in _some(places)]
    wrong_name = [_claim(number, OTHER_NAME, _date(birth)) for number, _, birth in _some(places)]
    unknown = [
        _claim(_free(number, taken, chance), name, _date(birth))
        for number, name, birth in _some(places)
    ]
    return {
        name: [claims[at : at + RECORDS] for at in range(0, len(claims), RECORDS)]
        for name, claims in (("date", wrong_date), ("name", wrong_name), ("unknown", unknown))
    }


@pytest.fixture(scope="module")
def healthy(population: Path) -> Iterator[Running]:
    """The gateway as it is."""
    with dev(population, command=DANCU) as server:
        yield server.running


@pytest.fixture(scope="module")
def dawdling(population: Path) -> Iterator[Running]:
    """The gateway with 20 µs planted for each unknown number."""
    with dev(population, command=PLANTED, log=population / "dawdling.log") as server:
        yield server.running


@pytest.fixture(scope="module")
def patience(dawdling: Running, kinds: Kinds) -> int:
    """How many rounds show the planted delay on this machine."""
    told_apart = (not alike(seconds) for seconds in measure(dawdling, kinds, {}))
    return rounds_to_notice(told_apart, MOST_ROUNDS)


@pytest.mark.parametrize("others", [{}, OTHERS], ids=["claims", "with other fields"])
def test_what_is_wrong_does_not_show(
    healthy: Running, kinds: Kinds, others: dict[str, Any], patience: int
) -> None:
    """Unknown, right name with a wrong date, wrong name with the right date: all alike.

    They are, where as many chunks show 20 µs a record planted for unknown numbers.
    """
    assert alike(after(max(ROUNDS, patience), measure(healthy, kinds, others)))


def alike(seconds: Mapping[str, Times]) -> bool:
    """Whether all that is wrong takes equally long, as far as these times tell."""
    return all(
        bound(in_turn(seconds["unknown"], seconds[kind])) <= LIMIT for kind in ("date", "name")
    )


def test_the_statistic_notices_a_planted_delay(patience: int) -> None:
    """With 20 µs a record planted, the same statistic fails."""
    assert patience <= MOST_ROUNDS


def measure(
    running: Running, kinds: Kinds, beside: dict[str, Any]
) -> Iterator[Mapping[str, Times]]:
    """Round by round, by kind the fastest time of each chunk so far; asked in random order."""
    chance = random.Random(6)  # noqa: S311 - a fixed seed is wanted, not secrecy
    places = [(kind, index) for kind in kinds for index in range(CHUNKS)]
    fastest = {kind: [float("inf")] * CHUNKS for kind in kinds}
    with grpc.insecure_channel(running.grpc) as channel:
        while True:
            chance.shuffle(places)
            requests = [
                chunk(number, [record(one, **beside) for one in kinds[kind][index]])
                for number, (kind, index) in enumerate(places)
            ]
            for (kind, index), seconds in zip(places, _timed(channel, requests), strict=True):
                fastest[kind][index] = min(fastest[kind][index], seconds)
            yield fastest


def in_turn(ones: Times, others: Times) -> Times:
    """As ``bound`` takes them."""
    return [seconds for pair in zip(ones, others, strict=True) for seconds in pair]


def _timed(channel: grpc.Channel, requests: Sequence[Request]) -> Iterator[float]:
    """Send chunks one after the other in a session of its own; the seconds that each took."""
    start: grpc.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(RECONCILE)
    outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    call = start(iter(outbox.get, None))
    outbox.put(opening(f"timing-{uuid.uuid4().hex[:20]}").SerializeToString())
    next(call)
    for request in requests:
        raw = request.SerializeToString()
        began = time.perf_counter()
        outbox.put(raw)
        answer = next(call)
        yield time.perf_counter() - began
        assert sync_service_pb2.ReconcileCitizensResponse.FromString(answer).HasField("result")
    outbox.put(None)
    call.cancel()


def _some(rows: Iterator[tuple[int, str, int]]) -> Iterator[tuple[int, str, int]]:
    return itertools.islice(rows, CHUNKS * RECORDS)


def _claim(number: int, name: str, birth: tuple[int, int, int]) -> Claim:
    return claim(f"{number:012d}", name, birth)


def _date(packed: int) -> tuple[int, int, int]:
    return packed // 10000, packed // 100 % 100, packed % 100


def _free(number: int, taken: set[int], chance: random.Random) -> int:
    """A number near this one that nobody has; no other claim is about it."""
    while (free := number // 10**6 * 10**6 + chance.randrange(10**6)) in taken:
        pass
    taken.add(free)
    return free
