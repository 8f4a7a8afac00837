"""A receipt under a later checkpoint: only its proof changes, and only to a true one."""

from __future__ import annotations

import hashlib

import pytest

from clients.receipts import RefusedError
from clients.receipts.envelope import parse_envelope
from clients.receipts.tlog import is_included, leaf_hash, parse_proof
from clients.receipts.verifier import leaf_data
from clients.witness import NotInLog, TilesInvalid, refreshed
from dancu.v1.statement_pb2 import ItemReceipt, LogProof, Signature, SignedStatement
from tests.support.memory_log import MemoryLog

ACCESS_ROOT = b"a" * 32
INDEX = 5


def statement() -> SignedStatement:
    """A signed statement; nobody checks by whom."""
    signed = SignedStatement(signatures=[Signature(key_id="key", signature=b"s" * 64)])
    signed.statement.type_url = "type.googleapis.com/dancu.v1.X"
    signed.statement.value = b"\x0a\x01x"
    return signed


def leaf() -> bytes:
    """Its leaf, by the definition."""
    url, value = b"type.googleapis.com/dancu.v1.X", b"\x0a\x01x"
    pae = b"DSSEv1 %d %b %d %b" % (len(url), url, len(value), value)
    return b"dancu.leaf.v1\n" + hashlib.sha256(pae).digest() + ACCESS_ROOT


@pytest.fixture
def log() -> MemoryLog:
    """A log in which the statement stands."""
    made = MemoryLog()
    made.grow(INDEX)
    made.leaves.append(leaf())
    return made


@pytest.fixture
def receipt(log: MemoryLog) -> SignedStatement:
    """As it was given out; its path is of no interest here."""
    signed = statement()
    note = log.checkpoint().decode()
    proof = f"c2sp.org/tlog-proof@v1\nindex {INDEX}\n\n{note}"
    signed.log_proof.CopyFrom(LogProof(tlog_proof=proof, access_root=ACCESS_ROOT))
    return signed


@pytest.mark.parametrize("growth", [0, 1, 2, 250, 600])
def test_the_proof_is_of_the_later_checkpoint(
    log: MemoryLog, receipt: SignedStatement, growth: int
) -> None:
    """By the verifier for receipts; all else is what it was, byte for byte."""
    log.grow(growth)
    made = refreshed(receipt.SerializeToString(deterministic=True), log.checkpoint(), log.fetch)
    envelope = parse_envelope(made)
    assert envelope.log_proof
    proof = parse_proof(envelope.log_proof.tlog_proof)
    assert proof.checkpoint.size == INDEX + 1 + growth
    assert is_included(leaf_hash(leaf_data(envelope.payload, ACCESS_ROOT)), proof)
    again = SignedStatement.FromString(made)
    again.log_proof.tlog_proof = receipt.log_proof.tlog_proof
    assert again == receipt


def test_an_item_of_a_batch(log: MemoryLog, receipt: SignedStatement) -> None:
    """The batch's proof changes; the item and its salt stay."""
    item = ItemReceipt(signed=receipt, item_salt=b"s" * 32)
    item.item.type_url, item.item.value = "type.googleapis.com/dancu.v1.Y", b"item"
    log.grow(3)
    made = refreshed(item.SerializeToString(deterministic=True), log.checkpoint(), log.fetch)
    again = ItemReceipt.FromString(made)
    assert parse_proof(again.signed.log_proof.tlog_proof).checkpoint.size == INDEX + 4
    assert (again.item, again.item_salt) == (item.item, item.item_salt)


def test_a_statement_that_is_not_in_the_log(log: MemoryLog, receipt: SignedStatement) -> None:
    """The witnesses saw another log than the one that gave the receipt."""
    log.leaves[INDEX] = b"another"
    with pytest.raises(NotInLog, match="leaf 5 is another statement"):
        refreshed(receipt.SerializeToString(deterministic=True), log.checkpoint(), log.fetch)


def test_a_checkpoint_that_does_not_cover_it(log: MemoryLog, receipt: SignedStatement) -> None:
    """Older than the receipt, or of another log."""
    data = receipt.SerializeToString(deterministic=True)
    with pytest.raises(NotInLog, match="another log, other"):
        refreshed(data, MemoryLog(log.leaves, "other").checkpoint(), log.fetch)
    log.leaves.pop()
    with pytest.raises(NotInLog, match="older than the receipt"):
        refreshed(data, log.checkpoint(), log.fetch)


def test_tiles_of_another_log(log: MemoryLog, receipt: SignedStatement) -> None:
    """Prove nothing about the receipt."""
    other = MemoryLog()
    other.grow(INDEX + 1, "another")
    data = receipt.SerializeToString(deterministic=True)
    with pytest.raises(TilesInvalid):
        refreshed(data, log.checkpoint(), other.fetch)


@pytest.mark.parametrize("spoil", [b"", b"x", b"\x0a\x00", b"\xff" * 40])
def test_no_receipt(log: MemoryLog, spoil: bytes) -> None:
    """Refused by name."""
    with pytest.raises(RefusedError):
        refreshed(spoil, log.checkpoint(), log.fetch)


def test_a_receipt_without_a_proof(log: MemoryLog) -> None:
    """There is nothing that says where it stands."""
    with pytest.raises(RefusedError, match="LOG_PROOF_MISSING"):
        refreshed(statement().SerializeToString(deterministic=True), log.checkpoint(), log.fetch)


@pytest.mark.parametrize("note", [b"", b"log\n5\n", b"\xff"])
def test_no_checkpoint(log: MemoryLog, receipt: SignedStatement, note: bytes) -> None:
    """A file that is something else."""
    with pytest.raises(ValueError, match=r".+"):
        refreshed(receipt.SerializeToString(deterministic=True), note, log.fetch)
