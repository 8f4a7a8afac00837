"""Chance for one person on one day: the same in every run over the same register."""

from __future__ import annotations

from datetime import date

from mock_population_db.generate.rng import Choice, Draws

_NUMBERS = 10**12  # personal numbers lie below


class Dice:
    """Rolls by name: each name is a stream of its own, of which the first value is taken."""

    def __init__(self, seed: int, day: date, person: int = 0) -> None:
        """Chance of a person, or with 0 of the whole population, on a day."""
        self.draws = Draws(seed, day.toordinal() * _NUMBERS + person)

    def below(self, name: str, bound: int) -> int:
        """A whole number in ``[0, bound)``."""
        return int(self.draws.below(f"life {name}", 1, bound)[0])

    def chance(self, name: str, share: float) -> bool:
        """True in ``share`` of the cases."""
        return bool(self.draws.unit(f"life {name}", 1)[0] < share)

    def pick(self, name: str, choice: Choice, group: int = 0) -> int:
        """One value of a weighted choice."""
        return int(choice.pick(self.draws.raw(f"life {name}", 1), group)[0])
