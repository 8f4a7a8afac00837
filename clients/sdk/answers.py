"""What the SDK hands over: nothing but what was signed, and the proof of it.

An answer is made from a statement only after the verifier has accepted it. Keep ``receipt``
in the dossier: it can be checked offline for years (``dancu receipt verify``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from clients.receipts import open_item
from clients.sdk.aside import NOTHING_ASIDE, Aside
from clients.sdk.requests import CallContext, date_text
from clients.sdk.vocabulary import (
    DateLevel,
    Explanation,
    FieldStatus,
    IdentifierKind,
    NameLevel,
    Notice,
    Outcome,
    PersonStatus,
)
from dancu.v1 import citizen_pb2, statement_pb2

_Verdict = (
    statement_pb2.IdentityVerification
    | statement_pb2.ItemVerification
    | statement_pb2.CitizenDisclosure
    | statement_pb2.IdentifierResolution
    | statement_pb2.ResidenceConfirmation
    | statement_pb2.HouseholdExtract
    | statement_pb2.AttributeVerification
    | statement_pb2.AccessHistory
)


@dataclass(frozen=True, slots=True)
class Person:
    """What comes with VERIFIED. Verified is not alive: look at ``status``, and at ``notices``."""

    identifier_used: IdentifierKind
    status: PersonStatus
    notices: tuple[Notice, ...]

    @classmethod
    def of(cls, message: citizen_pb2.VerifiedPerson) -> Person:
        """Read the contract's message."""
        return cls(
            IdentifierKind(message.identifier_used),
            PersonStatus(message.status),
            tuple(Notice(each) for each in message.notices),
        )


@dataclass(frozen=True, slots=True)
class Levels:
    """How each part of the claim agrees."""

    full_name: NameLevel
    birth_date: DateLevel


