"""Comparing a caller's own records with the register, record by record.

Number, name and birth date decide whether it is the same person, as in ``decision.py``; only
then are other fields compared and anything of the register said. Nearly all records are
ordinary, so they take the shortest way.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from gateway.core.comparison import (
    GRANTED_BY,
    VITAL_DATE,
    Agreement,
    Compared,
    compare,
    wanted,
)
from gateway.core.disclosure import bits_of
from gateway.core.matching import match_person
from gateway.core.model import Claim, Outcome
from gateway.core.records import Asked
from mock_population_db.citizen import Identity, NumberStatus, VitalStatus
from mock_population_db.partial_date import PartialDate
from mock_population_db.snapshot import Keys, Part, Snapshot

_CANCELLED = NumberStatus.CANCELLED
_new = tuple.__new__  # a named tuple in half the time
_bits_of = lru_cache(maxsize=256)(bits_of)  # of a few selections of fields
_DEAD = frozenset({VitalStatus.DEAD, VitalStatus.DECLARED_DEAD})


class Verdict(IntEnum):
    """What became of one record, numbered as in the contract."""

    MATCHED = 1
    CORRECTED = 2
    NOT_VERIFIED = 3
    AMBIGUOUS = 4
    INVALID = 5


class Flag(IntEnum):
    """What else to know of a record, numbered as in the contract."""

    SUPERSEDED_NUMBER = 1
    DECEASED = 2
    DUPLICATE_IN_SESSION = 3
    REPAIRED = 4


class Found(NamedTuple):
    """What became of a record, and what the caller may see of it."""

    verdict: Verdict
    subject: str = ""  # the number that the access is recorded under
    flags: tuple[Flag, ...] = ()
    fields: tuple[Compared, ...] = ()
    current: str = ""  # the number that followed a cancelled one
    death: PartialDate | None = None
    disclosed: int = 0  # as the bits of an access row


_INVALID = Found(Verdict.INVALID)
_MATCHED, _NOT_VERIFIED = Verdict.MATCHED, Verdict.NOT_VERIFIED
_DUPLICATE = (Flag.DUPLICATE_IN_SESSION,)
# how a record stands in the access log; INVALID ones asked about nobody
OUTCOMES = {
    Verdict.MATCHED: int(Outcome.VERIFIED),
    Verdict.CORRECTED: int(Outcome.VERIFIED),
    Verdict.NOT_VERIFIED: int(Outcome.NOT_VERIFIED),
    Verdict.AMBIGUOUS: int(Outcome.AMBIGUOUS),
}


def keys_to_reconcile(asked: Iterable[Asked], granted: frozenset[str]) -> Keys:
    """What to read for records that can be asked; more than identities only for other fields."""
    numbers: list[str] = []
    old_numbers: list[str] = []
    sought: dict[str, frozenset[str]] = {}
    for one in asked:
        if one.violations:
            continue
        number, old, _, _ = one.claim
        if number:
            numbers.append(number)
        else:
            old_numbers.append(old)
        if one.others is not None and (fields := wanted(one.others, granted)):
            sought[number or old] = sought.get(number or old, fields) | fields
    asked_numbers = tuple(numbers)
    return Keys(asked_numbers, tuple(old_numbers), succeeded=asked_numbers, sought=sought)


def judge(asked: Asked, snapshot: Snapshot, granted: frozenset[str], *, duplicate: bool) -> Found:
    """What became of one record.

    Unknown and disagreeing take the same steps: the record that the seek came to rest on is
    compared like any other.
    """
    if asked.violations:
        return _INVALID
    claim = asked.claim
    number = claim.personal_id
    if not number:
        return _judge_old(asked, snapshot, granted, duplicate=duplicate)
    person, follows = _candidate(number, snapshot)
    if person is not None and _is(person, claim, fits=follows or person.personal_id == number):
        current = person.personal_id if follows else ""
        return _found(asked, person, current, snapshot, granted, duplicate=duplicate)
    return Found(_NOT_VERIFIED, number, _flags(asked, duplicate=duplicate))


def _candidate(number: str, snapshot: Snapshot) -> tuple[Identity | None, bool]:
    """The one record to compare with, and whether it is the successor's of a cancelled number.

    Never two, one after the other: a cancelled number would take twice as long as any other.
    """
    person, successor = snapshot.identities.get(number), snapshot.successors.get(number)
    held = (
        person is not None
        and person.personal_id == number
        and person.number_status is not _CANCELLED
    )
    return (person, False) if held or successor is None else (successor, True)


def _is(person: Identity, claim: Claim, *, fits: bool) -> bool:
    """Whether somebody has the claimed name, birth date and old number, and a number that counts.

    ``fits`` is whether the record is the one that the claimed number leads to.
    """
    _, old, name, birth = claim
    _, stored, born, held_old, _, status, _ = person
    fits = fits and old in ("", held_old) and status is not _CANCELLED
    return match_person(name, birth, stored.full, born, fits=fits)[1]


def _judge_old(
    asked: Asked, snapshot: Snapshot, granted: frozenset[str], *, duplicate: bool
) -> Found:
    number = asked.claim.old_id_number
    candidates = snapshot.by_old_number.get(number, ())
    agreeing = [one for one in candidates if _is(one, asked.claim, fits=True)]
    if len(agreeing) == 1:
        return _found(asked, agreeing[0], "", snapshot, granted, duplicate=duplicate)
    verdict = Verdict.AMBIGUOUS if agreeing else Verdict.NOT_VERIFIED
    return Found(verdict, number, _flags(asked, duplicate=duplicate))


def _found(
    asked: Asked,
    person: Identity,
    current: str,
    snapshot: Snapshot,
    granted: frozenset[str],
    *,
    duplicate: bool,
) -> Found:
    """The record is this person's; ``current`` is their number where another was asked."""
    dead = person.vital_status in _DEAD
    if asked.others is None and not (current or dead or duplicate or asked.repaired):
        return _new(Found, (_MATCHED, person.personal_id, (), (), "", None, 0))
    flags = _flags(asked, superseded=bool(current), deceased=dead, duplicate=duplicate)
    bits = _bits_of(("personal_id",)) if current else 0
    if asked.others is None:
        return Found(_MATCHED, person.personal_id, flags, (), current, None, bits)
    # nothing was read of anybody when nothing is given that is granted
    held = snapshot.parts.get(person.personal_id) or Part(vital_date=None)
    fields = compare(asked.others, person, held, granted, snapshot.as_of)
    differs = any(one.agreement is Agreement.DIFFERS for one in fields)
    shown = [GRANTED_BY[one.field] for one in fields if one.agreement is not Agreement.WITHHELD]
    death = held.vital_date if dead and VITAL_DATE in granted else None
    bits |= _bits_of(tuple([*shown, VITAL_DATE] if death else shown))
    verdict = Verdict.CORRECTED if differs else _MATCHED
    return Found(verdict, person.personal_id, flags, fields, current, death, bits)


def _flags(
    asked: Asked, *, superseded: bool = False, deceased: bool = False, duplicate: bool
) -> tuple[Flag, ...]:
    """In ascending order; REPAIRED comes last."""
    if not (superseded or deceased or asked.repaired):
        return _DUPLICATE if duplicate else ()
    told = {
        Flag.SUPERSEDED_NUMBER: superseded,
        Flag.DECEASED: deceased,
        Flag.DUPLICATE_IN_SESSION: duplicate,
        Flag.REPAIRED: asked.repaired,
    }
    return tuple(flag for flag, holds in told.items() if holds)
