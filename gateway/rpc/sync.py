"""``dancu.v1.SyncService``: decode, tell the story, encode."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from dancu.v1 import sync_service_pb2 as pb
from gateway.core.model import Call
from gateway.flows.changes import Changes, Told
from gateway.flows.reconciliation import Reconciliation
from gateway.flows.watched import WatchedCitizens
from gateway.rpc import change_wire, reconcile_wire, wire
from gateway.rpc.streaming import Arrival, Incoming

SyncRequest = (
    pb.WatchChangesRequest
    | pb.ListChangesRequest
    | pb.UpdateWatchedCitizensRequest
    | pb.ListWatchedCitizensRequest
)


class SyncServicer:
    """``dancu.v1.SyncService``."""

    def __init__(
        self, changes: Changes, watched: WatchedCitizens, reconciliation: Reconciliation
    ) -> None:
        self._changes = changes
        self._watched = watched
        self._reconciliation = reconciliation

    async def reconcile_citizens(
        self, incoming: AsyncIterator[Incoming]
    ) -> AsyncGenerator[pb.ReconcileCitizensResponse]:
        """A system's own records compared with the register, chunk by chunk."""
        call, name = reconcile_wire.opening(await anext(incoming, None))
        steps = (reconcile_wire.step(call, message) async for message in incoming)
        async with self._reconciliation.sit(call, name) as sitting:
            yield reconcile_wire.standing(name, sitting)
            async with contextlib.aclosing(sitting.converse(steps)) as outcomes:
                async for outcome in outcomes:
                    yield reconcile_wire.response(outcome)

    async def watch_changes(self, incoming: Incoming) -> AsyncGenerator[pb.WatchChangesResponse]:
        """The register's changes as they happen."""
        request = incoming.request

        def again() -> Call:
            return call_of(incoming.arrival._replace(caller=incoming.again()), request)

        question = change_wire.watch_question(request)
        async with contextlib.aclosing(self._changes.watch(again, question)) as told:
            async for one in told:
                yield _watched(one)

    async def list_changes(
        self, arrival: Arrival, request: pb.ListChangesRequest
    ) -> pb.ListChangesResponse:
        """The register's changes, page by page."""
        call = call_of(arrival, request)
        told, token = await self._changes.list_changes(
            call, change_wire.list_question(request), request.page_size, request.page_token
        )
        response = pb.ListChangesResponse(next_page_token=token)
        wire.write_signed(response.signed, told)
        return response

    async def update_watched_citizens(
        self, arrival: Arrival, request: pb.UpdateWatchedCitizensRequest
    ) -> pb.UpdateWatchedCitizensResponse:
        """Puts citizens on the caller's list, or takes them off."""
        add = [wire.claim(claim) for claim in request.add]
        receipt = await self._watched.update(call_of(arrival, request), add, tuple(request.remove))
        response = pb.UpdateWatchedCitizensResponse()
        wire.write_signed(response.signed, receipt)
        return response

    async def list_watched_citizens(
        self, arrival: Arrival, request: pb.ListWatchedCitizensRequest
    ) -> pb.ListWatchedCitizensResponse:
        """The caller's list, page by page."""
        numbers, token = await self._watched.list_page(
            call_of(arrival, request), request.page_size, request.page_token
        )
        return pb.ListWatchedCitizensResponse(personal_ids=numbers, next_page_token=token)


def call_of(arrival: Arrival, request: SyncRequest) -> Call:
    """A request of this service, as a call."""
    caller = arrival.caller
    context = wire.context(request.context)
    return Call(
        caller.id,
        arrival.rpc,
        context,
        arrival.request_digest,
        caller.units,
        arrival.trail,
        arrival.effects,
    )


def _watched(told: Told) -> pb.WatchChangesResponse:
    response = pb.WatchChangesResponse(progress_revision=told.through)
    if told.receipt is not None:
        wire.write_signed(response.signed, told.receipt)
    return response
