import datetime

from dancu.v1 import access_pb2 as _access_pb2
from dancu.v1 import attribute_pb2 as _attribute_pb2
from dancu.v1 import change_pb2 as _change_pb2
from dancu.v1 import citizen_pb2 as _citizen_pb2
from dancu.v1 import context_pb2 as _context_pb2
from dancu.v1 import population_event_pb2 as _population_event_pb2
from dancu.v1 import residence_pb2 as _residence_pb2
from dancu.v1 import simulated_effect_pb2 as _simulated_effect_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class KeyRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KEY_ROLE_UNSPECIFIED: _ClassVar[KeyRole]
    KEY_ROLE_ROOT: _ClassVar[KeyRole]
    KEY_ROLE_STATEMENT: _ClassVar[KeyRole]
    KEY_ROLE_CHECKPOINT: _ClassVar[KeyRole]
    KEY_ROLE_WITNESS: _ClassVar[KeyRole]

class KeyAlgorithm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KEY_ALGORITHM_UNSPECIFIED: _ClassVar[KeyAlgorithm]
    KEY_ALGORITHM_ED25519: _ClassVar[KeyAlgorithm]
    KEY_ALGORITHM_ES256: _ClassVar[KeyAlgorithm]
KEY_ROLE_UNSPECIFIED: KeyRole
KEY_ROLE_ROOT: KeyRole
KEY_ROLE_STATEMENT: KeyRole
KEY_ROLE_CHECKPOINT: KeyRole
KEY_ROLE_WITNESS: KeyRole
KEY_ALGORITHM_UNSPECIFIED: KeyAlgorithm
KEY_ALGORITHM_ED25519: KeyAlgorithm
KEY_ALGORITHM_ES256: KeyAlgorithm

class SignedStatement(_message.Message):
    __slots__ = ("statement", "signatures", "log_proof")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    LOG_PROOF_FIELD_NUMBER: _ClassVar[int]
    statement: _any_pb2.Any
    signatures: _containers.RepeatedCompositeFieldContainer[Signature]
    log_proof: LogProof
    def __init__(self, statement: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., signatures: _Optional[_Iterable[_Union[Signature, _Mapping]]] = ..., log_proof: _Optional[_Union[LogProof, _Mapping]] = ...) -> None: ...

class Signature(_message.Message):
    __slots__ = ("key_id", "signature")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    signature: bytes
    def __init__(self, key_id: _Optional[str] = ..., signature: _Optional[bytes] = ...) -> None: ...

class LogProof(_message.Message):
    __slots__ = ("tlog_proof", "access_root")
    TLOG_PROOF_FIELD_NUMBER: _ClassVar[int]
    ACCESS_ROOT_FIELD_NUMBER: _ClassVar[int]
    tlog_proof: str
    access_root: bytes
    def __init__(self, tlog_proof: _Optional[str] = ..., access_root: _Optional[bytes] = ...) -> None: ...

class StatementHeader(_message.Message):
    __slots__ = ("issuer", "audience", "rpc", "context", "request_digest", "issued_at", "data_as_of", "register_revision", "policy_version", "key_ids", "log_origin", "schema_version", "salt", "simulated", "simulated_effects")
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    RPC_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_FIELD_NUMBER: _ClassVar[int]
    DATA_AS_OF_FIELD_NUMBER: _ClassVar[int]
    REGISTER_REVISION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    KEY_IDS_FIELD_NUMBER: _ClassVar[int]
    LOG_ORIGIN_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    SIMULATED_FIELD_NUMBER: _ClassVar[int]
    SIMULATED_EFFECTS_FIELD_NUMBER: _ClassVar[int]
    issuer: str
    audience: str
    rpc: str
    context: _context_pb2.RequestContext
    request_digest: bytes
    issued_at: _timestamp_pb2.Timestamp
    data_as_of: _date_pb2.Date
    register_revision: int
    policy_version: str
    key_ids: _containers.RepeatedScalarFieldContainer[str]
    log_origin: str
    schema_version: int
    salt: bytes
    simulated: bool
    simulated_effects: _containers.RepeatedScalarFieldContainer[_simulated_effect_pb2.SimulatedEffect]
    def __init__(self, issuer: _Optional[str] = ..., audience: _Optional[str] = ..., rpc: _Optional[str] = ..., context: _Optional[_Union[_context_pb2.RequestContext, _Mapping]] = ..., request_digest: _Optional[bytes] = ..., issued_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., data_as_of: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., register_revision: _Optional[int] = ..., policy_version: _Optional[str] = ..., key_ids: _Optional[_Iterable[str]] = ..., log_origin: _Optional[str] = ..., schema_version: _Optional[int] = ..., salt: _Optional[bytes] = ..., simulated: bool = ..., simulated_effects: _Optional[_Iterable[_Union[_simulated_effect_pb2.SimulatedEffect, str]]] = ...) -> None: ...

