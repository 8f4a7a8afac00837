"""The client's side of the link: ask a gateway, and rely only on what it signed.

>>> async with Gateway.connect("127.0.0.1:50051", trust=trust, context=context) as gateway:
...     answer = await gateway.verify_identity(
...         personal_id="001090000013", full_name="Lê Văn An", birth_date="1990-05-12"
...     )
>>> answer.verified, answer.person.status, answer.evidence.request_id

Start reading in ``exchange.py``.
"""

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
from clients.sdk.errors import DancuError, Refused, Unreachable, UntrustedAnswer, Violation
from clients.sdk.gateway import Gateway
from clients.sdk.personas import list_personas
from clients.sdk.requests import CallContext, Claim, new_request_id
from clients.sdk.trust import Trust
from clients.sdk.vocabulary import (
    DateLevel,
    Explanation,
    FieldStatus,
    IdentifierKind,
    NameLevel,
    Notice,
    Outcome,
    PersonStatus,
)

__all__ = [
    "BatchAnswer",
    "CallContext",
    "Claim",
    "Claimed",
    "DancuError",
    "DateLevel",
    "Evidence",
    "Explanation",
    "FieldStatus",
    "Gateway",
    "IdentifierKind",
    "IdentityAnswer",
    "ItemAnswer",
    "Levels",
    "LookupAnswer",
    "NameLevel",
    "Notice",
    "NumberStep",
    "Outcome",
    "Person",
    "PersonStatus",
    "Persona",
    "Refused",
    "ResolutionAnswer",
    "Trust",
    "Unreachable",
    "UntrustedAnswer",
    "Violation",
    "list_personas",
    "new_request_id",
]
