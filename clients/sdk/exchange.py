"""One question and its answer: the story that every method of the SDK follows.

(1) serialise the request, once
(2) send those bytes
(3) take the signed statement out of the response
(4) verify it: signatures, log, key set, and that it answers exactly these bytes
(5) hand over what was signed, and nothing else
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import DecodeError, Message

from clients.receipts import Expectations, Refusal
from clients.receipts.tlog import parse_proof
from clients.sdk.answers import Evidence
from clients.sdk.aside import Aside
from clients.sdk.errors import UntrustedAnswer
from clients.sdk.requests import CallContext, new_request_id
from clients.sdk.transport import Transport
from clients.sdk.trust import Checker, Trust
from dancu.v1 import (
    access_history_service_pb2,
    evidence_service_pb2,
    identity_service_pb2,
    population_event_service_pb2,
    residence_service_pb2,
    statement_pb2,
    sync_service_pb2,
)

Request = (
    identity_service_pb2.VerifyIdentityRequest
    | identity_service_pb2.BatchVerifyIdentitiesRequest
    | identity_service_pb2.LookupCitizenRequest
    | identity_service_pb2.ResolveIdentifierRequest
    | identity_service_pb2.VerifyAttributesRequest
    | residence_service_pb2.ConfirmResidenceRequest
    | residence_service_pb2.GetHouseholdRequest
    | access_history_service_pb2.ListAccessesRequest
    | population_event_service_pb2.SubmitPopulationEventRequest
    | population_event_service_pb2.GetPopulationEventRequest
    | population_event_service_pb2.AnnulPopulationEventRequest
    | sync_service_pb2.ListChangesRequest
    | sync_service_pb2.UpdateWatchedCitizensRequest
)
Response = TypeVar(
    "Response",
    identity_service_pb2.VerifyIdentityResponse,
    identity_service_pb2.BatchVerifyIdentitiesResponse,
    identity_service_pb2.LookupCitizenResponse,
    identity_service_pb2.ResolveIdentifierResponse,
    identity_service_pb2.VerifyAttributesResponse,
    residence_service_pb2.ConfirmResidenceResponse,
    residence_service_pb2.GetHouseholdResponse,
    access_history_service_pb2.ListAccessesResponse,
    population_event_service_pb2.SubmitPopulationEventResponse,
    population_event_service_pb2.GetPopulationEventResponse,
    population_event_service_pb2.AnnulPopulationEventResponse,
    sync_service_pb2.ListChangesResponse,
    sync_service_pb2.UpdateWatchedCitizensResponse,
)
Statement = TypeVar(
    "Statement",
    statement_pb2.IdentityVerification,
    statement_pb2.BatchIdentityVerification,
    statement_pb2.CitizenDisclosure,
    statement_pb2.IdentifierResolution,
    statement_pb2.ResidenceConfirmation,
    statement_pb2.HouseholdExtract,
    statement_pb2.AttributeVerification,
    statement_pb2.AccessHistory,
    statement_pb2.EventReceipt,
    statement_pb2.ChangeBatch,
    statement_pb2.WatchedCitizens,
)
Plain = TypeVar(
    "Plain",
    evidence_service_pb2.GetKeySetResponse,
    evidence_service_pb2.GetCheckpointResponse,
    evidence_service_pb2.GetInclusionProofResponse,
    sync_service_pb2.ListWatchedCitizensResponse,
)
_M = TypeVar("_M", bound=Message)


@dataclass(frozen=True, slots=True)
class Method(Generic[Response, Statement]):
    """A method: what it answers with, and what that answer must state."""

    name: str  # service and method
    response: type[Response]
    statement: type[Statement]


VERIFY = Method(
    "IdentityService/VerifyIdentity",
    identity_service_pb2.VerifyIdentityResponse,
    statement_pb2.IdentityVerification,
)
BATCH_VERIFY = Method(
    "IdentityService/BatchVerifyIdentities",
    identity_service_pb2.BatchVerifyIdentitiesResponse,
    statement_pb2.BatchIdentityVerification,
)
LOOKUP = Method(
    "IdentityService/LookupCitizen",
    identity_service_pb2.LookupCitizenResponse,
    statement_pb2.CitizenDisclosure,
)
RESOLVE = Method(
    "IdentityService/ResolveIdentifier",
    identity_service_pb2.ResolveIdentifierResponse,
    statement_pb2.IdentifierResolution,
)
VERIFY_ATTRIBUTES = Method(
    "IdentityService/VerifyAttributes",
    identity_service_pb2.VerifyAttributesResponse,
    statement_pb2.AttributeVerification,
)
CONFIRM_RESIDENCE = Method(
    "ResidenceService/ConfirmResidence",
    residence_service_pb2.ConfirmResidenceResponse,
    statement_pb2.ResidenceConfirmation,
)
GET_HOUSEHOLD = Method(
    "ResidenceService/GetHousehold",
    residence_service_pb2.GetHouseholdResponse,
    statement_pb2.HouseholdExtract,
)

LIST_ACCESSES = Method(
    "AccessHistoryService/ListAccesses",
    access_history_service_pb2.ListAccessesResponse,
    statement_pb2.AccessHistory,
)
SUBMIT_EVENT = Method(
    "PopulationEventService/SubmitPopulationEvent",
    population_event_service_pb2.SubmitPopulationEventResponse,
    statement_pb2.EventReceipt,
)
GET_EVENT = Method(
    "PopulationEventService/GetPopulationEvent",
    population_event_service_pb2.GetPopulationEventResponse,
    statement_pb2.EventReceipt,
)
ANNUL_EVENT = Method(
    "PopulationEventService/AnnulPopulationEvent",
    population_event_service_pb2.AnnulPopulationEventResponse,
    statement_pb2.EventReceipt,
)
LIST_CHANGES = Method(
    "SyncService/ListChanges",
    sync_service_pb2.ListChangesResponse,
    statement_pb2.ChangeBatch,
)
UPDATE_WATCHED = Method(
    "SyncService/UpdateWatchedCitizens",
    sync_service_pb2.UpdateWatchedCitizensResponse,
    statement_pb2.WatchedCitizens,
)


@dataclass(frozen=True, slots=True)
class Checked(Generic[Response, Statement]):
    """An answer that verified: the response, its bytes, and what was signed."""

    response: Response
    raw: bytes
    statement: Statement
    evidence: Evidence


class Exchange:
    """Asks one gateway on behalf of one caller."""

    def __init__(
        self, transport: Transport, trust: Trust, context: CallContext, audience: str | None
    ) -> None:
        self.transport = transport
        self.context = context
        self.audience = audience
        self.checker = Checker(trust, self._fetch_key_set)

    async def ask(
        self,
        method: Method[Response, Statement],
        request: Request,
        context: CallContext | None,
        request_id: str | None,
        *,
        patience: float = 0.0,
    ) -> Checked[Response, Statement]:
        """Ask a question whose answer is signed.

        Args:
            method: What to call.
            request: It lacks its context still.
            context: Who asks, if not as at ``connect``.
            request_id: Made up if left out.
            patience: Seconds to send the same bytes again while nobody answers; only for
                methods that are idempotent by their request id.
        """
        # (1) serialise the request, once
        asked = (context or self.context).to_message(request_id or new_request_id())
        request.context.CopyFrom(asked)
        sent = request.SerializeToString()

        # (2) send those bytes
        reply = await self.transport.insist(f"/dancu.v1.{method.name}", sent, patience)

        # (3) take the signed statement out of the response
        response = parse(method.response, reply.raw)
        receipt = response.signed.SerializeToString(deterministic=True)

        # (4) verify it: signatures, log, key set, and that it answers exactly these bytes
        expected = Expectations(
            type_url=f"type.googleapis.com/{method.statement.DESCRIPTOR.full_name}",
            audience=self.audience,
            request_id=asked.request_id,
            request_digest=hashlib.sha256(sent).digest(),
        )
        verdict = await self.checker.check(receipt, expected)

        # (5) hand over what was signed, and nothing else
        statement = verdict.statement
        if not isinstance(statement, method.statement):
            raise TypeError(f"{verdict.type_url} was let through for {method.name}")
        index = parse_proof(response.signed.log_proof.tlog_proof).index
        evidence = Evidence.of(statement.header, index, receipt, Aside.of(reply.trailers))
        return Checked(response, reply.raw, statement, evidence)

    async def evidence(self, method: str, request: bytes, response: type[Plain]) -> Plain:
        """Ask EvidenceService, whose answers carry their own proof or none."""
        return await self.plain(f"EvidenceService/{method}", request, response)

    async def plain(self, method: str, request: bytes, response: type[Plain]) -> Plain:
        """Ask a method, named with its service, whose answer is not signed."""
        return parse(response, await self.transport.call(f"/dancu.v1.{method}", request))

    async def close(self) -> None:
        """Close the channel."""
        await self.transport.close()

    async def _fetch_key_set(self) -> bytes:
        message = await self.evidence("GetKeySet", b"", evidence_service_pb2.GetKeySetResponse)
        return message.key_set.SerializeToString(deterministic=True)


def require_same(asked: object, stated: object, receipt: bytes) -> None:
    """A statement repeats what was asked beside the claim, and is no answer to anything else.

    Raises:
        UntrustedAnswer: it answers another question.
    """
    if asked != stated:
        detail = "another question than the one asked"
        raise UntrustedAnswer(Refusal.CONTEXT_MISMATCH, detail, receipt)


def parse(kind: type[_M], raw: bytes) -> _M:
    """Parse a response; one that does not parse is as untrusted as one that does not verify."""
    try:
        return kind.FromString(raw)
    except DecodeError as error:
        raise UntrustedAnswer(Refusal.ENVELOPE_MALFORMED, str(error), raw) from error