class IdentityVerification(_message.Message):
    __slots__ = ("header", "claim", "outcome", "person", "levels", "explanation")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    claim: _citizen_pb2.CitizenClaim
    outcome: _citizen_pb2.Outcome
    person: _citizen_pb2.VerifiedPerson
    levels: _citizen_pb2.FieldLevels
    explanation: _citizen_pb2.Explanation
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., outcome: _Optional[_Union[_citizen_pb2.Outcome, str]] = ..., person: _Optional[_Union[_citizen_pb2.VerifiedPerson, _Mapping]] = ..., levels: _Optional[_Union[_citizen_pb2.FieldLevels, _Mapping]] = ..., explanation: _Optional[_Union[_citizen_pb2.Explanation, str]] = ...) -> None: ...

class BatchIdentityVerification(_message.Message):
    __slots__ = ("header", "item_digests")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ITEM_DIGESTS_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    item_digests: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., item_digests: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ItemVerification(_message.Message):
    __slots__ = ("index", "claim", "outcome", "person", "levels", "explanation")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    index: int
    claim: _citizen_pb2.CitizenClaim
    outcome: _citizen_pb2.Outcome
    person: _citizen_pb2.VerifiedPerson
    levels: _citizen_pb2.FieldLevels
    explanation: _citizen_pb2.Explanation
    def __init__(self, index: _Optional[int] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., outcome: _Optional[_Union[_citizen_pb2.Outcome, str]] = ..., person: _Optional[_Union[_citizen_pb2.VerifiedPerson, _Mapping]] = ..., levels: _Optional[_Union[_citizen_pb2.FieldLevels, _Mapping]] = ..., explanation: _Optional[_Union[_citizen_pb2.Explanation, str]] = ...) -> None: ...

class ItemReceipt(_message.Message):
    __slots__ = ("signed", "item", "item_salt")
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    ITEM_SALT_FIELD_NUMBER: _ClassVar[int]
    signed: SignedStatement
    item: _any_pb2.Any
    item_salt: bytes
    def __init__(self, signed: _Optional[_Union[SignedStatement, _Mapping]] = ..., item: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., item_salt: _Optional[bytes] = ...) -> None: ...

class CitizenDisclosure(_message.Message):
    __slots__ = ("header", "claim", "outcome", "person", "read_mask", "citizen", "fields")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    READ_MASK_FIELD_NUMBER: _ClassVar[int]
    CITIZEN_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    claim: _citizen_pb2.CitizenClaim
    outcome: _citizen_pb2.Outcome
    person: _citizen_pb2.VerifiedPerson
    read_mask: _field_mask_pb2.FieldMask
    citizen: _citizen_pb2.Citizen
    fields: _containers.RepeatedCompositeFieldContainer[_citizen_pb2.FieldDisclosure]
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., outcome: _Optional[_Union[_citizen_pb2.Outcome, str]] = ..., person: _Optional[_Union[_citizen_pb2.VerifiedPerson, _Mapping]] = ..., read_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., citizen: _Optional[_Union[_citizen_pb2.Citizen, _Mapping]] = ..., fields: _Optional[_Iterable[_Union[_citizen_pb2.FieldDisclosure, _Mapping]]] = ...) -> None: ...

