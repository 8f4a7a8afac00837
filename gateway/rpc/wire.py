"""Protobuf to the core's words and back."""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from dancu.v1 import (
    attribute_pb2,
    citizen_pb2,
    context_pb2,
    identity_service_pb2,
    statement_pb2,
)
from gateway.core import items, statement
from gateway.core.errors import MalformedRequest
from gateway.core.model import Assertion, Claim, Context, SaidPerson, SaidPlace
from gateway.flows.moment import Receipt
from gateway.flows.verification import BatchReceipt
from mock_population_db.partial_date import PartialDate

_M = TypeVar("_M", bound=Message)

_new = tuple.__new__  # a named tuple in half the time: bulk calls have two for each record


def parse(kind: type[_M], raw: bytes) -> _M:
    """Read a request strictly.

    Raises:
        MalformedRequest: not such a message, or with fields that the contract does not have:
            an answer must not be signed for a question that was only half understood.
    """
    try:
        message = kind.FromString(raw)
    except DecodeError:
        raise MalformedRequest(
            "MALFORMED_MESSAGE",
            "the bytes are no valid message of this type (or a text is no UTF-8)",
            "dữ liệu không đúng định dạng thông điệp (hoặc văn bản không phải UTF-8)",
        ) from None
    size = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() != size:
        raise MalformedRequest(
            "UNKNOWN_FIELDS",
            "the message has fields that this contract does not; compare the versions of the "
            "contract",
            "thông điệp có trường không thuộc hợp đồng; hãy đối chiếu phiên bản",
        )
    return message


def context(message: context_pb2.RequestContext) -> Context:
    """Who asks and why."""
    return Context(
        message.request_id,
        message.procedure_code,
        message.unit_code,
        message.officer_id,
        message.dossier_id,
    )


def claim(message: citizen_pb2.CitizenClaim) -> Claim:
    """What is claimed."""
    birth = message.birth_date
    date = _new(PartialDate, (birth.year, birth.month, birth.day))
    return _new(Claim, (message.personal_id, message.old_id_number, message.full_name, date))


def assertion(message: attribute_pb2.Assertion) -> Assertion:
    """What is said of a person."""
    attribute = message.WhichOneof("attribute")
    if attribute is None:
        return Assertion("", 0)
    said = getattr(message, attribute)
    if isinstance(said, attribute_pb2.PersonAssertion):
        person = SaidPerson(said.full_name, said.personal_id, said.old_id_number)
        return Assertion(attribute, person)
    if isinstance(said, attribute_pb2.AddressAssertion):
        place = SaidPlace(said.commune_code, said.province_code, said.code_epoch)
        return Assertion(attribute, place)
    return Assertion(attribute, int(said))


def write_signed(message: statement_pb2.SignedStatement, receipt: Receipt) -> None:
    """Fill the envelope of a response in place: it is the largest part, and not copied."""
    statement.write_envelope(message, receipt.statement)
    proof = message.log_proof
    proof.tlog_proof, proof.access_root = receipt.tlog_proof, receipt.access_root


def batch(answer: BatchReceipt) -> identity_service_pb2.BatchVerifyIdentitiesResponse:
    """A batch's statement with its items beside it."""
    message = identity_service_pb2.BatchVerifyIdentitiesResponse(item_seed=answer.seed)
    write_signed(message.signed, answer.receipt)
    for value in answer.items:
        message.items.add(type_url=items.ITEM_TYPE, value=value)
    return message
