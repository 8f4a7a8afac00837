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
