"""``dancu.v1.PopulationEventService``: decode, tell the story, encode."""

from __future__ import annotations

from dancu.v1 import population_event_service_pb2 as pb
from gateway.core.events import Sent
from gateway.core.model import Call
from gateway.flows.events import PopulationEvents
from gateway.rpc import event_wire, wire
from gateway.rpc.request_signature import checked_signature
from gateway.rpc.streaming import Arrival

EventRequest = event_wire.ReportingRequest | pb.GetPopulationEventRequest


class PopulationEventServicer:
    """``dancu.v1.PopulationEventService``."""

    def __init__(self, events: PopulationEvents) -> None:
        self._events = events

    async def submit_population_event(
        self, arrival: Arrival, request: pb.SubmitPopulationEventRequest
    ) -> pb.SubmitPopulationEventResponse:
        """Reports an event."""
        sent = _sent(arrival, request)
        reported = event_wire.reported(request)
        receipt = await self._events.submit(_call(arrival, request), sent, reported)
        response = pb.SubmitPopulationEventResponse()
        wire.write_signed(response.signed, receipt)
        return response

    async def get_population_event(
        self, arrival: Arrival, request: pb.GetPopulationEventRequest
    ) -> pb.GetPopulationEventResponse:
        """Finds an event that the caller reported."""
        event_id = event_wire.event_asked_for(request)
        receipt = await self._events.get(_call(arrival, request), event_id)
        response = pb.GetPopulationEventResponse()
        wire.write_signed(response.signed, receipt)
        return response

    async def annul_population_event(
        self, arrival: Arrival, request: pb.AnnulPopulationEventRequest
    ) -> pb.AnnulPopulationEventResponse:
        """Annuls an event that the caller reported."""
        sent = _sent(arrival, request)
        annulling = event_wire.annulling(request)
        receipt = await self._events.annul(_call(arrival, request), sent, annulling)
        response = pb.AnnulPopulationEventResponse()
        wire.write_signed(response.signed, receipt)
        return response


def _sent(arrival: Arrival, request: event_wire.ReportingRequest) -> Sent:
    signature = checked_signature(arrival)
    return Sent(arrival.raw, event_wire.fingerprint(request), signature)


def _call(arrival: Arrival, request: EventRequest) -> Call:
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
