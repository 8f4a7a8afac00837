"""Any statement that the verifier let through, as the answer that it is."""

from __future__ import annotations

from clients.receipts.statement import Statement
from clients.sdk.accesses import AccessesAnswer, accesses_answer
from clients.sdk.answers import (
    Evidence,
    IdentityAnswer,
    LookupAnswer,
    ResolutionAnswer,
    identity_answer,
    lookup_answer,
    resolution_answer,
)
from clients.sdk.confirmations import (
    AttributesAnswer,
    HouseholdAnswer,
    ResidenceAnswer,
    attributes_answer,
    household_answer,
    residence_answer,
)
from dancu.v1 import statement_pb2

Answer = (
    IdentityAnswer
    | LookupAnswer
    | ResolutionAnswer
    | ResidenceAnswer
    | HouseholdAnswer
    | AttributesAnswer
    | AccessesAnswer
)


def read_statement(statement: Statement, evidence: Evidence) -> Answer | None:
    """Read a statement; None for a batch, which names nobody."""
    answer: Answer | None = None
    match statement:
        case statement_pb2.IdentityVerification():
            answer = identity_answer(statement, evidence)
        case statement_pb2.CitizenDisclosure():
            answer = lookup_answer(statement, evidence)
        case statement_pb2.IdentifierResolution():
            answer = resolution_answer(statement, evidence)
        case statement_pb2.ResidenceConfirmation():
            answer = residence_answer(statement, evidence)
        case statement_pb2.HouseholdExtract():
            answer = household_answer(statement, evidence)
        case statement_pb2.AttributeVerification():
            answer = attributes_answer(statement, evidence)
        case statement_pb2.AccessHistory():
            answer = accesses_answer(statement, evidence)
    return answer
