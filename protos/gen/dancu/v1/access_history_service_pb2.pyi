from dancu.v1 import citizen_pb2 as _citizen_pb2
from dancu.v1 import context_pb2 as _context_pb2
from dancu.v1 import statement_pb2 as _statement_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListAccessesRequest(_message.Message):
    __slots__ = ("context", "claim", "page_size", "page_token")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    claim: _citizen_pb2.CitizenClaim
    page_size: int
    page_token: str
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAccessesResponse(_message.Message):
    __slots__ = ("signed", "next_page_token")
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    next_page_token: str
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
