"""The days of a register, one after another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from mock_population_db.events import Applied, EventRefused, Submission
from mock_population_db.generate.dates import REFORM
from mock_population_db.life.day import plan_day
from mock_population_db.life.drafts import happening_of, submissions
from mock_population_db.life.rates import Happening
from mock_population_db.life.rearrangement import Rearranged, rearrange
from mock_population_db.personas import left_unconverted
from mock_population_db.store.asking import Session
from mock_population_db.store.book import writing
from mock_population_db.store.places import Place, open_to_read, open_to_write
from mock_population_db.store.reading import read_moment

Progress = Callable[[int], None]
_A_DAY = timedelta(days=1)


class Register(Protocol):
    """What life needs of a ``Population``: the door that every event comes through."""

    async def apply_many(self, submissions: Sequence[Submission], /) -> list[Applied | Exception]:
        """Take events in, in order."""


@dataclass(slots=True)
class Tally:
    """What happened, and what the register's rules would not have, by code."""

    happened: Counter[Happening] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    rearranged: Rearranged | None = None

    def add(self, submission: Submission, outcome: Applied | Exception) -> None:
        """Count one event."""
        if isinstance(outcome, Applied):
            self.happened[happening_of(submission)] += 1
        elif isinstance(outcome, EventRefused):
            self.refused[outcome.code] += 1
        else:
            raise outcome

    @property
    def events(self) -> int:
        """How many happened."""
        return self.happened.total()


@dataclass(frozen=True, slots=True)
class Day:
    """A day that has begun, with all that will happen on it."""

    date: date
    events: tuple[Submission, ...]
    rearranged: Rearranged | None  # only on 2025-07-01


class Life:
    """Lives the days of one register, from the day after its own on.

    Args:
        register: takes the events in.
        place: where it is.
        seed: the register's.
        clock: when the register takes in what happens on a day, aware.
        progress: of a rearrangement, in people.
    """

    def __init__(
        self,
        register: Register,
        place: Place,
        seed: int,
        clock: Callable[[date], datetime],
        progress: Progress = lambda _: None,
    ) -> None:
        self._register = register
        self._place = place
        self._seed = seed
        self._clock = clock
        self._progress = progress

    async def begin(self) -> Day:
        """Let the next day begin.

        It never begins again: not after a crash, nor in another process that lives the register.

        Raises:
            PopulationError: the register cannot be used.
        """
        return await asyncio.to_thread(self._begin)

    async def report(self, events: Iterable[Submission], tally: Tally) -> None:
        """Report events, and count what came of them.

        Raises:
            PopulationUnavailable: the register cannot be used.
        """
        told = list(events)
        for one, outcome in zip(told, await self._register.apply_many(told), strict=True):
            tally.add(one, outcome)

    async def live(self, tally: Tally) -> date:
        """Live the next day as fast as it goes."""
        day = await self.begin()
        tally.rearranged = day.rearranged or tally.rearranged
        await self.report(day.events, tally)
        return day.date

    def _begin(self) -> Day:
        with open_to_write(self._place) as connection:
            rearranged = self._rearrange(connection)
            day = REFORM if rearranged else _next_day(connection)
        with open_to_read(self._place) as connection:
            drafts = plan_day(connection, self._seed, day)
        return Day(day, tuple(submissions(drafts, day, self._clock(day))), rearranged)

    def _rearrange(self, connection: Session) -> Rearranged | None:
        """Rearrange when tomorrow is the day; None when it is not, or another process did it."""
        if read_moment(connection)[1] + _A_DAY != REFORM:
            return None
        at = self._clock(REFORM)
        return rearrange(connection, at, left_unconverted(), self._progress)


def _next_day(connection: Session) -> date:
    # not waiting for the disk: the events that follow make it wait for this, too
    connection.execute("PRAGMA synchronous = NORMAL")
    with writing(connection) as book:
        book.move_day(book.day + _A_DAY)
        return book.day
