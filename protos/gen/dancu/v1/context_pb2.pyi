from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class RequestContext(_message.Message):
    __slots__ = ("request_id", "procedure_code", "unit_code", "officer_id", "dossier_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROCEDURE_CODE_FIELD_NUMBER: _ClassVar[int]
    UNIT_CODE_FIELD_NUMBER: _ClassVar[int]
    OFFICER_ID_FIELD_NUMBER: _ClassVar[int]
    DOSSIER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    procedure_code: str
    unit_code: str
    officer_id: str
    dossier_id: str
    def __init__(self, request_id: _Optional[str] = ..., procedure_code: _Optional[str] = ..., unit_code: _Optional[str] = ..., officer_id: _Optional[str] = ..., dossier_id: _Optional[str] = ...) -> None: ...
