"""The services: decode, tell the story, encode."""

from __future__ import annotations

from collections.abc import Callable

from dancu.v1 import access_history_service_pb2 as access_history_pb2
from dancu.v1 import evidence_service_pb2 as evidence_pb2
from dancu.v1 import identity_service_pb2 as identity_pb2
from dancu.v1 import residence_service_pb2 as residence_pb2
from dancu.v1 import usage_service_pb2 as usage_pb2
from dancu.v1.statement_pb2 import SignedStatement
from gateway.core.days import day_name, day_of
from gateway.core.model import Call
from gateway.flows.attributes import Attributes
from gateway.flows.history import AccessHistory
from gateway.flows.lookup import Lookup
from gateway.flows.ports import Records, UsageRecords
from gateway.flows.residence import Residence
from gateway.flows.verification import Verification
from gateway.rpc import usage_wire, wire
from gateway.rpc.streaming import Arrival


class IdentityServicer:
    """``dancu.v1.IdentityService``."""

    def __init__(self, verification: Verification, lookup: Lookup, attributes: Attributes) -> None:
        self._verification = verification
        self._lookup = lookup
        self._attributes = attributes

    async def verify_identity(
        self, arrival: Arrival, request: identity_pb2.VerifyIdentityRequest
    ) -> identity_pb2.VerifyIdentityResponse:
        """One claim, one signed yes or no."""
        receipt = await self._verification.verify_identity(
            _call(arrival, request), wire.claim(request.claim)
        )
        response = identity_pb2.VerifyIdentityResponse()
        wire.write_signed(response.signed, receipt)
        return response

    async def batch_verify_identities(
        self, arrival: Arrival, request: identity_pb2.BatchVerifyIdentitiesRequest
    ) -> identity_pb2.BatchVerifyIdentitiesResponse:
        """Many claims, one signed statement."""
        claims = [wire.claim(claim) for claim in request.claims]
        sent = [claim.SerializeToString() for claim in request.claims]  # always the same bytes
        call = _call(arrival, request)
        return wire.batch(await self._verification.batch_verify_identities(call, claims, sent))

    async def lookup_citizen(
        self, arrival: Arrival, request: identity_pb2.LookupCitizenRequest
    ) -> identity_pb2.LookupCitizenResponse:
        """The fields that the caller may see."""
        receipt = await self._lookup.lookup_citizen(
            _call(arrival, request), wire.claim(request.claim), tuple(request.read_mask.paths)
        )
        response = identity_pb2.LookupCitizenResponse()
        wire.write_signed(response.signed, receipt)
        return response

    async def resolve_identifier(
        self, arrival: Arrival, request: identity_pb2.ResolveIdentifierRequest
    ) -> identity_pb2.ResolveIdentifierResponse:
        """From a former number to the current one."""
        receipt = await self._verification.resolve_identifier(
            _call(arrival, request), wire.claim(request.claim)
        )
        response = identity_pb2.ResolveIdentifierResponse()
        wire.write_signed(response.signed, receipt)
        return response

    async def verify_attributes(
        self, arrival: Arrival, request: identity_pb2.VerifyAttributesRequest
    ) -> identity_pb2.VerifyAttributesResponse:
        """Whether what is said of a person is so."""
        receipt = await self._attributes.verify_attributes(
            _call(arrival, request),
            wire.claim(request.claim),
            [wire.assertion(assertion) for assertion in request.assertions],
        )
        response = identity_pb2.VerifyAttributesResponse()
        wire.write_signed(response.signed, receipt)
        return response


class ResidenceServicer:
    """``dancu.v1.ResidenceService``."""

    def __init__(self, residence: Residence) -> None:
        self._residence = residence

    async def confirm_residence(
        self, arrival: Arrival, request: residence_pb2.ConfirmResidenceRequest
    ) -> residence_pb2.ConfirmResidenceResponse:
        """Where a person is registered, and lives."""
        receipt = await self._residence.confirm_residence(
            _call(arrival, request), wire.claim(request.claim)
        )
        response = residence_pb2.ConfirmResidenceResponse()
        wire.write_signed(response.signed, receipt)
        return response

    async def get_household(
        self, arrival: Arrival, request: residence_pb2.GetHouseholdRequest
    ) -> residence_pb2.GetHouseholdResponse:
        """The household that a person belongs to."""
        receipt = await self._residence.get_household(
            _call(arrival, request), wire.claim(request.claim), request.kind
        )
        response = residence_pb2.GetHouseholdResponse()
        wire.write_signed(response.signed, receipt)
        return response


class AccessHistoryServicer:
    """``dancu.v1.AccessHistoryService``."""

    def __init__(self, history: AccessHistory) -> None:
        self._history = history

    async def list_accesses(
        self, arrival: Arrival, request: access_history_pb2.ListAccessesRequest
    ) -> access_history_pb2.ListAccessesResponse:
        """Who asked about a person, page by page."""
        receipt, token = await self._history.list_accesses(
            _call(arrival, request),
            wire.claim(request.claim),
            request.page_size,
            request.page_token,
        )
        response = access_history_pb2.ListAccessesResponse(next_page_token=token)
        wire.write_signed(response.signed, receipt)
        return response


class EvidenceServicer:
    """``dancu.v1.EvidenceService``."""

    def __init__(self, key_set: Callable[[], bytes], records: Records) -> None:
        self._key_set = key_set
        self._records = records

    async def get_key_set(
        self, _arrival: Arrival, _request: evidence_pb2.GetKeySetRequest
    ) -> evidence_pb2.GetKeySetResponse:
        """The current key set."""
        return evidence_pb2.GetKeySetResponse(key_set=SignedStatement.FromString(self._key_set()))

    async def get_checkpoint(
        self, _arrival: Arrival, _request: evidence_pb2.GetCheckpointRequest
    ) -> evidence_pb2.GetCheckpointResponse:
        """The latest signed checkpoint."""
        return evidence_pb2.GetCheckpointResponse(checkpoint=await self._records.checkpoint())

    async def get_inclusion_proof(
        self, _arrival: Arrival, request: evidence_pb2.GetInclusionProofRequest
    ) -> evidence_pb2.GetInclusionProofResponse:
        """The proof of one leaf."""
        proof = await self._records.prove(request.leaf_index)
        return evidence_pb2.GetInclusionProofResponse(tlog_proof=proof)


class UsageServicer:
    """``dancu.v1.UsageService``."""

    def __init__(self, records: UsageRecords, clock: Callable[[], float]) -> None:
        self._records = records
        self._clock = clock

    async def get_usage(
        self, arrival: Arrival, request: usage_pb2.GetUsageRequest
    ) -> usage_pb2.GetUsageResponse:
        """The caller's own counters."""
        first, last = usage_wire.days(request, day_of(self._clock()))
        used = await self._records.usage(day_name(first), day_name(last), arrival.caller.id)
        return usage_wire.usage(arrival.caller.id, used)


PersonRequest = (
    identity_pb2.VerifyIdentityRequest
    | identity_pb2.BatchVerifyIdentitiesRequest
    | identity_pb2.LookupCitizenRequest
    | identity_pb2.ResolveIdentifierRequest
    | identity_pb2.VerifyAttributesRequest
    | residence_pb2.ConfirmResidenceRequest
    | residence_pb2.GetHouseholdRequest
    | access_history_pb2.ListAccessesRequest
)


def _call(arrival: Arrival, request: PersonRequest) -> Call:
    context = wire.context(request.context)
    caller = arrival.caller
    return Call(
        caller.id,
        arrival.rpc,
        context,
        arrival.request_digest,
        caller.units,
        arrival.trail,
        arrival.effects,
    )
