"""Protobuf to the words of a reconciliation and back."""

from __future__ import annotations

from dancu.v1 import reconciliation_pb2, statement_pb2, sync_service_pb2
from gateway.core.comparison import Others
from gateway.core.model import Call
from gateway.core.reconciled import ITEM_TYPE
from gateway.core.records import Record, step_out_of_order
from gateway.core.statement import timestamp
from gateway.flows.reconcile_chunk import Answer, Chunk
from gateway.flows.reconcile_sitting import MAX_IN_FLIGHT, Outcome, Parked, Sitting, Step
from gateway.rpc import wire
from gateway.rpc.streaming import Incoming

Response = sync_service_pb2.ReconcileCitizensResponse

_new = tuple.__new__  # a named tuple in half the time: there is one for each record


def opening(incoming: Incoming | None) -> tuple[Call, str]:
    """The first message: the call that opens a session, and the session's name.

    Raises:
        MalformedRequest: something else came first, or nothing.
    """
    if incoming is None or incoming.request.WhichOneof("step") != "open":
        raise step_out_of_order()
    arrival, message = incoming.arrival, incoming.request.open
    caller = arrival.caller
    context = wire.context(message.context)
    call = Call(
        caller.id,
        arrival.rpc,
        context,
        arrival.request_digest,
        caller.units,
        arrival.trail,
        arrival.effects,
    )
    return call, message.session_id


def step(opened: Call, incoming: Incoming) -> Step:
    """A further message, as a call in the context of the session.

    Raises:
        MalformedRequest: it is neither a chunk nor the closing.
    """
    arrival, request = incoming.arrival, incoming.request
    call = opened._replace(
        caller=arrival.caller.id,
        request_digest=arrival.request_digest,
        units=arrival.caller.units,
    )
    kind = request.WhichOneof("step")
    if kind == "close":
        return Step(call, None, incoming.again)
    if kind != "chunk":
        raise step_out_of_order()
    message = request.chunk
    records = [_record(record) for record in message.records]
    body = message.SerializeToString(deterministic=True)
    return Step(call, Chunk(message.chunk_number, records, body), incoming.again)


def standing(name: str, sitting: Sitting) -> Response:
    """Where a session stands."""
    session = sitting.session
    return Response(
        standing=sync_service_pb2.ReconciliationStanding(
            session_id=name,
            next_chunk_number=session.next_chunk,
            record_count=session.record_count,
            max_chunks_in_flight=MAX_IN_FLIGHT,
            closed=session.closed is not None,
            first_kept_chunk_number=sitting.first_kept,
        )
    )


def response(outcome: Outcome) -> Response:
    """What came of a step."""
    message = Response()
    if isinstance(outcome, Answer):
        _write_answer(message, outcome)
    elif isinstance(outcome, Parked):
        parked = message.parked
        parked.chunk_number, parked.reason = outcome.number, outcome.reason
        parked.resumes_at.CopyFrom(timestamp(outcome.resumes_at))
    else:
        closed = message.closed
        closed.chunk_count, closed.record_count = outcome.chunk_count, outcome.record_count
        closed.kept_until.CopyFrom(timestamp(outcome.kept_until))
    return message


def _write_answer(message: Response, answer: Answer) -> None:
    result = message.result
    result.chunk_number, result.item_seed = answer.number, answer.seed
    signed: statement_pb2.SignedStatement = result.signed
    wire.write_signed(signed, answer.receipt)
    add = result.items.add
    for value in answer.items:
        add(type_url=ITEM_TYPE, value=value)


def _record(message: reconciliation_pb2.CitizenRecord) -> Record:
    claim = message.claim
    sent = claim.SerializeToString()  # no maps in it: always the same bytes
    others = _others(message)
    whole = (message.row_key, wire.claim(claim), message.birth_date_text, others, sent)
    return _new(Record, whole)


def _others(message: reconciliation_pb2.CitizenRecord) -> Others | None:
    """What is given besides the claim; None when nothing is, as mostly."""
    given = (
        message.sex
        or message.marital_status
        or message.permanent_commune_code
        or message.temporary_commune_code
        or message.person_status
        or message.nationality
    )
    if not given:
        return None
    return Others(
        message.sex,
        message.marital_status,
        message.permanent_commune_code,
        message.temporary_commune_code,
        message.person_status,
        message.nationality,
        message.code_epoch,
    )
