"""What a statement says, once its signatures hold (steps 2, 6 and 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from google.protobuf.message import DecodeError

from clients.receipts import times
from clients.receipts.confirmations import complaint_about
from clients.receipts.envelope import TYPE_PREFIX, Payload
from clients.receipts.refusal import Refusal, RefusedError
from clients.receipts.sync import complaint_about_sync
from dancu.v1 import citizen_pb2
from dancu.v1 import statement_pb2 as pb

OfOnePerson = (
    pb.IdentityVerification
    | pb.CitizenDisclosure
    | pb.IdentifierResolution
    | pb.ResidenceConfirmation
    | pb.HouseholdExtract
    | pb.AttributeVerification
    | pb.AccessHistory
)
"""Statements with one claim and its outcome."""
Statement = (
    OfOnePerson
    | pb.BatchIdentityVerification
    | pb.ReconciledChunk
    | pb.ChangeBatch
    | pb.WatchedCitizens
    | pb.EventReceipt
)

ALLOWED: dict[str, type[Statement]] = {
    TYPE_PREFIX + message.DESCRIPTOR.name: message
    for message in (
        pb.IdentityVerification,
        pb.BatchIdentityVerification,
        pb.CitizenDisclosure,
        pb.IdentifierResolution,
        pb.ResidenceConfirmation,
        pb.HouseholdExtract,
        pb.AttributeVerification,
        pb.AccessHistory,
        pb.ReconciledChunk,
        pb.ChangeBatch,
        pb.WatchedCitizens,
        pb.EventReceipt,
    )
}
"""The type URLs that stand as evidence, compared exactly."""

SALT_BYTES = 32
DIGEST_BYTES = 32

_YES_NO = frozenset({citizen_pb2.OUTCOME_VERIFIED, citizen_pb2.OUTCOME_NOT_VERIFIED})


@dataclass(frozen=True, slots=True)
class Expectations:
    """What the statement should be about. Each one supplied must be equal; None asks nothing.

    Attributes:
        type_url: the whole type URL.
        audience: id of the caller that asked.
        request_id: as the caller made it.
        request_digest: SHA-256 of the request's bytes.
        personal_id: the claimed 12-digit number, as asked.
        old_id_number: the claimed 9-digit number, as asked.
        full_name: the claimed name, letter by letter as asked.
        birth_date: the claimed (year, month, day); parts that were not given are 0.
    """

    type_url: str | None = None
    audience: str | None = None
    request_id: str | None = None
    request_digest: bytes | None = None
    personal_id: str | None = None
    old_id_number: str | None = None
    full_name: str | None = None
    birth_date: tuple[int, int, int] | None = None


NO_EXPECTATIONS = Expectations()


def check_type(type_url: str) -> None:
    """Step 2: TYPE_NOT_ALLOWED unless the type stands as evidence."""
    if type_url not in ALLOWED:
        raise RefusedError(Refusal.TYPE_NOT_ALLOWED, f"type {type_url[:100]!r}")


def parse_statement(payload: Payload) -> Statement:
    """Step 6: parse the signed bytes; STATEMENT_MALFORMED when they lack what all must say."""
    try:
        statement = ALLOWED[payload.type_url].FromString(payload.value)
    except DecodeError:
        raise _malformed("the content does not parse as its type") from None
    if not statement.HasField("header"):
        raise _malformed("no header")
    _check_header(statement.header)
    if isinstance(statement, pb.BatchIdentityVerification):
        _check_digests(statement)
    elif is_of_one_person(statement):
        check_outcome(statement.outcome, _outcomes_of(statement))
    complaint = complaint_about(statement) or complaint_about_sync(statement)
    if complaint:
        raise _malformed(complaint)
    return statement


def is_of_one_person(statement: Statement) -> TypeGuard[OfOnePerson]:
    """Whether a statement answers one claim; the others name nobody, or several."""
    return isinstance(statement, OfOnePerson)


def check_outcome(outcome: int, allowed: frozenset[int] = _YES_NO) -> None:
    """STATEMENT_MALFORMED unless the outcome is one that may be said here."""
    if outcome not in allowed:
        raise _malformed(f"outcome {outcome}")


def check_context(statement: Statement, type_url: str, expected: Expectations) -> None:
    """Step 7, second half: CONTEXT_MISMATCH unless every expectation is met."""
    claim = statement.claim if is_of_one_person(statement) else None
    require_equal("type_url", expected.type_url, type_url)
    header = statement.header
    require_equal("audience", expected.audience, header.audience)
    require_equal("request_id", expected.request_id, header.context.request_id)
    require_equal("request_digest", expected.request_digest, header.request_digest)
    check_claim(claim, expected)


def check_claim(claim: citizen_pb2.CitizenClaim | None, expected: Expectations) -> None:
    """CONTEXT_MISMATCH unless the claim is the expected one. None: the statement has no claim."""
    for name, wanted in _claim_expectations(expected):
        require_equal(name, wanted, None if claim is None else _claimed(claim, name))


def require_equal(name: str, wanted: object, found: object) -> None:
    """CONTEXT_MISMATCH unless nothing is wanted, or exactly this. The values stay unsaid."""
    if wanted is not None and wanted != found:
        raise RefusedError(Refusal.CONTEXT_MISMATCH, f"another {name} than expected")


def _check_header(header: pb.StatementHeader) -> None:
    if len(header.salt) != SALT_BYTES:
        raise _malformed(f"a salt of {len(header.salt)} bytes")
    if not header.simulated:
        raise _malformed("not marked as simulated")
    if not header.HasField("issued_at"):
        raise _malformed("no issued_at")
    try:
        times.from_timestamp(header.issued_at)
    except ValueError:
        raise _malformed("issued_at is out of range") from None


def _check_digests(batch: pb.BatchIdentityVerification) -> None:
    if not batch.item_digests or any(len(d) != DIGEST_BYTES for d in batch.item_digests):
        raise _malformed("item digests are at least one, of 32 bytes each")


def _outcomes_of(statement: Statement) -> frozenset[int]:
    if isinstance(statement, pb.IdentifierResolution):
        return _YES_NO | {citizen_pb2.OUTCOME_AMBIGUOUS}
    return _YES_NO


def _claim_expectations(expected: Expectations) -> Iterator[tuple[str, object]]:
    for name in ("personal_id", "old_id_number", "full_name", "birth_date"):
        wanted = getattr(expected, name)
        if wanted is not None:
            yield name, wanted


def _claimed(claim: citizen_pb2.CitizenClaim, name: str) -> object:
    if name == "birth_date":
        return (claim.birth_date.year, claim.birth_date.month, claim.birth_date.day)
    found: str = getattr(claim, name)
    return found


def _malformed(detail: str) -> RefusedError:
    return RefusedError(Refusal.STATEMENT_MALFORMED, detail)
