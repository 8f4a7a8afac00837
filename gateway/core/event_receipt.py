"""Events as statements, and what the register keeps of a request to state it again.

One of the few modules of the core that touch generated messages.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError

from dancu.v1 import population_event_pb2, statement_pb2
from dancu.v1 import population_event_service_pb2 as service_pb2
from gateway.core.disclosure import code
from gateway.core.events import ANNUL, SUBMIT
from gateway.core.model import Context
from gateway.core.statement import Header, timestamp
from mock_population_db.citizen import VitalStatus
from mock_population_db.events import Applied

_Request = service_pb2.SubmitPopulationEventRequest | service_pb2.AnnulPopulationEventRequest

_REQUESTS: dict[str, type[_Request]] = {
    SUBMIT: service_pb2.SubmitPopulationEventRequest,
    ANNUL: service_pb2.AnnulPopulationEventRequest,
}
_DECLARED = frozenset({VitalStatus.DECLARED_DEAD, VitalStatus.DECLARED_MISSING})


class Original(NamedTuple):
    """What the register keeps of a request: enough to state the event, whenever that is."""

    request: bytes  # as received
    policy_version: str  # that it was decided by
    named: tuple[str, ...]  # personal numbers of whom it names

    def pack(self) -> bytes:
        """One line of JSON, then the request."""
        told = {"policy_version": self.policy_version, "named": self.named}
        return json.dumps(told).encode() + b"\n" + self.request

    @classmethod
    def unpack(cls, packed: bytes) -> Original:
        """Read what ``pack`` wrote.

        Raises:
            ValueError: it is something else.
        """
        line, _, request = packed.partition(b"\n")
        try:
            told: dict[str, Any] = json.loads(line)
            return cls(request, str(told["policy_version"]), tuple(map(str, told["named"])))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("not the original of a request") from error


def context_of(rpc: str, request: bytes) -> Context:
    """Who reported, or annulled, and why.

    Raises:
        ValueError: these are not the bytes of such a request.
    """
    try:
        sent = _REQUESTS[rpc].FromString(request).context
    except (KeyError, DecodeError) as error:
        raise ValueError("not a request that reports or annuls an event") from error
    return Context(
        sent.request_id, sent.procedure_code, sent.unit_code, sent.officer_id, sent.dossier_id
    )


def annulled_event_of(rpc: str, request: bytes) -> str:
    """The id of the event that a request annuls; empty if it annuls none."""
    if rpc != ANNUL:
        return ""
    return service_pb2.AnnulPopulationEventRequest.FromString(request).event_id


def is_declaration(request: bytes) -> bool:
    """Whether a reported event is a court's declaration."""
    return int(_event(request).death.status) in _DECLARED


def receipt(head: Header, applied: Applied, request: bytes) -> statement_pb2.EventReceipt:
    """Answer to the RPCs of events: ``request`` is that which reported the event."""
    record = population_event_pb2.EventRecord(
        event_id=applied.event_id,
        event=_event(request),
        state=code(applied.state),
        recorded_at=timestamp(applied.recorded_at),
        first_revision=applied.first_revision,
        last_revision=applied.last_revision,
        personal_id=applied.personal_id,
        annulled_by=applied.annulled_by,
    )
    return statement_pb2.EventReceipt(header=head, record=record)


def _event(request: bytes) -> population_event_pb2.PopulationEvent:
    return service_pb2.SubmitPopulationEventRequest.FromString(request).event
