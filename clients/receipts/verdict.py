"""What a verification finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clients.receipts.refusal import Refusal, RefusedError
from clients.receipts.statement import Statement
from dancu.v1.reconciliation_pb2 import ReconciledRecord
from dancu.v1.statement_pb2 import ItemVerification


class Result(StrEnum):
    """How a verification ends."""

    VALID = "VALID"
    """Every step passed."""
    INVALID = "INVALID"
    """Do not rely on it; `refusal` says why."""
    INDETERMINATE = "INDETERMINATE"
    """Everything fits, but what is at hand cannot settle it; `refusal` says what is missing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a verification.

    Attributes:
        result: how it ended.
        refusal: the first failure; None when VALID.
        detail: what exactly was found, without personal data; empty when VALID.
        type_url: the statement's type; empty when INVALID.
        statement: the parsed message. None when INVALID, so that nobody shows or uses what
            a refused statement says.
        item: the item of an item receipt; None for whole statements.
        issued_at: when the issuer says that it decided, UTC.
        time_attested: T, by when a quorum of witnesses had seen it; None without a quorum.
        notes: what a reader should know besides.
    """

    result: Result
    refusal: Refusal | None = None
    detail: str = ""
    type_url: str = ""
    statement: Statement | None = None
    item: ItemVerification | ReconciledRecord | None = None
    issued_at: datetime | None = None
    time_attested: datetime | None = None
    notes: tuple[str, ...] = ()


def invalid(error: RefusedError) -> Verdict:
    """The verdict over refused input."""
    return Verdict(Result.INVALID, error.refusal, error.detail)
