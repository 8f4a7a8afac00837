"""What a call must still fit into at the moment when it is recorded.

Each gateway counts in memory what its callers ask, and cannot know at the door what others are
recording just then. So the transaction that records a call reads what was used, by whichever
gateway, and has the last word: ``Tally`` judges, the stores read and write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

Account = tuple[str, str]
"""A day in Viet Nam, YYYY-MM-DD, and a caller."""


class Bounds(NamedTuple):
    """What one quota says of a day.

    Attributes:
        per_day: records; None is without limit.
        cap: answers NOT_VERIFIED about one claimed number; None is without limit.
        only: the one procedure that it is for; empty: all that are not in ``apart``.
        apart: procedures that have quotas of their own.
    """

    per_day: int | None
    cap: int | None
    only: str = ""
    apart: frozenset[str] = frozenset()

    def covers(self, procedure: str) -> bool:
        """Whether a procedure draws on this quota."""
        return procedure == self.only if self.only else procedure not in self.apart


class Allowance(NamedTuple):
    """What the entry of a limited caller must fit into.

    Attributes:
        bounds: of the quota that it draws on.
        claimed: how many claims were made about each number, which stands by its pseudonym.
        missed: the numbers of those claims that were not verified.
    """

    bounds: Bounds
    claimed: Mapping[bytes, int] = {}
    missed: Sequence[bytes] = ()


class Tally:
    """What one caller used on one day, as the records say and an open transaction adds to it.

    Attributes:
        before: records, by procedure, as the transaction found them.
        mismatches: answers NOT_VERIFIED, by claimed number; of those that were asked for.
    """

    def __init__(self, before: Mapping[str, int], mismatches: Mapping[bytes, int]) -> None:
        self.before = before
        self.mismatches = dict(mismatches)
        self._records = dict(before)
        self._sums: dict[Bounds, int] = {}

    def add(self, procedure: str, records: int) -> None:
        """Count what is recorded whatever the quota says."""
        self._records[procedure] = self._records.get(procedure, 0) + records
        self._sums.clear()

    def fit(self, allowance: Allowance, procedure: str, records: int) -> bool:
        """Count a call, if it still fits; False: it does not, and nothing was counted."""
        bounds = allowance.bounds
        used = self._used(bounds)
        if records and bounds.per_day is not None and used + records > bounds.per_day:
            return False
        known = self.mismatches
        if bounds.cap is not None:
            for number, claims in allowance.claimed.items():
                if known.get(number, 0) + claims > bounds.cap:
                    return False
        for number in allowance.missed:
            known[number] = known.get(number, 0) + 1
        self.add(procedure, records)
        self._sums[bounds] = used + records
        return True

    def _used(self, bounds: Bounds) -> int:
        """Records of all procedures that draw on a quota; summed up once for many calls."""
        if bounds not in self._sums:
            found = self._records.items()
            self._sums[bounds] = sum(count for one, count in found if bounds.covers(one))
        return self._sums[bounds]


Tallies = Mapping[Account, Tally]


class OverQuota(Exception):
    """Some entries do not fit any more into what their callers may ask; nothing was recorded.

    ``positions`` are those of the entries at fault.
    """

    def __init__(self, positions: frozenset[int], used: Tallies) -> None:
        super().__init__(f"{len(positions)} entries are over their quotas")
        self.positions = positions
        self.used = used
