"""A user's own personas, from a CSV or TOML file.

The file is checked as a whole, and everything wrong in it is told at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from mock_population_db import divisions
from mock_population_db.cast.scene import Expectation, Persona, PersonaClaim, household
from mock_population_db.citizen import (
    BloodType,
    Citizen,
    CodeEpoch,
    Household,
    Identity,
    MaritalStatus,
    NumberStatus,
    NumberStep,
    PersonName,
    Relation,
    Residence,
    ResidenceKind,
    Sex,
    VitalStatus,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.persona_entries import Entry, Problem, read_entries
from mock_population_db.persona_rules import REQUIRED, RULES
from mock_population_db.personas import PERSONAS
from mock_population_db.store.decode import TWELVE_DIGITS, residence_file_number

__all__ = ["PersonasFileError", "Problem", "load_personas_file"]

# above every household of a generated population, and exact in JavaScript
_FIRST_HOUSEHOLD = 10**12
_UNIQUE = ("personal_id", "old_id_number", "slug")


class PersonasFileError(Exception):
    """A file of personas that cannot be used.

    Attributes:
        problems: everything that is wrong, by line.
    """

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(f"{path}:{problem}" for problem in self.problems))


def load_personas_file(path: Path, *, as_of: date | None = None) -> list[Persona]:
    """Read a user's personas.

    CSV has a header row, TOML a ``[[persona]]`` table for each. Required are personal_id,
    full_name and birth_date; the other fields are the keys of ``persona_rules.RULES``.
    Whoever has a commune_code lives there, alone in a household.

    Args:
        path: a file that ends in ``.csv`` or ``.toml``.
        as_of: the population's day; nobody may be born after it.

    Raises:
        PersonasFileError: something in the file is wrong, or it cannot be read.
    """
    problems: list[Problem] = []
    try:
        entries = read_entries(path, problems)
    except OSError as error:
        reason = error.strerror or "cannot be read"
        problem = Problem(1, "file", reason, "check the path and its rights")
        raise PersonasFileError(path, [problem]) from error
    for entry in entries:
        problems += _entry_problems(entry, as_of)
    problems += _duplicates(entries)
    if not entries and not problems:
        problems.append(Problem(1, "file", "has no persona", "add at least one"))
    if problems:
        raise PersonasFileError(path, problems)
    return [_persona(entry.values, position) for position, entry in enumerate(entries, 1)]


def _entry_problems(entry: Entry, as_of: date | None) -> Iterator[Problem]:
    values = entry.values
    for name in REQUIRED:
        if name not in values:
            yield Problem(entry.line_of(name), name, "is missing", "every persona needs it")
    wrong = False
    for name, text in values.items():
        if fault := RULES[name](text):
            wrong = True
            yield Problem(entry.line_of(name), name, fault.rule, fault.fix)
    if wrong or any(name not in values for name in REQUIRED):
        return
    yield from _contradictions(entry, as_of)


def _contradictions(entry: Entry, as_of: date | None) -> Iterator[Problem]:
    """Values that are right by themselves and not together."""
    joined = _name(entry.values).full
    if joined != entry.values["full_name"]:
        rule = f"is not its parts joined by single blanks ({joined})"
        yield Problem(entry.line_of("full_name"), "full_name", rule, "make them agree")
    if as_of is not None:
        today = PartialDate(as_of.year, as_of.month, as_of.day)
        if PartialDate.parse(entry.values["birth_date"]) > today:
            rule = f"is after the population's day, {as_of}"
            yield Problem(entry.line_of("birth_date"), "birth_date", rule, "give an earlier one")


def _duplicates(entries: list[Entry]) -> Iterator[Problem]:
    taken = {name: dict.fromkeys(values, "a built-in persona") for name, values in _built_in()}
    for entry in entries:
        for name in _UNIQUE:
            value = entry.values.get(name)
            if value is None:
                continue
            if owner := taken[name].get(value):
                rule = f"{value} is {owner}'s already"
                yield Problem(entry.line_of(name), name, rule, "choose another")
            taken[name].setdefault(value, f"line {entry.line}")


def _built_in() -> Iterator[tuple[str, set[str]]]:
    """The numbers, present and former, and the slugs of the built-in personas."""
    people = [who for one in PERSONAS for who in one.citizens]
    steps = [step for who in people for step in who.number_history]
    claimed = {one.claim.personal_id for one in PERSONAS}
    present = {who.identity.personal_id for who in people}
    yield "personal_id", claimed | present | {step.former for step in steps}
    yield "old_id_number", {who.identity.old_id_number for who in people}
    yield "slug", {one.slug for one in PERSONAS}


def _persona(values: dict[str, str], position: int) -> Persona:
    citizen, home = _citizen(values)
    number, old = values["personal_id"], values.get("old_id_number", "")
    cancelled = citizen.identity.number_status is NumberStatus.CANCELLED
    return Persona(
        slug=values.get("slug", f"own-{position}"),
        about=values.get("about", "From your file."),
        expect=Expectation.NOT_VERIFIED if cancelled else Expectation.VERIFIED,
        claim=PersonaClaim(number, old, values["full_name"], values["birth_date"]),
        citizens=(citizen,),
        households=(home,) if home else (),
    )


def _citizen(values: dict[str, str]) -> tuple[Citizen, Household | None]:
    number, old = values["personal_id"], values.get("old_id_number", "")
    home = _home(number, values["commune_code"]) if "commune_code" in values else None
    sex = values.get("sex", "FEMALE" if int(number[3]) % 2 else "MALE")
    citizen = Citizen(
        Identity(
            number,
            _name(values),
            PartialDate.parse(values["birth_date"]),
            old,
            VitalStatus[values.get("vital_status", "ALIVE")],
            NumberStatus[values.get("number_status", "ACTIVE")],
        ),
        sex=Sex[sex],
        ethnic_code=values.get("ethnic_code", ""),
        religion_code=values.get("religion_code", ""),
        nationality=values.get("nationality", "VN"),
        blood_type=BloodType[values.get("blood_type", "NO_DATA")],
        marital_status=MaritalStatus[values.get("marital_status", "NO_DATA")],
        permanent_residence=_residence(home) if home else None,
        residence_file_number=residence_file_number(home.household_id if home else 0),
        number_history=(NumberStep(old, number, None, TWELVE_DIGITS),) if old else (),
    )
    return citizen, home


def _name(values: dict[str, str]) -> PersonName:
    """The parts as given; else first token, middle ones, last one."""
    if any(part in values for part in ("family", "middle", "given")):
        return PersonName(*(values.get(part, "") for part in ("family", "middle", "given")))
    family, *middle, given = ["", *values["full_name"].split(" ")]
    if middle:
        family, *middle = middle
    return PersonName(family, " ".join(middle), given)


def _home(number: str, commune: str) -> Household:
    # of the number's digest, not of the number: household numbers are shown to others
    digest = hashlib.sha256(number.encode()).digest()
    identifier = _FIRST_HOUSEHOLD + int.from_bytes(digest[:6], "big")
    return household(identifier, divisions.address_in(commune, CodeEpoch.Y2025), number)


def _residence(home: Household) -> Residence:
    return Residence(
        ResidenceKind.PERMANENT,
        home.address,
        household_id=home.household_id,
        relation=Relation.HEAD,
    )
