"""The contract's enumerations as Python knows them.

Numbers and names are the contract's without their prefixes; a test holds both sides equal.
A number that this version does not know becomes UNSPECIFIED: take it as "ask somebody".
"""

from __future__ import annotations

from enum import Enum
from typing import Self


class _Word(Enum):
    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls(0) if isinstance(value, int) and value else None


class Outcome(_Word):
    """The answer to a claim."""

    UNSPECIFIED = 0
    VERIFIED = 1
    NOT_VERIFIED = 2
    AMBIGUOUS = 3


class PersonStatus(_Word):
    """Whether the person lives, or why the number cannot be relied on yet."""

    UNSPECIFIED = 0
    ALIVE = 1
    DEAD = 2
    DECLARED_MISSING = 3
    DECLARED_DEAD = 4
    NUMBER_PENDING = 5


class Notice(_Word):
    """What must be taken note of although the claim is verified."""

    UNSPECIFIED = 0
    NAME_IN_ONE_FIELD = 1
    NUMBER_UNDER_CORRECTION = 2
    DEATH_RECORD_ANNULLED = 3
    BIRTH_DATE_INCOMPLETE = 4


class NameLevel(_Word):
    """How a claimed name agrees; the first four verify."""

    UNSPECIFIED = 0
    EXACT = 1
    SPELLING = 2
    UNMARKED = 3
    COMPACT = 4
    PARTIAL = 5
    MISMATCH = 6
    NO_DATA = 7


class DateLevel(_Word):
    """How a claimed birth date agrees; the first two verify."""

    UNSPECIFIED = 0
    EXACT = 1
    CONVENTION = 2
    LESS_PRECISE = 3
    MISMATCH = 4
    NO_DATA = 5


class IdentifierKind(_Word):
    """Which number a claim was decided by."""

    UNSPECIFIED = 0
    PERSONAL_ID = 1
    OLD_ID_NUMBER = 2


class Explanation(_Word):
    """Why a claim was not verified; only with the explain grant."""

    UNSPECIFIED = 0
    NUMBER_UNKNOWN = 1
    NUMBER_CANCELLED = 2
    DATA_MISMATCH = 3
    AMBIGUOUS = 4


class FieldStatus(_Word):
    """What became of one field of a look-up."""

    UNSPECIFIED = 0
    PRESENT = 1
    NOT_RECORDED = 2
    WITHHELD = 3


class Sex(_Word):
    """Sex; 0 is no data."""

    UNSPECIFIED = 0
    MALE = 1
    FEMALE = 2


class MaritalStatus(_Word):
    """Marital status; 0 is no data."""

    UNSPECIFIED = 0
    NEVER_MARRIED = 1
    MARRIED = 2
    DIVORCED_OR_WIDOWED = 3


class EventState(_Word):
    """What became of an event."""

    UNSPECIFIED = 0
    APPLIED = 1
    NUMBER_PENDING = 2
    ANNULLED = 3


class CodeEpoch(_Word):
    """When administrative codes are to be read."""

    UNSPECIFIED = 0
    LEGACY = 1
    Y2025 = 2


class HouseholdRelation(_Word):
    """Relation to the head of the household."""

    UNSPECIFIED = 0
    HEAD = 1
    SPOUSE = 2
    FATHER = 3
    MOTHER = 4
    FATHER_IN_LAW = 5
    MOTHER_IN_LAW = 6
    SON = 7
    DAUGHTER = 8
    ADOPTED_CHILD = 9
    CHILD_IN_LAW = 10
    GRANDCHILD = 11
    GRANDPARENT = 12
    SIBLING = 13
    NIECE_OR_NEPHEW = 14
    OTHER_RELATIVE = 15
    GUARDIAN_OR_WARD = 16
    LODGER = 17
    EMPLOYEE = 18
    OTHER = 19


class ResidenceKind(_Word):
    """Which residence, or the household of which."""

    UNSPECIFIED = 0
    PERMANENT = 1
    TEMPORARY = 2
    CURRENT = 3


class ResidenceState(_Word):
    """Whether a residence on file counts on the day of the data."""

    UNSPECIFIED = 0
    IN_FORCE = 1
    EXPIRED = 2


class HeadState(_Word):
    """Whether a household has a head, or why the place is vacant."""

    UNSPECIFIED = 0
    IN_PLACE = 1
    DEAD = 2
    DECLARED_MISSING = 3
    NONE = 4


class AssertionResult(_Word):
    """What the register says to an assertion."""

    UNSPECIFIED = 0
    TRUE = 1
    FALSE = 2
    NO_DATA = 3


class RecordVerdict(_Word):
    """What became of one record of a reconciliation."""

    UNSPECIFIED = 0
    MATCHED = 1
    CORRECTED = 2
    NOT_VERIFIED = 3
    AMBIGUOUS = 4
    INVALID = 5


class RecordFlag(_Word):
    """What else to know of a record."""

    UNSPECIFIED = 0
    SUPERSEDED_NUMBER = 1
    DECEASED = 2
    DUPLICATE_IN_SESSION = 3
    REPAIRED = 4


class Agreement(_Word):
    """How one compared field agrees."""

    UNSPECIFIED = 0
    MATCH = 1
    DIFFERS = 2
    NO_DATA = 3
    WITHHELD = 4


class ChangeKind(_Word):
    """What happened to a person's record."""

    UNSPECIFIED = 0
    BIRTH = 1
    NUMBER_CONFIRMED = 2
    DEATH = 3
    MARITAL_STATUS = 4
    RESIDENCE = 5
    CORRECTION = 6
    DOCUMENT = 7
    RENUMBERED = 8
    ADDRESS_CONVERTED = 9
    HOUSEHOLD_HEAD = 10
    ANNULMENT = 11
    WITHDRAWN = 12


class ChangeCause(_Word):
    """Where a change came from."""

    UNSPECIFIED = 0
    SUBMITTED = 1
    LIFE = 2
    REARRANGEMENT = 3
    REGISTER = 4
