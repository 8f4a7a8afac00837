from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetUsageRequest(_message.Message):
    __slots__ = ("first_day", "last_day")
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    LAST_DAY_FIELD_NUMBER: _ClassVar[int]
    first_day: _date_pb2.Date
    last_day: _date_pb2.Date
    def __init__(self, first_day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., last_day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class GetUsageResponse(_message.Message):
    __slots__ = ("caller", "counters")
    CALLER_FIELD_NUMBER: _ClassVar[int]
    COUNTERS_FIELD_NUMBER: _ClassVar[int]
    caller: str
    counters: _containers.RepeatedCompositeFieldContainer[UsageCounter]
    def __init__(self, caller: _Optional[str] = ..., counters: _Optional[_Iterable[_Union[UsageCounter, _Mapping]]] = ...) -> None: ...

class UsageCounter(_message.Message):
    __slots__ = ("day", "procedure_code", "rpc", "answers", "records", "verified")
    DAY_FIELD_NUMBER: _ClassVar[int]
    PROCEDURE_CODE_FIELD_NUMBER: _ClassVar[int]
    RPC_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    day: _date_pb2.Date
    procedure_code: str
    rpc: str
    answers: int
    records: int
    verified: int
    def __init__(self, day: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., procedure_code: _Optional[str] = ..., rpc: _Optional[str] = ..., answers: _Optional[int] = ..., records: _Optional[int] = ..., verified: _Optional[int] = ...) -> None: ...
