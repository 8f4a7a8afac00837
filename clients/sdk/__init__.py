"""The client's side of the link: ask a gateway, and rely only on what it signed.

>>> async with Gateway.connect("127.0.0.1:50051", trust=trust, context=context) as gateway:
...     answer = await gateway.verify_identity(
...         personal_id="001090000013", full_name="Lê Văn An", birth_date="1990-05-12"
...     )
>>> answer.verified, answer.person.status, answer.evidence.request_id

Start reading in ``exchange.py``.
"""

from clients.sdk.accesses import AccessEntry, AccessesAnswer
from clients.sdk.answers import (
    BatchAnswer,
    Claimed,
    Evidence,
    IdentityAnswer,
    ItemAnswer,
    Levels,
    LookupAnswer,
    NumberStep,
    Person,
    Persona,
    ResolutionAnswer,
)
from clients.sdk.aside import Aside
from clients.sdk.assertions import Assertion, Attribute, SaidAddress, SaidPerson
from clients.sdk.changes import ChangeBatch, ChangeFilter, ChangesPage, CitizenChange
from clients.sdk.confirmations import (
    AttributesAnswer,
    ConfirmedResidence,
    Household,
    HouseholdAnswer,
    HouseholdMember,
    ResidenceAnswer,
)
from clients.sdk.credentials import Credentials, TokenSource
from clients.sdk.errors import (
    DancuError,
    OutcomeUnknown,
    Refused,
    Unreachable,
    UntrustedAnswer,
    Violation,
)
from clients.sdk.event_forms import Paper
from clients.sdk.events import EventAnswer
from clients.sdk.follower import Follower
from clients.sdk.gateway import Gateway
from clients.sdk.personas import list_personas
from clients.sdk.reconciled import (
    ChunkResult,
    Closed,
    FieldAgreement,
    Parked,
    RecordAnswer,
    RecordViolation,
    Standing,
)
from clients.sdk.reconciler import Reconciler
from clients.sdk.records import Record
from clients.sdk.requests import CallContext, Claim, new_request_id
from clients.sdk.trust import Trust
from clients.sdk.vocabulary import (
    Agreement,
    AssertionResult,
    ChangeCause,
    ChangeKind,
    CodeEpoch,
    DateLevel,
    EventState,
    Explanation,
    FieldStatus,
    HeadState,
    HouseholdRelation,
    IdentifierKind,
    MaritalStatus,
    NameLevel,
    Notice,
    Outcome,
    PersonStatus,
    RecordFlag,
    RecordVerdict,
    ResidenceKind,
    ResidenceState,
    Sex,
)
from clients.sdk.watch_list import WatchedAnswer, WatchedPage

__all__ = [
    "AccessEntry",
    "AccessesAnswer",
    "Agreement",
    "Aside",
    "Assertion",
    "AssertionResult",
    "Attribute",
    "AttributesAnswer",
    "BatchAnswer",
    "CallContext",
    "ChangeBatch",
    "ChangeCause",
    "ChangeFilter",
    "ChangeKind",
    "ChangesPage",
    "ChunkResult",
    "CitizenChange",
    "Claim",
    "Claimed",
    "Closed",
    "CodeEpoch",
    "ConfirmedResidence",
    "Credentials",
    "DancuError",
    "DateLevel",
    "EventAnswer",
    "EventState",
    "Evidence",
    "Explanation",
    "FieldAgreement",
    "FieldStatus",
    "Follower",
    "Gateway",
    "HeadState",
    "Household",
    "HouseholdAnswer",
    "HouseholdMember",
    "HouseholdRelation",
    "IdentifierKind",
    "IdentityAnswer",
    "ItemAnswer",
    "Levels",
    "LookupAnswer",
    "MaritalStatus",
    "NameLevel",
    "Notice",
    "NumberStep",
    "Outcome",
    "OutcomeUnknown",
    "Paper",
    "Parked",
    "Person",
    "PersonStatus",
    "Persona",
    "Reconciler",
    "Record",
    "RecordAnswer",
    "RecordFlag",
    "RecordVerdict",
    "RecordViolation",
    "Refused",
    "ResidenceAnswer",
    "ResidenceKind",
    "ResidenceState",
    "ResolutionAnswer",
    "SaidAddress",
    "SaidPerson",
    "Sex",
    "Standing",
    "TokenSource",
    "Trust",
    "Unreachable",
    "UntrustedAnswer",
    "Violation",
    "WatchedAnswer",
    "WatchedPage",
    "list_personas",
    "new_request_id",
]
