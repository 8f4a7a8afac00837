from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_VERIFIED: _ClassVar[Outcome]
    OUTCOME_NOT_VERIFIED: _ClassVar[Outcome]
    OUTCOME_AMBIGUOUS: _ClassVar[Outcome]

class PersonStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERSON_STATUS_UNSPECIFIED: _ClassVar[PersonStatus]
    PERSON_STATUS_ALIVE: _ClassVar[PersonStatus]
    PERSON_STATUS_DEAD: _ClassVar[PersonStatus]
    PERSON_STATUS_DECLARED_MISSING: _ClassVar[PersonStatus]
    PERSON_STATUS_DECLARED_DEAD: _ClassVar[PersonStatus]
    PERSON_STATUS_NUMBER_PENDING: _ClassVar[PersonStatus]

class Notice(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTICE_UNSPECIFIED: _ClassVar[Notice]
    NOTICE_NAME_IN_ONE_FIELD: _ClassVar[Notice]
    NOTICE_NUMBER_UNDER_CORRECTION: _ClassVar[Notice]
    NOTICE_DEATH_RECORD_ANNULLED: _ClassVar[Notice]
    NOTICE_BIRTH_DATE_INCOMPLETE: _ClassVar[Notice]

class NameLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NAME_LEVEL_UNSPECIFIED: _ClassVar[NameLevel]
    NAME_LEVEL_EXACT: _ClassVar[NameLevel]
    NAME_LEVEL_SPELLING: _ClassVar[NameLevel]
    NAME_LEVEL_UNMARKED: _ClassVar[NameLevel]
    NAME_LEVEL_COMPACT: _ClassVar[NameLevel]
    NAME_LEVEL_PARTIAL: _ClassVar[NameLevel]
    NAME_LEVEL_MISMATCH: _ClassVar[NameLevel]
    NAME_LEVEL_NO_DATA: _ClassVar[NameLevel]

class DateLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DATE_LEVEL_UNSPECIFIED: _ClassVar[DateLevel]
    DATE_LEVEL_EXACT: _ClassVar[DateLevel]
    DATE_LEVEL_CONVENTION: _ClassVar[DateLevel]
    DATE_LEVEL_LESS_PRECISE: _ClassVar[DateLevel]
    DATE_LEVEL_MISMATCH: _ClassVar[DateLevel]
    DATE_LEVEL_NO_DATA: _ClassVar[DateLevel]

class IdentifierKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IDENTIFIER_KIND_UNSPECIFIED: _ClassVar[IdentifierKind]
    IDENTIFIER_KIND_PERSONAL_ID: _ClassVar[IdentifierKind]
    IDENTIFIER_KIND_OLD_ID_NUMBER: _ClassVar[IdentifierKind]

class Explanation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPLANATION_UNSPECIFIED: _ClassVar[Explanation]
    EXPLANATION_NUMBER_UNKNOWN: _ClassVar[Explanation]
    EXPLANATION_NUMBER_CANCELLED: _ClassVar[Explanation]
    EXPLANATION_DATA_MISMATCH: _ClassVar[Explanation]
    EXPLANATION_AMBIGUOUS: _ClassVar[Explanation]

class DatePrecision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DATE_PRECISION_UNSPECIFIED: _ClassVar[DatePrecision]
    DATE_PRECISION_YEAR: _ClassVar[DatePrecision]
    DATE_PRECISION_MONTH: _ClassVar[DatePrecision]
    DATE_PRECISION_DAY: _ClassVar[DatePrecision]

class Sex(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEX_UNSPECIFIED: _ClassVar[Sex]
    SEX_MALE: _ClassVar[Sex]
    SEX_FEMALE: _ClassVar[Sex]

class MaritalStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MARITAL_STATUS_UNSPECIFIED: _ClassVar[MaritalStatus]
    MARITAL_STATUS_NEVER_MARRIED: _ClassVar[MaritalStatus]
    MARITAL_STATUS_MARRIED: _ClassVar[MaritalStatus]
    MARITAL_STATUS_DIVORCED_OR_WIDOWED: _ClassVar[MaritalStatus]

class BloodType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BLOOD_TYPE_UNSPECIFIED: _ClassVar[BloodType]
    BLOOD_TYPE_A: _ClassVar[BloodType]
    BLOOD_TYPE_B: _ClassVar[BloodType]
    BLOOD_TYPE_AB: _ClassVar[BloodType]
    BLOOD_TYPE_O: _ClassVar[BloodType]

class CodeEpoch(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CODE_EPOCH_UNSPECIFIED: _ClassVar[CodeEpoch]
    CODE_EPOCH_LEGACY: _ClassVar[CodeEpoch]
    CODE_EPOCH_Y2025: _ClassVar[CodeEpoch]

class Conversion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONVERSION_UNSPECIFIED: _ClassVar[Conversion]
    CONVERSION_NATIVE: _ClassVar[Conversion]
    CONVERSION_WHOLE: _ClassVar[Conversion]
    CONVERSION_SPLIT: _ClassVar[Conversion]
    CONVERSION_UNCONVERTED: _ClassVar[Conversion]

class HouseholdRelation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HOUSEHOLD_RELATION_UNSPECIFIED: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_HEAD: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_SPOUSE: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_FATHER: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_MOTHER: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_FATHER_IN_LAW: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_MOTHER_IN_LAW: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_SON: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_DAUGHTER: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_ADOPTED_CHILD: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_CHILD_IN_LAW: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_GRANDCHILD: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_GRANDPARENT: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_SIBLING: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_NIECE_OR_NEPHEW: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_OTHER_RELATIVE: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_GUARDIAN_OR_WARD: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_LODGER: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_EMPLOYEE: _ClassVar[HouseholdRelation]
    HOUSEHOLD_RELATION_OTHER: _ClassVar[HouseholdRelation]

class DocumentKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DOCUMENT_KIND_UNSPECIFIED: _ClassVar[DocumentKind]
    DOCUMENT_KIND_CMND_9: _ClassVar[DocumentKind]
    DOCUMENT_KIND_CMND_12: _ClassVar[DocumentKind]
    DOCUMENT_KIND_CCCD_BARCODE: _ClassVar[DocumentKind]
    DOCUMENT_KIND_CCCD_CHIP: _ClassVar[DocumentKind]
    DOCUMENT_KIND_CAN_CUOC: _ClassVar[DocumentKind]

class DocumentStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DOCUMENT_STATUS_UNSPECIFIED: _ClassVar[DocumentStatus]
    DOCUMENT_STATUS_VALID: _ClassVar[DocumentStatus]
    DOCUMENT_STATUS_EXPIRED: _ClassVar[DocumentStatus]
    DOCUMENT_STATUS_REPLACED: _ClassVar[DocumentStatus]
    DOCUMENT_STATUS_LOST: _ClassVar[DocumentStatus]
    DOCUMENT_STATUS_REVOKED: _ClassVar[DocumentStatus]
    DOCUMENT_STATUS_HELD: _ClassVar[DocumentStatus]

class FieldStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FIELD_STATUS_UNSPECIFIED: _ClassVar[FieldStatus]
    FIELD_STATUS_PRESENT: _ClassVar[FieldStatus]
    FIELD_STATUS_NOT_RECORDED: _ClassVar[FieldStatus]
    FIELD_STATUS_WITHHELD: _ClassVar[FieldStatus]
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_VERIFIED: Outcome
OUTCOME_NOT_VERIFIED: Outcome
OUTCOME_AMBIGUOUS: Outcome
PERSON_STATUS_UNSPECIFIED: PersonStatus
PERSON_STATUS_ALIVE: PersonStatus
PERSON_STATUS_DEAD: PersonStatus
PERSON_STATUS_DECLARED_MISSING: PersonStatus
PERSON_STATUS_DECLARED_DEAD: PersonStatus
PERSON_STATUS_NUMBER_PENDING: PersonStatus
NOTICE_UNSPECIFIED: Notice
NOTICE_NAME_IN_ONE_FIELD: Notice
NOTICE_NUMBER_UNDER_CORRECTION: Notice
NOTICE_DEATH_RECORD_ANNULLED: Notice
NOTICE_BIRTH_DATE_INCOMPLETE: Notice
NAME_LEVEL_UNSPECIFIED: NameLevel
NAME_LEVEL_EXACT: NameLevel
NAME_LEVEL_SPELLING: NameLevel
NAME_LEVEL_UNMARKED: NameLevel
NAME_LEVEL_COMPACT: NameLevel
NAME_LEVEL_PARTIAL: NameLevel
NAME_LEVEL_MISMATCH: NameLevel
NAME_LEVEL_NO_DATA: NameLevel
DATE_LEVEL_UNSPECIFIED: DateLevel
DATE_LEVEL_EXACT: DateLevel
DATE_LEVEL_CONVENTION: DateLevel
DATE_LEVEL_LESS_PRECISE: DateLevel
DATE_LEVEL_MISMATCH: DateLevel
DATE_LEVEL_NO_DATA: DateLevel
IDENTIFIER_KIND_UNSPECIFIED: IdentifierKind
IDENTIFIER_KIND_PERSONAL_ID: IdentifierKind
IDENTIFIER_KIND_OLD_ID_NUMBER: IdentifierKind
EXPLANATION_UNSPECIFIED: Explanation
EXPLANATION_NUMBER_UNKNOWN: Explanation
EXPLANATION_NUMBER_CANCELLED: Explanation
EXPLANATION_DATA_MISMATCH: Explanation
EXPLANATION_AMBIGUOUS: Explanation
DATE_PRECISION_UNSPECIFIED: DatePrecision
DATE_PRECISION_YEAR: DatePrecision
DATE_PRECISION_MONTH: DatePrecision
DATE_PRECISION_DAY: DatePrecision
SEX_UNSPECIFIED: Sex
SEX_MALE: Sex
SEX_FEMALE: Sex
MARITAL_STATUS_UNSPECIFIED: MaritalStatus
MARITAL_STATUS_NEVER_MARRIED: MaritalStatus
MARITAL_STATUS_MARRIED: MaritalStatus
MARITAL_STATUS_DIVORCED_OR_WIDOWED: MaritalStatus
BLOOD_TYPE_UNSPECIFIED: BloodType
BLOOD_TYPE_A: BloodType
BLOOD_TYPE_B: BloodType
BLOOD_TYPE_AB: BloodType
BLOOD_TYPE_O: BloodType
CODE_EPOCH_UNSPECIFIED: CodeEpoch
CODE_EPOCH_LEGACY: CodeEpoch
CODE_EPOCH_Y2025: CodeEpoch
CONVERSION_UNSPECIFIED: Conversion
CONVERSION_NATIVE: Conversion
CONVERSION_WHOLE: Conversion
CONVERSION_SPLIT: Conversion
CONVERSION_UNCONVERTED: Conversion
HOUSEHOLD_RELATION_UNSPECIFIED: HouseholdRelation
HOUSEHOLD_RELATION_HEAD: HouseholdRelation
HOUSEHOLD_RELATION_SPOUSE: HouseholdRelation
HOUSEHOLD_RELATION_FATHER: HouseholdRelation
HOUSEHOLD_RELATION_MOTHER: HouseholdRelation
HOUSEHOLD_RELATION_FATHER_IN_LAW: HouseholdRelation
HOUSEHOLD_RELATION_MOTHER_IN_LAW: HouseholdRelation
HOUSEHOLD_RELATION_SON: HouseholdRelation
HOUSEHOLD_RELATION_DAUGHTER: HouseholdRelation
HOUSEHOLD_RELATION_ADOPTED_CHILD: HouseholdRelation
HOUSEHOLD_RELATION_CHILD_IN_LAW: HouseholdRelation
HOUSEHOLD_RELATION_GRANDCHILD: HouseholdRelation
HOUSEHOLD_RELATION_GRANDPARENT: HouseholdRelation
HOUSEHOLD_RELATION_SIBLING: HouseholdRelation
HOUSEHOLD_RELATION_NIECE_OR_NEPHEW: HouseholdRelation
HOUSEHOLD_RELATION_OTHER_RELATIVE: HouseholdRelation
HOUSEHOLD_RELATION_GUARDIAN_OR_WARD: HouseholdRelation
HOUSEHOLD_RELATION_LODGER: HouseholdRelation
HOUSEHOLD_RELATION_EMPLOYEE: HouseholdRelation
HOUSEHOLD_RELATION_OTHER: HouseholdRelation
DOCUMENT_KIND_UNSPECIFIED: DocumentKind
DOCUMENT_KIND_CMND_9: DocumentKind
DOCUMENT_KIND_CMND_12: DocumentKind
DOCUMENT_KIND_CCCD_BARCODE: DocumentKind
DOCUMENT_KIND_CCCD_CHIP: DocumentKind
DOCUMENT_KIND_CAN_CUOC: DocumentKind
DOCUMENT_STATUS_UNSPECIFIED: DocumentStatus
DOCUMENT_STATUS_VALID: DocumentStatus
DOCUMENT_STATUS_EXPIRED: DocumentStatus
DOCUMENT_STATUS_REPLACED: DocumentStatus
DOCUMENT_STATUS_LOST: DocumentStatus
DOCUMENT_STATUS_REVOKED: DocumentStatus
DOCUMENT_STATUS_HELD: DocumentStatus
FIELD_STATUS_UNSPECIFIED: FieldStatus
FIELD_STATUS_PRESENT: FieldStatus
FIELD_STATUS_NOT_RECORDED: FieldStatus
FIELD_STATUS_WITHHELD: FieldStatus

class CitizenClaim(_message.Message):
    __slots__ = ("personal_id", "old_id_number", "full_name", "birth_date")
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    OLD_ID_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    personal_id: str
    old_id_number: str
    full_name: str
    birth_date: _date_pb2.Date
    def __init__(self, personal_id: _Optional[str] = ..., old_id_number: _Optional[str] = ..., full_name: _Optional[str] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class FieldLevels(_message.Message):
    __slots__ = ("full_name", "birth_date")
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    full_name: NameLevel
    birth_date: DateLevel
    def __init__(self, full_name: _Optional[_Union[NameLevel, str]] = ..., birth_date: _Optional[_Union[DateLevel, str]] = ...) -> None: ...

class VerifiedPerson(_message.Message):
    __slots__ = ("identifier_used", "status", "notices")
    IDENTIFIER_USED_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    identifier_used: IdentifierKind
    status: PersonStatus
    notices: _containers.RepeatedScalarFieldContainer[Notice]
    def __init__(self, identifier_used: _Optional[_Union[IdentifierKind, str]] = ..., status: _Optional[_Union[PersonStatus, str]] = ..., notices: _Optional[_Iterable[_Union[Notice, str]]] = ...) -> None: ...

class PersonName(_message.Message):
    __slots__ = ("full", "family", "middle", "given")
    FULL_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    MIDDLE_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    full: str
    family: str
    middle: str
    given: str
    def __init__(self, full: _Optional[str] = ..., family: _Optional[str] = ..., middle: _Optional[str] = ..., given: _Optional[str] = ...) -> None: ...

class PartialDate(_message.Message):
    __slots__ = ("date", "precision")
    DATE_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    date: _date_pb2.Date
    precision: DatePrecision
    def __init__(self, date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., precision: _Optional[_Union[DatePrecision, str]] = ...) -> None: ...

class Address(_message.Message):
    __slots__ = ("province_code", "commune_code", "code_epoch", "conversion", "former_commune_code", "detail", "country")
    PROVINCE_CODE_FIELD_NUMBER: _ClassVar[int]
    COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    CODE_EPOCH_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_FIELD_NUMBER: _ClassVar[int]
    FORMER_COMMUNE_CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    province_code: str
    commune_code: str
    code_epoch: CodeEpoch
    conversion: Conversion
    former_commune_code: str
    detail: str
    country: str
    def __init__(self, province_code: _Optional[str] = ..., commune_code: _Optional[str] = ..., code_epoch: _Optional[_Union[CodeEpoch, str]] = ..., conversion: _Optional[_Union[Conversion, str]] = ..., former_commune_code: _Optional[str] = ..., detail: _Optional[str] = ..., country: _Optional[str] = ...) -> None: ...

class Residence(_message.Message):
    __slots__ = ("address", "since", "until", "relation_to_head")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    RELATION_TO_HEAD_FIELD_NUMBER: _ClassVar[int]
    address: Address
    since: _date_pb2.Date
    until: _date_pb2.Date
    relation_to_head: HouseholdRelation
    def __init__(self, address: _Optional[_Union[Address, _Mapping]] = ..., since: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., until: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., relation_to_head: _Optional[_Union[HouseholdRelation, str]] = ...) -> None: ...

class Document(_message.Message):
    __slots__ = ("kind", "number", "issued", "expires", "status")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ISSUED_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    kind: DocumentKind
    number: str
    issued: _date_pb2.Date
    expires: _date_pb2.Date
    status: DocumentStatus
    def __init__(self, kind: _Optional[_Union[DocumentKind, str]] = ..., number: _Optional[str] = ..., issued: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., expires: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., status: _Optional[_Union[DocumentStatus, str]] = ...) -> None: ...

class Relative(_message.Message):
    __slots__ = ("full_name", "personal_id", "old_id_number", "nationality")
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    OLD_ID_NUMBER_FIELD_NUMBER: _ClassVar[int]
    NATIONALITY_FIELD_NUMBER: _ClassVar[int]
    full_name: str
    personal_id: str
    old_id_number: str
    nationality: str
    def __init__(self, full_name: _Optional[str] = ..., personal_id: _Optional[str] = ..., old_id_number: _Optional[str] = ..., nationality: _Optional[str] = ...) -> None: ...

class Citizen(_message.Message):
    __slots__ = ("personal_id", "old_id_number", "name", "other_names", "birth_date", "sex", "ethnic_code", "religion_code", "nationality", "blood_type", "marital_status", "birth_place", "birth_registration_place", "native_place", "permanent_residence", "temporary_residence", "current_residence", "residence_file_number", "father", "mother", "spouse", "representative", "documents", "person_status", "vital_date", "phone", "email")
    PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    OLD_ID_NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OTHER_NAMES_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    ETHNIC_CODE_FIELD_NUMBER: _ClassVar[int]
    RELIGION_CODE_FIELD_NUMBER: _ClassVar[int]
    NATIONALITY_FIELD_NUMBER: _ClassVar[int]
    BLOOD_TYPE_FIELD_NUMBER: _ClassVar[int]
    MARITAL_STATUS_FIELD_NUMBER: _ClassVar[int]
    BIRTH_PLACE_FIELD_NUMBER: _ClassVar[int]
    BIRTH_REGISTRATION_PLACE_FIELD_NUMBER: _ClassVar[int]
    NATIVE_PLACE_FIELD_NUMBER: _ClassVar[int]
    PERMANENT_RESIDENCE_FIELD_NUMBER: _ClassVar[int]
    TEMPORARY_RESIDENCE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_RESIDENCE_FIELD_NUMBER: _ClassVar[int]
    RESIDENCE_FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FATHER_FIELD_NUMBER: _ClassVar[int]
    MOTHER_FIELD_NUMBER: _ClassVar[int]
    SPOUSE_FIELD_NUMBER: _ClassVar[int]
    REPRESENTATIVE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    PERSON_STATUS_FIELD_NUMBER: _ClassVar[int]
    VITAL_DATE_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    personal_id: str
    old_id_number: str
    name: PersonName
    other_names: _containers.RepeatedScalarFieldContainer[str]
    birth_date: PartialDate
    sex: Sex
    ethnic_code: str
    religion_code: str
    nationality: str
    blood_type: BloodType
    marital_status: MaritalStatus
    birth_place: Address
    birth_registration_place: Address
    native_place: Address
    permanent_residence: Residence
    temporary_residence: Residence
    current_residence: Residence
    residence_file_number: str
    father: Relative
    mother: Relative
    spouse: Relative
    representative: Relative
    documents: _containers.RepeatedCompositeFieldContainer[Document]
    person_status: PersonStatus
    vital_date: PartialDate
    phone: str
    email: str
    def __init__(self, personal_id: _Optional[str] = ..., old_id_number: _Optional[str] = ..., name: _Optional[_Union[PersonName, _Mapping]] = ..., other_names: _Optional[_Iterable[str]] = ..., birth_date: _Optional[_Union[PartialDate, _Mapping]] = ..., sex: _Optional[_Union[Sex, str]] = ..., ethnic_code: _Optional[str] = ..., religion_code: _Optional[str] = ..., nationality: _Optional[str] = ..., blood_type: _Optional[_Union[BloodType, str]] = ..., marital_status: _Optional[_Union[MaritalStatus, str]] = ..., birth_place: _Optional[_Union[Address, _Mapping]] = ..., birth_registration_place: _Optional[_Union[Address, _Mapping]] = ..., native_place: _Optional[_Union[Address, _Mapping]] = ..., permanent_residence: _Optional[_Union[Residence, _Mapping]] = ..., temporary_residence: _Optional[_Union[Residence, _Mapping]] = ..., current_residence: _Optional[_Union[Residence, _Mapping]] = ..., residence_file_number: _Optional[str] = ..., father: _Optional[_Union[Relative, _Mapping]] = ..., mother: _Optional[_Union[Relative, _Mapping]] = ..., spouse: _Optional[_Union[Relative, _Mapping]] = ..., representative: _Optional[_Union[Relative, _Mapping]] = ..., documents: _Optional[_Iterable[_Union[Document, _Mapping]]] = ..., person_status: _Optional[_Union[PersonStatus, str]] = ..., vital_date: _Optional[_Union[PartialDate, _Mapping]] = ..., phone: _Optional[str] = ..., email: _Optional[str] = ...) -> None: ...

class FieldDisclosure(_message.Message):
    __slots__ = ("path", "status")
    PATH_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    path: str
    status: FieldStatus
    def __init__(self, path: _Optional[str] = ..., status: _Optional[_Union[FieldStatus, str]] = ...) -> None: ...

class NumberStep(_message.Message):
    __slots__ = ("former", "successor", "date", "reason")
    FORMER_FIELD_NUMBER: _ClassVar[int]
    SUCCESSOR_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    former: str
    successor: str
    date: _date_pb2.Date
    reason: str
    def __init__(self, former: _Optional[str] = ..., successor: _Optional[str] = ..., date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...
