"""Reported events: whom they name, who may report them, and what stands in their way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from gateway.core.errors import Conflict, NotFound, Obstructed, Outdated, Refused
from gateway.core.model import Claim
from gateway.core.policy import Grant
from mock_population_db.events import KINDS, EventKind, EventRefused, LegalDocument, What
from mock_population_db.rules.refusals import REFUSALS

SERVICE = "dancu.v1.PopulationEventService"
SUBMIT = f"{SERVICE}/SubmitPopulationEvent"
ANNUL = f"{SERVICE}/AnnulPopulationEvent"

# what the register's rules call a field, where the contract calls it otherwise
_FIELDS = {
    "on": "date",
    "member": "household_member",
    "relation": "relation_to_head",
    "detail": "address_detail",
    "commune": "commune_code",
    "registration_commune": "registration_commune_code",
    "birth_commune": "birth_commune_code",
    "native_commune": "native_commune_code",
}
_OF_EVERY_EVENT = {"effective": "effective_date", "registered": "registered_date"}

_COMPETENT = {
    EventKind.BIRTH: "civil_status",
    EventKind.DEATH: "civil_status",
    EventKind.MARRIAGE: "civil_status",
    EventKind.CORRECTION: "civil_status",
    EventKind.DIVORCE: "court",
    EventKind.RESIDENCE: "police",
    EventKind.DEPARTURE: "police",
    EventKind.CARD_ISSUE: "police",
    EventKind.CARD_LOSS: "police",
    EventKind.RENUMBERING: "police",
}
"""Which authority reports what; who may report at all may report what is not listed."""


class Sent(NamedTuple):
    """A request that is idempotent, as it came."""

    raw: bytes  # as received
    fingerprint: bytes  # SHA-256 of its deterministic serialisation
    signature: str  # the caller's JWS over ``raw``, verified; empty where none is asked for


class Named(NamedTuple):
    """Somebody whom an event names."""

    field: str  # of the request, e.g. event.birth.mother
    place: str  # of ``What``, e.g. mother
    claim: Claim


class Reported(NamedTuple):
    """An event of the right shape. Whom it names is still to be verified."""

    what: What  # with nobody in the places of ``named``
    document: LegalDocument
    effective: date
    registered: date
    named: tuple[Named, ...]
    expected_revision: int  # 0: not checked
    declared: bool  # a court's declaration

    @property
    def kind(self) -> EventKind:
        """What happened."""
        return KINDS[type(self.what)]

    def about(self, numbers: Mapping[str, str]) -> What:
        """The event with a personal number in each place."""
        places: dict[str, Any] = dict(numbers)  # that each has the place, the reader saw to
        return replace(self.what, **places)


class Annulling(NamedTuple):
    """An annulment of the right shape."""

    event_id: str
    document: LegalDocument
    reason: str


def check_competence(grant: Grant, kind: EventKind, *, declared: bool) -> None:
    """Whether a grant lets such an event be reported, or annulled.

    Raises:
        Refused: another kind of authority reports it.
    """
    competent = "court" if declared else _COMPETENT.get(kind)
    if competent is not None and competent not in grant.reports_as:
        raise Refused(
            "AUTHORITY_NOT_COMPETENT",
            f"such events are reported by another authority ({competent}); ask the operator for a "
            "grant with reports_as if you are one",
            f"sự kiện này do cơ quan khác báo ({competent}); nếu là cơ quan đó, hãy đề nghị đơn vị "
            "quản lý cấp quyền reports_as",
            (competent,),
        ).by(grant.rule)


def _field_of(kind: EventKind, subject: str) -> str:
    """The request's field for what the register's rules call a subject."""
    if kind is EventKind.ANNULMENT:
        return subject
    if subject in _OF_EVERY_EVENT:
        return f"event.{_OF_EVERY_EVENT[subject]}"
    return f"event.{kind.name.lower()}.{_FIELDS.get(subject, subject)}"


def obstacle(refused: EventRefused, kind: EventKind) -> Obstructed:
    """What the register's rules found in the way, as a caller is told: never about whom."""
    message_en, message_vi = REFUSALS[refused.code]
    return Obstructed(refused.code, message_en, message_vi, _field_of(kind, refused.subject))


def person_not_verified(field: str) -> Obstructed:
    """The error for somebody who is not who the event says: unknown or otherwise."""
    return Obstructed(
        "PERSON_NOT_VERIFIED",
        "number, name and birth date of this person do not belong together on file; verify the "
        "person first",
        "số, họ tên và ngày sinh của người này không khớp cơ sở dữ liệu; hãy xác thực trước",
        field,
    )


def revision_moved() -> Outdated:
    """The error for a writer who decided by an older revision."""
    return Outdated(
        "REVISION_MOVED",
        "somebody whom the event names was changed after expected_revision; read again and decide",
        "thông tin của người được nêu đã thay đổi sau expected_revision; hãy đọc lại rồi quyết "
        "định",
    )


def request_id_reused() -> Conflict:
    """The error for a request id that came before with something else."""
    return Conflict(
        "REQUEST_ID_REUSED",
        "this request_id was used for another request, which stands; send this one with a new id",
        "request_id này đã dùng cho yêu cầu khác và yêu cầu đó vẫn có hiệu lực; hãy gửi với mã mới",
    )


def event_not_found() -> NotFound:
    """The error for an event that there is not, or that somebody else reported."""
    return NotFound(
        "EVENT_NOT_FOUND",
        "this caller reported no such event; compare event_id with the receipt",
        "hệ thống này chưa báo sự kiện nào có mã như vậy; hãy đối chiếu event_id trên biên nhận",
    )
