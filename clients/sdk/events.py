"""Reporting to the register what happened to people, once, whatever breaks in between.

An event is known by its request id. Choose the id yourself and write it down before you send
(``new_request_id``), or keep the one of OutcomeUnknown: the same event under the same id is
taken in once, and answered with the same bytes each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from clients.sdk.answers import Evidence
from clients.sdk.errors import OutcomeUnknown, Refused, Unreachable, may_have_happened
from clients.sdk.exchange import (
    ANNUL_EVENT,
    GET_EVENT,
    SUBMIT_EVENT,
    Exchange,
    Method,
    Request,
    Response,
    require_same,
)
from clients.sdk.requests import CallContext, new_request_id
from clients.sdk.vocabulary import EventState
from dancu.v1 import population_event_pb2, population_event_service_pb2, statement_pb2

PATIENCE = 30.0
"""Seconds for which an event is sent again while nobody answers: a gateway restarts in fewer."""


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """The receipt for an event.

    Attributes:
        event_id: Given by the register.
        state: What became of it. NUMBER_PENDING is in the register, too.
        personal_id: Whom it is about, by the number after it: a child's new number.
        first_revision: The register's revisions that it made, from here on; 0 when none.
        last_revision: The last one of them.
        recorded_at: When the register took it in; in UTC.
        annulled_by: The event that annulled it; empty unless one did.
        event: As it was reported.
        evidence: By what it can be proved.
    """

    event_id: str
    state: EventState
    personal_id: str
    first_revision: int
    last_revision: int
    recorded_at: datetime
    annulled_by: str
    event: population_event_pb2.PopulationEvent
    evidence: Evidence

    @property
    def kind(self) -> str:
        """What happened, as the contract names it, e.g. ``birth``."""
        return self.event.WhichOneof("what") or ""


class EventDesk:
    """The part of a connection that reports events."""

    _exchange: Exchange

    async def submit_event(
        self,
        event: population_event_pb2.PopulationEvent,
        *,
        expected_revision: int = 0,
        context: CallContext | None = None,
        request_id: str | None = None,
        patience: float = PATIENCE,
    ) -> EventAnswer:
        """Report an event (biến động dân cư).

        Args:
            event: The contract's message; ``event_forms`` fills in the common ones.
            expected_revision: Of the statement that was decided by: refused when anybody who
                is named was changed after it. 0: not checked.
            context: Who reports, if not as at ``connect``.
            request_id: What the event is known by; made up if left out.
            patience: Seconds to go on while nobody answers.

        Raises:
            Refused: Also with FAILED_PRECONDITION: ``reason`` is what stands in the way.
            OutcomeUnknown: Nobody said what became of it.
            UntrustedAnswer: There is an answer, and it does not verify.
        """
        request = population_event_service_pb2.SubmitPopulationEventRequest(
            event=event, expected_revision=expected_revision
        )
        answer = await self._report(SUBMIT_EVENT, request, context, request_id, patience)
        require_same(event, answer.event, answer.evidence.receipt)
        return answer

    async def annul_event(
        self,
        event_id: str,
        *,
        document: population_event_pb2.LegalDocument,
        reason: str,
        context: CallContext | None = None,
        request_id: str | None = None,
        patience: float = PATIENCE,
    ) -> EventAnswer:
        """Annul an event: what it changed is put back (hủy việc đăng ký).

        Args:
            event_id: As its receipt names it.
            document: The decision that this rests on.
            reason: Why, 1 to 500 characters.
            context: Who annuls, if not as at ``connect``.
            request_id: What the annulment is known by; made up if left out.
            patience: Seconds to go on while nobody answers.

        Raises:
            Refused, OutcomeUnknown, UntrustedAnswer: As ``submit_event``.
        """
        request = population_event_service_pb2.AnnulPopulationEventRequest(
            event_id=event_id, document=document, reason=reason
        )
        answer = await self._report(ANNUL_EVENT, request, context, request_id, patience)
        require_same(event_id, answer.event_id, answer.evidence.receipt)
        return answer

    async def get_event(
        self,
        event_id: str,
        *,
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> EventAnswer:
        """An event that this caller reported, as it stands now; raises as every question."""
        request = population_event_service_pb2.GetPopulationEventRequest(event_id=event_id)
        checked = await self._exchange.ask(GET_EVENT, request, context, request_id)
        require_same(event_id, checked.statement.record.event_id, checked.evidence.receipt)
        return event_answer(checked.statement, checked.evidence)

    async def _report(
        self,
        method: Method[Response, statement_pb2.EventReceipt],
        request: Request,
        context: CallContext | None,
        request_id: str | None,
        patience: float,
    ) -> EventAnswer:
        known_by = request_id or new_request_id()
        try:
            checked = await self._exchange.ask(
                method, request, context, known_by, patience=patience
            )
        except (Unreachable, Refused) as failure:
            if may_have_happened(failure):
                raise OutcomeUnknown(known_by) from failure
            raise
        return event_answer(checked.statement, checked.evidence)


def event_answer(message: statement_pb2.EventReceipt, evidence: Evidence) -> EventAnswer:
    """Read an EventReceipt."""
    record = message.record
    return EventAnswer(
        record.event_id,
        EventState(record.state),
        record.personal_id,
        record.first_revision,
        record.last_revision,
        record.recorded_at.ToDatetime(tzinfo=UTC),
        record.annulled_by,
        record.event,
        evidence,
    )