class IdentifierResolution(_message.Message):
    __slots__ = ("header", "claim", "outcome", "person", "current_personal_id", "steps")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PERSONAL_ID_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    claim: _citizen_pb2.CitizenClaim
    outcome: _citizen_pb2.Outcome
    person: _citizen_pb2.VerifiedPerson
    current_personal_id: str
    steps: _containers.RepeatedCompositeFieldContainer[_citizen_pb2.NumberStep]
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., outcome: _Optional[_Union[_citizen_pb2.Outcome, str]] = ..., person: _Optional[_Union[_citizen_pb2.VerifiedPerson, _Mapping]] = ..., current_personal_id: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[_citizen_pb2.NumberStep, _Mapping]]] = ...) -> None: ...

class ResidenceConfirmation(_message.Message):
    __slots__ = ("header", "claim", "outcome", "person", "residences", "residence_file_number", "fields")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    RESIDENCES_FIELD_NUMBER: _ClassVar[int]
    RESIDENCE_FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    claim: _citizen_pb2.CitizenClaim
    outcome: _citizen_pb2.Outcome
    person: _citizen_pb2.VerifiedPerson
    residences: _containers.RepeatedCompositeFieldContainer[_residence_pb2.ConfirmedResidence]
    residence_file_number: str
    fields: _containers.RepeatedCompositeFieldContainer[_citizen_pb2.FieldDisclosure]
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., outcome: _Optional[_Union[_citizen_pb2.Outcome, str]] = ..., person: _Optional[_Union[_citizen_pb2.VerifiedPerson, _Mapping]] = ..., residences: _Optional[_Iterable[_Union[_residence_pb2.ConfirmedResidence, _Mapping]]] = ..., residence_file_number: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[_citizen_pb2.FieldDisclosure, _Mapping]]] = ...) -> None: ...

class HouseholdExtract(_message.Message):
    __slots__ = ("header", "claim", "outcome", "person", "kind", "household")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    HOUSEHOLD_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    claim: _citizen_pb2.CitizenClaim
    outcome: _citizen_pb2.Outcome
    person: _citizen_pb2.VerifiedPerson
    kind: _residence_pb2.ResidenceKind
    household: _residence_pb2.Household
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., outcome: _Optional[_Union[_citizen_pb2.Outcome, str]] = ..., person: _Optional[_Union[_citizen_pb2.VerifiedPerson, _Mapping]] = ..., kind: _Optional[_Union[_residence_pb2.ResidenceKind, str]] = ..., household: _Optional[_Union[_residence_pb2.Household, _Mapping]] = ...) -> None: ...

class AttributeVerification(_message.Message):
    __slots__ = ("header", "claim", "outcome", "person", "assertions", "results")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ASSERTIONS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    claim: _citizen_pb2.CitizenClaim
    outcome: _citizen_pb2.Outcome
    person: _citizen_pb2.VerifiedPerson
    assertions: _containers.RepeatedCompositeFieldContainer[_attribute_pb2.Assertion]
    results: _containers.RepeatedScalarFieldContainer[_attribute_pb2.AssertionResult]
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., outcome: _Optional[_Union[_citizen_pb2.Outcome, str]] = ..., person: _Optional[_Union[_citizen_pb2.VerifiedPerson, _Mapping]] = ..., assertions: _Optional[_Iterable[_Union[_attribute_pb2.Assertion, _Mapping]]] = ..., results: _Optional[_Iterable[_Union[_attribute_pb2.AssertionResult, str]]] = ...) -> None: ...

