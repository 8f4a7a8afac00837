"""Kept answers, verified when the clock has stopped: a fast answer that is wrong is no answer."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import DecodeError

from clients.loadtest.orders import Sample
from clients.loadtest.scenario import Kind, Rpc
from clients.receipts import Expectations
from clients.sdk.batch import open_items
from clients.sdk.errors import UntrustedAnswer
from clients.sdk.reconciled import open_records
from clients.sdk.trust import Checker
from dancu.v1 import identity_service_pb2 as identity
from dancu.v1 import statement_pb2, sync_service_pb2
from dancu.v1.citizen_pb2 import Outcome
from dancu.v1.reconciliation_pb2 import RecordVerdict

_SINGLE: dict[Rpc, tuple[Any, str]] = {
    Rpc.VERIFY: (identity.VerifyIdentityResponse, "IdentityVerification"),
    Rpc.LOOKUP: (identity.LookupCitizenResponse, "CitizenDisclosure"),
    Rpc.RESOLVE: (identity.ResolveIdentifierResponse, "IdentifierResolution"),
}
_KEPT_FAILURES = 5


@dataclass(slots=True)
class Verified:
    """What came of it.

    Attributes:
        valid: Answers whose signatures, log proof, request and items hold.
        failures: Why others do not, the first few.
        failed: How many those are.
        outcomes: What was answered to each kind of claim; of a batch to its first.
    """

    valid: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)
    outcomes: dict[Kind, Counter[str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For the result."""
        outcomes = {str(kind): dict(found) for kind, found in sorted(self.outcomes.items())}
        return {
            "verified": self.valid,
            "failed": self.failed,
            "failures": self.failures,
            "outcomes": outcomes,
        }


async def verify_samples(
    samples: Sequence[Sample], checker: Checker, audiences: Sequence[str | None]
) -> Verified:
    """Verify kept answers, each against the bytes that were asked.

    Args:
        samples: The answers.
        checker: Whom to believe.
        audiences: As whom each of the scenario's callers is known; None: not compared.

    Raises:
        Refused, Unreachable: A newer key set was needed, and could not be fetched.
    """
    found = Verified()
    for sample in samples:
        try:
            outcome = await _outcome(sample, checker, audiences[sample.caller])
        except (UntrustedAnswer, DecodeError) as error:
            found.failed += 1
            found.failures = [*found.failures, f"{sample.rpc}: {error}"][:_KEPT_FAILURES]
        else:
            found.valid += 1
            found.outcomes.setdefault(sample.kind, Counter())[outcome] += 1
    return found


async def _outcome(sample: Sample, checker: Checker, audience: str | None) -> str:
    """What a kept answer says of its first claim, if it holds."""
    how = {Rpc.BATCH: _batch, Rpc.RECONCILE: _chunk}.get(sample.rpc, _single)
    return await how(sample, checker, audience)


async def _single(sample: Sample, checker: Checker, audience: str | None) -> str:
    response, name = _SINGLE[sample.rpc]
    signed = response.FromString(sample.answer).signed
    statement = await _statement(sample, signed, name, checker, audience)
    return Outcome.Name(statement.outcome).removeprefix("OUTCOME_")


async def _batch(sample: Sample, checker: Checker, audience: str | None) -> str:
    response = identity.BatchVerifyIdentitiesResponse.FromString(sample.answer)
    statement = await _statement(
        sample, response.signed, "BatchIdentityVerification", checker, audience
    )
    asked = identity.BatchVerifyIdentitiesRequest.FromString(sample.request).claims
    return open_items(response, statement, asked)[0].outcome.name


async def _chunk(sample: Sample, checker: Checker, audience: str | None) -> str:
    result = sync_service_pb2.ReconcileCitizensResponse.FromString(sample.answer).result
    statement = await _statement(sample, result.signed, "ReconciledChunk", checker, audience)
    chunk = sync_service_pb2.ReconcileCitizensRequest.FromString(sample.request).chunk
    records, _ = open_records(result, statement, [record.row_key for record in chunk.records])
    return RecordVerdict.Name(records[0].verdict).removeprefix("RECORD_VERDICT_")


async def _statement(
    sample: Sample,
    signed: statement_pb2.SignedStatement,
    name: str,
    checker: Checker,
    audience: str | None,
) -> Any:
    expected = Expectations(
        type_url=f"type.googleapis.com/dancu.v1.{name}",
        audience=audience,
        request_id=sample.request_id,
        request_digest=hashlib.sha256(sample.request).digest(),
    )
    receipt = signed.SerializeToString(deterministic=True)
    return (await checker.check(receipt, expected)).statement