@dataclass(frozen=True, slots=True)
class Claimed:
    """The claim as the statement repeats it; ``birth_date`` as YYYY[-MM[-DD]]."""

    personal_id: str
    old_id_number: str
    full_name: str
    birth_date: str

    @classmethod
    def of(cls, message: citizen_pb2.CitizenClaim) -> Claimed:
        """Read the contract's message."""
        return cls(
            message.personal_id,
            message.old_id_number,
            message.full_name,
            date_text(message.birth_date),
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """By whom, when and to whom it was stated, and the bytes that prove it.

    Attributes:
        issuer: Who states.
        audience: The caller that the answer was given to.
        context: The officer, unit, procedure and dossier that it was given for.
        key_id: The key of the (first) signature.
        request_id: The id of the request that was answered.
        issued_at: When the gateway decided; in UTC.
        data_as_of: The day whose state the register shows, YYYY-MM-DD.
        register_revision: The state that was read, for ``expected_revision`` of an event.
        log_index: Where the statement stands in the log.
        receipt: The bytes of the SignedStatement.
        aside: What the gateway said beside it; empty where a receipt was read offline.
    """

    issuer: str
    audience: str
    context: CallContext
    key_id: str
    request_id: str
    issued_at: datetime
    data_as_of: str
    register_revision: int
    log_index: int
    receipt: bytes
    aside: Aside = NOTHING_ASIDE

    @classmethod
    def of(
        cls,
        header: statement_pb2.StatementHeader,
        log_index: int,
        receipt: bytes,
        aside: Aside = NOTHING_ASIDE,
    ) -> Evidence:
        """Read a statement's header."""
        return cls(
            header.issuer,
            header.audience,
            CallContext.of(header.context),
            header.key_ids[0],
            header.context.request_id,
            header.issued_at.ToDatetime(tzinfo=UTC),
            date_text(header.data_as_of),
            header.register_revision,
            log_index,
            receipt,
            aside,
        )


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """What every answer about one claim has."""

    claim: Claimed
    outcome: Outcome
    person: Person | None

    @property
    def verified(self) -> bool:
        """Whether number, name and birth date belong together."""
        return self.outcome is Outcome.VERIFIED


@dataclass(frozen=True, slots=True)
class ItemAnswer(ClaimAnswer):
    """The answer to one claim. ``explanation`` is only for callers with the explain grant."""

    levels: Levels | None
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class IdentityAnswer(ItemAnswer):
    """The answer to VerifyIdentity."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The answer to BatchVerifyIdentities: one statement, and the items it commits to.

    Attributes:
        items: In the order of the claims; each was checked against its signed digest.
        evidence: Of the statement over all of them. Its receipt alone says nothing of anybody.
        response: The bytes of the whole BatchVerifyIdentitiesResponse, of which
            ``dancu receipt open`` cuts out one person's receipt, as ``receipt_of`` does.
    """

    items: tuple[ItemAnswer, ...]
    evidence: Evidence
    response: bytes

    def receipt_of(self, index: int) -> bytes:
        """What belongs into one person's dossier: that item alone, with the proof of it."""
        return open_item(self.response, index)


@dataclass(frozen=True, slots=True)
class LookupAnswer(ClaimAnswer):
    """The answer to LookupCitizen.

    Attributes:
        citizen: The granted fields that the register has; None unless verified.
        fields: What became of each field. A field that is not PRESENT is not "empty".
    """

    citizen: citizen_pb2.Citizen | None
    fields: Mapping[str, FieldStatus]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class NumberStep:
    """One step in the history of a number; ``date`` is empty where not recorded."""

    former: str
    successor: str
    date: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResolutionAnswer(ClaimAnswer):
    """The answer to ResolveIdentifier: the number that is valid now, and how it came to be."""

    current_personal_id: str
    steps: tuple[NumberStep, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Persona:
    """An invented person of the simulator, to test with."""

    slug: str
    personal_id: str
    old_id_number: str
    full_name: str
    birth_date: str
    expect: Outcome
    about: str


def item_answer(
    message: statement_pb2.IdentityVerification | statement_pb2.ItemVerification,
) -> ItemAnswer:
    """Read one verdict; the two messages say it with the same fields."""
    return ItemAnswer(
        Claimed.of(message.claim),
        Outcome(message.outcome),
        person_of(message),
        Levels(NameLevel(message.levels.full_name), DateLevel(message.levels.birth_date))
        if message.HasField("levels")
        else None,
        Explanation(message.explanation) if message.explanation else None,
    )


def identity_answer(
    message: statement_pb2.IdentityVerification, evidence: Evidence
) -> IdentityAnswer:
    """Read an IdentityVerification."""
    item = item_answer(message)
    return IdentityAnswer(
        item.claim, item.outcome, item.person, item.levels, item.explanation, evidence
    )


def lookup_answer(message: statement_pb2.CitizenDisclosure, evidence: Evidence) -> LookupAnswer:
    """Read a CitizenDisclosure."""
    return LookupAnswer(
        Claimed.of(message.claim),
        Outcome(message.outcome),
        person_of(message),
        message.citizen if message.HasField("citizen") else None,
        MappingProxyType({each.path: FieldStatus(each.status) for each in message.fields}),
        evidence,
    )


def resolution_answer(
    message: statement_pb2.IdentifierResolution, evidence: Evidence
) -> ResolutionAnswer:
    """Read an IdentifierResolution."""
    return ResolutionAnswer(
        Claimed.of(message.claim),
        Outcome(message.outcome),
        person_of(message),
        message.current_personal_id,
        tuple(_step(each) for each in message.steps),
        evidence,
    )


def person_of(message: _Verdict) -> Person | None:
    """What comes with VERIFIED; None unless it is."""
    return Person.of(message.person) if message.HasField("person") else None


def _step(message: citizen_pb2.NumberStep) -> NumberStep:
    return NumberStep(message.former, message.successor, date_text(message.date), message.reason)
