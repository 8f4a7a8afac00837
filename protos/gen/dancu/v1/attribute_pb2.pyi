from dancu.v1 import citizen_pb2 as _citizen_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AssertionResult(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSERTION_RESULT_UNSPECIFIED: _ClassVar[AssertionResult]
    ASSERTION_RESULT_TRUE: _ClassVar[AssertionResult]
    ASSERTION_RESULT_FALSE: _ClassVar[AssertionResult]
    ASSERTION_RESULT_NO_DATA: _ClassVar[AssertionResult]
ASSERTION_RESULT_UNSPECIFIED: AssertionResult
ASSERTION_RESULT_TRUE: AssertionResult
ASSERTION_RESULT_FALSE: AssertionResult
ASSERTION_RESULT_NO_DATA: AssertionResult

class Assertion(_message.Message):
    __slots__ = ("father", "mother", "spouse", "representative", "household_head", "current_address", "marital_status", "vital_status")
    FATHER_FIELD_NUMBER: _ClassVar[int]
    MOTHER_FIELD_NUMBER: _ClassVar[int]
    SPOUSE_FIELD_NUMBER: _ClassVar[int]
    REPRESENTATIVE_FIELD_NUMBER: _ClassVar[int]
    HOUSEHOLD_HEAD_FIELD_NUMBER: _ClassVar[int]
    CURRENT_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    MARITAL_STATUS_FIELD_NUMBER: _ClassVar[int]
    VITAL_STATUS_FIELD_NUMBER: _ClassVar[int]
    father: PersonAssertion
    mother: PersonAssertion
    spouse: PersonAssertion
    representative: PersonAssertion
    household_head: PersonAssertion
    current_address: AddressAssertion
    marital_status: _citizen_pb2.MaritalStatus
    vital_status: _citizen_pb2.PersonStatus
    def __init__(self, father: _Optional[_Union[PersonAssertion, _Mapping]] = ..., mother: _Optional[_Union[PersonAssertion, _Mapping]] = ..., spouse: _Optional[_Union[PersonAssertion, _Mapping]] = ..., representative: _Optional[_Union[PersonAssertion, _Mapping]] = ..., household_head: _Optional[_Union[PersonAssertion, _Mapping]] = ..., current_address: _Optional[_Union[AddressAssertion, _Mapping]] = ..., marital_status: _Optional[_Union[_citizen_pb2.MaritalStatus, str]] = ..., vital_status: _Optional[_Union[_citizen_pb2.PersonStatus, str]] = ...) -> None: ...

class PersonAssertion(_message.Message):
    __slots__ = ("full_name", "personal_id", "old_id_number")
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    OLD_ID_NUMBER_FIELD_NUMBER: _ClassVar[int]
    full_name: str
    personal_id: str
    old_id_number: str
    def __init__(self, full_name: _Optional[str] = ..., personal_id: _Optional[str] = ..., old_id_number: _Optional[str] = ...) -> None: ...

class AddressAssertion(_message.Message):
    __slots__ = ("commune_code", "province_code", "code_epoch")
    COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_CODE_FIELD_NUMBER: _ClassVar[int]
    CODE_EPOCH_FIELD_NUMBER: _ClassVar[int]
    commune_code: str
    province_code: str
    code_epoch: _citizen_pb2.CodeEpoch
    def __init__(self, commune_code: _Optional[str] = ..., province_code: _Optional[str] = ..., code_epoch: _Optional[_Union[_citizen_pb2.CodeEpoch, str]] = ...) -> None: ...
