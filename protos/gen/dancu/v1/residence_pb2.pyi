from dancu.v1 import citizen_pb2 as _citizen_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ResidenceKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESIDENCE_KIND_UNSPECIFIED: _ClassVar[ResidenceKind]
    RESIDENCE_KIND_PERMANENT: _ClassVar[ResidenceKind]
    RESIDENCE_KIND_TEMPORARY: _ClassVar[ResidenceKind]
    RESIDENCE_KIND_CURRENT: _ClassVar[ResidenceKind]

class ResidenceState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESIDENCE_STATE_UNSPECIFIED: _ClassVar[ResidenceState]
    RESIDENCE_STATE_IN_FORCE: _ClassVar[ResidenceState]
    RESIDENCE_STATE_EXPIRED: _ClassVar[ResidenceState]

class HeadState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HEAD_STATE_UNSPECIFIED: _ClassVar[HeadState]
    HEAD_STATE_IN_PLACE: _ClassVar[HeadState]
    HEAD_STATE_DEAD: _ClassVar[HeadState]
    HEAD_STATE_DECLARED_MISSING: _ClassVar[HeadState]
    HEAD_STATE_NONE: _ClassVar[HeadState]
RESIDENCE_KIND_UNSPECIFIED: ResidenceKind
RESIDENCE_KIND_PERMANENT: ResidenceKind
RESIDENCE_KIND_TEMPORARY: ResidenceKind
RESIDENCE_KIND_CURRENT: ResidenceKind
RESIDENCE_STATE_UNSPECIFIED: ResidenceState
RESIDENCE_STATE_IN_FORCE: ResidenceState
RESIDENCE_STATE_EXPIRED: ResidenceState
HEAD_STATE_UNSPECIFIED: HeadState
HEAD_STATE_IN_PLACE: HeadState
HEAD_STATE_DEAD: HeadState
HEAD_STATE_DECLARED_MISSING: HeadState
HEAD_STATE_NONE: HeadState

class ConfirmedResidence(_message.Message):
    __slots__ = ("kind", "state", "household_kind", "address", "since", "until", "relation_to_head")
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    HOUSEHOLD_KIND_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    RELATION_TO_HEAD_FIELD_NUMBER: _ClassVar[int]
    kind: ResidenceKind
    state: ResidenceState
    household_kind: ResidenceKind
    address: _citizen_pb2.Address
    since: _date_pb2.Date
    until: _date_pb2.Date
    relation_to_head: _citizen_pb2.HouseholdRelation
    def __init__(self, kind: _Optional[_Union[ResidenceKind, str]] = ..., state: _Optional[_Union[ResidenceState, str]] = ..., household_kind: _Optional[_Union[ResidenceKind, str]] = ..., address: _Optional[_Union[_citizen_pb2.Address, _Mapping]] = ..., since: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., until: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., relation_to_head: _Optional[_Union[_citizen_pb2.HouseholdRelation, str]] = ...) -> None: ...

class HouseholdMember(_message.Message):
    __slots__ = ("personal_id", "old_id_number", "full_name", "relation_to_head", "since", "until", "state", "status")
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    OLD_ID_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    RELATION_TO_HEAD_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    personal_id: str
    old_id_number: str
    full_name: str
    relation_to_head: _citizen_pb2.HouseholdRelation
    since: _date_pb2.Date
    until: _date_pb2.Date
    state: ResidenceState
    status: _citizen_pb2.PersonStatus
    def __init__(self, personal_id: _Optional[str] = ..., old_id_number: _Optional[str] = ..., full_name: _Optional[str] = ..., relation_to_head: _Optional[_Union[_citizen_pb2.HouseholdRelation, str]] = ..., since: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., until: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., state: _Optional[_Union[ResidenceState, str]] = ..., status: _Optional[_Union[_citizen_pb2.PersonStatus, str]] = ...) -> None: ...

class Household(_message.Message):
    __slots__ = ("kind", "residence_file_number", "address", "head_state", "member_count", "members", "members_withheld")
    KIND_FIELD_NUMBER: _ClassVar[int]
    RESIDENCE_FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    HEAD_STATE_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_WITHHELD_FIELD_NUMBER: _ClassVar[int]
    kind: ResidenceKind
    residence_file_number: str
    address: _citizen_pb2.Address
    head_state: HeadState
    member_count: int
    members: _containers.RepeatedCompositeFieldContainer[HouseholdMember]
    members_withheld: bool
    def __init__(self, kind: _Optional[_Union[ResidenceKind, str]] = ..., residence_file_number: _Optional[str] = ..., address: _Optional[_Union[_citizen_pb2.Address, _Mapping]] = ..., head_state: _Optional[_Union[HeadState, str]] = ..., member_count: _Optional[int] = ..., members: _Optional[_Iterable[_Union[HouseholdMember, _Mapping]]] = ..., members_withheld: bool = ...) -> None: ...
