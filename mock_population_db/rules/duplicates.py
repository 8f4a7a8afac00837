"""Whether a birth is on file already: two offices may report one child.

A registrar looks at the parents' other children. One with the same name and birth date is the
same child; so, probably, is one born so near that its mother cannot have had both, unless they
are twins. Children of one father by two mothers are not held against each other.
"""

from __future__ import annotations

from datetime import timedelta

from mock_population_db.citizen import NumberStatus
from mock_population_db.events import Birth
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.dates import earliest, latest, may_mean
from mock_population_db.rules.names import fold
from mock_population_db.rules.plan import Child, Scene

_BETWEEN_BIRTHS = timedelta(days=180)  # of one mother, at least
_ONE_BIRTH = timedelta(days=1)  # twins may be born before and after midnight


def find_duplicate(what: Birth, scene: Scene) -> Child | None:
    """The child on file that this birth may be about; None when there is none."""
    siblings = _siblings(what, scene)
    name = fold(what.name.full)
    same = [one for one in siblings if _may_be_it(one, what) and _has_name(one, name)]
    near = [one for one in siblings if _apart(one, what) <= _too_near(one, what)]
    born_along = [one for one in near if _apart(one, what) <= _ONE_BIRTH]
    if len(born_along) < what.children_in_birth and what.children_in_birth > 1:
        near = [one for one in near if one not in born_along]
    return next(iter((*same, *near)), None)


def _siblings(what: Birth, scene: Scene) -> list[Child]:
    """The parents' children on file who may matter: not those certainly by another mother."""
    found = {
        child.identity.personal_id: child
        for parent in (what.mother, what.father)
        for child in scene.children.get(parent, ())
        if child.identity.number_status is not NumberStatus.CANCELLED
        and _in_years(child.identity.birth_date, what.birth_date.year)
    }
    return [one for one in found.values() if one.mother in {"", what.mother} or not what.mother]


def _in_years(birth: PartialDate | None, year: int) -> bool:
    """Whether somebody may be born in a year or one beside it: quick, for long lists."""
    return birth is None or abs(birth.year - year) <= 1


def _has_name(child: Child, folded: str) -> bool:
    return fold(child.identity.name.full) == folded


def _may_be_it(child: Child, what: Birth) -> bool:
    """Whether a namesake's birth date does not rule it out."""
    birth = child.identity.birth_date
    near = _apart(child, what) <= _too_near(child, what)
    return near or birth is None or may_mean(birth, what.birth_date)


def _too_near(child: Child, what: Birth) -> timedelta:
    """How near a birth by one mother cannot be; where the mother may be another, the same day."""
    sure = what.mother and child.mother == what.mother
    return _BETWEEN_BIRTHS if sure else timedelta()


def _apart(child: Child, what: Birth) -> timedelta:
    """Time between the births; of a date that is not whole, the longest that it may be."""
    birth = child.identity.birth_date
    if birth is None:
        return timedelta.max
    return max(abs(what.birth_date - earliest(birth)), abs(what.birth_date - latest(birth)))
