"""Changes of the register, made of what was signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from clients.receipts import Refusal
from clients.sdk.answers import Evidence
from clients.sdk.errors import UntrustedAnswer
from clients.sdk.requests import date_text
from clients.sdk.vocabulary import ChangeCause, ChangeKind, FieldStatus
from dancu.v1 import change_pb2, citizen_pb2, statement_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Which changes are wanted. Each part that is given must agree; empty means all.

    Attributes:
        provinces: Residence is, or was, in one of these; 2 digits, by the codes in force.
        communes: The same for communes, 5 digits.
        kinds: Only these.
        watched_only: Only citizens on the caller's list, see ``Gateway.update_watched``.
    """

    provinces: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    kinds: tuple[ChangeKind, ...] = ()
    watched_only: bool = False

    def to_message(self) -> change_pb2.ChangeFilter:
        """The contract's message."""
        return change_pb2.ChangeFilter(
            province_codes=self.provinces,
            commune_codes=self.communes,
            kinds=[change_pb2.ChangeKind.Name(kind.value) for kind in self.kinds],
            watched_only=self.watched_only,
        )


EVERYTHING = ChangeFilter()


@dataclass(frozen=True, slots=True)
class CitizenChange:
    """One change of one person's record.

    Attributes:
        revision: Of the register; each change has its own. A consumer that may get a change
            twice knows it by this.
        kind: What happened.
        personal_id: Whom, by the number right after the change.
        former_personal_id: The cancelled number; only with RENUMBERED and what annuls it.
        recorded_at: When the register took it in; in UTC.
        effective_date: From which day it holds, YYYY-MM-DD.
        paths: The fields of Citizen that changed, also those that are withheld.
        cause: Where it came from.
        event_id: The event behind it; only for who reported it.
        citizen: The granted values of the changed fields, as they are at the batch's
            ``register_revision``. None when the record was withdrawn.
        fields: What became of each changed field that was asked for.
        message: All of it, as it was signed.
    """

    revision: int
    kind: ChangeKind
    personal_id: str
    former_personal_id: str
    recorded_at: datetime
    effective_date: str
    paths: tuple[str, ...]
    cause: ChangeCause
    event_id: str
    citizen: citizen_pb2.Citizen | None
    fields: Mapping[str, FieldStatus]
    message: change_pb2.Change = field(repr=False)

    @classmethod
    def of(cls, message: change_pb2.Change) -> CitizenChange:
        """Read the contract's message."""
        return cls(
            message.revision,
            ChangeKind(message.kind),
            message.personal_id,
            message.former_personal_id,
            message.recorded_at.ToDatetime(tzinfo=UTC),
            date_text(message.effective_date),
            tuple(message.paths),
            ChangeCause(message.cause),
            message.event_id,
            message.citizen if message.HasField("citizen") else None,
            MappingProxyType({each.path: FieldStatus(each.status) for each in message.fields}),
            message,
        )


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """Changes under one signature; or, without ``evidence``, a progress mark.

    Attributes:
        changes: Ascending by revision.
        through_revision: Every change up to here, inclusive, has been handed over.
        register_revision: The register's when the values were read; 0 in a progress mark.
        evidence: By what it can be proved. None in a progress mark, which is not signed: it
            only says that nothing happened.
    """

    changes: tuple[CitizenChange, ...]
    through_revision: int
    register_revision: int = 0
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """One page of ListChanges; ``next_page_token`` is empty on the last."""

    batch: ChangeBatch
    next_page_token: str


def read_batch(message: statement_pb2.ChangeBatch, evidence: Evidence) -> ChangeBatch:
    """Read a ChangeBatch."""
    changes = tuple(CitizenChange.of(each) for each in message.changes)
    return ChangeBatch(
        changes, message.through_revision, message.header.register_revision, evidence
    )


def require_batch(
    said: statement_pb2.ChangeBatch, which: ChangeFilter, receipt: bytes, *, seen: int
) -> None:
    """A batch goes on where the one before ended, and is about what was asked for.

    That its own changes are in order was checked with its signatures.

    Raises:
        UntrustedAnswer: it goes back, or is about something else.
    """
    if said.filter != which.to_message():
        raise untrusted("changes of another filter than the one asked for", receipt)
    if said.through_revision < seen or (said.changes and said.changes[0].revision <= seen):
        raise untrusted("changes that were told before", receipt)
    if said.header.register_revision < said.through_revision:
        raise untrusted("values that are older than the changes", receipt)


def untrusted(detail: str, receipt: bytes) -> UntrustedAnswer:
    """A batch that verifies by itself and does not fit where it came."""
    return UntrustedAnswer(Refusal.CONTEXT_MISMATCH, detail, receipt)


SaveCursor = Callable[[int], None]
"""Told the revision to go on from, once everything before it has been dealt with."""
