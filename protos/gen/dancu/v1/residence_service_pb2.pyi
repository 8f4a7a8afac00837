from dancu.v1 import citizen_pb2 as _citizen_pb2
from dancu.v1 import context_pb2 as _context_pb2
from dancu.v1 import residence_pb2 as _residence_pb2
from dancu.v1 import statement_pb2 as _statement_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConfirmResidenceRequest(_message.Message):
    __slots__ = ("context", "claim")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    claim: _citizen_pb2.CitizenClaim
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ...) -> None: ...

class ConfirmResidenceResponse(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ...) -> None: ...

class GetHouseholdRequest(_message.Message):
    __slots__ = ("context", "claim", "kind")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    claim: _citizen_pb2.CitizenClaim
    kind: _residence_pb2.ResidenceKind
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., kind: _Optional[_Union[_residence_pb2.ResidenceKind, str]] = ...) -> None: ...

class GetHouseholdResponse(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ...) -> None: ...
