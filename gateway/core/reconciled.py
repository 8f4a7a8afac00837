"""Reconciled records into exact bytes: the items of a chunk, and the statement over them.

With its neighbours (see ``statement.py``) among the few modules of the core that touch generated
messages.
"""

from __future__ import annotations

from collections.abc import Sequence

from google.type.date_pb2 import Date

from dancu.v1 import reconciliation_pb2, statement_pb2
from gateway.core.disclosure import code
from gateway.core.proto_bytes import position, varint
from gateway.core.reconciliation import Found, Verdict
from gateway.core.records import Asked
from gateway.core.statement import Header, write_claim

ITEM_TYPE = "type.googleapis.com/dancu.v1.ReconciledRecord"
NO_STATEMENT = bytes(32)  # the digest that stands for the chunk before the first

_INVALID = Verdict.INVALID
_VERDICT = {one: bytes((0x20, one)) for one in Verdict}


def item(index: int, asked: Asked, found: Found) -> bytes:
    """The bytes of one item of a chunk."""
    verdict, _, flags, fields, current, death, _ = found
    if asked.sent and not (flags or fields or current or death):
        return _plain_item(index, asked, verdict)
    message = reconciliation_pb2.ReconciledRecord(
        index=index, row_key=asked.row_key, verdict=code(verdict)
    )
    if verdict is _INVALID:
        _write_violations(message, asked)
    else:
        if asked.sent:
            message.claim.MergeFromString(asked.sent)
        else:
            write_claim(message.claim, asked.claim)
        if flags:
            message.flags.extend(code(flag) for flag in flags)
        if fields or current:
            _write_rest(message, found)
        if death is not None:
            message.death_date.CopyFrom(Date(year=death.year, month=death.month, day=death.day))
    return message.SerializeToString(deterministic=True)


def _plain_item(index: int, asked: Asked, verdict: Verdict) -> bytes:
    """The same for a record with nothing but a verdict, as nearly all are: a third of the time.

    Put together by hand, around the claim as the library wrote it.
    """
    key = asked.row_key.encode()
    claim = asked.sent
    return b"".join(
        (
            position(b"\x08", index),
            b"\x12",
            varint(len(key)),
            key,
            b"\x1a",
            varint(len(claim)),
            claim,
            _VERDICT[verdict],
        )
    )


def chunk(
    head: Header, session: str, number: int, previous: bytes, digests: Sequence[bytes]
) -> statement_pb2.ReconciledChunk:
    """Answer to one chunk of ReconcileCitizens."""
    return statement_pb2.ReconciledChunk(
        header=head,
        session_id=session,
        chunk_number=number,
        previous_digest=previous,
        item_digests=digests,
    )


def _write_rest(message: reconciliation_pb2.ReconciledRecord, found: Found) -> None:
    message.current_personal_id = found.current
    for field in found.fields:
        message.fields.add(
            field=field.field,
            agreement=code(field.agreement),
            register_value=field.register_value,
        )


def _write_violations(message: reconciliation_pb2.ReconciledRecord, asked: Asked) -> None:
    for violation in asked.violations:
        message.violations.add(
            field=violation.field, rule=violation.rule, description=violation.message_en
        )
