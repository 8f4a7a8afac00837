"""THE error table: every reason that a caller can be given, and its gRPC status.

Reasons are stable: clients act on ``ErrorInfo.reason``, never on texts. ``docs/errors.md``
lists the same names, and a test compares the two. What else is said of each: ``reasons.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from gateway.core.errors import (
    CallError,
    MalformedRequest,
    Obstructed,
    OutOfRange,
    Overloaded,
    QuotaExceeded,
    Simulated,
    Unavailable,
)
from mock_population_db.rules.refusals import REFUSALS

DOMAIN = "dancu"
DETAILS_KEY = "grpc-status-details-bin"
# details travel in a trailer, and clients refuse trailers of more than 8 KiB in all
MAX_VIOLATION_BYTES = 4000

REASONS: dict[str, grpc.StatusCode] = {
    # the caller's request
    "MALFORMED_MESSAGE": grpc.StatusCode.INVALID_ARGUMENT,
    "UNKNOWN_FIELDS": grpc.StatusCode.INVALID_ARGUMENT,
    "INVALID_FIELD": grpc.StatusCode.INVALID_ARGUMENT,
    "LEAF_OUT_OF_RANGE": grpc.StatusCode.OUT_OF_RANGE,
    "REVISION_COMPACTED": grpc.StatusCode.OUT_OF_RANGE,
    "REVISION_NOT_REACHED": grpc.StatusCode.OUT_OF_RANGE,
    # who the caller is
    "CERTIFICATE_MISSING": grpc.StatusCode.UNAUTHENTICATED,
    "TOKEN_MISSING": grpc.StatusCode.UNAUTHENTICATED,
    "TOKEN_MALFORMED": grpc.StatusCode.UNAUTHENTICATED,
    "TOKEN_ALGORITHM": grpc.StatusCode.UNAUTHENTICATED,
    "TOKEN_TYPE": grpc.StatusCode.UNAUTHENTICATED,
    "TOKEN_HEADER": grpc.StatusCode.UNAUTHENTICATED,
    "CALLER_UNKNOWN": grpc.StatusCode.UNAUTHENTICATED,
    "TOKEN_SIGNATURE": grpc.StatusCode.UNAUTHENTICATED,
    "CALLER_REVOKED": grpc.StatusCode.UNAUTHENTICATED,
    "TOKEN_AUDIENCE": grpc.StatusCode.UNAUTHENTICATED,
    "TOKEN_EXPIRED": grpc.StatusCode.UNAUTHENTICATED,
    "TOKEN_LIFETIME": grpc.StatusCode.UNAUTHENTICATED,
    "TOKEN_BINDING": grpc.StatusCode.UNAUTHENTICATED,
    # the caller's rights
    "UNIT_NOT_OF_CALLER": grpc.StatusCode.PERMISSION_DENIED,
    "OFFICER_UNKNOWN": grpc.StatusCode.PERMISSION_DENIED,
    "CALLER_NOT_GRANTED": grpc.StatusCode.PERMISSION_DENIED,
    "PROCEDURE_NOT_GRANTED": grpc.StatusCode.PERMISSION_DENIED,
    "RPC_NOT_GRANTED": grpc.StatusCode.PERMISSION_DENIED,
    "GRANT_NOT_YET_VALID": grpc.StatusCode.PERMISSION_DENIED,
    "GRANT_EXPIRED": grpc.StatusCode.PERMISSION_DENIED,
    "FIELD_NOT_GRANTED": grpc.StatusCode.PERMISSION_DENIED,
    # the caller's quotas
    "QUOTA_RATE_EXCEEDED": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "QUOTA_BATCH_TOO_LARGE": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "QUOTA_DAY_EXCEEDED": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "QUOTA_MISMATCHES_EXCEEDED": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "QUOTA_WATCHED_EXCEEDED": grpc.StatusCode.RESOURCE_EXHAUSTED,
    # events, and what stands in their way
    "REQUEST_SIGNATURE_MISSING": grpc.StatusCode.UNAUTHENTICATED,
    "REQUEST_SIGNATURE_INVALID": grpc.StatusCode.UNAUTHENTICATED,
    "AUTHORITY_NOT_COMPETENT": grpc.StatusCode.PERMISSION_DENIED,
    "REQUEST_ID_REUSED": grpc.StatusCode.ALREADY_EXISTS,
    "EVENT_NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "PERSON_NOT_VERIFIED": grpc.StatusCode.FAILED_PRECONDITION,
    "REVISION_MOVED": grpc.StatusCode.ABORTED,
    **dict.fromkeys(REFUSALS, grpc.StatusCode.FAILED_PRECONDITION),
    # sessions of chunks
    "SESSION_CHANGED": grpc.StatusCode.ALREADY_EXISTS,
    "CHUNK_CHANGED": grpc.StatusCode.ALREADY_EXISTS,
    "CHUNK_OUT_OF_ORDER": grpc.StatusCode.FAILED_PRECONDITION,
    "SESSION_CLOSED": grpc.StatusCode.FAILED_PRECONDITION,
    "SESSION_TAKEN_OVER": grpc.StatusCode.FAILED_PRECONDITION,
    "CHUNK_EXPIRED": grpc.StatusCode.OUT_OF_RANGE,
    "CHUNK_BEFORE_FAILED": grpc.StatusCode.UNAVAILABLE,
    # the gateway's limits
    "TOO_MANY_CALLS": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "TOO_MANY_STREAMS": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "STREAM_TOO_OLD": grpc.StatusCode.UNAVAILABLE,
    "TOO_SLOW": grpc.StatusCode.DEADLINE_EXCEEDED,
    # the gateway's stores
    "CALLERS_UNAVAILABLE": grpc.StatusCode.UNAVAILABLE,
    "REGISTER_UNAVAILABLE": grpc.StatusCode.UNAVAILABLE,
    "ACCESS_LOG_UNAVAILABLE": grpc.StatusCode.UNAVAILABLE,
    "ACCESS_INDEX_BUILDING": grpc.StatusCode.UNAVAILABLE,
    "RECORD_STORE_UNAVAILABLE": grpc.StatusCode.UNAVAILABLE,
    "ANSWERED_MEANWHILE": grpc.StatusCode.UNAVAILABLE,
    "NO_ACTIVE_KEY": grpc.StatusCode.UNAVAILABLE,
    "STOPPING": grpc.StatusCode.UNAVAILABLE,
    # the simulator's profiles and switches
    "SIMULATED_UNAVAILABLE": grpc.StatusCode.UNAVAILABLE,
    "SIMULATED_INTERNAL": grpc.StatusCode.INTERNAL,
    "SIMULATED_UNKNOWN": grpc.StatusCode.UNKNOWN,
    "SIMULATED_RESOURCE_EXHAUSTED": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "SIMULATED_DEADLINE_EXCEEDED": grpc.StatusCode.DEADLINE_EXCEEDED,
    "SIMULATED_ABORTED": grpc.StatusCode.ABORTED,
    "SIMULATED_OUTAGE": grpc.StatusCode.UNAVAILABLE,
    "SIMULATED_THROTTLE": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "SIMULATED_TIMEOUT": grpc.StatusCode.DEADLINE_EXCEEDED,
    "PROFILE_NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "NO_RETIRED_KEY": grpc.StatusCode.FAILED_PRECONDITION,
    "RESET_NOT_POSSIBLE": grpc.StatusCode.FAILED_PRECONDITION,
    "RESET_RUNNING": grpc.StatusCode.FAILED_PRECONDITION,
    "WORKER_SILENT": grpc.StatusCode.UNAVAILABLE,
    # the gateway's defects
    "INTERNAL": grpc.StatusCode.INTERNAL,
}


_PASSING = (Overloaded, Unavailable, QuotaExceeded, Simulated)  # it may help to try again


async def abort(
    context: grpc.aio.ServicerContext[Any, Any],
    error: CallError,
    told: Mapping[str, str],
    trailers: Sequence[tuple[str, str]] = (),
) -> NoReturn:
    """End a call with its status and details, and further trailing metadata.

    ``told`` goes with the reason, as ``ErrorInfo.metadata``.
    """
    details = status_of(error, told).SerializeToString()
    context.set_trailing_metadata((*trailers, (DETAILS_KEY, details)))
    await context.abort(REASONS[error.reason], error.message_en)


def status_of(error: CallError, told: Mapping[str, str]) -> status_pb2.Status:
    """An error with its details; ``told`` as for ``abort``."""
    found = status_pb2.Status(code=REASONS[error.reason].value[0], message=error.message_en)
    for detail in _details(error, told):
        found.details.add().Pack(detail)
    return found


def _details(error: CallError, told: Mapping[str, str]) -> Iterator[Message]:
    more = error.told if isinstance(error, OutOfRange) else {}
    yield error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata={**told, **more})
    if isinstance(error, MalformedRequest) and error.violations:
        yield _bad_request(error)
    if isinstance(error, Obstructed):
        yield _precondition_failure(error)
    if isinstance(error, QuotaExceeded):
        yield _quota_failure(error)
    if isinstance(error, _PASSING) and error.retry_after:
        delay = Duration()
        delay.FromMilliseconds(round(error.retry_after * 1000))
        yield error_details_pb2.RetryInfo(retry_delay=delay)
    yield error_details_pb2.LocalizedMessage(locale="vi", message=error.message_vi)
    yield error_details_pb2.LocalizedMessage(locale="en", message=error.message_en)


def _precondition_failure(error: Obstructed) -> Message:
    message = error_details_pb2.PreconditionFailure()
    message.violations.add(type=error.reason, subject=error.subject, description=error.message_en)
    return message


def _quota_failure(error: QuotaExceeded) -> Message:
    message = error_details_pb2.QuotaFailure()
    message.violations.add(subject=f"caller:{error.caller}", description=error.message_en)
    return message


def _bad_request(error: MalformedRequest) -> Message:
    """The violations, first ones first, as far as they fit."""
    message = error_details_pb2.BadRequest()
    for violation in error.violations:
        found = message.field_violations.add(
            field=violation.field, description=violation.message_en, reason=violation.rule
        )
        found.localized_message.locale = "vi"
        found.localized_message.message = violation.message_vi
        if message.ByteSize() > MAX_VIOLATION_BYTES:
            del message.field_violations[-1]
            break
    return message
