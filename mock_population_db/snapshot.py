"""What one read of the register is asked for, and what it finds.

Plain values, as those of ``mock_population_db.citizen`` that they are made of: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType, SimpleNamespace
from typing import NamedTuple

from mock_population_db.citizen import Citizen, Household, Identity, NumberStep


class Keys(NamedTuple):
    """What one read of the register shall find.

    A number is sought, not looked up by equality, so that an unknown number costs
    what a known one costs.
    """

    numbers: tuple[str, ...] = ()  # 12 digits: identities
    old_numbers: tuple[str, ...] = ()  # 9 digits: identities, possibly several each
    former: tuple[str, ...] = ()  # 12 digits: follow the number history to its end
    details: tuple[str, ...] = ()  # 12 or 9 digits: whole citizens
    households: tuple[str, ...] = ()  # 12 or 9 digits: the households that citizens live in
    succeeded: tuple[str, ...] = ()  # 12 digits: who bears a cancelled number's successor now
    # 12 digits: citizens, of whom only these fields matter, by their names in the contract
    parts: Mapping[str, frozenset[str]] = MappingProxyType({})
    # 12 or 9 digits: the same of whomever the seeks, and the successions, lead to
    sought: Mapping[str, frozenset[str]] = MappingProxyType({})


class Part(SimpleNamespace):
    """Some fields of a citizen, by the names that they have in ``Citizen``.

    Making it costs nothing beside a citizen of twenty-four fields, of which three matter. Its
    residences are each a ``StoredResidence``.
    """


@dataclass(frozen=True, slots=True)
class NumberChain:
    """Where a number leads: every step of its person's history, and who that is now."""

    steps: tuple[NumberStep, ...]  # oldest first; empty when the number never changed
    current: Identity


@dataclass(slots=True)
class Snapshot:
    """What one read found, all at one revision.

    Every dictionary by number has an entry for each one asked, unless the register is empty.
    The entry is the record at that number or, when nobody has it, the neighbour that
    the seek came to rest on: whoever reads it must compare the number itself.
    """

    revision: int
    as_of: date
    identities: dict[str, Identity] = field(default_factory=dict)  # for numbers
    by_old_number: dict[str, tuple[Identity, ...]] = field(default_factory=dict)
    chains: dict[str, NumberChain] = field(default_factory=dict)  # for former
    citizens: dict[str, tuple[Citizen, ...]] = field(default_factory=dict)  # for details
    # for households: by id, those of every citizen that the seeks came to rest on
    households: dict[int, Household] = field(default_factory=dict)
    # for succeeded: only those that were cancelled and followed by another number
    successors: dict[str, Identity] = field(default_factory=dict)
    # by the number that they have: for parts only those who have it, for sought everybody found
    parts: dict[str, Part] = field(default_factory=dict)
