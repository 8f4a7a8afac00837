"""A gateway that is killed between the register's commit and the log's loses no event."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from pathlib import Path

import grpc

from dancu.v1 import population_event_pb2 as pb
from dancu.v1 import population_event_service_pb2 as service
from dancu.v1 import statement_pb2
from gateway.engines.sqlite import submitted_events
from tests.e2e.server import PATIENCE, dancu, dev
from tests.rpc.gateways import Running, audited
from tests.rpc.raw import RawClient, claim, failure_of, request_context
from tests.support.events import ANNUL, SUBMIT, annulling, event, submitting

EVENTS = 80
KILLS = 3
DYING = (sys.executable, "-m", "tests.e2e.dying")
LOSS = submitting(event(card_loss=pb.CardLossEvent(person=claim())), request_context("E-1"))


async def test_killed_between_register_and_log(data_dir: Path) -> None:
    """The next start makes the receipt before READY; the same request gets it, once."""
    await _die_of(data_dir, SUBMIT, LOSS)
    (reported,) = submitted_events(data_dir / "population.db")
    assert _verified(data_dir) == ["EVENT_RECEIPT"]
    await _die_of(data_dir, ANNUL, annulling(reported.event_id, request_context("A-1")), starts=1)
    with dev(data_dir) as server:
        assert audited(data_dir).leaves == 2
        assert _verified(data_dir) == []
        async with RawClient(server.running) as raw:
            told = [await raw.send(SUBMIT, LOSS) for _ in range(2)]
            stated = raw.checked(service.SubmitPopulationEventResponse.FromString(told[0]).signed)
    assert isinstance(stated, statement_pb2.EventReceipt)
    assert stated.record.event_id == reported.event_id
    assert told[0] == told[1]
    assert audited(data_dir).leaves == len(list(submitted_events(data_dir / "population.db"))) == 2
    assert _verified(data_dir) == []


async def test_killed_while_events_are_reported(data_dir: Path) -> None:
    """At any moment: who sends again until there is an answer has reported each event once."""
    chance = random.Random()  # noqa: S311 - another moment in every run, not a secret
    told: dict[bytes, bytes] = {}
    waiting = [_dispute(number) for number in range(EVENTS)]
    for last in (*[False] * KILLS, True):
        with dev(data_dir) as server:
            clients = [asyncio.create_task(_report(server.running, waiting, told)) for _ in "1234"]
            if not last:
                await asyncio.sleep(chance.uniform(0.05, 0.6))
                server.kill()
            await asyncio.gather(*clients)
    assert waiting == []
    with dev(data_dir) as server:
        async with RawClient(server.running) as raw:
            assert [await raw.send(SUBMIT, sent) for sent in told] == list(told.values())
    assert len(list(submitted_events(data_dir / "population.db"))) == EVENTS
    assert audited(data_dir).leaves == EVENTS
    assert _verified(data_dir) == []


def _dispute(number: int) -> bytes:
    """An event that nothing can stand in the way of."""
    dispute = pb.AccessDisputeEvent(person=claim(), leaf_index=number, statement="Vì sao?")
    return submitting(event(access_dispute=dispute), request_context(f"E-{number}"))


async def _report(running: Running, waiting: list[bytes], told: dict[bytes, bytes]) -> None:
    """Report what waits until there is nothing left, or nobody to report to."""
    async with RawClient(running) as raw:
        while waiting:
            sent = waiting.pop()
            try:
                told[sent] = await raw.send(SUBMIT, sent)
            except grpc.aio.AioRpcError as error:
                waiting.append(sent)
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
                return


async def _die_of(data_dir: Path, method: str, sent: bytes, *, starts: int = 0) -> None:
    """Send a request to a gateway that dies of it; ``starts`` are whole ones to have before."""
    for _ in range(starts):
        with dev(data_dir) as whole:
            assert whole.terminate() == 0
    with dev(data_dir, command=DYING) as server:
        async with RawClient(server.running) as raw:
            failure = await failure_of(raw.send(method, sent))
        assert failure.code is grpc.StatusCode.UNAVAILABLE
        assert server.process.wait(PATIENCE) == -signal.SIGKILL


def _verified(data_dir: Path) -> list[str]:
    """What ``dancu ledger verify`` finds."""
    done = dancu("ledger", "verify", "--data-dir", str(data_dir), "--json")
    report = json.loads(done.stdout)
    assert done.returncode == bool(report["findings"])
    return [one["invariant"] for one in report["findings"]]
