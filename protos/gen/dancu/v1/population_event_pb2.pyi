import datetime

from dancu.v1 import citizen_pb2 as _citizen_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AuthorityKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUTHORITY_KIND_UNSPECIFIED: _ClassVar[AuthorityKind]
    AUTHORITY_KIND_CIVIL_STATUS: _ClassVar[AuthorityKind]
    AUTHORITY_KIND_COURT: _ClassVar[AuthorityKind]
    AUTHORITY_KIND_POLICE: _ClassVar[AuthorityKind]

class ResidenceEventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESIDENCE_EVENT_KIND_UNSPECIFIED: _ClassVar[ResidenceEventKind]
    RESIDENCE_EVENT_KIND_PERMANENT: _ClassVar[ResidenceEventKind]
    RESIDENCE_EVENT_KIND_TEMPORARY: _ClassVar[ResidenceEventKind]

class EventState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_STATE_UNSPECIFIED: _ClassVar[EventState]
    EVENT_STATE_APPLIED: _ClassVar[EventState]
    EVENT_STATE_NUMBER_PENDING: _ClassVar[EventState]
    EVENT_STATE_ANNULLED: _ClassVar[EventState]
AUTHORITY_KIND_UNSPECIFIED: AuthorityKind
AUTHORITY_KIND_CIVIL_STATUS: AuthorityKind
AUTHORITY_KIND_COURT: AuthorityKind
AUTHORITY_KIND_POLICE: AuthorityKind
RESIDENCE_EVENT_KIND_UNSPECIFIED: ResidenceEventKind
RESIDENCE_EVENT_KIND_PERMANENT: ResidenceEventKind
RESIDENCE_EVENT_KIND_TEMPORARY: ResidenceEventKind
EVENT_STATE_UNSPECIFIED: EventState
EVENT_STATE_APPLIED: EventState
EVENT_STATE_NUMBER_PENDING: EventState
EVENT_STATE_ANNULLED: EventState

class LegalDocument(_message.Message):
    __slots__ = ("number", "book", "issued_date", "authority")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    BOOK_FIELD_NUMBER: _ClassVar[int]
    ISSUED_DATE_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    number: str
    book: str
    issued_date: _date_pb2.Date
    authority: str
    def __init__(self, number: _Optional[str] = ..., book: _Optional[str] = ..., issued_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., authority: _Optional[str] = ...) -> None: ...

class BirthEvent(_message.Message):
    __slots__ = ("name", "birth_date", "sex", "mother", "father", "registration_commune_code", "birth_commune_code", "native_commune_code", "ethnic_code", "children_in_birth", "birth_order", "not_a_duplicate")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    MOTHER_FIELD_NUMBER: _ClassVar[int]
    FATHER_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    BIRTH_COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    NATIVE_COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    ETHNIC_CODE_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_IN_BIRTH_FIELD_NUMBER: _ClassVar[int]
    BIRTH_ORDER_FIELD_NUMBER: _ClassVar[int]
    NOT_A_DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    name: _citizen_pb2.PersonName
    birth_date: _date_pb2.Date
    sex: _citizen_pb2.Sex
    mother: _citizen_pb2.CitizenClaim
    father: _citizen_pb2.CitizenClaim
    registration_commune_code: str
    birth_commune_code: str
    native_commune_code: str
    ethnic_code: str
    children_in_birth: int
    birth_order: int
    not_a_duplicate: bool
    def __init__(self, name: _Optional[_Union[_citizen_pb2.PersonName, _Mapping]] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., sex: _Optional[_Union[_citizen_pb2.Sex, str]] = ..., mother: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., father: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., registration_commune_code: _Optional[str] = ..., birth_commune_code: _Optional[str] = ..., native_commune_code: _Optional[str] = ..., ethnic_code: _Optional[str] = ..., children_in_birth: _Optional[int] = ..., birth_order: _Optional[int] = ..., not_a_duplicate: bool = ...) -> None: ...