class AccessHistory(_message.Message):
    __slots__ = ("header", "claim", "outcome", "person", "entries", "next_page_token", "months", "log_size")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    MONTHS_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    claim: _citizen_pb2.CitizenClaim
    outcome: _citizen_pb2.Outcome
    person: _citizen_pb2.VerifiedPerson
    entries: _containers.RepeatedCompositeFieldContainer[_access_pb2.AccessEntry]
    next_page_token: str
    months: _containers.RepeatedScalarFieldContainer[str]
    log_size: int
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., claim: _Optional[_Union[_citizen_pb2.CitizenClaim, _Mapping]] = ..., outcome: _Optional[_Union[_citizen_pb2.Outcome, str]] = ..., person: _Optional[_Union[_citizen_pb2.VerifiedPerson, _Mapping]] = ..., entries: _Optional[_Iterable[_Union[_access_pb2.AccessEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., months: _Optional[_Iterable[str]] = ..., log_size: _Optional[int] = ...) -> None: ...

class ChangeBatch(_message.Message):
    __slots__ = ("header", "changes", "through_revision", "filter", "start_revision")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    THROUGH_REVISION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    START_REVISION_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    changes: _containers.RepeatedCompositeFieldContainer[_change_pb2.Change]
    through_revision: int
    filter: _change_pb2.ChangeFilter
    start_revision: int
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., changes: _Optional[_Iterable[_Union[_change_pb2.Change, _Mapping]]] = ..., through_revision: _Optional[int] = ..., filter: _Optional[_Union[_change_pb2.ChangeFilter, _Mapping]] = ..., start_revision: _Optional[int] = ...) -> None: ...

class ReconciledChunk(_message.Message):
    __slots__ = ("header", "session_id", "chunk_number", "previous_digest", "item_digests")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CHUNK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ITEM_DIGESTS_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    session_id: str
    chunk_number: int
    previous_digest: bytes
    item_digests: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., session_id: _Optional[str] = ..., chunk_number: _Optional[int] = ..., previous_digest: _Optional[bytes] = ..., item_digests: _Optional[_Iterable[bytes]] = ...) -> None: ...

class WatchedCitizens(_message.Message):
    __slots__ = ("header", "added", "removed_count", "watched_count")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ADDED_FIELD_NUMBER: _ClassVar[int]
    REMOVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    WATCHED_COUNT_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    added: _containers.RepeatedScalarFieldContainer[_citizen_pb2.Outcome]
    removed_count: int
    watched_count: int
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., added: _Optional[_Iterable[_Union[_citizen_pb2.Outcome, str]]] = ..., removed_count: _Optional[int] = ..., watched_count: _Optional[int] = ...) -> None: ...

class EventReceipt(_message.Message):
    __slots__ = ("header", "record")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    record: _population_event_pb2.EventRecord
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., record: _Optional[_Union[_population_event_pb2.EventRecord, _Mapping]] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("header", "reason", "count")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    header: StatementHeader
    reason: str
    count: int
    def __init__(self, header: _Optional[_Union[StatementHeader, _Mapping]] = ..., reason: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class KeySet(_message.Message):
    __slots__ = ("version", "issued_at", "expires_at", "issuer", "keys")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    version: int
    issued_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    issuer: str
    keys: _containers.RepeatedCompositeFieldContainer[Key]
    def __init__(self, version: _Optional[int] = ..., issued_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., issuer: _Optional[str] = ..., keys: _Optional[_Iterable[_Union[Key, _Mapping]]] = ...) -> None: ...

class Key(_message.Message):
    __slots__ = ("key_id", "role", "algorithm", "public_key", "not_before", "not_after", "revoked_at", "note_keys")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_FIELD_NUMBER: _ClassVar[int]
    NOT_AFTER_FIELD_NUMBER: _ClassVar[int]
    REVOKED_AT_FIELD_NUMBER: _ClassVar[int]
    NOTE_KEYS_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    role: KeyRole
    algorithm: KeyAlgorithm
    public_key: bytes
    not_before: _timestamp_pb2.Timestamp
    not_after: _timestamp_pb2.Timestamp
    revoked_at: _timestamp_pb2.Timestamp
    note_keys: _containers.RepeatedCompositeFieldContainer[NoteKey]
    def __init__(self, key_id: _Optional[str] = ..., role: _Optional[_Union[KeyRole, str]] = ..., algorithm: _Optional[_Union[KeyAlgorithm, str]] = ..., public_key: _Optional[bytes] = ..., not_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., not_after: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revoked_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., note_keys: _Optional[_Iterable[_Union[NoteKey, _Mapping]]] = ...) -> None: ...

class NoteKey(_message.Message):
    __slots__ = ("name", "note_key_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NOTE_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    note_key_id: bytes
    def __init__(self, name: _Optional[str] = ..., note_key_id: _Optional[bytes] = ...) -> None: ...
