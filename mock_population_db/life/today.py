"""One day of the register, as the simulated life looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from mock_population_db.life.dice import Dice
from mock_population_db.life.places import commune_of, name_of, province_of
from mock_population_db.store.asking import Session
from mock_population_db.store.sampling import Glimpse


@dataclass(frozen=True, slots=True)
class Today:
    """The register in a read transaction, its seed, and the day to be lived."""

    connection: Session
    seed: int
    day: date

    @property
    def packed(self) -> int:
        """The day as YYYYMMDD."""
        return packed(self.day)

    def dice(self, person: int = 0) -> Dice:
        """The chance of a person, or of the whole population."""
        return Dice(self.seed, self.day, person)

    def in_days(self, days: int) -> int:
        """The packed day so many days on."""
        return packed(self.day + timedelta(days=days))

    def office(self, person: Glimpse) -> str:
        """The civil status office where somebody lives."""
        return f"UBND {name_of(commune_of(person, self.day), self.day)}"

    def court(self, person: Glimpse) -> str:
        """The court of the province where somebody lives."""
        province = province_of(commune_of(person, self.day), self.day)
        return f"Tòa án nhân dân khu vực ({province})"

    def police(self, commune: str) -> str:
        """The police of a commune."""
        return f"Công an {name_of(commune, self.day)}"


def packed(day: date) -> int:
    """A day as YYYYMMDD."""
    return day.year * 10_000 + day.month * 100 + day.day
