"""How often the defects of real registers occur, and who lives away from home.

Where a public source gives a figure it is used; most are models.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares in ``[0, 1]``, of all citizens unless the comment says otherwise.

    Raises ValueError when a share lies outside.
    """

    # births
    year_only: float = 0.06  # of those born before 1960, and half of that until 1974
    month_only: float = 0.012  # likewise
    no_birth_date: float = 0.0002
    # names
    whole_name_in_given: float = 0.03  # family and middle name empty
    d_look_alike: float = 0.002  # Ð (U+00D0) typed for Đ, of those with a Đ
    half_decomposed: float = 0.003  # tones as combining marks, as from windows-1258
    # fields not recorded
    no_ethnic: float = 0.004
    no_religion: float = 0.03
    no_nationality: float = 0.003
    no_native_place: float = 0.02
    no_birth_place: float = 0.02
    no_parents: float = 0.04  # of those whose parents are on file
    no_residence: float = 0.003  # of those who head no household
    # numbers
    old_number_shared: float = 0.002  # of old 9-digit numbers: two people have it
    renumbered: float = 0.004  # the number was cancelled and set up again
    renumbered_twice: float = 0.05  # of those
    number_disagrees: float = 0.0005  # the number tells the other sex
    under_correction: float = 0.0003
    # vital status
    dead: float = 0.006  # still on file, mostly old
    declared_missing: float = 0.0003
    declared_dead: float = 0.0001
    death_annulled: float = 0.0001
    # addresses, from 2025-07-01 on, of households
    unconverted: float = 0.006
    written_since: float = 0.04  # first written after the reform: nothing to convert
    # away from home
    temporary: float = 0.12  # tạm trú
    current_elsewhere: float = 0.01  # nơi ở hiện tại is neither
    # cards
    card_not_renewed: float = 0.05  # of those whose renewal fell in the last three years
    no_card: float = 0.025  # of those who should have one

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        for item in fields(self):
            if not 0 <= getattr(self, item.name) <= 1:
                raise ValueError(f"{item.name} is a share: 0 to 1")


DEFAULT_SHARES = Shares()
