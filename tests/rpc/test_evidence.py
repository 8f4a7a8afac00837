"""EvidenceService: the key set, the checkpoint, and proofs of leaves however old."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from pathlib import Path
from typing import Any

import grpc
import pytest

from clients.receipts.tlog import InclusionProof, is_included, leaf_hash, parse_proof
from clients.sdk import Gateway
from dancu.v1 import evidence_service_pb2, statement_pb2
from gateway.core.signing import pre_authentication_encoding
from tests.rpc.gateways import Running, audited
from tests.rpc.raw import PROOF, RawClient, failure_of

ORDINARY: dict[str, Any] = {
    "personal_id": "079088000001",
    "full_name": "Trần Minh Khôi",
    "birth_date": "1988-03-14",
}


async def test_old_leaves_are_proven_under_the_latest_checkpoint(sdk: Gateway) -> None:
    """Every leaf of a log of several tiles has a proof under today's checkpoint."""
    receipts: dict[int, bytes] = {}
    for _ in range(7):
        answers = await asyncio.gather(*(sdk.verify_identity(**ORDINARY) for _ in range(90)))
        receipts |= {each.evidence.log_index: each.evidence.receipt for each in answers}
    assert sorted(receipts) == list(range(630))
    latest = await sdk.checkpoint()
    assert latest.size == 630
    for index in (0, 1, 89, 90, 254, 255, 256, 257, 511, 512, 600, 629):
        proof = await sdk.inclusion_proof(index)
        assert proof.checkpoint == latest
        assert is_included(_leaf(receipts[index]), proof)
        assert not is_included(_leaf(receipts[(index + 1) % 630]), proof)


async def test_the_first_proof_is_kept_by_the_receipt(sdk: Gateway) -> None:
    """A receipt's own proof and a later one of the same leaf lead from one leaf hash."""
    answer = await sdk.verify_identity(**ORDINARY)
    await sdk.verify_identity(**ORDINARY)
    own = _own_proof(answer.evidence.receipt)
    later = await sdk.inclusion_proof(answer.evidence.log_index)
    assert own.checkpoint.size < later.checkpoint.size
    assert is_included(_leaf(answer.evidence.receipt), own)
    assert is_included(_leaf(answer.evidence.receipt), later)


async def test_a_receipt_proves_a_checkpoint_that_the_log_keeps(
    sdk: Gateway, data_dir: Path
) -> None:
    """The audit finds every checkpoint that clients hold in the log."""
    held = {}
    for _ in range(5):
        answer = await sdk.verify_identity(**ORDINARY)
        checkpoint = _own_proof(answer.evidence.receipt).checkpoint
        held[checkpoint.size] = checkpoint.root
    assert audited(data_dir, held).findings == []
    forged = audited(data_dir, held | {3: bytes(32)})
    assert [one.invariant for one in forged.findings] == ["CHECKPOINT"]


@pytest.mark.parametrize("index", [-1, 0, 5, 2**62, -(2**63)])
async def test_a_leaf_that_is_not_there(raw: RawClient, index: int) -> None:
    """An index outside the log is OUT_OF_RANGE, with its size."""
    request = evidence_service_pb2.GetInclusionProofRequest(leaf_index=index)
    failure = await failure_of(raw.send(PROOF, request.SerializeToString()))
    assert failure.code is grpc.StatusCode.OUT_OF_RANGE
    assert (failure.reason, failure.domain) == ("LEAF_OUT_OF_RANGE", "dancu")
    assert set(failure.texts) == {"en", "vi"}


async def test_the_key_set_on_the_wire_is_the_one_on_disk(running: Running, raw: RawClient) -> None:
    """GetKeySet serves the bytes that lie in the data directory, byte for byte."""
    answer = await raw.send("/dancu.v1.EvidenceService/GetKeySet", b"")
    message = evidence_service_pb2.GetKeySetResponse.FromString(answer)
    on_disk = (running.data_dir / "keyset.binpb").read_bytes()
    assert message.key_set.SerializeToString(deterministic=True) == on_disk


async def test_an_empty_log_has_a_checkpoint(sdk: Gateway) -> None:
    """Before the first answer the checkpoint is of the empty tree."""
    latest = await sdk.checkpoint()
    assert latest.size == 0
    assert base64.b16encode(latest.root).startswith(b"E3B0C442")


def _own_proof(receipt: bytes) -> InclusionProof:
    message = statement_pb2.SignedStatement.FromString(receipt)
    return parse_proof(message.log_proof.tlog_proof)


def _leaf(receipt: bytes) -> bytes:
    message = statement_pb2.SignedStatement.FromString(receipt)
    signed = pre_authentication_encoding(message.statement.type_url, message.statement.value)
    digest = hashlib.sha256(signed).digest()
    return leaf_hash(b"dancu.leaf.v1\n" + digest + message.log_proof.access_root)
