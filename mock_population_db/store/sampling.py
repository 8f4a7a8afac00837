"""What the simulated life reads of the register: a few columns of people picked by chance.

Functions that run in a read transaction of the caller's, many keys at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mock_population_db.citizen import ResidenceKind
from mock_population_db.store.asking import Session, array

# ids below belong to personas, and those from the second on to people whom the user added
DRAWN_HOUSEHOLDS = (1_000, 10**12)

_LAST_HOUSEHOLD = "SELECT max(id) FROM household WHERE id < ?"
# of the index alone: most that are drawn live nowhere, or are not the one who is meant
_RESIDENTS = """
SELECT k.key, c.id FROM json_each(?) AS k CROSS JOIN citizen AS c ON c.household = k.value
"""
_GLIMPSES = f"""
SELECT c.id, c.family, c.middle, c.given, c.birth, c.vital, c.number_status, c.sex, c.marital,
       c.ethnic, c.father, c.mother, c.spouse, c.household, c.relation, h.commune, h.epoch,
       c.document, c.expires, c.extra, s.household, s.relation, s.until
  FROM json_each(?) AS k CROSS JOIN citizen AS c ON c.id = k.value
  LEFT JOIN household AS h ON h.id = c.household
  LEFT JOIN stay AS s ON s.citizen = c.id AND s.kind = {ResidenceKind.TEMPORARY:d}
"""  # noqa: S608 - a constant
_YOUNGEST = """
SELECT c.mother, max(c.birth) FROM json_each(?) AS k CROSS JOIN citizen AS c ON c.mother = k.value
  GROUP BY c.mother
"""
_REPORTED = """
SELECT request_id, subject FROM event
  WHERE reporter = ? AND rpc = ? AND request_id >= ? AND request_id < ? AND subject IS NOT NULL
  ORDER BY request_id
"""


class Glimpse(NamedTuple):
    """One person, as far as it matters for what may happen next; columns as in the schema."""

    id: int
    family: str | None
    middle: str | None
    given: str | None
    birth: int | None
    vital: int
    number_status: int
    sex: int
    marital: int | None
    ethnic: int | None
    father: int | None
    mother: int | None
    spouse: int | None
    household: int | None
    relation: int | None
    commune: int | None  # of the household
    epoch: int | None
    document: int | None
    expires: int | None
    extra: str | None
    stay_household: int | None
    stay_relation: int | None
    stay_until: int | None

    @property
    def number(self) -> str:
        """The personal number, 12 digits."""
        return f"{self.id:012d}"

    def age(self, today: int) -> int:
        """Whole years on a packed day; -1 when the birth date is not recorded."""
        return -1 if self.birth is None else (today - self.birth) // 10_000


def last_household(connection: Session) -> int:
    """The largest id of a household that may be drawn, or one less than the smallest."""
    first, end = DRAWN_HOUSEHOLDS
    (last,) = connection.execute(_LAST_HOUSEHOLD, (end,)).fetchone()
    return max(last or 0, first - 1)


def residents(connection: Session, households: Sequence[int]) -> dict[int, list[int]]:
    """Who lives in the households for good, in any order, by the household's position.

    A household without anybody is absent.
    """
    found: dict[int, list[int]] = {}
    for position, person in connection.execute(_RESIDENTS, (array(households),)):
        found.setdefault(position, []).append(person)
    return found


def glimpses(connection: Session, people: Iterable[int]) -> dict[int, Glimpse]:
    """These people, by number; who is not on file is absent."""
    rows = connection.execute(_GLIMPSES, (array(people),))
    return {row[0]: Glimpse(*row) for row in rows}


def youngest_children(connection: Session, mothers: Iterable[int]) -> dict[int, int]:
    """The packed birth date of each mother's youngest child; absent without one on file."""
    return dict(connection.execute(_YOUNGEST, (array(mothers),)))


def reported(connection: Session, reporter: str, rpc: str, prefix: str) -> list[tuple[str, int]]:
    """Request id and subject of the events whose request ids begin so, in their order."""
    end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return connection.execute(_REPORTED, (reporter, rpc, prefix, end)).fetchall()
