"""Who signed a checkpoint: the log itself, and the witnesses that saw it."""

from __future__ import annotations

from clients.receipts import times
from clients.receipts.keyset import TrustedKey, TrustedKeySet
from clients.receipts.note import NoteSignature
from clients.receipts.refusal import Refusal, RefusedError
from clients.receipts.tlog import Checkpoint
from clients.receipts.trust import Trust, Witness

_TIMESTAMP_BYTES = 8


def log_keys(checkpoint: Checkpoint, key_set: TrustedKeySet) -> list[TrustedKey]:
    """The CHECKPOINT keys that signed, at least one.

    Lines by other keys are ignored, as signed-note demands; a line by a known key that does
    not verify refuses the checkpoint.

    Raises:
        RefusedError: LOG_ORIGIN_UNKNOWN or CHECKPOINT_SIGNATURE_INVALID.
    """
    candidates = key_set.checkpoint_keys(checkpoint.origin)
    if not candidates:
        raise RefusedError(Refusal.LOG_ORIGIN_UNKNOWN, "the key set does not list the log")
    matching = [
        (key, line.signature)
        for line in checkpoint.signatures
        for key in candidates
        if line.name == checkpoint.origin and (line.name, line.key_id) in key.note_keys
    ]
    if not matching:
        raise _checkpoint_invalid("no signature by a key of the log")
    if not all(key.public_key.verifies(signature, checkpoint.text) for key, signature in matching):
        raise _checkpoint_invalid("a signature of the log is wrong")
    return [key for key, _ in matching]


def attested_time(checkpoint: Checkpoint, trust: Trust) -> int | None:
    """T: the moment by which a quorum of distinct witnesses had seen the checkpoint.

    Returns:
        Nanoseconds since 1970; None when no quorum is asked for.

    Raises:
        RefusedError: WITNESS_SIGNATURE_INVALID or WITNESS_QUORUM_MISSING.
    """
    earliest: list[int] = []
    for witness in trust.witnesses:
        seen = [
            _cosigned_second(line, witness, checkpoint)
            for line in checkpoint.signatures
            if (line.name, line.key_id) == (witness.name, witness.note_key_id)
        ]
        earliest.extend([min(seen)] if seen else [])
    if len(earliest) < trust.quorum:
        found = f"{len(earliest)} of {trust.quorum} witnesses"
        raise RefusedError(Refusal.WITNESS_QUORUM_MISSING, found)
    return sorted(earliest)[trust.quorum - 1] * times.SECOND if trust.quorum else None


def _cosigned_second(line: NoteSignature, witness: Witness, checkpoint: Checkpoint) -> int:
    """The second at which a witness signed (cosignature/v1), its signature checked."""
    stamp, signature = line.signature[:_TIMESTAMP_BYTES], line.signature[_TIMESTAMP_BYTES:]
    second = int.from_bytes(stamp, "big")
    message = b"cosignature/v1\ntime %d\n%b" % (second, checkpoint.text)
    if second > times.LAST_SECOND or not witness.key.verifies(signature, message):
        raise RefusedError(Refusal.WITNESS_SIGNATURE_INVALID, f"witness {witness.name}")
    return second


def _checkpoint_invalid(detail: str) -> RefusedError:
    return RefusedError(Refusal.CHECKPOINT_SIGNATURE_INVALID, detail)
