"""The vocabulary of the register's history: what changed, and how one asks for it.

Every change of a person's record is one row with a revision of its own; revisions grow
strictly and have no gaps in an uncompacted register. Plain values: no I/O, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import NamedTuple


class ChangeKind(IntEnum):
    """What happened to a person's record (loại biến động)."""

    BIRTH = 1
    NUMBER_CONFIRMED = 2  # xác lập số định danh
    DEATH = 3  # also declared dead or missing by a court
    MARITAL_STATUS = 4
    RESIDENCE = 5
    CORRECTION = 6  # cải chính hộ tịch
    DOCUMENT = 7
    RENUMBERED = 8  # hủy, xác lập lại số định danh; the subject is the new number
    ADDRESS_CONVERTED = 9  # sắp xếp đơn vị hành chính
    HOUSEHOLD_HEAD = 10
    ANNULMENT = 11
    WITHDRAWN = 12  # the birth that made the record was annulled


class ChangeCause(IntEnum):
    """Where a change came from."""

    SUBMITTED = 1  # an event that somebody reported
    LIFE = 2  # the simulated life of the population
    REARRANGEMENT = 3  # of administrative units, 2025-07-01
    REGISTER = 4  # the register itself: a pending number was confirmed


class Change(NamedTuple):
    """One change of one person's record.

    A named tuple, because followers are told of thousands a second, and a frozen dataclass takes
    four times as long to make.
    """

    revision: int
    kind: ChangeKind
    personal_id: str  # the number right after the change
    fields: tuple[str, ...]  # names of ``Citizen`` in the contract, e.g. permanent_residence
    cause: ChangeCause
    recorded_at: datetime  # aware, UTC
    effective: date
    former_personal_id: str = ""  # with RENUMBERED
    event_id: str = ""  # of the event behind it
    # the communes of residence before and after, 5 digits in the codes in force, and the
    # provinces of each, 2 digits; for filters
    communes: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    reporter: str = ""  # who reported the event behind it; empty unless somebody did


@dataclass(frozen=True, slots=True)
class ChangeQuery:
    """Which changes to find. Empty collections and None mean: all.

    Attributes:
        start: the first revision, inclusive.
        limit: at most so many changes.
        provinces: 2 digits, compared with ``Change.provinces``.
        communes: 5 digits, compared with ``Change.communes``.
        numbers: current personal numbers; changes under numbers that led to them count.
            None means everybody, an empty set nobody.
        since: recorded at or after this, aware.
        before: recorded before this, aware.
        scan: how many rows to look through at most; a filter that hits little must not hold the
            register's thread for long.
    """

    start: int
    limit: int
    kinds: frozenset[ChangeKind] = frozenset()
    provinces: frozenset[str] = frozenset()
    communes: frozenset[str] = frozenset()
    numbers: frozenset[str] | None = None
    since: datetime | None = None
    before: datetime | None = None
    scan: int = 10_000


@dataclass(frozen=True, slots=True)
class ChangePage:
    """What one query found, all at one revision of the register.

    Attributes:
        changes: ascending by revision.
        through: every change from ``start`` up to here, inclusive, that passes the filter is in
            ``changes``; at least ``start - 1``.
        head: the register's revision.
        compacted: the latest revision that is no longer kept, 0 when all are.
        current: for each ``personal_id`` of the changes, the number its person has now; absent
            when the record was withdrawn.
    """

    changes: tuple[Change, ...]
    through: int
    head: int
    compacted: int
    current: dict[str, str]


class Compacted(Exception):
    """The query starts at a revision that is no longer kept."""

    def __init__(self, compacted: int) -> None:
        super().__init__(f"revisions up to {compacted} are no longer kept")
        self.compacted = compacted


class NotReached(Exception):
    """The query starts beyond the next revision."""

    def __init__(self, head: int) -> None:
        super().__init__(f"the register is at revision {head}")
        self.head = head
