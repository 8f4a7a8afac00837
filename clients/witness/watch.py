"""One round of a witness: is this still the same log, only grown? Then sign.

(1) the checkpoint is signed by the log, under a key set that a pinned root vouches for
(2) it continues the one remembered: not smaller, and beginning with the same leaves
(3) remember it, on the disk
(4) sign it
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from clients.receipts import Refusal, RefusedError, TrustedKeySet, times
from clients.receipts.checkpoint import log_keys
from clients.receipts.tlog import MAX_SIGNATURES, Checkpoint, parse_checkpoint
from clients.witness.cosigner import Cosigner
from clients.witness.findings import (
    CHECKPOINT_MALFORMED,
    FORKED,
    OLDER_THAN_SEEN,
    ROLLED_BACK,
    TOO_MANY_SIGNATURES,
    LogMisbehaved,
    NotCosigned,
    TilesInvalid,
)
from clients.witness.proofs import grown_roots, growth_ranges
from clients.witness.state import WitnessState
from clients.witness.tiles import Fetch, Tiles


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint with this witness's line under it."""

    checkpoint: Checkpoint
    note: str


def cosign(
    state: WitnessState,
    cosigner: Cosigner,
    fetch: Fetch,
    key_set: Callable[[datetime], TrustedKeySet],
    clock: Callable[[], datetime],
    *,
    given: bytes | None = None,
) -> Cosigned:
    """Check the log's latest checkpoint against the one remembered, and sign it.

    Args:
        state: what was seen before.
        cosigner: this witness's key.
        fetch: reads the log's files.
        key_set: the log's keys, as trusted at a moment.
        clock: tells the moment, with a time zone. It is asked once the checkpoint is here: what
            is signed says that it was seen by then.
        given: a checkpoint to sign instead of the latest, e.g. one that another witness
            signed, so that both stand under the same.

    Raises:
        LogMisbehaved: the log was rolled back or forked.
        NotCosigned: what was shown cannot be signed.
        TilesInvalid, LogUnreachable: the log does not show what is needed to check it.
        StateError, OSError: the state cannot be read or written.
    """
    with state.locked():  # before asking: an answer must not wait while a later one is checked
        note, checkpoint = _read(fetch("checkpoint") if given is None else given)
        at = clock()
        _check_signed(checkpoint, key_set, at)
        _check_continues(state, note, checkpoint, fetch, at, latest=given is None)
        line = cosigner.line(checkpoint.text, int(at.timestamp()))
    return Cosigned(checkpoint, note + line)


def _read(content: bytes | None) -> tuple[str, Checkpoint]:
    if content is None:
        raise NotCosigned(CHECKPOINT_MALFORMED, "the log shows no checkpoint")
    try:
        note = content.decode("utf-8")
        checkpoint = parse_checkpoint(note)
    except ValueError as error:
        raise NotCosigned(CHECKPOINT_MALFORMED, str(error)) from None
    if len(checkpoint.signatures) >= MAX_SIGNATURES:
        raise NotCosigned(TOO_MANY_SIGNATURES, "there is no room for one more signature")
    return note, checkpoint


def _check_signed(
    checkpoint: Checkpoint, key_set: Callable[[datetime], TrustedKeySet], at: datetime
) -> None:
    """Signed by a key of the log that is not revoked, in a key set that is not out of date."""
    try:
        trusted = key_set(at)
        keys = log_keys(checkpoint, trusted)
    except RefusedError as error:
        raise NotCosigned(error.refusal, error.detail) from None
    now = times.from_datetime(at)
    if now > trusted.expires_at:
        raise NotCosigned(Refusal.KEYSET_EXPIRED, "fetch a newer key set")
    if any(key.revoked_at is not None and key.revoked_at <= now for key in keys):
        raise NotCosigned(Refusal.KEY_REVOKED, "the log signs with a key that is revoked")


def _check_continues(
    state: WitnessState,
    note: str,
    checkpoint: Checkpoint,
    fetch: Fetch,
    at: datetime,
    *,
    latest: bool,
) -> None:
    """Compare with what is remembered, and remember the larger."""
    last = state.remembered(checkpoint.origin)
    if last is None:
        state.remember(note)
        return
    last_note, seen = last
    if checkpoint.size < seen.size and not latest:
        raise NotCosigned(OLDER_THAN_SEEN, f"{seen.size} leaves were seen already")
    trouble = _trouble(seen, checkpoint, fetch)
    if trouble is not None:
        name, message = trouble
        evidence = state.keep_evidence(name, at, last_note, note)
        raise LogMisbehaved(name, message, evidence)
    if checkpoint.size > seen.size:
        state.remember(note)


def _trouble(seen: Checkpoint, shown: Checkpoint, fetch: Fetch) -> tuple[str, str] | None:
    """Name and story of what the two checkpoints prove against the log; None if nothing."""
    if shown.size < seen.size:
        story = f"the log had {seen.size} leaves, and now shows {shown.size}"
        return ROLLED_BACK, story
    if shown.size == seen.size:
        same = shown.root == seen.root
        return None if same else (FORKED, f"the log has two roots with {seen.size} leaves")
    if seen.size == 0 or _root_at(seen.size, shown, fetch) == seen.root:
        return None
    return FORKED, f"the log's first {seen.size} leaves are not those that it had before"


def _root_at(size: int, shown: Checkpoint, fetch: Fetch) -> bytes:
    """The root of the first leaves of the tree that the checkpoint is of. Raises TilesInvalid."""
    hashes = Tiles(fetch, shown.size).roots(growth_ranges(size, shown.size))
    old_root, new_root = grown_roots(size, shown.size, hashes)
    if new_root != shown.root:
        raise TilesInvalid("the tiles are not those of the checkpoint")
    return old_root
