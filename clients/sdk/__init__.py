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
from clients.sdk.assertions import Assertion, Attribute, SaidAddress, SaidPerson
from clients.sdk.confirmations import (
    AttributesAnswer,
    ConfirmedResidence,
    Household,
    HouseholdAnswer,
    HouseholdMember,
    ResidenceAnswer,
)
from clients.sdk.credentials import Credentials, TokenSource
from clients.sdk.errors import DancuError, Refused, Unreachable, UntrustedAnswer, Violation
from clients.sdk.gateway import Gateway
from clients.sdk.personas import list_personas
from clients.sdk.requests import CallContext, Claim, new_request_id
from clients.sdk.trust import Trust
from clients.sdk.vocabulary import (
    AssertionResult,
    CodeEpoch,
    DateLevel,
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
    ResidenceKind,
    ResidenceState,
)

__all__ = [
    "AccessEntry",
    "AccessesAnswer",
    "Assertion",
    "AssertionResult",
    "Attribute",
    "AttributesAnswer",
    "BatchAnswer",
    "CallContext",
    "Claim",
    "Claimed",
    "CodeEpoch",
    "ConfirmedResidence",
    "Credentials",
    "DancuError",
    "DateLevel",
    "Evidence",
    "Explanation",
    "FieldStatus",
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
    "Person",
    "PersonStatus",
    "Persona",
    "Refused",
    "ResidenceAnswer",
    "ResidenceKind",
    "ResidenceState",
    "ResolutionAnswer",
    "SaidAddress",
    "SaidPerson",
    "TokenSource",
    "Trust",
    "Unreachable",
    "UntrustedAnswer",
    "Violation",
    "list_personas",
    "new_request_id",
]
