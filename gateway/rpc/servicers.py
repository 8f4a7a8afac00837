"""The services: decode, tell the story, encode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from google.type.date_pb2 import Date

from dancu.control.v1 import simulator_service_pb2 as simulator_pb2
from dancu.v1 import evidence_service_pb2 as evidence_pb2
from dancu.v1 import identity_service_pb2 as identity_pb2
from dancu.v1.statement_pb2 import SignedStatement
from gateway.core.model import Call
from gateway.flows.lookup import Lookup
from gateway.flows.ports import Records
from gateway.flows.verification import Verification
from gateway.rpc import wire
from gateway.rpc.edge import Arrival
from mock_population_db.citizen import PartialDate


class IdentityServicer:
    """``dancu.v1.IdentityService``."""

    def __init__(self, verification: Verification, lookup: Lookup) -> None:
        self._verification = verification
        self._lookup = lookup

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
        call = _call(arrival, request)
        return wire.batch(await self._verification.batch_verify_identities(call, claims))

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


class EvidenceServicer:
    """``dancu.v1.EvidenceService``."""

    def __init__(self, key_set: bytes, records: Records) -> None:
        self._key_set = SignedStatement.FromString(key_set)
        self._records = records

    async def get_key_set(
        self, _arrival: Arrival, _request: evidence_pb2.GetKeySetRequest
    ) -> evidence_pb2.GetKeySetResponse:
        """The current key set."""
        return evidence_pb2.GetKeySetResponse(key_set=self._key_set)

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


class SimulatorServicer:
    """``dancu.control.v1.SimulatorService``."""

    def __init__(self, personas: Sequence[Mapping[str, str]]) -> None:
        self._personas = personas

    async def list_personas(
        self, _arrival: Arrival, _request: simulator_pb2.ListPersonasRequest
    ) -> simulator_pb2.ListPersonasResponse:
        """The documented people of this register."""
        return simulator_pb2.ListPersonasResponse(
            personas=[_persona(persona) for persona in self._personas]
        )


IdentityRequest = (
    identity_pb2.VerifyIdentityRequest
    | identity_pb2.BatchVerifyIdentitiesRequest
    | identity_pb2.LookupCitizenRequest
    | identity_pb2.ResolveIdentifierRequest
)


def _call(arrival: Arrival, request: IdentityRequest) -> Call:
    return Call(arrival.caller, arrival.rpc, wire.context(request.context), arrival.request_digest)


def _persona(persona: Mapping[str, str]) -> simulator_pb2.Persona:
    birth = PartialDate.parse(persona["birth_date"])
    return simulator_pb2.Persona(
        slug=persona["slug"],
        personal_id=persona["personal_id"],
        old_id_number=persona["old_id_number"],
        full_name=persona["full_name"],
        birth_date=Date(year=birth.year, month=birth.month, day=birth.day),
        expect=f"OUTCOME_{persona['expect']}",
        about=persona["about"],
    )
