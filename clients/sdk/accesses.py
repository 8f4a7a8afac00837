"""Who looked at a person's data, made of what was signed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from clients.receipts import Refusal
from clients.receipts.accesses import entry_in_log
from clients.receipts.tlog import InclusionProof
from clients.sdk.answers import ClaimAnswer, Claimed, Evidence, person_of
from clients.sdk.errors import UntrustedAnswer
from clients.sdk.vocabulary import Outcome
from dancu.v1 import access_pb2, statement_pb2


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One time that somebody asked about the person.

    Attributes:
        accessed_at: When the gateway decided; in UTC.
        caller: The agency's system.
        unit_code: Its unit.
        officer_masked: The officer, but for the last characters at most.
        procedure_code: What it was asked for.
        dossier_id: For which dossier; may be empty.
        rpc: Full name of the method.
        outcome: The answer to the claim that was made.
        fields: Those of Citizen that were shown; none for a yes or a no.
        leaf_index: Where it stands in the log; ``Gateway.prove_access`` proves it.
        row_index: Which of the leaf's rows.
        message: All of it, as it was signed.
    """

    accessed_at: datetime
    caller: str
    unit_code: str
    officer_masked: str
    procedure_code: str
    dossier_id: str
    rpc: str
    outcome: Outcome
    fields: tuple[str, ...]
    leaf_index: int
    row_index: int
    message: access_pb2.AccessEntry = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessesAnswer(ClaimAnswer):
    """The answer to ListAccesses.

    Attributes:
        entries: Who asked, under any number of the person, the newest first.
        next_page_token: For the next page; empty on the last.
        months: Whose entries can still be linked to people, YYYY-MM.
        log_size: How many leaves of the log were searched.
    """

    entries: tuple[AccessEntry, ...]
    next_page_token: str
    months: tuple[str, ...]
    log_size: int
    evidence: Evidence


def accesses_answer(message: statement_pb2.AccessHistory, evidence: Evidence) -> AccessesAnswer:
    """Read an AccessHistory."""
    return AccessesAnswer(
        Claimed.of(message.claim),
        Outcome(message.outcome),
        person_of(message),
        tuple(_entry(each) for each in message.entries),
        message.next_page_token,
        tuple(message.months),
        message.log_size,
        evidence,
    )


def require_in_log(entry: AccessEntry, proof: InclusionProof) -> None:
    """Compare an entry with a proof of its leaf.

    Raises:
        UntrustedAnswer: the log does not say what the entry says.
    """
    if not entry_in_log(entry.message, proof):
        detail = "the log does not say what this access entry says"
        raise UntrustedAnswer(Refusal.INCLUSION_INVALID, detail, entry.message.SerializeToString())


def _entry(message: access_pb2.AccessEntry) -> AccessEntry:
    return AccessEntry(
        message.accessed_at.ToDatetime(tzinfo=UTC),
        message.caller,
        message.unit_code,
        message.officer_masked,
        message.procedure_code,
        message.dossier_id,
        message.rpc,
        Outcome(message.outcome),
        tuple(message.fields),
        message.leaf_index,
        message.row_index,
        message,
    )
