"""Fixed, documented, invented citizens: one for each outcome that a client must handle.

``python -m mock_population_db.personas`` writes docs/personas.md to standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from mock_population_db.cast import dates, everyday, names, numbers, residence, status
from mock_population_db.cast.scene import Expectation, Persona, PersonaClaim
from mock_population_db.citizen import Citizen, PartialDate
from mock_population_db.store.encode import encode
from mock_population_db.store.rows import Rows

__all__ = [
    "PERSONAS",
    "Expectation",
    "Persona",
    "PersonaChoice",
    "PersonaClaim",
    "personas_for",
    "rows_of",
    "to_json",
    "to_markdown",
]

PERSONAS: tuple[Persona, ...] = (
    *everyday.PERSONAS,
    *dates.PERSONAS,
    *names.PERSONAS,
    *numbers.PERSONAS,
    *status.PERSONAS,
    *residence.PERSONAS,
)

_HEADING = """# Personas

<!-- Written by `python -m mock_population_db.personas`; do not edit. -->

Every population holds these people. All of them are invented. Each line is a claim whose
answer is known: send exactly its numbers, name and birth date to `VerifyIdentity`. An empty
number is left out of the claim; where both stand, both are sent.

`dancu personas` lists those of a data directory. Populations of an earlier as-of date leave
out the people who were not born then.

"""
_COLUMNS = ("slug", "personal_id", "old_id_number", "full_name", "birth_date", "expect", "about")


@dataclass(frozen=True, slots=True)
class PersonaChoice:
    """The personas of a population, and those whose people were not born by its date."""

    personas: tuple[Persona, ...]
    left_out: tuple[Persona, ...]


def personas_for(as_of: date) -> PersonaChoice:
    """Choose the personas whose people were all born by a day."""
    today = PartialDate(as_of.year, as_of.month, as_of.day)
    born = {one.slug for one in PERSONAS if all(_born_by(who, today) for who in one.citizens)}
    return PersonaChoice(
        tuple(one for one in PERSONAS if one.slug in born),
        tuple(one for one in PERSONAS if one.slug not in born),
    )


def rows_of(personas: Iterable[Persona]) -> Rows:
    """The rows of their people and households, each once, marked as replaceable."""
    chosen = tuple(personas)
    citizens = {who.identity.personal_id: who for one in chosen for who in one.citizens}
    households = {home.household_id: home for one in chosen for home in one.households}
    return encode(citizens.values(), households.values(), persona=True)


def to_json(persona: Persona) -> dict[str, str]:
    """A persona as scripts read it: slug, the claim's four fields, expect, about."""
    told = asdict(persona.claim)
    return {"slug": persona.slug, **told, "expect": persona.expect, "about": persona.about}


def to_markdown(personas: Iterable[Persona]) -> str:
    """The page of documentation about personas."""
    lines = [_COLUMNS, tuple("---" for _ in _COLUMNS)]
    lines += [tuple(to_json(one)[column] for column in _COLUMNS) for one in personas]
    return _HEADING + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _born_by(who: Citizen, day: PartialDate) -> bool:
    birth = who.identity.birth_date
    return birth is None or birth <= day


if __name__ == "__main__":
    sys.stdout.write(to_markdown(PERSONAS))
