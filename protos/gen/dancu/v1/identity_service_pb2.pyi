from dancu.v1 import attribute_pb2 as _attribute_pb2
from dancu.v1 import citizen_pb2 as _citizen_pb2
from dancu.v1 import context_pb2 as _context_pb2
from dancu.v1 import statement_pb2 as _statement_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class VerifyIdentityRequest(_message.Message):
    __slots__ = ("context", "claim")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    claim: _citizen_pb2.CitizenClaim
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ...) -> None: ...

class VerifyIdentityResponse(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ...) -> None: ...

class BatchVerifyIdentitiesRequest(_message.Message):
    __slots__ = ("context", "claims")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    claims: _containers.RepeatedCompositeFieldContainer[_citizen_pb2.CitizenClaim]
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., claims: _Optional[_Iterable[_Union[_citizen_pb2.CitizenClaim, _Mapping]]] = ...) -> None: ...

class BatchVerifyIdentitiesResponse(_message.Message):
    __slots__ = ("signed", "items", "item_seed")
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    ITEM_SEED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    items: _containers.RepeatedCompositeFieldContainer[_any_pb2.Any]
    item_seed: bytes
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ..., items: _Optional[_Iterable[_Union[_any_pb2.Any, _Mapping]]] = ..., item_seed: _Optional[bytes] = ...) -> None: ...

class LookupCitizenRequest(_message.Message):
    __slots__ = ("context", "claim", "read_mask")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    READ_MASK_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    claim: _citizen_pb2.CitizenClaim
    read_mask: _field_mask_pb2.FieldMask
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., read_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class LookupCitizenResponse(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ...) -> None: ...

class ResolveIdentifierRequest(_message.Message):
    __slots__ = ("context", "claim")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    claim: _citizen_pb2.CitizenClaim
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ...) -> None: ...

class ResolveIdentifierResponse(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ...) -> None: ...

class VerifyAttributesRequest(_message.Message):
    __slots__ = ("context", "claim", "assertions")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    ASSERTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _context_pb2.RequestContext
    claim: _citizen_pb2.CitizenClaim
    assertions: _containers.RepeatedCompositeFieldContainer[_attribute_pb2.Assertion]
    def __init__(self, context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., assertions: _Optional[_Iterable[_Union[_attribute_pb2.Assertion, _Mapping]]] = ...) -> None: ...

class VerifyAttributesResponse(_message.Message):
    __slots__ = ("signed",)
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    signed: _statement_pb2.SignedStatement
    def __init__(self, signed: _Optional[_Union[_statement_pb2.SignedStatement, _Mapping]] = ...) -> None: ...
