"""The SDK's Reconciler hands over nothing that does not verify."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from clients.sdk import ChunkResult, Gateway, UntrustedAnswer
from dancu.v1 import reconciliation_pb2 as r
from dancu.v1 import statement_pb2 as s
from dancu.v1 import sync_service_pb2 as sync
from tests.support.scripted_sync import ScriptedSync, serving_sync
from tests.unit.client_reconciling import chunks_of, collect, require_all, run_all

Spoil = Callable[[sync.ReconciledChunkResult], object]


@pytest.fixture
async def fake() -> AsyncIterator[ScriptedSync]:
    """A scripted gateway that serves."""
    async with serving_sync(ScriptedSync()) as fake:
        yield fake


def _flip(value: bytes) -> bytes:
    return value[:-1] + bytes([value[-1] ^ 1])


def _other_record(result: sync.ReconciledChunkResult) -> None:
    record = r.ReconciledRecord.FromString(result.items[1].value)
    record.verdict = r.RECORD_VERDICT_CORRECTED
    result.items[1].value = record.SerializeToString()


def _other_chunk(result: sync.ReconciledChunkResult) -> None:
    result.chunk_number += 1


def _unsigned(result: sync.ReconciledChunkResult) -> None:
    result.signed.signatures[0].signature = _flip(result.signed.signatures[0].signature)


def _swapped(result: sync.ReconciledChunkResult) -> None:
    first, second = result.items[0].value, result.items[1].value
    result.items[0].value, result.items[1].value = second, first


def _other_seed(result: sync.ReconciledChunkResult) -> None:
    result.item_seed = _flip(result.item_seed)


def _short_seed(result: sync.ReconciledChunkResult) -> None:
    result.item_seed = result.item_seed[:-1]


def _one_less(result: sync.ReconciledChunkResult) -> None:
    del result.items[-1]


def _other_type(result: sync.ReconciledChunkResult) -> None:
    result.items[0].type_url = "type.googleapis.com/dancu.v1.ItemVerification"


def _no_proof(result: sync.ReconciledChunkResult) -> None:
    result.signed.ClearField("log_proof")


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (_other_record, "CONTEXT_MISMATCH - a record is not the one"),
        (_other_chunk, "CONTEXT_MISMATCH - an answer out of order"),
        (_unsigned, "SIGNATURE_INVALID"),
        (_swapped, "CONTEXT_MISMATCH - a record is not the one"),
        (_other_seed, "CONTEXT_MISMATCH - a record is not the one"),
        (_short_seed, "CONTEXT_MISMATCH - an item seed"),
        (_one_less, "CONTEXT_MISMATCH - not as many"),
        (_other_type, "CONTEXT_MISMATCH - not as many"),
        (_no_proof, "LOG_PROOF_MISSING"),
    ],
)
async def test_what_does_not_verify_is_not_handed_over(
    spoil: Spoil, refusal: str, gateway: Gateway, fake: ScriptedSync
) -> None:
    """Nothing of a spoilt chunk passes."""

    def second(result: sync.ReconciledChunkResult) -> None:
        if result.chunk_number == 1:
            spoil(result)

    fake.spoil_result = second
    results: list[ChunkResult] = []
    with pytest.raises(UntrustedAnswer, match=refusal):
        await collect(gateway, chunks_of(3), results)
    require_all(results, 1)


async def test_a_broken_chain(gateway: Gateway, fake: ScriptedSync) -> None:
    """A chunk that does not follow the one before is refused, though it is signed."""

    def forget(_result: ChunkResult) -> None:
        fake.sessions["s-1"].digest = bytes([1]) * 32

    fake.in_flight = 1
    results: list[ChunkResult] = []
    with pytest.raises(UntrustedAnswer, match="does not follow"):
        await collect(gateway, chunks_of(3), results, forget)
    require_all(results, 1)


async def test_answers_to_something_else(gateway: Gateway, fake: ScriptedSync) -> None:
    """A statement of another kind, or about other bytes than were sent, is none."""
    state = fake.state

    def about_other_bytes(rpc: str, _raw: bytes, message: s.ReconciledChunk) -> s.SignedStatement:
        return state(rpc, b"other", message)

    fake.state = about_other_bytes  # type: ignore[method-assign,assignment]
    async with gateway.reconciler("s-1") as reconciler:
        with pytest.raises(UntrustedAnswer, match="another request_digest"):
            await run_all(reconciler, chunks_of(1))


async def test_a_gateway_that_lost_answers(gateway: Gateway, fake: ScriptedSync) -> None:
    """A session that stands before what it answered is told, not silently begun again."""
    fake.cuts = [3]

    def lose(result: ChunkResult) -> None:
        if result.chunk_number == 2:
            del fake.sessions["s-1"].answers[1:]

    with pytest.raises(UntrustedAnswer, match="stands at chunk 1, but 3 were answered"):
        await collect(gateway, chunks_of(9), [], lose)
