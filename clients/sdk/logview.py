"""What the log says of itself, once its signature holds."""

from __future__ import annotations

from clients.receipts import Refusal, RefusedError, TrustedKeySet
from clients.receipts.checkpoint import log_keys
from clients.receipts.tlog import Checkpoint, InclusionProof, parse_proof
from clients.sdk.errors import UntrustedAnswer

_NO_PATH = "c2sp.org/tlog-proof@v1\nindex 0\n\n"
"""In front of a checkpoint it makes a proof, so that there is one strict reader for both."""


def read_checkpoint(text: str, key_set: TrustedKeySet) -> Checkpoint:
    """Read a checkpoint and check that a log of the key set signed it; or UntrustedAnswer."""
    return read_proof(_NO_PATH + text, 0, key_set).checkpoint


def read_proof(text: str, index: int, key_set: TrustedKeySet) -> InclusionProof:
    """Read the proof of one leaf and check its checkpoint's signature; or UntrustedAnswer.

    Whether a certain statement is that leaf is ``receipts.tlog.is_included``'s to say.
    """
    try:
        proof = parse_proof(text)
        log_keys(proof.checkpoint, key_set)
    except ValueError as error:
        raise UntrustedAnswer(Refusal.LOG_PROOF_MALFORMED, str(error), text.encode()) from error
    except RefusedError as error:
        raise UntrustedAnswer(error.refusal, error.detail, text.encode()) from error
    if proof.index != index:
        raise UntrustedAnswer(Refusal.CONTEXT_MISMATCH, "the proof of another leaf", text.encode())
    return proof
