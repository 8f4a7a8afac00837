"""Two gateways on one PostgreSQL, under load; one is killed."""

from __future__ import annotations

import asyncio
import contextlib
import json

import grpc

from clients.receipts.tlog import is_included
from dancu.v1 import identity_service_pb2
from tests.e2e.server import PATIENCE, Server, dancu
from tests.e2e.test_kill import Held, leaf_of
from tests.rpc.raw import VERIFY, RawClient, verify_request
from tests.support.record_stores import query

CLIENTS = 6  # of each gateway
ASK = verify_request().SerializeToString()


async def ask_on(server: Server, held: Held, stop: asyncio.Event) -> int:
    """Ask until told to stop, or nobody answers; how many answers came."""
    count = 0
    with contextlib.suppress(grpc.aio.AioRpcError):
        async with RawClient(server.running) as raw:
            while not stop.is_set():
                answer = await raw.send(VERIFY, ASK)
                held.keep(identity_service_pb2.VerifyIdentityResponse.FromString(answer).signed)
                count += 1
    return count


async def grow(held: Held, more: int) -> None:
    """Wait for so many more answers."""
    wanted = len(held.receipts) + more
    async with asyncio.timeout(PATIENCE):
        while len(held.receipts) < wanted:  # noqa: ASYNC110 - many tasks fill it
            await asyncio.sleep(0.01)


async def test_one_of_two_gateways_is_killed_under_load(
    pair: tuple[Server, Server], postgres_url: str
) -> None:
    """The other goes on; one tree, and each answer that either gave out is in it, once."""
    one, other = pair
    held, stop = Held(), asyncio.Event()
    asking = [
        [asyncio.create_task(ask_on(server, held, stop)) for _ in range(CLIENTS)] for server in pair
    ]
    await grow(held, 200)
    other.kill()
    lost = sum(await asyncio.gather(*asking[1]))
    await grow(held, 100)
    stop.set()
    kept = sum(await asyncio.gather(*asking[0]))
    assert min(lost, kept) > 20  # both answered
    assert lost + kept == len(held.receipts)
    await proven(one, held)
    assert one.terminate() == 0
    where = ("--data-dir", str(one.running.data_dir))
    report = json.loads(dancu("ledger", "verify", *where, "--json").stdout)
    assert report["holds"]
    assert report["leaves"] >= len(held.receipts)
    assert query(postgres_url, "SELECT sum(answers)::int FROM usage") == [(report["leaves"],)]


async def proven(server: Server, held: Held) -> None:
    """The gateway that is left proves answers of both, at their places."""
    async with server.running.connect() as sdk:
        for index in (*sorted(held.receipts)[::20], max(held.receipts)):
            proof = await sdk.inclusion_proof(index)
            assert is_included(leaf_of(held.receipts[index]), proof)
