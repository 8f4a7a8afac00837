"""The common events from a command line: which options each kind needs, and the event they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from clients.cli_errors import UsageError
from clients.cli_options import numbers_of
from clients.sdk import Claim, HouseholdRelation, Paper, Sex, event_forms
from dancu.v1.population_event_pb2 import LegalDocument, PopulationEvent

_CLAIM_PARTS = 3


class Kind(StrEnum):
    """``--kind``."""

    BIRTH = "birth"
    DEATH = "death"
    MARRIAGE = "marriage"
    RESIDENCE = "residence"
    DEPARTURE = "departure"
    CORRECTION = "correction"


class SexOption(StrEnum):
    """``--sex``."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was said of an event. Empty is not said; people are ``NUMBER,NAME,BIRTH DATE``."""

    document: str = ""
    book: str = ""
    document_date: str = ""
    authority: str = ""
    registered: str = ""
    person: str = ""
    mother: str = ""
    father: str = ""
    wife: str = ""
    husband: str = ""
    member: str = ""
    relation: str = ""
    name: str = ""
    sex: SexOption | None = None
    birth_date: str = ""
    on: str = ""
    commune: str = ""
    address: str = ""
    until: str = ""
    twin: str = ""
    temporary: bool = False
    not_a_duplicate: bool = False

    def paper(self) -> Paper:
        """The document; UsageError when it is not whole."""
        self.need("document", "document_date", "authority")
        return Paper(self.document, self.document_date, self.authority, self.book)

    def need(self, *names: str) -> None:
        """UsageError unless all of these were said."""
        missing = [f"--{name.replace('_', '-')}" for name in names if not getattr(self, name)]
        if missing:
            raise UsageError(f"say {', '.join(missing)}, too")


def event_of(kind: Kind, given: Given) -> PopulationEvent:
    """The event that the options describe; UsageError when they describe none."""
    try:
        return _FORMS[kind](given, given.paper())
    except ValueError as error:
        raise UsageError(str(error)) from None


def dispute_of(
    given: Given, person: Claim, place: tuple[int, int], statement: str
) -> PopulationEvent:
    """A citizen's dispute about the access entry at a (leaf, row)."""
    leaf, row = place
    try:
        return event_forms.access_dispute(
            given.paper(), person=person, leaf_index=leaf, row_index=row, statement=statement
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


def document_of(given: Given) -> LegalDocument:
    """The document alone; UsageError when it is not whole."""
    try:
        return given.paper().to_message()
    except ValueError as error:
        raise UsageError(str(error)) from None


def claimed(text: str) -> Claim:
    """A person as ``NUMBER,NAME,BIRTH DATE``; UsageError when it is not."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != _CLAIM_PARTS:
        raise UsageError(f"{text}: write a person as NUMBER,NAME,YYYY-MM-DD")
    personal_id, old_id_number = numbers_of(parts[0])
    return Claim(
        personal_id=personal_id,
        old_id_number=old_id_number,
        full_name=parts[1],
        birth_date=parts[2],
    )


def _birth(given: Given, paper: Paper) -> PopulationEvent:
    given.need("name", "birth_date", "sex", "commune", *(() if given.father else ("mother",)))
    return event_forms.birth(
        paper,
        name=given.name,
        birth_date=given.birth_date,
        sex=_sex(given),
        commune=given.commune,
        mother=claimed(given.mother) if given.mother else None,
        father=claimed(given.father) if given.father else None,
        order=_order(given.twin) if given.twin else None,
        not_a_duplicate=given.not_a_duplicate,
        registered=given.registered or None,
    )


def _death(given: Given, paper: Paper) -> PopulationEvent:
    given.need("person", "on")
    return event_forms.death(
        paper, person=claimed(given.person), on=given.on, registered=given.registered or None
    )


def _marriage(given: Given, paper: Paper) -> PopulationEvent:
    given.need("wife", "husband")
    return event_forms.marriage(
        paper,
        wife=claimed(given.wife),
        husband=claimed(given.husband),
        registered=given.registered or None,
    )


def _residence(given: Given, paper: Paper) -> PopulationEvent:
    given.need("person")
    until, registered = given.until or None, given.registered or None
    if given.member:
        given.need("relation")
        return event_forms.joining(
            paper,
            person=claimed(given.person),
            member=claimed(given.member),
            relation=_relation(given.relation),
            until=until,
            registered=registered,
        )
    given.need("commune", "address")
    return event_forms.founding(
        paper,
        person=claimed(given.person),
        commune=given.commune,
        address=given.address,
        until=until,
        registered=registered,
    )


def _departure(given: Given, paper: Paper) -> PopulationEvent:
    given.need("person")
    return event_forms.departure(
        paper,
        person=claimed(given.person),
        temporary=given.temporary,
        new_head=claimed(given.member) if given.member else None,
        registered=given.registered or None,
    )


def _correction(given: Given, paper: Paper) -> PopulationEvent:
    given.need("person")
    return event_forms.correction(
        paper,
        person=claimed(given.person),
        name=given.name,
        sex=_sex(given) if given.sex else Sex.UNSPECIFIED,
        birth_date=given.birth_date or None,
        registered=given.registered or None,
    )


_FORMS: dict[Kind, Callable[[Given, Paper], PopulationEvent]] = {
    Kind.BIRTH: _birth,
    Kind.DEATH: _death,
    Kind.MARRIAGE: _marriage,
    Kind.RESIDENCE: _residence,
    Kind.DEPARTURE: _departure,
    Kind.CORRECTION: _correction,
}


def _sex(given: Given) -> Sex:
    return Sex[given.sex.name] if given.sex else Sex.UNSPECIFIED


def _order(text: str) -> tuple[int, int]:
    which, _, of = text.partition("/")
    if not which.isdecimal() or not of.isdecimal():
        raise UsageError(f"--twin {text}: write WHICH/OF, e.g. 1/2")
    return int(which), int(of)


def _relation(text: str) -> HouseholdRelation:
    try:
        return HouseholdRelation[text.upper().replace("-", "_")]
    except KeyError:
        known = ", ".join(each.name.lower().replace("_", "-") for each in HouseholdRelation)
        raise UsageError(f"--relation {text}: take one of {known}") from None
