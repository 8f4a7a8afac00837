"""Relations to the head of the household, from the roles in its frame."""

from __future__ import annotations

import numpy as np

from mock_population_db.citizen import MaritalStatus, Relation
from mock_population_db.generate.frame import FEMALE, Frame, Role
from mock_population_db.generate.rng import Draws, Ints, Mask

_SETTLED_AGE = 40  # older people without a spouse were mostly married once


def relations(frame: Frame) -> Ints:
    """The relation of each person to the head of the permanent household."""
    head = frame.head[frame.home]
    by_elder = frame.role[head] == Role.ELDER
    result = np.where(by_elder, _to_elder(frame), _to_adult(frame, head))
    return np.where(head == np.arange(len(head)), Relation.HEAD, result)


def _by_sex(frame: Frame, male: Relation, female: Relation) -> Ints:
    return np.where(frame.sex == FEMALE, female, male)


def _elder(frame: Frame) -> Mask:
    return np.isin(frame.role, (Role.ELDER, Role.ELDER_WIFE))


def _to_adult(frame: Frame, head: Ints) -> Ints:
    """When the first adult or the wife is the head."""
    result = _by_sex(frame, Relation.SON, Relation.DAUGHTER)
    result = np.where(frame.stranger, Relation.NIECE_OR_NEPHEW, result)
    spouse = (frame.role == Role.WIFE) | (frame.role == Role.FIRST)
    result = np.where(spouse, Relation.SPOUSE, result)
    result = np.where(frame.role == Role.COMPANION, Relation.SIBLING, result)
    parent = (frame.father[head] == np.arange(len(head))) | (
        frame.mother[head] == np.arange(len(head))
    )
    own = _by_sex(frame, Relation.FATHER, Relation.MOTHER)
    in_law = _by_sex(frame, Relation.FATHER_IN_LAW, Relation.MOTHER_IN_LAW)
    elder = np.where(parent, own, in_law)
    elder = np.where(frame.stranger, Relation.OTHER_RELATIVE, elder)
    return np.where(_elder(frame), elder, result)


def _to_elder(frame: Frame) -> Ints:
    """When the elder is the head: the couple are child and child-in-law."""
    wife_side = frame.wife_side[frame.home]
    child = ((frame.role == Role.FIRST) & ~wife_side) | ((frame.role == Role.WIFE) & wife_side)
    result = np.where(child, _by_sex(frame, Relation.SON, Relation.DAUGHTER), Relation.CHILD_IN_LAW)
    result = np.where(frame.role == Role.COMPANION, Relation.OTHER_RELATIVE, result)
    young = np.where(frame.stranger, Relation.OTHER_RELATIVE, Relation.GRANDCHILD)
    result = np.where(frame.role == Role.CHILD, young, result)
    wife = np.where(frame.spouse >= 0, Relation.SPOUSE, Relation.SIBLING)
    return np.where(_elder(frame), wife, result)


def marital_statuses(draws: Draws, frame: Frame) -> Ints:
    """Married with a spouse on file; otherwise by role and age."""
    count = len(frame.age)
    parent = np.zeros(count, dtype=np.bool_)
    parent[frame.mother[frame.mother >= 0]] = True
    parent[frame.father[frame.father >= 0]] = True
    was = parent | (frame.age > _SETTLED_AGE + 30 * draws.unit("never married", count))
    was &= frame.role != Role.CHILD
    single = np.where(was, MaritalStatus.DIVORCED_OR_WIDOWED, MaritalStatus.NEVER_MARRIED)
    return np.where(frame.spouse >= 0, MaritalStatus.MARRIED, single)
