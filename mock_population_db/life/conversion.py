"""Which code an address gets on 2025-07-01: by the table of changes, with some left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mock_population_db.citizen import CodeEpoch, Conversion
from mock_population_db.generate.numbers import PERSONA_SERIALS, SERIALS
from mock_population_db.generate.rng import U64, Mask, key_of, mix
from mock_population_db.generate.tables import load
from mock_population_db.store.sampling import DRAWN_HOUSEHOLDS

_TO_UNIT = 2.0**-53


class Converted(NamedTuple):
    """The columns of an address after the day, in the schema's order."""

    commune: int
    epoch: int
    conversion: int
    former: int | None


class Converter:
    """Converts addresses of one register.

    Args:
        seed: of the register.
        share: of the addresses that nobody converts for now, chosen by the owner's number.
        left: owners whose addresses are left, too.
        drawn: which owners may be among the share; personas are documented, so they are not.
    """

    def __init__(
        self, seed: int, share: float, left: frozenset[int], drawn: Callable[[U64], Mask]
    ) -> None:
        self._key = key_of(seed, "rearrangement")
        self._share = share
        self._left = left
        self._drawn = drawn

    def convert(self, owners: list[int], communes: list[int]) -> list[Converted]:
        """The addresses of some owners (households, or people), by their legacy communes."""
        changes = load().communes
        successor = changes.successor[communes]
        conversion = changes.conversion[communes]
        stays = self._stay(owners) | (successor == 0)
        return [
            _left(old) if left else Converted(new, int(CodeEpoch.Y2025), how, old)
            for old, new, how, left in zip(
                communes, successor.tolist(), conversion.tolist(), stays.tolist(), strict=True
            )
        ]

    def _stay(self, owners: list[int]) -> Mask:
        numbers: U64 = np.array(owners, dtype=np.uint64)
        chance = (mix(numbers + self._key) >> np.uint64(11)).astype(np.float64) * _TO_UNIT
        chosen = np.array([one in self._left for one in owners], dtype=np.bool_)
        return chosen | ((chance < self._share) & self._drawn(numbers))


def drawn_households(ids: U64) -> Mask:
    """Which households are no personas'."""
    first, end = DRAWN_HOUSEHOLDS
    return (ids >= np.uint64(first)) & (ids < np.uint64(end))


def drawn_people(numbers: U64) -> Mask:
    """Whose numbers are no personas'."""
    return numbers % np.uint64(SERIALS) >= np.uint64(PERSONA_SERIALS)


def _left(commune: int) -> Converted:
    return Converted(commune, int(CodeEpoch.LEGACY), int(Conversion.UNCONVERTED), None)
