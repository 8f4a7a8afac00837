"""When a claim agrees with the register: pure rules that integrators can predict.

A level is the first of its list that holds. Levels say how a claim agrees; whether
that is enough is policy, and ``verifies`` is the policy unless a grant says otherwise.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import product

from gateway.core.names import (
    JOINER,
    loosen,
    prepare,
    readings,
    same_letters,
    spell,
    spelled_alike,
    strip_marks,
)
from mock_population_db.partial_date import PartialDate


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
_EXACT = (NameLevel.EXACT, DateLevel.EXACT)


def match_person(
    name: str,
    birth: PartialDate,
    stored_name: str,
    stored_birth: PartialDate | None,
    *,
    fits: bool,
    partly: bool = False,
) -> tuple[tuple[NameLevel, DateLevel], bool]:
    """How a claimed name and birth date agree with the register's, and whether that is enough.

    The date comes first: whatever is wrong, the name is then compared to the end, so that the
    time that an answer took does not tell a right name from a wrong one. Only what agrees in
    everything takes fewer steps.

    Args:
        name: as claimed.
        birth: as claimed.
        stored_name: by the register, its parts joined by blanks.
        stored_birth: by the register.
        fits: whether all else agrees; without that nothing is enough.
        partly: see ``match_name``.
    """
    same_name, same_date = same_letters(name, stored_name), birth == stored_birth
    if fits and same_date and same_name:
        return _EXACT, True
    date = match_birth_date(birth, stored_birth)
    decides = date.verifies and fits
    level = match_name(name, stored_name, decides=decides, partly=partly)
    enough = level.verifies
    return (level, date), enough and decides


def match_name(
    claimed: str, stored: str, *, decides: bool = True, partly: bool = True
) -> NameLevel:
    """Compare a claimed full name with the register's, its parts joined by blanks.

    Takes any text, in any Unicode form, and never raises. Apostrophes and hyphens
    count as nothing or as blanks, whichever agrees better.

    Args:
        claimed: by the caller.
        stored: by the register.
        decides: whether all else agrees, so that a name that is enough ends the work. Otherwise
            it takes as long as one that is not: how long a claim takes must not tell which part
            of it is wrong.
        partly: whether PARTIAL is told from MISMATCH; neither is enough, so that whoever shows
            no levels need not know.
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
        level = min(_level(*pair, decides=decides, partly=partly) for pair in pairs)
    else:
        level = _level(claim, record, decides=decides, partly=partly)
    return NameLevel.EXACT if claim == record else level


def match_birth_date(claimed: PartialDate, stored: PartialDate | None) -> DateLevel:
    """Compare a claimed birth date with the register's; either may lack its day or month."""
    if stored is None:
        return DateLevel.NO_DATA
    if claimed == stored:
        return DateLevel.EXACT
    if not stored.day:
        travels_as = (stored.year, stored.month or 1, 1)
        return DateLevel.CONVENTION if claimed == travels_as else DateLevel.MISMATCH
    as_far = (stored.year, stored.month if claimed.month else 0, 0)
    return DateLevel.LESS_PRECISE if claimed == as_far else DateLevel.MISMATCH


def _level(claim: str, record: str, *, decides: bool, partly: bool) -> NameLevel:
    """The level of two prepared names without joiners, neither of them empty.

    Which steps it takes depends on the claim alone; only a level that is enough ends it early,
    and only where it decides.
    """
    bare = strip_marks(claim)
    marked = claim != bare
    level = _marked_level(claim, record) if marked else _unmarked_level(claim, record)
    if not partly:
        return level
    enough = level.verifies
    if decides and enough:
        return level
    partial = _overlap(*(spell(claim), spell(record)) if marked else (bare, strip_marks(record)))
    return level if enough or not partial else NameLevel.PARTIAL


def _marked_level(claim: str, record: str) -> NameLevel:
    """EXACT or SPELLING, else MISMATCH: with marks, they are all compared."""
    alike = spelled_alike(claim, record)
    if claim == record:
        return NameLevel.EXACT
    return NameLevel.SPELLING if alike else NameLevel.MISMATCH


def _unmarked_level(claim: str, record: str) -> NameLevel:
    """EXACT, UNMARKED or COMPACT, else MISMATCH: without any mark, none is compared."""
    bare = strip_marks(record)
    compact = claim.replace(" ", "") == bare.replace(" ", "")
    if claim == record:
        return NameLevel.EXACT
    if not compact:
        return NameLevel.MISMATCH
    return NameLevel.UNMARKED if claim == bare else NameLevel.COMPACT


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
