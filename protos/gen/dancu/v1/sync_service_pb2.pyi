import datetime

from dancu.v1 import change_pb2 as _change_pb2
from dancu.v1 import citizen_pb2 as _citizen_pb2
from dancu.v1 import context_pb2 as _context_pb2
from dancu.v1 import reconciliation_pb2 as _reconciliation_pb2
from dancu.v1 import statement_pb2 as _statement_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReconcileCitizensRequest(_message.Message):
    __slots__ = ("open", "chunk", "close")
    OPEN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    open: OpenReconciliation
    chunk: RecordChunk
    close: CloseReconciliation
    def __init__(self, open: _Optional[_Union[OpenReconciliation, _Mapping]] = ..., chunk: _Optional[_Union[RecordChunk, _Mapping]] = ..., close: _Optional[_Union[CloseReconciliation, _Mapping]] = ...) -> None: ...

class OpenReconciliation(_message.Message):
    __slots__ = ("context", "session_id")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    session_id: str
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., session_id: _Optional[str] = ...) -> None: ...

class RecordChunk(_message.Message):
    __slots__ = ("chunk_number", "records")
    CHUNK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    chunk_number: int
    records: _containers.RepeatedCompositeFieldContainer[_reconciliation_pb2.CitizenRecord]
    def __init__(self, chunk_number: _Optional[int] = ..., records: _Optional[_Iterable[_Union[_reconciliation_pb2.CitizenRecord, _Mapping]]] = ...) -> None: ...

class CloseReconciliation(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReconcileCitizensResponse(_message.Message):
    __slots__ = ("standing", "result", "parked", "closed")
    STANDING_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    standing: ReconciliationStanding
    result: ReconciledChunkResult
    parked: ReconciliationParked
    closed: ReconciliationClosed
    def __init__(self, standing: _Optional[_Union[ReconciliationStanding, _Mapping]] = ..., result: _Optional[_Union[ReconciledChunkResult, _Mapping]] = ..., parked: _Optional[_Union[ReconciliationParked, _Mapping]] = ..., closed: _Optional[_Union[ReconciliationClosed, _Mapping]] = ...) -> None: ...

class ReconciliationStanding(_message.Message):
    __slots__ = ("session_id", "next_chunk_number", "record_count", "max_chunks_in_flight", "closed", "first_kept_chunk_number")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    NEXT_CHUNK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    RECORD_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_CHUNKS_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    FIRST_KEPT_CHUNK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    next_chunk_number: int
    record_count: int
    max_chunks_in_flight: int
    closed: bool
    first_kept_chunk_number: int
    def __init__(self, session_id: _Optional[str] = ..., next_chunk_number: _Optional[int] = ..., record_count: _Optional[int] = ..., max_chunks_in_flight: _Optional[int] = ..., closed: bool = ..., first_kept_chunk_number: _Optional[int] = ...) -> None: ...

class ReconciledChunkResult(_message.Message):
    __slots__ = ("chunk_number", "signed", "items", "item_seed")
    CHUNK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    ITEM_SEED_FIELD_NUMBER: _ClassVar[int]
    chunk_number: int
    signed: _statement_pb2.SignedStatement
    items: _containers.RepeatedCompositeFieldContainer[_any_pb2.Any]
    item_seed: bytes
    def __init__(self, chunk_number: _Optional[int] = ..., signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ..., items: _Optional[_Iterable[_Union[_any_pb2.Any, _Mapping]]] = ..., item_seed: _Optional[bytes] = ...) -> None: ...

class ReconciliationParked(_message.Message):
    __slots__ = ("chunk_number", "resumes_at", "reason")
    CHUNK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    RESUMES_AT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    chunk_number: int
    resumes_at: _timestamp_pb2.Timestamp
    reason: str
    def __init__(self, chunk_number: _Optional[int] = ..., resumes_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class ReconciliationClosed(_message.Message):
    __slots__ = ("chunk_count", "record_count", "kept_until")
    CHUNK_COUNT_FIELD_NUMBER: _ClassVar[int]
    RECORD_COUNT_FIELD_NUMBER: _ClassVar[int]
    KEPT_UNTIL_FIELD_NUMBER: _ClassVar[int]
    chunk_count: int
    record_count: int
    kept_until: _timestamp_pb2.Timestamp
    def __init__(self, chunk_count: _Optional[int] = ..., record_count: _Optional[int] = ..., kept_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WatchChangesRequest(_message.Message):
    __slots__ = ("context", "start_revision", "filter", "read_mask", "progress_interval")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    START_REVISION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    READ_MASK_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    start_revision: int
    filter: _change_pb2.ChangeFilter
    read_mask: _field_mask_pb2.FieldMask
    progress_interval: _duration_pb2.Duration
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., start_revision: _Optional[int] = ..., filter: _Optional[_Union[_change_pb2.ChangeFilter, _Mapping]] = ..., read_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., progress_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class WatchChangesResponse(_message.Message):
    __slots__ = ("signed", "progress_revision")
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_REVISION_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    progress_revision: int
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ..., progress_revision: _Optional[int] = ...) -> None: ...

class ListChangesRequest(_message.Message):
    __slots__ = ("context", "start_revision", "filter", "start_time", "end_time", "read_mask", "page_size", "page_token")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    START_REVISION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    READ_MASK_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    start_revision: int
    filter: _change_pb2.ChangeFilter
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    read_mask: _field_mask_pb2.FieldMask
    page_size: int
    page_token: str
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., start_revision: _Optional[int] = ..., filter: _Optional[_Union[_change_pb2.ChangeFilter, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., read_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListChangesResponse(_message.Message):
    __slots__ = ("signed", "next_page_token")
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    next_page_token: str
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateWatchedCitizensRequest(_message.Message):
    __slots__ = ("context", "add", "remove")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    ADD_FIELD_NUMBER: _ClassVar[int]
    REMOVE_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    add: _containers.RepeatedCompositeFieldContainer[_citizen_pb2.CitizenClaim]
    remove: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., add: _Optional[_Iterable[_Union[_citizen_pb2.CitizenClaim, _Mapping]]] = ..., remove: _Optional[_Iterable[str]] = ...) -> None: ...

class UpdateWatchedCitizensResponse(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ...) -> None: ...

class ListWatchedCitizensRequest(_message.Message):
    __slots__ = ("context", "page_size", "page_token")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    page_size: int
    page_token: str
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWatchedCitizensResponse(_message.Message):
    __slots__ = ("personal_ids", "next_page_token")
    PERSONAL_IDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    personal_ids: _containers.RepeatedScalarFieldContainer[str]
    next_page_token: str
    def __init__(self, personal_ids: _Optional[_Iterable[str]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
