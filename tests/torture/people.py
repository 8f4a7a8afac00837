"""Who plays what: people of the generated register, each with one client that reports on them.

Only one client reports about a person, so that each knows what is on file for its own people.
"""

from __future__ import annotations

import json
import random
import unicodedata
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from clients.sdk import Claim
from mock_population_db.citizen import MaritalStatus, Sex
from tests.support.population_stores import Place, query

_STEADY = 400  # people to whom nothing happens
_LIVELY = 120  # people of one submitter
_ADULT_BEFORE = 20_060_101  # born before this, packed as in the register
_SINGLE = MaritalStatus.NEVER_MARRIED
_PERSONAS_HAVE = 1_000  # households below belong to personas

# whole birth dates and whole names of the living, of permanent households that were generated
_PEOPLE = """
SELECT id, family || coalesce(' ' || middle, '') || ' ' || given, birth, sex, marital FROM citizen
 WHERE birth % 100 > 0 AND birth > 19500000 AND family IS NOT NULL AND given IS NOT NULL
   AND vital = 1 AND number_status = 1 AND nationality IS NULL AND marital IS NOT NULL
   AND household >= ? AND household < 1000000000000 ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the register had them when the test began."""

    number: str
    name: str
    birth_date: str  # YYYY-MM-DD
    female: bool
    adult: bool
    single: bool

    @property
    def claim(self) -> Claim:
        """As the person was."""
        return Claim(personal_id=self.number, full_name=self.name, birth_date=self.birth_date)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody's parts.

    Attributes:
        steady: nothing happens to them.
        lively: by submitter, those of whom it reports.
    """

    steady: list[Person]
    lively: dict[str, list[Person]] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write the parts for the clients."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what ``save`` wrote."""
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        lively = {name: _persons(each) for name, each in found["lively"].items()}
        return cls(_persons(found["steady"]), lively)


def cast(register: Place, seed: int, submitters: list[str]) -> Cast:
    """Choose people of a register that nobody has changed yet."""
    found = [_person(*row) for row in query(register, _PEOPLE, _PERSONAS_HAVE)]
    random.Random(f"people {seed}").shuffle(found)  # noqa: S311 - to be repeated, not a secret
    adults = [one for one in found if one.adult]
    parts = {name: adults[at * _LIVELY : (at + 1) * _LIVELY] for at, name in enumerate(submitters)}
    taken = {one.number for part in parts.values() for one in part}
    steady = [one for one in found if one.number not in taken][:_STEADY]
    return Cast(steady, parts)


def _person(number: int, name: str, birth: int, sex: int, marital: int) -> Person:
    day = f"{birth // 10_000:04d}-{birth // 100 % 100:02d}-{birth % 100:02d}"
    composed = unicodedata.normalize("NFC", name)  # or it would be flagged REPAIRED
    adult = birth < _ADULT_BEFORE
    return Person(f"{number:012d}", composed, day, sex == Sex.FEMALE, adult, marital == _SINGLE)


def _persons(found: list[dict[str, Any]]) -> list[Person]:
    return [Person(**one) for one in found]
