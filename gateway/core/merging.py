"""One read of the register for many calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from mock_population_db.snapshot import Keys


def merged(all_keys: Sequence[Keys]) -> Keys:
    """What at least one call seeks; a number that is sought twice is sought once.

    Most calls seek one number and nothing else, so what nobody asks for must cost nothing.
    """
    numbers, old_numbers, former, details, households, succeeded, parts, sought = zip(
        *all_keys, strict=True
    )
    return Keys(
        _distinct(numbers),
        _distinct(old_numbers),
        _distinct(former),
        _distinct(details),
        _distinct(households),
        _distinct(succeeded),
        _united(parts),
        _united(sought),
    )


def _distinct(numbers: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Each once, in the order of their coming."""
    return tuple(dict.fromkeys(chain.from_iterable(numbers)))


def _united(wanted: Iterable[Mapping[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    """Per number, the fields that anybody wants."""
    united: dict[str, frozenset[str]] = {}
    for one in filter(None, wanted):
        for number, fields in one.items():
            united[number] = united.get(number, fields) | fields
    return united
