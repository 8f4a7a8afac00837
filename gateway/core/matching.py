"""When a claim agrees with the register: pure rules that integrators can predict.

A level is the first of its list that holds. Levels say how a claim agrees; whether
that is enough is policy, and ``verifies`` is the policy unless a grant says otherwise.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import product

from gateway.core.names import JOINER, loosen, prepare, readings, spell, strip_marks
from mock_population_db.citizen import PartialDate


class NameLevel(IntEnum):
    """How a claimed name agrees with the register's, best first."""

    EXACT = 1  # the same letters and tones, case aside
    SPELLING = 2  # a tone on another vowel of its syllable, or a look-alike of Đ
    UNMARKED = 3  # the claim has no mark at all and equals the name without its marks
    COMPACT = 4  # the same, blanks left out too
    PARTIAL = 5  # tokens in another order, middle names missing or extra, i for y
    MISMATCH = 6
    NO_DATA = 7  # the register has no name

    @property
    def verifies(self) -> bool:
        """Whether this level is enough by default."""
        return self <= _ENOUGH_OF_NAME


class DateLevel(IntEnum):
    """How a claimed birth date agrees with the register's, best first."""

    EXACT = 1
    CONVENTION = 2  # the first day, of a date whose day the register does not know
    LESS_PRECISE = 3  # right as far as it goes, where the register knows the day
    MISMATCH = 4
    NO_DATA = 5  # the register has no birth date

    @property
    def verifies(self) -> bool:
        """Whether this level is enough by default."""
        return self <= _ENOUGH_OF_DATE


# by name once: looking a member up on its class is slow, and bulk calls do it by the thousand
_ENOUGH_OF_NAME = NameLevel.COMPACT
_ENOUGH_OF_DATE = DateLevel.CONVENTION


def match_name(claimed: str, stored: str, *, decides: bool = True) -> NameLevel:
    """Compare a claimed full name with the register's, its parts joined by blanks.

    Takes any text, in any Unicode form, and never raises. Apostrophes and hyphens
    count as nothing or as blanks, whichever agrees better.

    Args:
        claimed: by the caller.
        stored: by the register.
        decides: whether all else agrees, so that a name that is enough ends the work. Otherwise
            it takes as long as one that is not: how long a claim takes must not tell which part
            of it is wrong.
    """
    claim, record = prepare(claimed), prepare(stored)
    if not record:
        return NameLevel.NO_DATA
    if decides and claim == record:
        return NameLevel.EXACT
    if not claim:
        return NameLevel.MISMATCH
    if JOINER in claim or JOINER in record:
        pairs = product(readings(claim), readings(record))
        level = min(_level(*pair, decides=decides) for pair in pairs)
    else:
        level = _level(claim, record, decides=decides)
    return NameLevel.EXACT if claim == record else level


def match_birth_date(claimed: PartialDate, stored: PartialDate | None) -> DateLevel:
    """Compare a claimed birth date with the register's; either may lack its day or month."""
    if stored is None:
        return DateLevel.NO_DATA
    if claimed == stored:
        return DateLevel.EXACT
    if not stored.day:
        travels_as = PartialDate(stored.year, stored.month or 1, 1)
        return DateLevel.CONVENTION if claimed == travels_as else DateLevel.MISMATCH
    as_far = PartialDate(stored.year, stored.month if claimed.month else 0)
    return DateLevel.LESS_PRECISE if claimed == as_far else DateLevel.MISMATCH


def _level(claim: str, record: str, *, decides: bool) -> NameLevel:
    """The level of two prepared names without joiners, neither of them empty.

    Only a level that is enough ends it early, and only where it decides.
    """
    bare, record_bare = strip_marks(claim), strip_marks(record)
    level = _plain_level(claim, record, bare, record_bare)
    enough = level.verifies
    if decides and enough:
        return level
    pair = (bare, record_bare) if claim == bare else (spell(claim), spell(record))
    partial = _overlap(*pair)
    if enough:
        return level
    if pair[0] == pair[1]:
        return NameLevel.SPELLING
    return NameLevel.PARTIAL if partial else NameLevel.MISMATCH


def _plain_level(claim: str, record: str, bare: str, record_bare: str) -> NameLevel:
    """What can be told without spelling: EXACT, UNMARKED or COMPACT, else MISMATCH."""
    compact = bare.replace(" ", "") == record_bare.replace(" ", "")
    if claim == record:
        return NameLevel.EXACT
    if claim != bare or not compact:
        return NameLevel.MISMATCH
    return NameLevel.UNMARKED if bare == record_bare else NameLevel.COMPACT


def _overlap(claim: str, record: str) -> bool:
    """Whether the names have the same tokens, or differ in middle names left out."""
    tokens, others = loosen(claim).split(), loosen(record).split()
    if len(tokens) == len(others):
        return sorted(tokens) == sorted(others)
    shorter, longer = sorted((tokens, others), key=len)
    return len(shorter) > 1 and shorter[-1] == longer[-1] and _leads_through(shorter, longer)


def _leads_through(shorter: list[str], longer: list[str]) -> bool:
    """Whether both begin alike and the shorter's tokens come in order in the longer."""
    rest = iter(longer)
    return shorter[0] == longer[0] and all(token in rest for token in shorter)
