"""What can go wrong between a procedure system and the gateway.

    DancuError
    ├── Refused           the gateway, or something on the way to it, said no: a gRPC status
    ├── Unreachable       nobody answered in time; whether the call was recorded is unknown
    ├── OutcomeUnknown    the same of an event, which is sent again under the same request id
    └── UntrustedAnswer   an answer came, but it does not verify; nothing of it is handed over

A claim that does not agree with the register is none of these: it is an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from clients.receipts import Refusal

DOMAIN = "dancu"
"""``ErrorInfo.domain`` of every refusal that the gateway itself makes."""

_DETAILS_KEY = "grpc-status-details-bin"
_NOBODY_ANSWERED = frozenset(
    {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}
)

_BROKEN = frozenset({grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN})


class DancuError(Exception):
    """Root of every error that the SDK raises on purpose."""


class Violation(NamedTuple):
    """One field that was refused, what stands in an event's way, or a quota that is used up.

    Attributes:
        field: Path in the request, e.g. ``claim.birth_date``; of a quota, whose it is.
        description: What is wrong, in English.
        description_vi: The same in Vietnamese; may be empty.
        rule: The stable name of the rule that was broken; may be empty.
    """

    field: str
    description: str
    description_vi: str = ""
    rule: str = ""


class Refused(DancuError):
    """A gRPC status other than OK.

    Decide by ``reason``, which is stable, never by a message, which is for people.

    Attributes:
        code: The gRPC status.
        reason: ``ErrorInfo.reason``, e.g. ``INVALID_FIELD``; the name of the status where
            the other side is no gateway of dancu.
        violations: The fields at fault, or the quotas that are used up.
        retry_after: Seconds to wait before asking again; None where asking again is no use.
        message_vi: For the developer, in Vietnamese; may be empty.
        message_en: The same in English; may be empty.
        side: Who must mend it: ``caller``, ``gateway`` or ``register``; may be empty.
        officer_vi: For the officer at the counter, in Vietnamese; may be empty.
        rule: The grant, quota or rule that decided; empty where the gateway does not tell.
        trace: What the operator finds the whole decision by (``dancu explain``); may be empty.
    """

    def __init__(
        self,
        reason: str,
        code: grpc.StatusCode,
        *,
        violations: tuple[Violation, ...] = (),
        retry_after: float | None = None,
        message_vi: str = "",
        message_en: str = "",
        told: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.reason = reason
        self.code = code
        self.violations = violations
        self.retry_after = retry_after
        self.message_vi = message_vi
        self.message_en = message_en
        self.side = told.get("side", "")
        self.officer_vi = told.get("officer_vi", "")
        self.rule = told.get("rule", "")
        self.trace = told.get("trace", "")
        super().__init__(self._text())

    def _text(self) -> str:
        fields = "; ".join(f"{each.field}: {each.description}" for each in self.violations)
        return " - ".join(part for part in (self.reason, self.message_en, fields) if part)


class Unreachable(DancuError):
    """No gateway answered: not connected, or not in time.

    Attributes:
        target: The address that was called.
        code: UNAVAILABLE, DEADLINE_EXCEEDED or CANCELLED.
        detail: What gRPC said of it.
        secure: Whether it was called over TLS.
    """

    def __init__(
        self, target: str, code: grpc.StatusCode, detail: str, *, secure: bool = False
    ) -> None:
        self.target = target
        self.code = code
        self.detail = detail
        self.secure = secure
        super().__init__(f"no answer from {target}: {code.name} ({detail})")


class OutcomeUnknown(DancuError):
    """An event was sent, again and again, and nobody said what became of it.

    It may be in the register. Send the same event under the same request id: it is taken in
    once, and the answer is the one that was missed. ``__cause__`` is the last failure.

    Attributes:
        request_id: The id that it was sent under.
    """

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        super().__init__(f"it is not known what became of request {request_id}")


class UntrustedAnswer(DancuError):
    """An answer that the independent verifier did not accept.

    Attributes:
        refusal: The first check that failed, by its name.
        detail: What was wrong, for people.
        receipt: The bytes of the SignedStatement, to be kept as evidence; never to be used.
    """

    def __init__(self, refusal: Refusal, detail: str, receipt: bytes) -> None:
        self.refusal = refusal
        self.detail = detail
        self.receipt = receipt
        super().__init__(f"{refusal} - {detail}" if detail else f"{refusal}")


def from_rpc_error(
    error: grpc.aio.AioRpcError, target: str, *, secure: bool = False
) -> Refused | Unreachable:
    """The SDK's error for a failed call: Refused if the gateway spoke, else Unreachable."""
    code, said = error.code(), error.details() or ""
    details = _Details.read(error)
    if details.domain != DOMAIN and code in _NOBODY_ANSWERED:
        return Unreachable(target, code, said, secure=secure)
    return Refused(
        details.reason or code.name,
        code,
        violations=tuple(details.violations),
        retry_after=details.retry_after,
        message_vi=details.messages.get("vi", ""),
        message_en=details.messages.get("en", said),
        told=details.told,
    )


def is_passing(failure: Refused | Unreachable) -> bool:
    """Whether the same call may be answered if it is sent again in a while."""
    return isinstance(failure, Unreachable) or failure.code in _NOBODY_ANSWERED


def may_have_happened(failure: Refused | Unreachable) -> bool:
    """Whether a failed call may have been carried out all the same."""
    return is_passing(failure) or failure.code in _BROKEN


@dataclass(slots=True)
class _Details:
    """The parts of a google.rpc.Status that dancu uses; empty where none was sent."""

    domain: str = ""
    reason: str = ""
    told: dict[str, str] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    retry_after: float | None = None
    messages: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, error: grpc.aio.AioRpcError) -> _Details:
        """Collect them from the trailing metadata.

        A status that does not parse is no status: the call failed either way, and its code
        says how.
        """
        details = cls()
        try:
            for packed in _status(error).details:
                details._add(packed)
        except DecodeError:
            return cls()
        return details

    def _add(self, packed: Any) -> None:
        if packed.Unpack(info := error_details_pb2.ErrorInfo()):
            self.domain, self.reason, self.told = info.domain, info.reason, dict(info.metadata)
        elif packed.Unpack(bad := error_details_pb2.BadRequest()):
            self.violations += [_violation(each) for each in bad.field_violations]
        elif packed.Unpack(state := error_details_pb2.PreconditionFailure()):
            self.violations += [Violation(v.subject, v.description) for v in state.violations]
        elif packed.Unpack(quota := error_details_pb2.QuotaFailure()):
            self.violations += [Violation(v.subject, v.description) for v in quota.violations]
        elif packed.Unpack(retry := error_details_pb2.RetryInfo()):
            self.retry_after = retry.retry_delay.ToNanoseconds() / 1e9
        elif packed.Unpack(message := error_details_pb2.LocalizedMessage()):
            self.messages[message.locale.partition("-")[0]] = message.message


def _violation(field: error_details_pb2.BadRequest.FieldViolation) -> Violation:
    in_vietnamese = field.localized_message.locale.startswith("vi")
    vi = field.localized_message.message if in_vietnamese else ""
    return Violation(field.field, field.description, vi, field.reason)


def _status(error: grpc.aio.AioRpcError) -> status_pb2.Status:
    # tuples, not Metadata.get: a proxy on the way may repeat or drop keys
    sent = dict(tuple(pair) for pair in error.trailing_metadata() or ())
    return status_pb2.Status.FromString(sent.get(_DETAILS_KEY, b""))
