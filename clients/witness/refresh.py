"""A receipt's proof made anew, under a later checkpoint that witnesses signed.

A receipt comes with the checkpoint of its own moment, before any witness could sign it. The
log keeps growing, so the same leaf stands under every later checkpoint as well.
"""

from __future__ import annotations

import base64

from google.protobuf.message import DecodeError

from clients.receipts import Refusal, RefusedError, is_item_receipt
from clients.receipts.envelope import Envelope, parse_envelope
from clients.receipts.tlog import (
    InclusionProof,
    is_included,
    leaf_hash,
    parse_checkpoint,
    parse_proof,
)
from clients.receipts.verifier import leaf_data
from clients.witness.findings import TilesInvalid
from clients.witness.proofs import Range, inclusion_ranges
from clients.witness.tiles import Fetch, Tiles
from dancu.v1.statement_pb2 import ItemReceipt, SignedStatement


class NotInLog(Exception):
    """The receipt's statement does not stand under the checkpoint."""


def refreshed(receipt: bytes, cosigned: bytes, fetch: Fetch) -> bytes:
    """The same receipt with a proof under another checkpoint; nothing else is changed.

    No signature is checked: that is for the verification of what comes out.

    Args:
        receipt: a SignedStatement or an ItemReceipt.
        cosigned: the checkpoint, as a witness wrote it.
        fetch: reads the log's files.

    Raises:
        NotInLog: the statement does not stand under that checkpoint.
        RefusedError: the receipt is malformed, or comes without a proof.
        ValueError: the checkpoint is malformed.
        TilesInvalid, LogUnreachable: the log does not show what is needed.
    """
    whole, signed = _read(receipt)
    envelope = parse_envelope(signed.SerializeToString(deterministic=True))
    note = cosigned.decode("utf-8")
    path, index = _path(envelope, note, fetch)
    lines = "".join(base64.b64encode(node).decode() + "\n" for node in path)
    signed.log_proof.tlog_proof = f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n{note}"
    return whole.SerializeToString(deterministic=True)


def _read(receipt: bytes) -> tuple[SignedStatement | ItemReceipt, SignedStatement]:
    """The receipt as a message, and the statement in it or that it is."""
    try:
        if is_item_receipt(receipt):
            item = ItemReceipt.FromString(receipt)
            return item, item.signed
        statement = SignedStatement.FromString(receipt)
    except DecodeError:
        raise RefusedError(Refusal.ENVELOPE_MALFORMED, "not a receipt") from None
    return statement, statement


def _path(envelope: Envelope, note: str, fetch: Fetch) -> tuple[tuple[bytes, ...], int]:
    """The statement's path to the root of a checkpoint, and its index."""
    if envelope.log_proof is None:
        raise RefusedError(Refusal.LOG_PROOF_MISSING, "no log proof")
    former = parse_proof(envelope.log_proof.tlog_proof)
    index, checkpoint = former.index, parse_checkpoint(note)
    if checkpoint.origin != former.checkpoint.origin:
        raise NotInLog(f"the checkpoint is of another log, {checkpoint.origin}")
    if index >= checkpoint.size:
        raise NotInLog("the checkpoint is older than the receipt: take a later one")
    tiles = Tiles(fetch, checkpoint.size)
    proof = InclusionProof(
        index, tuple(tiles.roots(inclusion_ranges(index, checkpoint.size))), checkpoint
    )
    (logged,) = tiles.roots([Range(index, index + 1)])
    if not is_included(logged, proof):
        raise TilesInvalid("the tiles are not those of the checkpoint")
    if logged != leaf_hash(leaf_data(envelope.payload, envelope.log_proof.access_root)):
        raise NotInLog(f"leaf {index} is another statement: the witnesses saw another log")
    return proof.path, index
