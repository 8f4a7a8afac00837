"""The frame of a chunk: its people and households as indexes of each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from mock_population_db.generate.rng import Ints, Mask

Floats = npt.NDArray[np.float64]

MALE, FEMALE = 1, 2


class Role(IntEnum):
    """A person's place in the household."""

    FIRST = 0  # husband, or the lone adult
    WIFE = 1
    CHILD = 2
    ELDER = 3  # parent of husband or wife
    ELDER_WIFE = 4
    COMPANION = 5  # a second adult of the same sex: brother or sister


@dataclass(slots=True)
class Frame:
    """People and households of one chunk; -1 where there is nobody."""

    age: Floats  # years, by person
    sex: Ints
    home: Ints  # household
    role: Ints
    father: Ints  # persons
    mother: Ints
    spouse: Ints
    stranger: Mask  # lost the relation, because the ages do not allow it
    sizes: Ints  # by household
    head: Ints  # person
    wife_side: Mask  # the elders are her parents

    @classmethod
    def of(cls, age: Floats, sex: Ints, sizes: Ints) -> Self:
        """People and households that do not yet know each other."""
        people, homes = len(age), len(sizes)
        return cls(
            age=age,
            sex=sex,
            home=_nobody(people),
            role=_nobody(people),
            father=_nobody(people),
            mother=_nobody(people),
            spouse=_nobody(people),
            stranger=np.zeros(people, dtype=np.bool_),
            sizes=sizes,
            head=_nobody(homes),
            wife_side=np.zeros(homes, dtype=np.bool_),
        )


def _nobody(count: int) -> Ints:
    return np.full(count, -1, dtype=np.int64)
