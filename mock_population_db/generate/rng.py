"""Raw random bits and our own transformations of them.

SplitMix64 over a counter: the i-th value of a stream depends only on (seed, path, i), so
any chunk can be made anywhere, in any order, with any version of NumPy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_HALF = np.uint64(32)


def mix(state: U64) -> U64:
    """The finaliser of SplitMix64: a bijection of 64 bits that looks random."""
    state = (state ^ (state >> np.uint64(30))) * _MIX_1
    state = (state ^ (state >> np.uint64(27))) * _MIX_2
    return state ^ (state >> np.uint64(31))


def key_of(*path: object) -> np.uint64:
    """A 64-bit key for a path of names and numbers."""
    text = "/".join(str(part) for part in path)
    return np.uint64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little"))


@dataclass(frozen=True, slots=True)
class Draws:
    """A family of independent streams, one for each name."""

    seed: int
    chunk: int

    def raw(self, name: str, count: int) -> U64:
        """The first ``count`` 64-bit values of the stream ``name``."""
        counter = np.arange(1, count + 1, dtype=np.uint64)
        return mix(counter * _GAMMA + key_of(self.seed, self.chunk, name))

    def below(self, name: str, count: int, bound: int | Ints) -> Ints:
        """Whole numbers in ``[0, bound)``; ``bound`` at most 2**31."""
        return below(self.raw(name, count), bound)

    def unit(self, name: str, count: int) -> npt.NDArray[np.float64]:
        """Floats in ``[0, 1)``."""
        return (self.raw(name, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def chance(self, name: str, count: int, share: float | npt.NDArray[np.float64]) -> Mask:
        """True for about ``share`` of the positions."""
        return self.unit(name, count) < share


def below(raw: U64, bound: int | Ints) -> Ints:
    """Map raw bits to ``[0, bound)`` by multiplying and shifting."""
    scaled = (raw >> _HALF) * np.asarray(bound, dtype=np.uint64)
    return (scaled >> _HALF).astype(np.int64)


class Choice:
    """Weighted choice within groups, by integer weights."""

    def __init__(self, values: Sequence[Sequence[int]], weights: Sequence[Sequence[float]]) -> None:
        """Take the values and weights of each group; weights count to six decimals."""
        flat = [
            max(round(weight * 1e6 / (sum(group) or 1)), 0) for group in weights for weight in group
        ]
        self._values = np.array([value for group in values for value in group], dtype=np.int64)
        self._cumulative = np.cumsum(np.array(flat, dtype=np.int64))
        ends = np.cumsum([len(group) for group in values])
        self._ends = ends
        upto = np.concatenate([np.zeros(1, dtype=np.int64), self._cumulative])
        starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]])
        self._base = upto[starts]
        self._total = upto[ends] - self._base

    def pick(self, raw: U64, group: Ints | int = 0) -> Ints:
        """One value for each of ``raw``, from the group named at its position."""
        drawn = self._base[group] + below(raw, self._total[group])
        found: Ints = self._values[np.searchsorted(self._cumulative, drawn, side="right")]
        return found

    def groups(self) -> list[tuple[int, list[int]]]:
        """Each group's number and values."""
        parts = np.split(self._values, self._ends[:-1])
        return [(number, part.tolist()) for number, part in enumerate(parts)]
