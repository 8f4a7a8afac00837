"""The verification of one statement: fourteen steps, in order; the first failure ends it.

    (1)  the envelope is in its one exact encoding
    (2)  its type stands as evidence
    (3)  the key set is signed by a pinned root, well-formed, and not an old one
    (4)  one to four signatures, by distinct keys
    (5)  each is by a STATEMENT key of the key set, and holds over the exact bytes
    (6)  only now: the bytes parse, say what every statement says, and name the same keys
    (7)  issuer and all that is expected are equal
    (8)  a log proof is there and can be read
    (9)  its checkpoint is of the issuer's log, and signed by it
    (10) the statement stands under that checkpoint
    (11) enough trusted witnesses saw the checkpoint, at T
    (12) it was not made in the future, and each key was active when it was made
    (13) no key used was revoked, or the statement is proven older
    (14) the key set is fresh

Nothing of a step relies on a later one. What the caller still does: decide whom to trust,
keep the key set version that was accepted, and read what the statement says. VALID means
that the issuer said it, not that it says yes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from clients.receipts import times
from clients.receipts.checkpoint import attested_time, log_keys
from clients.receipts.envelope import Envelope, LogProof, Payload, Signature, parse_envelope
from clients.receipts.keyset import TrustedKey, TrustedKeySet, admit, load_key_set
from clients.receipts.refusal import Refusal, RefusedError
from clients.receipts.rollback import RollbackState
from clients.receipts.statement import (
    NO_EXPECTATIONS,
    Expectations,
    Statement,
    check_context,
    check_type,
    parse_statement,
)
from clients.receipts.tlog import HASH_BYTES, InclusionProof, is_included, leaf_hash, parse_proof
from clients.receipts.trust import Trust
from clients.receipts.verdict import Result, Verdict, invalid
from dancu.v1.statement_pb2 import KEY_ROLE_STATEMENT

MAX_SIGNATURES = 4
ASSERTED = "time asserted by the issuer"
"""The note on a statement whose time no quorum of witnesses confirms."""

_LEAF_PREFIX = b"dancu.leaf.v1\n"


def verify(
    statement_bytes: bytes,
    key_set: TrustedKeySet,
    *,
    at: datetime,
    trust: Trust,
    expected: Expectations = NO_EXPECTATIONS,
) -> Verdict:
    """Verify a statement with a key set that `load_key_set` accepted.

    Args:
        statement_bytes: a SignedStatement, as it was received.
        key_set: may be kept and used for many statements.
        at: the moment of checking, with a time zone.
        trust: whom to believe.
        expected: what the statement should be about.

    Returns:
        The verdict; input is never answered with an exception.
    """

    def admitted() -> TrustedKeySet:
        admit(key_set, trust, times.from_datetime(at))
        return key_set

    return _verdict(statement_bytes, admitted, at, trust, expected)


def verify_offline(
    statement_bytes: bytes,
    keyset_bytes: bytes,
    *,
    at: datetime,
    trust: Trust,
    expected: Expectations = NO_EXPECTATIONS,
    state: RollbackState | None = None,
) -> Verdict:
    """Verify a statement with a key set as it was received: all steps in their order.

    Args:
        statement_bytes: a SignedStatement, as it was received.
        keyset_bytes: the SignedStatement that holds the KeySet, as it was received.
        at: the moment of checking, with a time zone.
        trust: whom to believe.
        expected: what the statement should be about.
        state: remembers the key set's version, and refuses lower ones from then on.

    Returns:
        The verdict; input is never answered with an exception.

    Raises:
        StateError, OSError: the state cannot be read or written.
    """
    load = state.load_key_set if state is not None else load_key_set

    def loaded() -> TrustedKeySet:
        return load(keyset_bytes, trust, at)

    return _verdict(statement_bytes, loaded, at, trust, expected)


def _verdict(
    statement_bytes: bytes,
    key_set_source: Callable[[], TrustedKeySet],
    at: datetime,
    trust: Trust,
    expected: Expectations,
) -> Verdict:
    now = times.from_datetime(at)
    try:
        return _story(statement_bytes, key_set_source, now, trust, expected)
    except RefusedError as error:
        return invalid(error)


def _story(
    statement_bytes: bytes,
    key_set_source: Callable[[], TrustedKeySet],
    now: int,
    trust: Trust,
    expected: Expectations,
) -> Verdict:
    # (1) the envelope is in its one exact encoding
    envelope = parse_envelope(statement_bytes)
    payload = envelope.payload

    # (2) its type stands as evidence
    check_type(payload.type_url)

    # (3) the key set is signed by a pinned root, well-formed, and not an old one
    key_set = key_set_source()

    # (4) one to four signatures, by distinct keys
    ids = _distinct_key_ids(envelope)

    # (5) each is by a STATEMENT key of the key set, and holds over the exact bytes
    pae = payload.pae()
    signers = [_signer(signature, key_set, pae) for signature in envelope.signatures]

    # (6) only now: the bytes parse, say what every statement says, and name the same keys
    statement = parse_statement(payload)
    header = statement.header
    if list(header.key_ids) != ids:
        raise RefusedError(Refusal.SIGNATURE_SET_MISMATCH, "the header names other keys")

    # (7) issuer and all that is expected are equal
    if header.issuer != key_set.issuer:
        raise RefusedError(Refusal.ISSUER_MISMATCH, "the key set is another issuer's")
    check_context(statement, payload.type_url, expected)

    # (8) a log proof is there and can be read
    proof, access_root = _read_log_proof(envelope.log_proof)

    # (9) its checkpoint is of the issuer's log, and signed by it
    if proof.checkpoint.origin != header.log_origin:
        raise RefusedError(Refusal.LOG_ORIGIN_UNKNOWN, "the header names another log")
    loggers = log_keys(proof.checkpoint, key_set)

    # (10) the statement stands under that checkpoint
    if not is_included(leaf_hash(leaf_data(payload, access_root)), proof):
        raise RefusedError(Refusal.INCLUSION_INVALID, "the path does not lead to the root")

    # (11) enough trusted witnesses saw the checkpoint, at T
    attested = attested_time(proof.checkpoint, trust)

    # (12) it was not made in the future, and each key was active when it was made
    _check_dates(times.from_timestamp(header.issued_at), now, attested, signers)

    # (13) no key used was revoked, or the statement is proven older
    doubt = _revocation_doubt([*signers, *loggers], now, attested)

    # (14) the key set is fresh
    if doubt is None and now > key_set.expires_at:
        doubt = RefusedError(Refusal.KEYSET_EXPIRED, "fetch a newer key set")
    return _found(payload, statement, attested, doubt)


def leaf_data(payload: Payload, access_root: bytes) -> bytes:
    """What the log holds of a statement."""
    return _LEAF_PREFIX + hashlib.sha256(payload.pae()).digest() + access_root


def _distinct_key_ids(envelope: Envelope) -> list[str]:
    ids = [signature.key_id for signature in envelope.signatures]
    if not 1 <= len(ids) <= MAX_SIGNATURES or len(set(ids)) < len(ids):
        found = f"{len(ids)} signatures by {len(set(ids))} keys"
        raise RefusedError(Refusal.SIGNATURE_SET_MISMATCH, found)
    return ids


def _signer(signature: Signature, key_set: TrustedKeySet, pae: bytes) -> TrustedKey:
    """The key of a signature that holds; KEY_UNKNOWN, KEY_WRONG_ROLE or SIGNATURE_INVALID."""
    key = key_set.keys.get(signature.key_id)
    if key is None:
        raise RefusedError(Refusal.KEY_UNKNOWN, f"key {signature.key_id[:64]!r}")
    if key.role != KEY_ROLE_STATEMENT:
        raise RefusedError(Refusal.KEY_WRONG_ROLE, f"key {key.key_id}")
    if not key.public_key.verifies(signature.signature, pae):
        raise RefusedError(Refusal.SIGNATURE_INVALID, f"by key {key.key_id}")
    return key


def _read_log_proof(log_proof: LogProof | None) -> tuple[InclusionProof, bytes]:
    if log_proof is None:
        raise RefusedError(Refusal.LOG_PROOF_MISSING, "no log proof")
    if len(log_proof.access_root) != HASH_BYTES:
        raise RefusedError(Refusal.LOG_PROOF_MALFORMED, "an access root has 32 bytes")
    try:
        return parse_proof(log_proof.tlog_proof), log_proof.access_root
    except ValueError as error:
        raise RefusedError(Refusal.LOG_PROOF_MALFORMED, str(error)) from None


def _check_dates(
    issued_at: int, now: int, attested: int | None, signers: Sequence[TrustedKey]
) -> None:
    latest = now if attested is None else min(now, attested)
    if issued_at > latest + times.SKEW:
        raise RefusedError(Refusal.TIME_IN_FUTURE, "issued after it was seen")
    for key in signers:
        if key.not_before is None or issued_at < key.not_before:
            raise RefusedError(Refusal.KEY_NOT_YET_VALID, f"key {key.key_id}")
        if key.not_after is not None and issued_at > key.not_after:
            raise RefusedError(Refusal.KEY_EXPIRED, f"key {key.key_id}")


def _revocation_doubt(
    used: Sequence[TrustedKey], now: int, attested: int | None
) -> RefusedError | None:
    """The doubt that remains when a key is revoked and no witness says when it was used.

    Raises RefusedError(KEY_REVOKED) when the witnesses saw it only after the revocation.
    """
    for key in used:
        if key.revoked_at is None or key.revoked_at > now:
            continue
        error = RefusedError(Refusal.KEY_REVOKED, f"key {key.key_id}")
        if attested is None:
            return error
        if attested >= key.revoked_at:
            raise error
    return None


def _found(
    payload: Payload, statement: Statement, attested: int | None, doubt: RefusedError | None
) -> Verdict:
    return Verdict(
        result=Result.VALID if doubt is None else Result.INDETERMINATE,
        refusal=None if doubt is None else doubt.refusal,
        detail="" if doubt is None else doubt.detail,
        type_url=payload.type_url,
        statement=statement,
        issued_at=times.to_datetime(times.from_timestamp(statement.header.issued_at)),
        time_attested=None if attested is None else times.to_datetime(attested),
        notes=(ASSERTED,) if attested is None else (),
    )
