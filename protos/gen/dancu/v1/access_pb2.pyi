import datetime

from dancu.v1 import citizen_pb2 as _citizen_pb2
from dancu.v1 import simulated_effect_pb2 as _simulated_effect_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AccessEntry(_message.Message):
    __slots__ = ("accessed_at", "caller", "unit_code", "officer_masked", "procedure_code", "dossier_id", "rpc", "register_revision", "outcome", "fields", "leaf_index", "row_index", "row_count", "subject", "asker_digest", "statement_digest", "access_path", "simulated_effects")
    ACCESSED_AT_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    UNIT_CODE_FIELD_NUMBER: _ClassVar[int]
    OFFICER_MASKED_FIELD_NUMBER: _ClassVar[int]
    PROCEDURE_CODE_FIELD_NUMBER: _ClassVar[int]
    DOSSIER_ID_FIELD_NUMBER: _ClassVar[int]
    RPC_FIELD_NUMBER: _ClassVar[int]
    REGISTER_REVISION_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    LEAF_INDEX_FIELD_NUMBER: _ClassVar[int]
    ROW_INDEX_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ASKER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PATH_FIELD_NUMBER: _ClassVar[int]
    SIMULATED_EFFECTS_FIELD_NUMBER: _ClassVar[int]
    accessed_at: _timestamp_pb2.Timestamp
    caller: str
    unit_code: str
    officer_masked: str
    procedure_code: str
    dossier_id: str
    rpc: str
    register_revision: int
    outcome: _citizen_pb2.Outcome
    fields: _containers.RepeatedScalarFieldContainer[str]
    leaf_index: int
    row_index: int
    row_count: int
    subject: bytes
    asker_digest: bytes
    statement_digest: bytes
    access_path: _containers.RepeatedScalarFieldContainer[bytes]
    simulated_effects: _containers.RepeatedScalarFieldContainer[_simulated_effect_pb2.SimulatedEffect]
    def __init__(self, accessed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., caller: _Optional[str] = ..., unit_code: _Optional[str] = ..., officer_masked: _Optional[str] = ..., procedure_code: _Optional[str] = ..., dossier_id: _Optional[str] = ..., rpc: _Optional[str] = ..., register_revision: _Optional[int] = ..., outcome: _Optional[_Union[_citizen_pb2.Outcome, str]] = ..., fields: _Optional[_Iterable[str]] = ..., leaf_index: _Optional[int] = ..., row_index: _Optional[int] = ..., row_count: _Optional[int] = ..., subject: _Optional[bytes] = ..., asker_digest: _Optional[bytes] = ..., statement_digest: _Optional[bytes] = ..., access_path: _Optional[_Iterable[bytes]] = ..., simulated_effects: _Optional[_Iterable[_Union[_simulated_effect_pb2.SimulatedEffect, str]]] = ...) -> None: ...