class DeathEvent(_message.Message):
    __slots__ = ("person", "status", "date")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    person: _citizen_pb2.CitizenClaim
    status: _citizen_pb2.PersonStatus
    date: _date_pb2.Date
    def __init__(self, person: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., status: _Optional[_Union[_citizen_pb2.PersonStatus, str]] = ..., date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class MarriageEvent(_message.Message):
    __slots__ = ("wife", "husband")
    WIFE_FIELD_NUMBER: _ClassVar[int]
    HUSBAND_FIELD_NUMBER: _ClassVar[int]
    wife: _citizen_pb2.CitizenClaim
    husband: _citizen_pb2.CitizenClaim
    def __init__(self, wife: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., husband: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ...) -> None: ...

class DivorceEvent(_message.Message):
    __slots__ = ("person",)
    PERSON_FIELD_NUMBER: _ClassVar[int]
    person: _citizen_pb2.CitizenClaim
    def __init__(self, person: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ...) -> None: ...

class ResidenceEvent(_message.Message):
    __slots__ = ("person", "kind", "household_member", "commune_code", "address_detail", "relation_to_head", "until")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    HOUSEHOLD_MEMBER_FIELD_NUMBER: _ClassVar[int]
    COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_DETAIL_FIELD_NUMBER: _ClassVar[int]
    RELATION_TO_HEAD_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    person: _citizen_pb2.CitizenClaim
    kind: ResidenceEventKind
    household_member: _citizen_pb2.CitizenClaim
    commune_code: str
    address_detail: str
    relation_to_head: _citizen_pb2.HouseholdRelation
    until: _date_pb2.Date
    def __init__(self, person: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., kind: _Optional[_Union[ResidenceEventKind, str]] = ..., household_member: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., commune_code: _Optional[str] = ..., address_detail: _Optional[str] = ..., relation_to_head: _Optional[_Union[_citizen_pb2.HouseholdRelation, str]] = ..., until: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class DepartureEvent(_message.Message):
    __slots__ = ("person", "kind", "new_head")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NEW_HEAD_FIELD_NUMBER: _ClassVar[int]
    person: _citizen_pb2.CitizenClaim
    kind: ResidenceEventKind
    new_head: _citizen_pb2.CitizenClaim
    def __init__(self, person: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., kind: _Optional[_Union[ResidenceEventKind, str]] = ..., new_head: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ...) -> None: ...

class CorrectionEvent(_message.Message):
    __slots__ = ("person", "name", "sex", "birth_date")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    person: _citizen_pb2.CitizenClaim
    name: _citizen_pb2.PersonName
    sex: _citizen_pb2.Sex
    birth_date: _date_pb2.Date
    def __init__(self, person: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., name: _Optional[_Union[_citizen_pb2.PersonName, _Mapping]] = ..., sex: _Optional[_Union[_citizen_pb2.Sex, str]] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class CardIssueEvent(_message.Message):
    __slots__ = ("person", "expires")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    person: _citizen_pb2.CitizenClaim
    expires: _date_pb2.Date
    def __init__(self, person: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., expires: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class CardLossEvent(_message.Message):
    __slots__ = ("person",)
    PERSON_FIELD_NUMBER: _ClassVar[int]
    person: _citizen_pb2.CitizenClaim
    def __init__(self, person: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ...) -> None: ...

class RenumberingEvent(_message.Message):
    __slots__ = ("person", "reason")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    person: _citizen_pb2.CitizenClaim
    reason: str
    def __init__(self, person: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class AccessDisputeEvent(_message.Message):
    __slots__ = ("person", "leaf_index", "row_index", "statement")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    LEAF_INDEX_FIELD_NUMBER: _ClassVar[int]
    ROW_INDEX_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    person: _citizen_pb2.CitizenClaim
    leaf_index: int
    row_index: int
    statement: str
    def __init__(self, person: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., leaf_index: _Optional[int] = ..., row_index: _Optional[int] = ..., statement: _Optional[str] = ...) -> None: ...

class PopulationEvent(_message.Message):
    __slots__ = ("document", "effective_date", "registered_date", "birth", "death", "marriage", "divorce", "residence", "departure", "correction", "card_issue", "card_loss", "renumbering", "access_dispute")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_DATE_FIELD_NUMBER: _ClassVar[int]
    BIRTH_FIELD_NUMBER: _ClassVar[int]
    DEATH_FIELD_NUMBER: _ClassVar[int]
    MARRIAGE_FIELD_NUMBER: _ClassVar[int]
    DIVORCE_FIELD_NUMBER: _ClassVar[int]
    RESIDENCE_FIELD_NUMBER: _ClassVar[int]
    DEPARTURE_FIELD_NUMBER: _ClassVar[int]
    CORRECTION_FIELD_NUMBER: _ClassVar[int]
    CARD_ISSUE_FIELD_NUMBER: _ClassVar[int]
    CARD_LOSS_FIELD_NUMBER: _ClassVar[int]
    RENUMBERING_FIELD_NUMBER: _ClassVar[int]
    ACCESS_DISPUTE_FIELD_NUMBER: _ClassVar[int]
    document: LegalDocument
    effective_date: _date_pb2.Date
    registered_date: _date_pb2.Date
    birth: BirthEvent
    death: DeathEvent
    marriage: MarriageEvent
    divorce: DivorceEvent
    residence: ResidenceEvent
    departure: DepartureEvent
    correction: CorrectionEvent
    card_issue: CardIssueEvent
    card_loss: CardLossEvent
    renumbering: RenumberingEvent
    access_dispute: AccessDisputeEvent
    def __init__(self, document: _Optional[_Union[LegalDocument, _Mapping]] = ..., effective_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., registered_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., birth: _Optional[_Union[BirthEvent, _Mapping]] = ..., death: _Optional[_Union[DeathEvent, _Mapping]] = ..., marriage: _Optional[_Union[MarriageEvent, _Mapping]] = ..., divorce: _Optional[_Union[DivorceEvent, _Mapping]] = ..., residence: _Optional[_Union[ResidenceEvent, _Mapping]] = ..., departure: _Optional[_Union[DepartureEvent, _Mapping]] = ..., correction: _Optional[_Union[CorrectionEvent, _Mapping]] = ..., card_issue: _Optional[_Union[CardIssueEvent, _Mapping]] = ..., card_loss: _Optional[_Union[CardLossEvent, _Mapping]] = ..., renumbering: _Optional[_Union[RenumberingEvent, _Mapping]] = ..., access_dispute: _Optional[_Union[AccessDisputeEvent, _Mapping]] = ...) -> None: ...

class EventRecord(_message.Message):
    __slots__ = ("event_id", "event", "state", "recorded_at", "first_revision", "last_revision", "personal_id", "annulled_by")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_FIELD_NUMBER: _ClassVar[int]
    FIRST_REVISION_FIELD_NUMBER: _ClassVar[int]
    LAST_REVISION_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    ANNULLED_BY_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    event: PopulationEvent
    state: EventState
    recorded_at: _timestamp_pb2.Timestamp
    first_revision: int
    last_revision: int
    personal_id: str
    annulled_by: str
    def __init__(self, event_id: _Optional[str] = ..., event: _Optional[_Union[PopulationEvent, _Mapping]] = ..., state: _Optional[_Union[EventState, str]] = ..., recorded_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., first_revision: _Optional[int] = ..., last_revision: _Optional[int] = ..., personal_id: _Optional[str] = ..., annulled_by: _Optional[str] = ...) -> None: ...
