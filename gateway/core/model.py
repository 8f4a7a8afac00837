"""The gateway's own words: callers, calls, claims and what was decided about them.

Named tuples, because every call makes a dozen of them and a frozen dataclass takes four
times as long to make.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from gateway.core.caller import Units
from gateway.core.matching import DateLevel, NameLevel
from gateway.core.trail import Check
from mock_population_db.citizen import NumberStep, VitalStatus
from mock_population_db.partial_date import PartialDate


class Context(NamedTuple):
    """Who asks and why, as the caller gave it (``RequestContext``)."""

    request_id: str
    procedure_code: str
    unit_code: str
    officer_id: str
    dossier_id: str


class Claim(NamedTuple):
    """What is claimed of a person (``CitizenClaim``), decoded and not yet checked."""

    personal_id: str
    old_id_number: str
    full_name: str
    birth_date: PartialDate


class Effect(IntEnum):
    """What a profile of the simulator does to an answer on purpose, numbered as in the contract."""

    DELAYED = 1
    DRIPPED = 2
    ANSWER_LOST = 3
    WRONG_SIGNATURE = 4
    EXPIRED_KEY = 5


class Call(NamedTuple):
    """One call as it arrived."""

    caller: str
    rpc: str  # dancu.v1.IdentityService/VerifyIdentity
    context: Context
    request_digest: bytes  # SHA-256 of the bytes as received
    units: Units | None = None  # the caller's own; None: it is not enrolled, and any will do
    trail: list[Check] | None = None  # filled when the call is refused, or must be explained
    effects: tuple[Effect, ...] = ()  # of its simulation, ascending


class Outcome(IntEnum):
    """The answer to a claim, numbered as in the contract."""

    VERIFIED = 1
    NOT_VERIFIED = 2
    AMBIGUOUS = 3


class Status(IntEnum):
    """Whether the person lives, numbered as in the contract."""

    ALIVE = VitalStatus.ALIVE
    DEAD = VitalStatus.DEAD
    DECLARED_MISSING = VitalStatus.DECLARED_MISSING
    DECLARED_DEAD = VitalStatus.DECLARED_DEAD
    NUMBER_PENDING = 5


class Notice(IntEnum):
    """What a client must take note of, numbered as in the contract."""

    NAME_IN_ONE_FIELD = 1
    NUMBER_UNDER_CORRECTION = 2
    DEATH_RECORD_ANNULLED = 3
    BIRTH_DATE_INCOMPLETE = 4


class IdentifierKind(IntEnum):
    """Which number decided, numbered as in the contract."""

    PERSONAL_ID = 1
    OLD_ID_NUMBER = 2


class Explanation(IntEnum):
    """Why a claim was not verified, numbered as in the contract."""

    NUMBER_UNKNOWN = 1
    NUMBER_CANCELLED = 2
    DATA_MISMATCH = 3
    AMBIGUOUS = 4


class Levels(NamedTuple):
    """How the parts of a claim agree."""

    full_name: NameLevel
    birth_date: DateLevel


class Person(NamedTuple):
    """What comes with VERIFIED, and only with it."""

    identifier_used: IdentifierKind
    status: Status
    notices: tuple[Notice, ...]


class Decision(NamedTuple):
    """What was decided about one claim, and what the caller may see of it."""

    outcome: Outcome
    subject: str  # the number that the access is recorded under
    person: Person | None = None
    levels: Levels | None = None
    explanation: Explanation | None = None


class HeadState(IntEnum):
    """Whether a household has a head, numbered as in the contract."""

    IN_PLACE = 1
    DEAD = 2
    DECLARED_MISSING = 3
    NONE = 4


class ResidenceState(IntEnum):
    """Whether a residence on file counts, numbered as in the contract."""

    IN_FORCE = 1
    EXPIRED = 2


class AssertionResult(IntEnum):
    """What the register says to an assertion, numbered as in the contract."""

    TRUE = 1
    FALSE = 2
    NO_DATA = 3


class SaidPerson(NamedTuple):
    """Who somebody is said to be (``PersonAssertion``); parts that are not said are empty."""

    full_name: str
    personal_id: str
    old_id_number: str


class SaidPlace(NamedTuple):
    """Where an address is said to be (``AddressAssertion``), by one of the two codes."""

    commune_code: str
    province_code: str
    epoch: int  # of ``CodeEpoch``; not checked yet


class Assertion(NamedTuple):
    """What is said of a person (``Assertion``), decoded and not yet checked."""

    attribute: str  # one of ``attributes.FIELD_OF``; empty when nothing is said
    said: SaidPerson | SaidPlace | int  # a status as its number; 0 when nothing is said


class Resolution(NamedTuple):
    """Where a former number leads."""

    decision: Decision
    current: str = ""
    steps: tuple[NumberStep, ...] = ()


class Access(NamedTuple):
    """One person touched by a call."""

    subject: bytes  # keyed pseudonym, 16 bytes
    outcome: int
    fields: int  # bit i: field i of ``Citizen`` was disclosed


class AccessCall(NamedTuple):
    """What the access rows of one call have in common."""

    at: datetime
    caller: str
    rpc: str
    context: Context
    register_revision: int
    effects: tuple[Effect, ...] = ()  # of its simulation, ascending
    refused: int = 0  # calls that its entry says were refused; no row depends on it
