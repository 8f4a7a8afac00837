"""What became of some days: what happened against what was to be expected."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

from mock_population_db.life.digest import register_digest
from mock_population_db.life.living import Life, Tally
from mock_population_db.life.rates import RATES, Happening, aimed
from mock_population_db.life.rearrangement import Rearranged
from mock_population_db.store.places import Place, open_population, open_to_read


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One line; ``aimed`` is None where it follows from other events."""

    label: Happening
    aimed: float | None
    happened: int


@dataclass(frozen=True, slots=True)
class Account:
    """Some days of a register."""

    first: date
    last: date
    people: int  # that the register was built with: what the aims are of
    events: int
    seconds: float
    rows: tuple[AccountRow, ...]
    refused: dict[str, int]  # by code
    rearranged: Rearranged | None
    digest: str  # of everything on file but times

    def to_json(self) -> dict[str, Any]:
        """As scripts read it."""
        return asdict(self)


async def lived(
    place: Place, days: int, clock: Callable[[date], datetime], progress: Callable[[int], None]
) -> Account:
    """Let days pass, and tell of them.

    Args:
        place: of a register that no other process lives.
        days: how many, at least 1, from the day after the register's on.
        clock: when the register takes in what happens on a day, aware.
        progress: told how many days are over.

    Raises:
        PopulationError: the register cannot be used.
    """
    tally, started = Tally(), monotonic()
    async with open_population(place) as register:
        about = await register.info()
        life, last = Life(register, place, about.seed, clock), about.day
        for passed in range(1, days + 1):
            last = await life.live(tally)
            progress(passed)
    seconds = monotonic() - started
    digest = await asyncio.to_thread(_digest, place)
    return Account(
        about.day + timedelta(days=1),
        last,
        about.size,
        tally.events,
        seconds,
        tuple(AccountRow(one, aimed(one, about.size, days), tally.happened[one]) for one in RATES),
        dict(sorted(tally.refused.items())),
        tally.rearranged,
        digest,
    )


def _digest(place: Place) -> str:
    with open_to_read(place) as connection:
        return register_digest(connection)
