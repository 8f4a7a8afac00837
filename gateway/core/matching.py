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


def match_name(claimed: str, stored: str) -> NameLevel:
    """Compare a claimed full name with the register's, its parts joined by blanks.

    Takes any text, in any Unicode form, and never raises. Apostrophes and hyphens
    count as nothing or as blanks, whichever agrees better.
    """
    claim, record = prepare(claimed), prepare(stored)
    if not record:
        return NameLevel.NO_DATA
    if claim == record:
        return NameLevel.EXACT
    if not claim:
        return NameLevel.MISMATCH
    if JOINER in claim or JOINER in record:
        return min(_level(*pair) for pair in product(readings(claim), readings(record)))
    return _level(claim, record)


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


def _level(claim: str, record: str) -> NameLevel:
    """The level of two prepared names without joiners, neither of them empty."""
    if claim == record:
        return NameLevel.EXACT
    bare, record_bare = strip_marks(claim), strip_marks(record)
    unmarked = claim == bare
    if unmarked and bare == record_bare:
        return NameLevel.UNMARKED
    if unmarked and bare.replace(" ", "") == record_bare.replace(" ", ""):
        return NameLevel.COMPACT
    if not _may_overlap(bare, record_bare):
        return NameLevel.MISMATCH
    pair = (bare, record_bare) if unmarked else (spell(claim), spell(record))
    if pair[0] == pair[1]:
        return NameLevel.SPELLING
    return NameLevel.PARTIAL if _overlap(*pair) else NameLevel.MISMATCH


def _may_overlap(bare: str, record_bare: str) -> bool:
    """Whether one name has all tokens of the other, marks aside: all that follows needs it.

    Cheap, because nearly all mismatches are of unrelated names and end here.
    """
    tokens = set(bare.replace("y", "i").split())
    others = set(record_bare.replace("y", "i").split())
    return tokens <= others or others <= tokens


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
