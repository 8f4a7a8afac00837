"""The fake gateway, with a register that takes in events: each request once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import grpc
from google.protobuf.message import Message

from dancu.v1 import population_event_pb2 as pb
from dancu.v1 import population_event_service_pb2 as service
from dancu.v1 import statement_pb2 as s
from tests.unit.client_fake_gateway import FakeGateway

NEWBORN = "001225000021"
"""The number of every child that is born here."""


@dataclass
class FakeEventDesk(FakeGateway):
    """Takes events in.

    Attributes:
        losing: The next so many answers are lost on the way, after the event was taken in.
        taken_in: What is on file, in order.
    """

    losing: int = 0
    taken_in: list[pb.EventRecord] = field(default_factory=list)
    _kept: dict[str, Message] = field(default_factory=dict)

    def handler(self, method: str) -> Callable[[str, bytes], Message]:
        """What answers a method."""
        found: dict[str, Callable[[str, bytes], Message]] = {
            "SubmitPopulationEvent": self.submit,
            "GetPopulationEvent": self.get,
            "AnnulPopulationEvent": self.annul,
        }
        return found.get(method) or super().handler(method)

    async def serve(
        self, rpc: str, raw: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
    ) -> bytes:
        """Answer, unless the answer is to be lost."""
        answer = await super().serve(rpc, raw, context)
        if "PopulationEvent" in rpc and self.losing:
            self.losing -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "cut")
        return answer

    def submit(self, rpc: str, raw: bytes) -> Message:
        """Take an event in, or find the answer that was given."""
        request = service.SubmitPopulationEventRequest.FromString(raw)
        known_by = request.context.request_id
        if known_by not in self._kept:
            record = self._record(request.event)
            self.taken_in.append(record)
            receipt = self._receipt(rpc, raw, request, record)
            self._kept[known_by] = service.SubmitPopulationEventResponse(signed=receipt)
        return self._kept[known_by]

    def get(self, rpc: str, raw: bytes) -> Message:
        """Show an event."""
        request = service.GetPopulationEventRequest.FromString(raw)
        receipt = self._receipt(rpc, raw, request, self._find(request.event_id))
        return service.GetPopulationEventResponse(signed=receipt)

    def annul(self, rpc: str, raw: bytes) -> Message:
        """Put an event back."""
        request = service.AnnulPopulationEventRequest.FromString(raw)
        record = self._find(request.event_id)
        record.state, record.annulled_by = pb.EVENT_STATE_ANNULLED, "EV-0"
        receipt = self._receipt(rpc, raw, request, record)
        return service.AnnulPopulationEventResponse(signed=receipt)

    def _find(self, event_id: str) -> pb.EventRecord:
        return next(each for each in self.taken_in if each.event_id == event_id)

    def _record(self, event: pb.PopulationEvent) -> pb.EventRecord:
        what = getattr(event, event.WhichOneof("what") or "")
        number = NEWBORN if isinstance(what, pb.BirthEvent) else what.person.personal_id
        first = 7 + len(self.taken_in)
        record = pb.EventRecord(
            event_id=f"EV-{len(self.taken_in) + 1}",
            event=event,
            state=pb.EVENT_STATE_APPLIED,
            first_revision=first,
            last_revision=first,
            personal_id=number,
        )
        record.recorded_at.GetCurrentTime()
        return record

    def _receipt(
        self,
        rpc: str,
        raw: bytes,
        request: (
            service.SubmitPopulationEventRequest
            | service.GetPopulationEventRequest
            | service.AnnulPopulationEventRequest
        ),
        record: pb.EventRecord,
    ) -> s.SignedStatement:
        receipt = s.EventReceipt(record=record)
        receipt.header.context.CopyFrom(request.context)
        return self.state(rpc, raw, receipt)
