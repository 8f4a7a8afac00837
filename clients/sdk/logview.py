"""What the log says of itself, once its signature holds."""

from __future__ import annotations

from clients.receipts import Refusal, RefusedError, TrustedKeySet
from clients.receipts.checkpoint import log_keys
from clients.receipts.tlog import Checkpoint, InclusionProof, parse_proof
from clients.sdk.accesses import AccessEntry, require_in_log
from clients.sdk.errors import UntrustedAnswer
from clients.sdk.exchange import Exchange
from dancu.v1 import evidence_service_pb2

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


class LogView:
    """The part of a connection that shows the keys and the log."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def prove_access(self, entry: AccessEntry) -> InclusionProof:
        """The proof of the log that an entry of ``list_accesses`` is as it says, checked."""
        proof = await self.inclusion_proof(entry.leaf_index)
        require_in_log(entry, proof)
        return proof

    async def key_set(self) -> TrustedKeySet:
        """The key set in use, verified; fetched if there is none yet."""
        return await self._exchange.checker.key_set()

    async def checkpoint(self) -> Checkpoint:
        """The log's latest checkpoint, its signature checked."""
        message = await self._exchange.evidence(
            "GetCheckpoint", b"", evidence_service_pb2.GetCheckpointResponse
        )
        return read_checkpoint(message.checkpoint, await self.key_set())

    async def inclusion_proof(self, leaf_index: int) -> InclusionProof:
        """The proof of one leaf under the latest checkpoint, whose signature is checked."""
        request = evidence_service_pb2.GetInclusionProofRequest(leaf_index=leaf_index)
        message = await self._exchange.evidence(
            "GetInclusionProof",
            request.SerializeToString(),
            evidence_service_pb2.GetInclusionProofResponse,
        )
        return read_proof(message.tlog_proof, leaf_index, await self.key_set())
