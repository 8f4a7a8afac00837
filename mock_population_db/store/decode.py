"""Rows of the register, read into the citizen type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from mock_population_db.citizen import (
    Address,
    BloodType,
    Citizen,
    CodeEpoch,
    Document,
    DocumentKind,
    DocumentStatus,
    Identity,
    MaritalStatus,
    NumberStatus,
    NumberStep,
    PartialDate,
    PersonName,
    Relation,
    Relative,
    Residence,
    ResidenceKind,
    Sex,
    VitalStatus,
)
from mock_population_db.store import packing
from mock_population_db.store.extra import Extra, load_extra
from mock_population_db.store.records import CitizenRow, HouseholdRow, Place, StayRow, StepRow

# enum calls cost 0.2 µs each; these are read a thousand times a window
VITAL = {int(one): one for one in VitalStatus}
STATUS = {int(one): one for one in NumberStatus}

# the reason of the step from a 9-digit number, which no row holds, to the first 12-digit one
TWELVE_DIGITS = "TWELVE_DIGITS"


@dataclass(slots=True)
class Surroundings:
    """The rows that a citizen's own row points to."""

    households: dict[int, HouseholdRow] = field(default_factory=dict)
    stays: dict[int, list[StayRow]] = field(default_factory=dict)  # by citizen
    kin: dict[int, Relative] = field(default_factory=dict)  # by personal number
    steps: dict[int, list[StepRow]] = field(default_factory=dict)  # by present number


def identity(
    number: int,
    family: str | None,
    middle: str | None,
    given: str | None,
    birth: int | None,
    old_id: int | None,
    vital: int,
    number_status: int,
    death_annulled: int,
) -> Identity:
    """The first nine columns of ``citizen``: what deciding a claim reads."""
    return Identity(
        f"{number:012d}",
        PersonName(family or "", middle or "", given or ""),
        None if birth is None else packing.partial_date(birth),
        "" if old_id is None else f"{old_id:09d}",
        VITAL[vital],
        STATUS[number_status],
        death_annulled != 0,
    )


def citizen(row: CitizenRow, around: Surroundings, as_of: date) -> Citizen:
    """A whole citizen.

    Raises KeyError or ValueError when the rows contradict the schema.
    """
    person = identity(*row[:9])
    extra = load_extra(row.extra)
    stays = {stay.kind: _stay(stay, around) for stay in around.stays.get(row.id, ())}
    born_in = packing.birth_epoch(row.birth)
    return Citizen(
        identity=person,
        sex=Sex(row.sex),
        other_names=extra.other_names,
        ethnic_code=packing.code(row.ethnic, 2),
        religion_code=packing.code(row.religion, 2),
        nationality="VN" if row.nationality is None else row.nationality,
        blood_type=BloodType(row.blood or 0),
        marital_status=MaritalStatus(row.marital or 0),
        birth_place=extra.places.get("birth_place")
        or packing.commune_address(row.birth_commune, born_in),
        birth_registration_place=extra.places.get("birth_registration_place")
        or packing.commune_address(row.registered_commune, born_in),
        native_place=extra.places.get("native_place")
        or packing.commune_address(row.native_commune, CodeEpoch.LEGACY),
        permanent_residence=_permanent(row, around),
        temporary_residence=stays.get(ResidenceKind.TEMPORARY),
        current_residence=stays.get(ResidenceKind.CURRENT),
        residence_file_number=_file_number(row.household, extra),
        father=_relative(row.father, "father", around, extra),
        mother=_relative(row.mother, "mother", around, extra),
        spouse=_relative(row.spouse, "spouse", around, extra),
        representative=extra.representative,
        documents=_documents(row, extra, as_of),
        vital_date=None if row.vital_date is None else PartialDate.from_int(row.vital_date),
        phone=extra.phone,
        email=extra.email,
        number_history=history(person, around.steps.get(row.id, ())),
    )


def history(person: Identity, steps: Iterable[StepRow]) -> tuple[NumberStep, ...]:
    """Every number a person had, oldest first.

    The step from the 9-digit number is not a row of the register (two people may share
    one); it is told here, without a date.
    """
    told = tuple(_step(step) for step in steps)
    if not person.old_id_number:
        return told
    first = told[0].former if told else person.personal_id
    return (NumberStep(person.old_id_number, first, None, TWELVE_DIGITS), *told)


def kin(
    family: str | None,
    middle: str | None,
    given: str | None,
    number: int,
    old_id: int | None,
    nationality: str | None,
) -> Relative:
    """What is told of a relative who stands in the register."""
    return Relative(
        packing.person_name(family, middle, given).full,
        packing.personal_id(number),
        packing.old_id_number(old_id),
        "VN" if nationality is None else nationality,
    )


def residence_file_number(household_id: int) -> str:
    """The residence file's number (số hồ sơ cư trú): one for each household."""
    return f"HSCT-{household_id:010d}" if household_id else ""


def in_force(document: Document, as_of: date) -> Document:
    """The document as it stands on a day: a valid one expires when its term is over."""
    over = document.expires is not None and document.expires < as_of
    if over and document.status is DocumentStatus.VALID:
        return replace(document, status=DocumentStatus.EXPIRED)
    return document


def _step(row: StepRow) -> NumberStep:
    former, successor = packing.personal_id(row.former), packing.personal_id(row.successor)
    return NumberStep(former, successor, packing.day(row.on_date), row.reason)


def _permanent(row: CitizenRow, around: Surroundings) -> Residence | None:
    if row.household is None:
        return None
    return Residence(
        ResidenceKind.PERMANENT,
        packing.address(around.households[row.household].place),
        packing.day(row.resident_since),
        household_id=row.household,
        relation=_relation(row.relation),
    )


def _stay(row: StayRow, around: Surroundings) -> Residence:
    return Residence(
        ResidenceKind(row.kind),
        _stay_address(row, around),
        packing.day(row.since),
        packing.day(row.until),
        row.household or 0,
        _relation(row.relation),
    )


def _stay_address(row: StayRow, around: Surroundings) -> Address:
    if row.household is not None:
        return packing.address(around.households[row.household].place)
    if row.commune is None or row.epoch is None or row.conversion is None:
        raise ValueError(f"a stay of {row.citizen % 1000:03d} has no address")
    return packing.address(Place(row.commune, row.epoch, row.conversion, row.former, row.detail))


def _relation(value: int | None) -> Relation | None:
    return None if value is None else Relation(value)


def _file_number(household: int | None, extra: Extra) -> str:
    if extra.residence_file_number is not None:
        return extra.residence_file_number
    return residence_file_number(household or 0)


def _relative(number: int | None, role: str, around: Surroundings, extra: Extra) -> Relative | None:
    told = extra.relatives.get(role)
    if told is not None or number is None:
        return told
    return around.kin.get(number, Relative(personal_id=packing.personal_id(number)))


def _documents(row: CitizenRow, extra: Extra, as_of: date) -> tuple[Document, ...]:
    card = () if row.document is None else (_card(row, DocumentKind(row.document)),)
    return tuple(in_force(one, as_of) for one in (*card, *extra.documents))


def _card(row: CitizenRow, kind: DocumentKind) -> Document:
    own = kind is not DocumentKind.CMND_9
    number = packing.personal_id(row.id) if own else packing.old_id_number(row.old_id)
    return Document(kind, number, packing.day(row.issued), packing.day(row.expires))
