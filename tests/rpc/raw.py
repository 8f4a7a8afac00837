"""Calls as bytes: what no well-behaved client library would send, and what comes back."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from google.type.date_pb2 import Date

from clients.receipts import Result, load_key_set, verify
from clients.receipts.statement import Statement
from dancu.v1 import citizen_pb2, context_pb2, identity_service_pb2, statement_pb2
from tests.rpc.gateways import CONTEXT, Running

_M = TypeVar("_M", bound=Message)

IDENTITY = "/dancu.v1.IdentityService/"
VERIFY = IDENTITY + "VerifyIdentity"
BATCH = IDENTITY + "BatchVerifyIdentities"
LOOKUP = IDENTITY + "LookupCitizen"
RESOLVE = IDENTITY + "ResolveIdentifier"
ATTRIBUTES = IDENTITY + "VerifyAttributes"
RESIDENCE = "/dancu.v1.ResidenceService/ConfirmResidence"
HOUSEHOLD = "/dancu.v1.ResidenceService/GetHousehold"
ACCESSES = "/dancu.v1.AccessHistoryService/ListAccesses"
PROOF = "/dancu.v1.EvidenceService/GetInclusionProof"


def request_context(request_id: str = "REQ-1") -> context_pb2.RequestContext:
    """A context without faults."""
    return CONTEXT.to_message(request_id)


def claim(
    personal_id: str = "079088000001",
    full_name: str = "Trần Minh Khôi",
    birth: tuple[int, int, int] = (1988, 3, 14),
    old_id_number: str = "",
) -> citizen_pb2.CitizenClaim:
    """A claim; without arguments the ordinary persona's."""
    year, month, day = birth
    return citizen_pb2.CitizenClaim(
        personal_id=personal_id,
        old_id_number=old_id_number,
        full_name=full_name,
        birth_date=Date(year=year, month=month, day=day),
    )


def verify_request(
    claimed: citizen_pb2.CitizenClaim | None = None, request_id: str = "REQ-1"
) -> identity_service_pb2.VerifyIdentityRequest:
    """A question about one person."""
    return identity_service_pb2.VerifyIdentityRequest(
        context=request_context(request_id), claim=claimed or claim()
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that ended without an answer, and what its status says."""

    code: grpc.StatusCode
    reason: str = ""
    domain: str = ""
    retry_after: float | None = None
    violations: tuple[error_details_pb2.BadRequest.FieldViolation, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)  # by locale
    told: dict[str, str] = field(default_factory=dict)  # ErrorInfo.metadata

    @property
    def rules(self) -> dict[str, str]:
        """Rule by field."""
        return {each.field: each.reason for each in self.violations}


async def failure_of(call: Awaitable[object]) -> Failure:
    """Await a call that must fail, and read its status."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return read_failure(error)
    raise AssertionError("the call was answered")


def read_failure(error: grpc.aio.AioRpcError) -> Failure:
    """The details that travel with a status."""
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if not isinstance(details, bytes):
        return Failure(error.code())
    found = status_pb2.Status.FromString(details)
    assert found.code == error.code().value[0]
    (info,) = _all(found, error_details_pb2.ErrorInfo)
    retries = _all(found, error_details_pb2.RetryInfo)
    return Failure(
        error.code(),
        info.reason,
        info.domain,
        retries[0].retry_delay.ToMilliseconds() / 1000 if retries else None,
        tuple(
            violation
            for each in _all(found, error_details_pb2.BadRequest)
            for violation in each.field_violations
        ),
        {each.locale: each.message for each in _all(found, error_details_pb2.LocalizedMessage)},
        dict(info.metadata),
    )


def _all(status: status_pb2.Status, kind: type[_M]) -> list[_M]:
    """The details of one kind."""
    return [message for detail in status.details if detail.Unpack(message := kind())]


class RawClient:
    """One channel that sends bytes and verifies what is signed."""

    def __init__(self, running: Running, *options: tuple[str, object]) -> None:
        self._trust = running.trust.anchor
        published = (running.data_dir / "keyset.binpb").read_bytes()
        self._key_set = load_key_set(published, self._trust, datetime.now(UTC))
        # without its own limit the client would refuse to send what the server must refuse
        limits = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))
        self.channel = grpc.aio.insecure_channel(running.grpc, [*limits, *options])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.channel.close()

    def send(
        self,
        method: str,
        request: bytes,
        *,
        timeout: float = 60.0,
        compression: grpc.Compression | None = None,
    ) -> grpc.aio.UnaryUnaryCall[bytes, bytes]:
        """Send a request as it is."""
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(method)
        return ask(request, timeout=timeout, compression=compression)

    async def verify(self, request: bytes | None = None) -> statement_pb2.IdentityVerification:
        """Ask VerifyIdentity; returns what was signed, verified."""
        sent = verify_request().SerializeToString() if request is None else request
        answer = identity_service_pb2.VerifyIdentityResponse.FromString(
            await self.send(VERIFY, sent)
        )
        stated = self.checked(answer.signed)
        assert isinstance(stated, statement_pb2.IdentityVerification)
        return stated

    def checked(self, signed: statement_pb2.SignedStatement) -> Statement:
        """What a statement says, once the independent verifier accepts it."""
        verdict = verify(
            signed.SerializeToString(), self._key_set, at=datetime.now(UTC), trust=self._trust
        )
        assert verdict.result is Result.VALID, verdict
        assert verdict.statement is not None
        return verdict.statement
