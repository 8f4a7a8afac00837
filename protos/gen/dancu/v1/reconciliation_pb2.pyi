from dancu.v1 import citizen_pb2 as _citizen_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORD_VERDICT_UNSPECIFIED: _ClassVar[RecordVerdict]
    RECORD_VERDICT_MATCHED: _ClassVar[RecordVerdict]
    RECORD_VERDICT_CORRECTED: _ClassVar[RecordVerdict]
    RECORD_VERDICT_NOT_VERIFIED: _ClassVar[RecordVerdict]
    RECORD_VERDICT_AMBIGUOUS: _ClassVar[RecordVerdict]
    RECORD_VERDICT_INVALID: _ClassVar[RecordVerdict]

class RecordFlag(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORD_FLAG_UNSPECIFIED: _ClassVar[RecordFlag]
    RECORD_FLAG_SUPERSEDED_NUMBER: _ClassVar[RecordFlag]
    RECORD_FLAG_DECEASED: _ClassVar[RecordFlag]
    RECORD_FLAG_DUPLICATE_IN_SESSION: _ClassVar[RecordFlag]
    RECORD_FLAG_REPAIRED: _ClassVar[RecordFlag]

class Agreement(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AGREEMENT_UNSPECIFIED: _ClassVar[Agreement]
    AGREEMENT_MATCH: _ClassVar[Agreement]
    AGREEMENT_DIFFERS: _ClassVar[Agreement]
    AGREEMENT_NO_DATA: _ClassVar[Agreement]
    AGREEMENT_WITHHELD: _ClassVar[Agreement]
RECORD_VERDICT_UNSPECIFIED: RecordVerdict
RECORD_VERDICT_MATCHED: RecordVerdict
RECORD_VERDICT_CORRECTED: RecordVerdict
RECORD_VERDICT_NOT_VERIFIED: RecordVerdict
RECORD_VERDICT_AMBIGUOUS: RecordVerdict
RECORD_VERDICT_INVALID: RecordVerdict
RECORD_FLAG_UNSPECIFIED: RecordFlag
RECORD_FLAG_SUPERSEDED_NUMBER: RecordFlag
RECORD_FLAG_DECEASED: RecordFlag
RECORD_FLAG_DUPLICATE_IN_SESSION: RecordFlag
RECORD_FLAG_REPAIRED: RecordFlag
AGREEMENT_UNSPECIFIED: Agreement
AGREEMENT_MATCH: Agreement
AGREEMENT_DIFFERS: Agreement
AGREEMENT_NO_DATA: Agreement
AGREEMENT_WITHHELD: Agreement

class CitizenRecord(_message.Message):
    __slots__ = ("row_key", "claim", "sex", "marital_status", "permanent_commune_code", "temporary_commune_code", "code_epoch", "person_status", "nationality", "birth_date_text")
    ROW_KEY_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    MARITAL_STATUS_FIELD_NUMBER: _ClassVar[int]
    PERMANENT_COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    TEMPORARY_COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    CODE_EPOCH_FIELD_NUMBER: _ClassVar[int]
    PERSON_STATUS_FIELD_NUMBER: _ClassVar[int]
    NATIONALITY_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_TEXT_FIELD_NUMBER: _ClassVar[int]
    row_key: str
    claim: _citizen_pb2.CitizenClaim
    sex: _citizen_pb2.Sex
    marital_status: _citizen_pb2.MaritalStatus
    permanent_commune_code: str
    temporary_commune_code: str
    code_epoch: _citizen_pb2.CodeEpoch
    person_status: _citizen_pb2.PersonStatus
    nationality: str
    birth_date_text: str
    def __init__(self, row_key: _Optional[str] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., sex: _Optional[_Union[_citizen_pb2.Sex, str]] = ..., marital_status: _Optional[_Union[_citizen_pb2.MaritalStatus, str]] = ..., permanent_commune_code: _Optional[str] = ..., temporary_commune_code: _Optional[str] = ..., code_epoch: _Optional[_Union[_citizen_pb2.CodeEpoch, str]] = ..., person_status: _Optional[_Union[_citizen_pb2.PersonStatus, str]] = ..., nationality: _Optional[str] = ..., birth_date_text: _Optional[str] = ...) -> None: ...

class FieldAgreement(_message.Message):
    __slots__ = ("field", "agreement", "register_value")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    REGISTER_VALUE_FIELD_NUMBER: _ClassVar[int]
    field: str
    agreement: Agreement
    register_value: str
    def __init__(self, field: _Optional[str] = ..., agreement: _Optional[_Union[Agreement, str]] = ..., register_value: _Optional[str] = ...) -> None: ...

class RecordViolation(_message.Message):
    __slots__ = ("field", "rule", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    rule: str
    description: str
    def __init__(self, field: _Optional[str] = ..., rule: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class ReconciledRecord(_message.Message):
    __slots__ = ("index", "row_key", "claim", "verdict", "flags", "fields", "current_personal_id", "death_date", "violations")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ROW_KEY_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    DEATH_DATE_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    index: int
    row_key: str
    claim: _citizen_pb2.CitizenClaim
    verdict: RecordVerdict
    flags: _containers.RepeatedScalarFieldContainer[RecordFlag]
    fields: _containers.RepeatedCompositeFieldContainer[FieldAgreement]
    current_personal_id: str
    death_date: _date_pb2.Date
    violations: _containers.RepeatedCompositeFieldContainer[RecordViolation]
    def __init__(self, index: _Optional[int] = ..., row_key: _Optional[str] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., verdict: _Optional[_Union[RecordVerdict, str]] = ..., flags: _Optional[_Iterable[_Union[RecordFlag, str]]] = ..., fields: _Optional[_Iterable[_Union[FieldAgreement, _Mapping]]] = ..., current_personal_id: _Optional[str] = ..., death_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., violations: _Optional[_Iterable[_Union[RecordViolation, _Mapping]]] = ...) -> None: ...
