"""What verifying a register finds, and what it needs of the store that the register is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from mock_population_db.store.asking import Session

_In = TypeVar("_In")
_Out = TypeVar("_Out")
INDEXED = ("old_id", "household", "father", "mother", "spouse")  # columns of citizen


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    what: str
    found: str
    expected: str

    @property
    def holds(self) -> bool:
        """Whether it is as it should be."""
        return self.found == self.expected


class Run(Protocol):
    """Does one thing with each item, in any process; gives the results in order."""

    def __call__(self, work: Callable[[_In], _Out], items: Iterable[_In], /) -> Iterator[_Out]:
        """Begin with all of them at once."""
        ...


class Source(Protocol):
    """A register that is looked at; any process may be given one."""

    @property
    def name(self) -> str:
        """As errors tell it."""
        ...

    def opened(self) -> AbstractContextManager[Session]:
        """A connection of one's own.

        Raises PopulationError, or what the engine's connections raise.
        """
        ...

    def structure(self, run: Run) -> Iterator[Check]:
        """Whether what the engine built is whole, and indexes have an entry for everybody."""
        ...
