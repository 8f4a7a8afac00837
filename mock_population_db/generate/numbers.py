"""Personal numbers that are unique across chunks without any talk between them.

A number is a prefix (place of registration, century and sex, year) and six digits. Of the
serials of each prefix, chunk c of C owns those at positions c, c + C, c + 2C … of a secret
order, a permutation keyed by seed and prefix.
"""

from __future__ import annotations

import numpy as np

from mock_population_db.generate.rng import U64, Ints, key_of, mix

PERSONA_SERIALS = 1_000  # serials below belong to personas
PERSONA_OLD_NUMBERS = 1_000_000  # likewise of the 9-digit numbers
SERIALS = 1_000_000  # of a prefix
RESERVED_PREFIXES = (97, 98, 99)  # province codes that were never given out
_SERIAL_SHAPE = (1_000, 999)  # their product: the serials that are free for us
_OLD_SHAPE = (37_000, 27_000)  # likewise: the 9-digit numbers
_ROUNDS = 4


def prefix_of(place: Ints, year: Ints, sex: Ints) -> Ints:
    """The first six digits: place (three), century and sex, year of birth."""
    century_and_sex = 2 * (year // 100 - 19) + (sex - 1)
    result: Ints = place * 1000 + century_and_sex * 100 + year % 100
    return result


def issue(seed: int, prefix: Ints, chunk: int, chunks: int) -> Ints:
    """Numbers for ``prefix``, in order, out of this chunk's share.

    Raises ValueError when the chunk wants more numbers of one prefix than it owns.
    """
    position = chunk + chunks * _occurrence(prefix)
    if len(position) and int(position.max()) >= SERIALS - PERSONA_SERIALS:
        raise ValueError("the population is too large: a prefix ran out of numbers")
    keys = mix(prefix.astype(np.uint64) + key_of(seed, "numbers"))
    return prefix * SERIALS + PERSONA_SERIALS + _shuffle(position, keys, _SERIAL_SHAPE)


def issue_old(seed: int, count: int, chunk: int, chunks: int) -> Ints:
    """``count`` nine-digit numbers out of this chunk's share."""
    position = chunk + chunks * np.arange(count, dtype=np.int64)
    keys = np.full(count, key_of(seed, "old numbers"))
    return PERSONA_OLD_NUMBERS + _shuffle(position, keys, _OLD_SHAPE)


def _occurrence(values: Ints) -> Ints:
    """For each value, how many equal ones stand before it."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    lengths = np.diff(np.append(starts, len(values)))
    result = np.empty(len(values), dtype=np.int64)
    result[order] = np.arange(len(values)) - np.repeat(starts[: len(lengths)], lengths)
    return result


def _shuffle(position: Ints, keys: U64, shape: tuple[int, int]) -> Ints:
    """A keyed bijection of ``[0, high * low)``: a Feistel network over two unequal digits."""
    high, low = position // shape[1], position % shape[1]
    for turn in range(_ROUNDS):
        moved = mix(keys + (low * 8 + turn).astype(np.uint64))
        high = (high + (moved >> np.uint64(33)).astype(np.int64)) % shape[0]
        moved = mix(keys + (high * 8 + turn + 4).astype(np.uint64))
        low = (low + (moved >> np.uint64(33)).astype(np.int64)) % shape[1]
    return high * shape[1] + low
