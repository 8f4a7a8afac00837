import datetime

from dancu.v1 import citizen_pb2 as _citizen_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_KIND_UNSPECIFIED: _ClassVar[ChangeKind]
    CHANGE_KIND_BIRTH: _ClassVar[ChangeKind]
    CHANGE_KIND_NUMBER_CONFIRMED: _ClassVar[ChangeKind]
    CHANGE_KIND_DEATH: _ClassVar[ChangeKind]
    CHANGE_KIND_MARITAL_STATUS: _ClassVar[ChangeKind]
    CHANGE_KIND_RESIDENCE: _ClassVar[ChangeKind]
    CHANGE_KIND_CORRECTION: _ClassVar[ChangeKind]
    CHANGE_KIND_DOCUMENT: _ClassVar[ChangeKind]
    CHANGE_KIND_RENUMBERED: _ClassVar[ChangeKind]
    CHANGE_KIND_ADDRESS_CONVERTED: _ClassVar[ChangeKind]
    CHANGE_KIND_HOUSEHOLD_HEAD: _ClassVar[ChangeKind]
    CHANGE_KIND_ANNULMENT: _ClassVar[ChangeKind]
    CHANGE_KIND_WITHDRAWN: _ClassVar[ChangeKind]

class ChangeCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_CAUSE_UNSPECIFIED: _ClassVar[ChangeCause]
    CHANGE_CAUSE_SUBMITTED: _ClassVar[ChangeCause]
    CHANGE_CAUSE_LIFE: _ClassVar[ChangeCause]
    CHANGE_CAUSE_REARRANGEMENT: _ClassVar[ChangeCause]
    CHANGE_CAUSE_REGISTER: _ClassVar[ChangeCause]
CHANGE_KIND_UNSPECIFIED: ChangeKind
CHANGE_KIND_BIRTH: ChangeKind
CHANGE_KIND_NUMBER_CONFIRMED: ChangeKind
CHANGE_KIND_DEATH: ChangeKind
CHANGE_KIND_MARITAL_STATUS: ChangeKind
CHANGE_KIND_RESIDENCE: ChangeKind
CHANGE_KIND_CORRECTION: ChangeKind
CHANGE_KIND_DOCUMENT: ChangeKind
CHANGE_KIND_RENUMBERED: ChangeKind
CHANGE_KIND_ADDRESS_CONVERTED: ChangeKind
CHANGE_KIND_HOUSEHOLD_HEAD: ChangeKind
CHANGE_KIND_ANNULMENT: ChangeKind
CHANGE_KIND_WITHDRAWN: ChangeKind
CHANGE_CAUSE_UNSPECIFIED: ChangeCause
CHANGE_CAUSE_SUBMITTED: ChangeCause
CHANGE_CAUSE_LIFE: ChangeCause
CHANGE_CAUSE_REARRANGEMENT: ChangeCause
CHANGE_CAUSE_REGISTER: ChangeCause

class Change(_message.Message):
    __slots__ = ("revision", "kind", "personal_id", "former_personal_id", "recorded_at", "effective_date", "paths", "cause", "event_id", "citizen", "fields")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    FORMER_PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    CITIZEN_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    revision: int
    kind: ChangeKind
    personal_id: str
    former_personal_id: str
    recorded_at: _timestamp_pb2.Timestamp
    effective_date: _date_pb2.Date
    paths: _containers.RepeatedScalarFieldContainer[str]
    cause: ChangeCause
    event_id: str
    citizen: _citizen_pb2.Citizen
    fields: _containers.RepeatedCompositeFieldContainer[_citizen_pb2.FieldDisclosure]
    def __init__(self, revision: _Optional[int] = ..., kind: _Optional[_Union[ChangeKind, str]] = ..., personal_id: _Optional[str] = ..., former_personal_id: _Optional[str] = ..., recorded_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., effective_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., paths: _Optional[_Iterable[str]] = ..., cause: _Optional[_Union[ChangeCause, str]] = ..., event_id: _Optional[str] = ..., citizen: _Optional[_Union[_citizen_pb2.Citizen, _Mapping]] = ..., fields: _Optional[_Iterable[_Union[_citizen_pb2.FieldDisclosure, _Mapping]]] = ...) -> None: ...

class ChangeFilter(_message.Message):
    __slots__ = ("province_codes", "commune_codes", "kinds", "watched_only")
    PROVINCE_CODES_FIELD_NUMBER: _ClassVar[int]
    COMMUNE_CODES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    WATCHED_ONLY_FIELD_NUMBER: _ClassVar[int]
    province_codes: _containers.RepeatedScalarFieldContainer[str]
    commune_codes: _containers.RepeatedScalarFieldContainer[str]
    kinds: _containers.RepeatedScalarFieldContainer[ChangeKind]
    watched_only: bool
    def __init__(self, province_codes: _Optional[_Iterable[str]] = ..., commune_codes: _Optional[_Iterable[str]] = ..., kinds: _Optional[_Iterable[_Union[ChangeKind, str]]] = ..., watched_only: bool = ...) -> None: ...
