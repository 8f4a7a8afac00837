"""``kill -9`` while calls run: whatever a client received is in the log afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from clients.receipts.tlog import is_included, leaf_hash, parse_proof
from dancu.v1 import identity_service_pb2, statement_pb2
from gateway.core.signing import pre_authentication_encoding
from gateway.store import log
from tests.e2e.server import dancu, dev
from tests.rpc.gateways import Running, audited
from tests.rpc.raw import (
    BATCH,
    VERIFY,
    RawClient,
    claim,
    request_context,
    verify_request,
)

ROUNDS = 4
CLIENTS = 8
GOOD = verify_request().SerializeToString()
CLAIMS = identity_service_pb2.BatchVerifyIdentitiesRequest(
    context=request_context(), claims=[claim()] * 50
).SerializeToString()


@dataclass
class Held:
    """What clients received."""

    receipts: dict[int, statement_pb2.SignedStatement] = field(default_factory=dict)
    checkpoints: dict[int, bytes] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def keep(self, signed: statement_pb2.SignedStatement) -> None:
        """Keep a receipt, and the checkpoint that came with it."""
        proof = parse_proof(signed.log_proof.tlog_proof)
        assert is_included(leaf_of(signed), proof)
        assert proof.index not in self.receipts
        assert self.checkpoints.get(proof.checkpoint.size) in (None, proof.checkpoint.root)
        self.receipts[proof.index] = signed
        self.checkpoints[proof.checkpoint.size] = proof.checkpoint.root
        self.news.set()


async def test_kill_while_calls_run(data_dir: Path) -> None:
    """After each kill the log holds, with every answer's leaf at its index and every checkpoint."""
    chance = random.Random()  # noqa: S311 - another moment in every run, not a secret
    held = Held()
    for _ in range(ROUNDS):
        held.news.clear()
        with dev(data_dir) as server:
            asking = [asyncio.create_task(_ask_on(server.running, held)) for _ in range(CLIENTS)]
            await held.news.wait()  # answers are on their way
            await asyncio.sleep(chance.uniform(0, 0.4))
            server.kill()
            await asyncio.gather(*asking)
        report = audited(data_dir, held.checkpoints)
        assert report.findings == []
        assert report.leaves >= len(held.receipts)
    await _proven_after_restart(data_dir, held)
    done = dancu("ledger", "verify", "--json", "--data-dir", str(data_dir))
    assert (done.returncode, json.loads(done.stdout)["holds"]) == (0, True)


async def _ask_on(running: Running, held: Held) -> None:
    """Ask one question after another, single ones and batches, until nobody answers."""
    with contextlib.suppress(grpc.aio.AioRpcError):
        async with RawClient(running) as raw:
            while True:
                answer = await raw.send(VERIFY, GOOD)
                held.keep(identity_service_pb2.VerifyIdentityResponse.FromString(answer).signed)
                answer = await raw.send(BATCH, CLAIMS)
                batch = identity_service_pb2.BatchVerifyIdentitiesResponse.FromString(answer)
                held.keep(batch.signed)


async def _proven_after_restart(data_dir: Path, held: Held) -> None:
    """The restarted gateway proves each receipt's leaf, at its index."""
    with dev(data_dir) as server:
        async with server.running.connect() as sdk:
            for index in (*sorted(held.receipts)[::20], max(held.receipts)):
                proof = await sdk.inclusion_proof(index)
                assert is_included(leaf_of(held.receipts[index]), proof)
    assert audited(data_dir, held.checkpoints).findings == []
    leaves = stored_leaves(data_dir)
    for index, signed in held.receipts.items():
        assert leaves[index] == leaf_of(signed)


def leaf_of(signed: statement_pb2.SignedStatement) -> bytes:
    """The leaf hash that a receipt must have in the log."""
    encoding = pre_authentication_encoding(signed.statement.type_url, signed.statement.value)
    digest = hashlib.sha256(encoding).digest()
    return leaf_hash(b"dancu.leaf.v1\n" + digest + signed.log_proof.access_root)


def stored_leaves(data_dir: Path) -> list[bytes]:
    """The leaf hashes as they lie in gateway.db."""
    with contextlib.closing(sqlite3.connect(data_dir / "gateway.db")) as db:
        tree, _ = log.read_head(db)
        return log.leaf_hashes(db, 0, tree.size)
