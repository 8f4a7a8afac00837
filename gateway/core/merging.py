"""One read of the register for many calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mock_population_db.citizen import Keys


def merged(all_keys: Sequence[Keys]) -> Keys:
    """What many calls seek; a number that is sought twice is sought once.

    Most calls seek one number and nothing else, so what nobody asks for must cost nothing.
    """
    return Keys(
        _distinct(keys.numbers for keys in all_keys),
        _distinct(keys.old_numbers for keys in all_keys),
        _distinct(keys.former for keys in all_keys),
        _distinct(keys.details for keys in all_keys),
        _distinct(keys.households for keys in all_keys),
        _distinct(keys.succeeded for keys in all_keys),
        _united(keys.parts for keys in all_keys),
        _united(keys.sought for keys in all_keys),
    )


def _distinct(numbers: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Each once, in the order of their coming."""
    return tuple(dict.fromkeys(number for some in numbers if some for number in some))


def _united(wanted: Iterable[Mapping[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    """Per number, the fields that anybody wants."""
    united: dict[str, frozenset[str]] = {}
    for one in wanted:
        for number, fields in one.items():
            united[number] = united.get(number, fields) | fields
    return united
