"""The chunks of one reconciliation, each signed over what was signed for the one before.

A chunk that is left out, put in, or taken from another session breaks the chain.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from clients.receipts.envelope import Payload, parse_envelope
from clients.receipts.refusal import Refusal, RefusedError
from clients.receipts.sync import NO_CHUNK
from dancu.v1 import statement_pb2 as pb


def signed_digest(payload: Payload) -> bytes:
    """SHA-256 of what the signatures are over: what the next chunk repeats."""
    return hashlib.sha256(payload.pae()).digest()


@dataclass(slots=True)
class ChunkChain:
    """Where a chain of verified chunks has come to.

    Attributes:
        session_id: whose chunks; None until the first one says it.
        next_number: of the chunk that must follow.
        digest: `signed_digest` of the last one; None when it is not known, and then the next
            chunk is believed about it.
        audience: the caller that the chunks were stated to; None until the first one says it.
    """

    session_id: str | None = None
    next_number: int = 0
    digest: bytes | None = NO_CHUNK
    audience: str | None = None

    def follow(self, receipt: bytes, statement: pb.ReconciledChunk) -> bytes:
        """Take the next chunk, whose statement has been verified.

        Returns:
            Its `signed_digest`.

        Raises:
            RefusedError: CONTEXT_MISMATCH, when it is not the chunk that follows.
        """
        if self.session_id not in (None, statement.session_id):
            raise _broken("a chunk of another session")
        if self.audience not in (None, statement.header.audience):
            raise _broken("a chunk stated to another caller")
        if statement.chunk_number != self.next_number:
            raise _broken(f"chunk {statement.chunk_number} where {self.next_number} should follow")
        if self.digest not in (None, statement.previous_digest):
            raise _broken(f"chunk {self.next_number} does not follow the one before it")
        self.session_id, self.audience = statement.session_id, statement.header.audience
        self.next_number += 1
        self.digest = signed_digest(parse_envelope(receipt).payload)
        return self.digest


def _broken(detail: str) -> RefusedError:
    return RefusedError(Refusal.CONTEXT_MISMATCH, detail)
