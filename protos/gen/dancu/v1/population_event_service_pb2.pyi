from dancu.v1 import context_pb2 as _context_pb2
from dancu.v1 import population_event_pb2 as _population_event_pb2
from dancu.v1 import statement_pb2 as _statement_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubmitPopulationEventRequest(_message.Message):
    __slots__ = ("context", "event", "expected_revision")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    event: _population_event_pb2.PopulationEvent
    expected_revision: int
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., event: _Optional[_Union[_population_event_pb2.PopulationEvent, _Mapping]] = ..., expected_revision: _Optional[int] = ...) -> None: ...

class SubmitPopulationEventResponse(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ...) -> None: ...

class GetPopulationEventRequest(_message.Message):
    __slots__ = ("context", "event_id")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    event_id: str
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., event_id: _Optional[str] = ...) -> None: ...

class GetPopulationEventResponse(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ...) -> None: ...

class AnnulPopulationEventRequest(_message.Message):
    __slots__ = ("context", "event_id", "document", "reason")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    event_id: str
    document: _population_event_pb2.LegalDocument
    reason: str
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., event_id: _Optional[str] = ..., document: _Optional[_Union[_population_event_pb2.LegalDocument, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class AnnulPopulationEventResponse(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ...) -> None: ...
