"""Reconciled chunks: one record cut out, and the chain from chunk to chunk."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google.protobuf.any_pb2 import Any

from clients.receipts import (
    ChunkChain,
    Expectations,
    ItemNotFoundError,
    RefusedError,
    Result,
    Trust,
    open_record,
    verify_item_offline,
)
from clients.receipts.chain import signed_digest
from clients.receipts.envelope import parse_envelope
from dancu.v1 import statement_pb2 as pb
from dancu.v1.sync_service_pb2 import ReconciledChunkResult
from tests.vectors import scene as v
from tests.vectors import sync

AT = datetime(2026, 3, 1, tzinfo=UTC)
TRUST = Trust(roots=frozenset({v.ROOT.key_id}))


def _result() -> ReconciledChunkResult:
    items = []
    for record in sync.records():
        packed = Any(type_url=v.PREFIX + "ReconciledRecord")
        packed.value = record.SerializeToString(deterministic=True)
        items.append(packed)
    return ReconciledChunkResult(
        chunk_number=1, signed=v.seal(v.Draft(sync.chunk())), items=items, item_seed=sync.SEED
    )


def test_every_record_opens_and_verifies() -> None:
    """Each receipt holds, shows its own record, and nothing of the other."""
    data = _result().SerializeToString()
    for index, record in enumerate(sync.records()):
        receipt = open_record(data, index)
        verdict = verify_item_offline(receipt, v.MAIN_KEY_SET, at=AT, trust=TRUST)
        assert verdict.result is Result.VALID
        assert verdict.item == record
        assert sync.SEED not in receipt
    assert b"row-1" not in open_record(data, 1)


def test_the_expected_claim_is_compared_with_the_record() -> None:
    """A record of somebody else is no answer to this claim; an invalid one is about nobody."""
    data = _result().SerializeToString()
    wanted = Expectations(personal_id="098085000123")
    results = [
        verify_item_offline(open_record(data, index), v.MAIN_KEY_SET, at=AT, trust=TRUST,
                            expected=wanted).result
        for index in (0, 1)
    ]  # fmt: skip
    assert results == [Result.VALID, Result.INVALID]


def test_records_that_do_not_open() -> None:
    """A receipt that would never verify is not made."""
    with pytest.raises(ItemNotFoundError):
        open_record(_result().SerializeToString(), 2)
    swapped, reseeded, retyped = _result(), _result(), _result()
    swapped.items[0].value, swapped.items[1].value = swapped.items[1].value, b"\x20\x01"
    reseeded.item_seed = b"\1" * 31
    retyped.items[0].type_url = v.PREFIX + "ItemVerification"
    for result, refusal in (
        (swapped, "CONTEXT_MISMATCH"),
        (reseeded, "ENVELOPE_MALFORMED"),
        (retyped, "TYPE_NOT_ALLOWED"),
    ):
        with pytest.raises(RefusedError, match=refusal):
            open_record(result.SerializeToString(), 0)
    with pytest.raises(RefusedError, match="ENVELOPE_MALFORMED"):
        open_record(b"\xff", 0)


def _sealed(number: int, previous: bytes, **header: str) -> tuple[bytes, pb.ReconciledChunk]:
    body = sync.chunk(number, previous)
    body.header.audience = header.get("audience", body.header.audience)
    body.session_id = header.get("session", body.session_id)
    receipt = v.sealed(v.Draft(body))
    return receipt, pb.ReconciledChunk.FromString(parse_envelope(receipt).payload.value)


def test_a_chain() -> None:
    """Each chunk repeats the digest of what was signed for the one before."""
    chain, digest = ChunkChain(), bytes(32)
    for number in range(3):
        receipt, statement = _sealed(number, digest)
        digest = chain.follow(receipt, statement)
        assert digest == signed_digest(parse_envelope(receipt).payload)
    assert (chain.next_number, chain.session_id, chain.audience) == (3, "payroll-2026", "demo")


@pytest.mark.parametrize(
    ("number", "previous", "header", "said"),
    [
        (1, b"", {"session": "other"}, "another session"),
        (1, b"", {"audience": "other"}, "another caller"),
        (2, b"", {}, "chunk 2 where 1"),
        (1, b"\1" * 32, {}, "does not follow"),
    ],
)
def test_what_breaks_a_chain(
    number: int, previous: bytes, header: dict[str, str], said: str
) -> None:
    """Another session, caller, place or predecessor is no continuation."""
    chain = ChunkChain()
    digest = chain.follow(*_sealed(0, bytes(32)))
    with pytest.raises(RefusedError, match=said):
        chain.follow(*_sealed(number, previous or digest, **header))


def test_a_chain_taken_up_without_its_past() -> None:
    """Where the last digest is not known the next chunk is believed, and only that one."""
    chain = ChunkChain("payroll-2026", 5, None)
    chain.follow(*_sealed(5, b"\7" * 32))
    with pytest.raises(RefusedError, match="does not follow"):
        chain.follow(*_sealed(6, b"\7" * 32))
