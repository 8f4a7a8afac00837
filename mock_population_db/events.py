"""The vocabulary of civil events (biến động dân cư): what may happen to people on file.

People are named by their current personal number; whoever reports an event has verified
them before. Plain values: no I/O, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from mock_population_db.changes import ChangeCause
from mock_population_db.citizen import PersonName, Relation, Sex, VitalStatus
from mock_population_db.partial_date import PartialDate


@dataclass(frozen=True, slots=True)
class LegalDocument:
    """The document that an event rests on (giấy tờ hộ tịch, quyết định)."""

    number: str
    issued: date
    authority: str
    book: str = ""


class EventKind(IntEnum):
    """What happened, numbered as in the contract's oneof; the last three are the register's."""

    BIRTH = 10
    DEATH = 11
    MARRIAGE = 12
    DIVORCE = 13
    RESIDENCE = 14
    DEPARTURE = 15
    CORRECTION = 16
    CARD_ISSUE = 17
    CARD_LOSS = 18
    RENUMBERING = 19
    ACCESS_DISPUTE = 20
    ANNULMENT = 21
    NUMBER_CONFIRMATION = 22
    REARRANGEMENT = 23


@dataclass(frozen=True, slots=True)
class Birth:
    """Đăng ký khai sinh. Issues a number: ``pending`` says whether it waits to be confirmed."""

    name: PersonName
    birth_date: date
    sex: Sex
    registration_commune: str  # 5 digits, codes in force; its province begins the number
    mother: str = ""  # personal number; one parent at least
    father: str = ""
    birth_commune: str = ""  # empty = that of registration
    native_commune: str = ""  # legacy code; empty = the father's, else the mother's
    ethnic_code: str = ""  # empty = the father's, else the mother's
    children_in_birth: int = 1
    birth_order: int = 1
    not_a_duplicate: bool = False
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Death:
    """Đăng ký khai tử; tuyên bố chết, mất tích."""

    person: str
    on: PartialDate
    status: VitalStatus = VitalStatus.DEAD


@dataclass(frozen=True, slots=True)
class Marriage:
    """Đăng ký kết hôn."""

    wife: str
    husband: str


@dataclass(frozen=True, slots=True)
class Divorce:
    """Ly hôn."""

    person: str


@dataclass(frozen=True, slots=True)
class ResidenceRegistration:
    """Đăng ký thường trú, tạm trú: joins ``member``'s household, or founds one in ``commune``."""

    person: str
    temporary: bool
    member: str = ""
    relation: Relation = Relation.HEAD  # to the head; HEAD for a new household
    commune: str = ""  # 5 digits, codes in force
    detail: str = ""
    until: date | None = None  # of a temporary residence


@dataclass(frozen=True, slots=True)
class Departure:
    """Xóa đăng ký thường trú, tạm trú."""

    person: str
    temporary: bool
    new_head: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """Cải chính, thay đổi hộ tịch; None stays as it is."""

    person: str
    name: PersonName | None = None
    sex: Sex | None = None
    birth_date: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class CardIssue:
    """Cấp, đổi, cấp lại thẻ căn cước."""

    person: str
    expires: date | None = None  # None = without term


@dataclass(frozen=True, slots=True)
class CardLoss:
    """Báo mất thẻ căn cước."""

    person: str


@dataclass(frozen=True, slots=True)
class Renumbering:
    """Hủy, xác lập lại số định danh cá nhân."""

    person: str
    reason: str  # stable UPPER_SNAKE word


@dataclass(frozen=True, slots=True)
class AccessDispute:
    """Khiếu nại về lịch sử khai thác. Kept, and changes nobody's record."""

    person: str
    leaf_index: int
    row_index: int
    statement: str


@dataclass(frozen=True, slots=True)
class Annulment:
    """Hủy việc đăng ký: what an event changed is put back."""

    event_id: str
    reason: str


What = (
    Birth
    | Death
    | Marriage
    | Divorce
    | ResidenceRegistration
    | Departure
    | Correction
    | CardIssue
    | CardLoss
    | Renumbering
    | AccessDispute
    | Annulment
)

KINDS: dict[type, EventKind] = {
    Birth: EventKind.BIRTH,
    Death: EventKind.DEATH,
    Marriage: EventKind.MARRIAGE,
    Divorce: EventKind.DIVORCE,
    ResidenceRegistration: EventKind.RESIDENCE,
    Departure: EventKind.DEPARTURE,
    Correction: EventKind.CORRECTION,
    CardIssue: EventKind.CARD_ISSUE,
    CardLoss: EventKind.CARD_LOSS,
    Renumbering: EventKind.RENUMBERING,
    AccessDispute: EventKind.ACCESS_DISPUTE,
    Annulment: EventKind.ANNULMENT,
}


@dataclass(frozen=True, slots=True)
class Submission:
    """One event on its way into the register.

    Attributes:
        reporter: who reports; with ``rpc`` and ``request_id`` the idempotency key.
        fingerprint: SHA-256 of the request; the same key with another one is refused.
        recorded_at: aware, UTC.
        original: the request as it was reported, opaque bytes, kept with the event.
        signature: the reporter's JWS over the request, kept as evidence; may be empty.
        expected_revision: refuse when anybody named was changed after it; 0 = not checked.
        effective: from when it holds.
        registered: when the office registered it.
    """

    what: What
    document: LegalDocument
    effective: date
    registered: date
    reporter: str
    rpc: str
    request_id: str
    fingerprint: bytes
    recorded_at: datetime
    cause: ChangeCause = ChangeCause.SUBMITTED
    original: bytes = b""
    signature: str = ""
    expected_revision: int = 0


class EventState(IntEnum):
    """What became of an event, numbered as in the contract."""

    APPLIED = 1
    NUMBER_PENDING = 2
    ANNULLED = 3


@dataclass(frozen=True, slots=True)
class Applied:
    """An event as the register keeps it."""

    event_id: str
    kind: EventKind
    state: EventState
    personal_id: str  # whom it is about, by the number after it
    first_revision: int  # 0 when it changed nobody's record
    last_revision: int
    recorded_at: datetime
    reporter: str
    rpc: str
    request_id: str
    fingerprint: bytes
    original: bytes = b""
    signature: str = ""
    annulled_by: str = ""
    repeated: bool = False  # it was there already: the same request came again


class EventRefused(Exception):
    """Something stands in the way; nothing was changed.

    Attributes:
        code: stable UPPER_SNAKE word, e.g. ALREADY_DEAD; documented in docs/errors.md.
        subject: the field of the event that it is about, e.g. ``person`` or ``mother``.
        about: the personal number that the obstacle is found at, empty when at nobody's.
    """

    def __init__(self, code: str, subject: str, about: str = "") -> None:
        super().__init__(f"{code} ({subject})")
        self.code = code
        self.subject = subject
        self.about = about


class RevisionMoved(Exception):
    """Somebody the event names was changed after ``expected_revision``."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"changed at revision {revision}")
        self.revision = revision


class RequestReused(Exception):
    """The same reporter, method and request id came before with another payload."""


class EventUnknown(Exception):
    """There is no such event."""
