"""Fixed, documented, invented citizens: one for each outcome that a client must handle.

``python -m mock_population_db.personas`` writes docs/personas.md to standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from mock_population_db.cast import dates, everyday, names, numbers, residence, status
from mock_population_db.cast.epochs import exists_by, on_day
from mock_population_db.cast.scene import Expectation, Persona, PersonaClaim
from mock_population_db.citizen import Conversion
from mock_population_db.store.encode import encode
from mock_population_db.store.rows import Rows

__all__ = [
    "PERSONAS",
    "Expectation",
    "Persona",
    "PersonaChoice",
    "PersonaClaim",
    "left_unconverted",
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
out the people who were not born then, or had not died; before 2025-07-01 the addresses of the
others are written in the codes of that time, and `dancu population rearrange` converts them.

"""
_COLUMNS = ("slug", "personal_id", "old_id_number", "full_name", "birth_date", "expect", "about")


@dataclass(frozen=True, slots=True)
class PersonaChoice:
    """The personas of a population, and those that do not fit its date."""

    personas: tuple[Persona, ...]
    left_out: tuple[Persona, ...]


def personas_for(as_of: date) -> PersonaChoice:
    """Choose the personas who fit a day, as they were on it."""
    return PersonaChoice(
        tuple(on_day(one, as_of) for one in PERSONAS if exists_by(one, as_of)),
        tuple(one for one in PERSONAS if not exists_by(one, as_of)),
    )


def left_unconverted() -> frozenset[int]:
    """The households whose addresses kept their codes on 2025-07-01, by id."""
    homes = (home for one in PERSONAS for home in one.households)
    kept = (home for home in homes if home.address.conversion is Conversion.UNCONVERTED)
    return frozenset(home.household_id for home in kept)


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


if __name__ == "__main__":
    sys.stdout.write(to_markdown(PERSONAS))
