"""The common events, filled in: what the office knows goes in, the contract's message comes out.

Each rests on a ``Paper``. Dates are ``YYYY-MM-DD`` or dates; a death's may lack its day or month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from clients.sdk.requests import Claim, partial_date
from clients.sdk.vocabulary import HouseholdRelation, Sex
from dancu.v1 import citizen_pb2
from dancu.v1 import population_event_pb2 as pb

Day = str | date


@dataclass(frozen=True, slots=True)
class Paper:
    """The document that an event rests on (giấy tờ hộ tịch, quyết định).

    Attributes:
        number: Số, at most 40 characters.
        issued: Ngày cấp.
        authority: Cơ quan cấp.
        book: Quyển số; may be empty.
    """

    number: str
    issued: Day
    authority: str
    book: str = ""

    def to_message(self) -> pb.LegalDocument:
        """The contract's message; ValueError when ``issued`` is no date."""
        return pb.LegalDocument(
            number=self.number,
            book=self.book,
            issued_date=partial_date(self.issued),
            authority=self.authority,
        )


def birth(
    paper: Paper,
    *,
    name: str,
    birth_date: Day,
    sex: Sex,
    commune: str,
    mother: Claim | None = None,
    father: Claim | None = None,
    order: tuple[int, int] | None = None,
    not_a_duplicate: bool = False,
    registered: Day | None = None,
) -> pb.PopulationEvent:
    """A birth, by one parent at least; ``order`` is (which, of how many) of several children."""
    which, of = order or (0, 0)
    what = pb.BirthEvent(
        name=person_name(name),
        birth_date=partial_date(birth_date),
        sex=citizen_pb2.Sex.Name(sex.value),
        mother=_claim(mother),
        father=_claim(father),
        registration_commune_code=commune,
        children_in_birth=of,
        birth_order=which,
        not_a_duplicate=not_a_duplicate,
    )
    return _event(paper, birth_date, registered, birth=what)


def death(
    paper: Paper, *, person: Claim, on: Day, registered: Day | None = None
) -> pb.PopulationEvent:
    """A death. Declarations by a court are not common: take the contract's message for them."""
    registered = registered or paper.issued
    what = pb.DeathEvent(person=person.to_message(), date=partial_date(on))
    return _event(paper, on if partial_date(on).day else registered, registered, death=what)


def marriage(
    paper: Paper, *, wife: Claim, husband: Claim, registered: Day | None = None
) -> pb.PopulationEvent:
    """A marriage; it holds from its registration."""
    what = pb.MarriageEvent(wife=wife.to_message(), husband=husband.to_message())
    return _event(paper, None, registered, marriage=what)


def joining(
    paper: Paper,
    *,
    person: Claim,
    member: Claim,
    relation: HouseholdRelation,
    until: Day | None = None,
    registered: Day | None = None,
) -> pb.PopulationEvent:
    """A residence in the household of ``member``; a temporary one if it ends (``until``)."""
    what = _residence(
        person,
        until,
        household_member=member.to_message(),
        relation_to_head=citizen_pb2.HouseholdRelation.Name(relation.value),
    )
    return _event(paper, None, registered, residence=what)


def founding(
    paper: Paper,
    *,
    person: Claim,
    commune: str,
    address: str,
    until: Day | None = None,
    registered: Day | None = None,
) -> pb.PopulationEvent:
    """A residence in a household of one's own, of which the person becomes the head."""
    what = _residence(person, until, commune_code=commune, address_detail=address)
    return _event(paper, None, registered, residence=what)


def departure(
    paper: Paper,
    *,
    person: Claim,
    temporary: bool = False,
    new_head: Claim | None = None,
    registered: Day | None = None,
) -> pb.PopulationEvent:
    """A residence ends; ``new_head`` is the head from now on, where the head leaves."""
    what = pb.DepartureEvent(
        person=person.to_message(), kind=_kind(temporary=temporary), new_head=_claim(new_head)
    )
    return _event(paper, None, registered, departure=what)


def correction(
    paper: Paper,
    *,
    person: Claim,
    name: str = "",
    sex: Sex = Sex.UNSPECIFIED,
    birth_date: Day | None = None,
    registered: Day | None = None,
) -> pb.PopulationEvent:
    """Name, sex or birth date as they should be; what is left out stays."""
    what = pb.CorrectionEvent(
        person=person.to_message(),
        name=person_name(name) if name else None,
        sex=citizen_pb2.Sex.Name(sex.value),
        birth_date=partial_date(birth_date) if birth_date else None,
    )
    return _event(paper, None, registered, correction=what)


def access_dispute(
    paper: Paper,
    *,
    person: Claim,
    leaf_index: int,
    row_index: int,
    statement: str,
    registered: Day | None = None,
) -> pb.PopulationEvent:
    """A citizen disputes an entry of ``list_accesses``, named by leaf and row."""
    what = pb.AccessDisputeEvent(
        person=person.to_message(),
        leaf_index=leaf_index,
        row_index=row_index,
        statement=statement,
    )
    return _event(paper, None, registered, access_dispute=what)


def person_name(full: str) -> citizen_pb2.PersonName:
    """A name by its parts: the first word is the family name, the last one the given name.

    Families of two words (Tôn Thất) are to be split by hand; one word is a given name.
    """
    family, *middle, given = full.split() if len(full.split()) > 1 else ("", full.strip())
    return citizen_pb2.PersonName(family=family, middle=" ".join(middle), given=given)


def _event(
    paper: Paper, effective: Day | None, registered: Day | None, **what: Any
) -> pb.PopulationEvent:
    """``registered`` is the day of the paper if left out, and ``effective`` that day."""
    registered = registered or paper.issued
    return pb.PopulationEvent(
        document=paper.to_message(),
        effective_date=partial_date(effective or registered),
        registered_date=partial_date(registered),
        **what,
    )


def _residence(person: Claim, until: Day | None, **where: Any) -> pb.ResidenceEvent:
    return pb.ResidenceEvent(
        person=person.to_message(),
        kind=_kind(temporary=bool(until)),
        until=partial_date(until) if until else None,
        **where,
    )


def _kind(*, temporary: bool) -> pb.ResidenceEventKind:
    return pb.RESIDENCE_EVENT_KIND_TEMPORARY if temporary else pb.RESIDENCE_EVENT_KIND_PERMANENT


def _claim(claim: Claim | None) -> citizen_pb2.CitizenClaim | None:
    return claim.to_message() if claim else None
