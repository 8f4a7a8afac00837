"""Rows of the register, read into the citizen type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

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
    PersonName,
    Relation,
    Relative,
    Residence,
    ResidenceKind,
    Sex,
    VitalStatus,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.store import packing
from mock_population_db.store.extra import Extra, load_extra
from mock_population_db.store.records import CitizenRow, HouseholdRow, Place, StayRow, StepRow

# enum calls cost 0.2 µs each; these are read a thousand times a window
VITAL = {int(one): one for one in VitalStatus}
STATUS = {int(one): one for one in NumberStatus}
_SEX = {int(one): one for one in Sex}
_BLOOD = {int(one): one for one in BloodType}
_MARITAL = {int(one): one for one in MaritalStatus}
_RELATION = {int(one): one for one in Relation}
_DOCUMENT = {int(one): one for one in DocumentKind}
_STAY = {int(one): one for one in ResidenceKind}
_PERMANENT = ResidenceKind.PERMANENT

_new = tuple.__new__  # a named tuple in half the time: bulk calls read thousands a second

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
    values = (
        f"{number:012d}",
        _new(PersonName, (family or "", middle or "", given or "")),
        None if birth is None else packing.partial_date(birth),
        "" if old_id is None else f"{old_id:09d}",
        VITAL[vital],
        STATUS[number_status],
        death_annulled != 0,
    )
    return _new(Identity, values)


def citizen(row: CitizenRow, around: Surroundings, today: date) -> Citizen:
    """A whole citizen.

    Raises KeyError or ValueError when the rows contradict the schema.
    """
    extra = load_extra(row.extra)
    person = identity(*row[:9])
    steps = history(person, around.steps.get(row.id, ()))
    values: list[Any] = [read(row, extra, around, today) for read in FIELDS.values()]
    return Citizen(person, *(*values, steps))


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


def on_day(one: Citizen, today: date) -> Citizen:
    """The citizen with every document as it stands on a day."""
    documents = tuple(in_force(document, today) for document in one.documents)
    return one if documents == one.documents else replace(one, documents=documents)


def _step(row: StepRow) -> NumberStep:
    former, successor = packing.personal_id(row.former), packing.personal_id(row.successor)
    return NumberStep(former, successor, packing.day(row.on_date), row.reason)


def _permanent(row: CitizenRow, _extra: Extra, around: Surroundings, *_: date) -> Residence | None:
    if row.household is None:
        return None
    address = packing.address(around.households[row.household][3:])  # its place
    since, relation = packing.day(row.resident_since), _relation(row.relation)
    return _new(Residence, (_PERMANENT, address, since, None, row.household, relation))


def _stay(row: StayRow, around: Surroundings) -> Residence:
    return Residence(
        _STAY[row.kind],
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
    return None if value is None else _RELATION[value]


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
    card = () if row.document is None else (_card(row, _DOCUMENT[row.document]),)
    return tuple(in_force(one, as_of) for one in (*card, *extra.documents))


def _card(row: CitizenRow, kind: DocumentKind) -> Document:
    own = kind is not DocumentKind.CMND_9
    number = packing.personal_id(row.id) if own else packing.old_id_number(row.old_id)
    return Document(kind, number, packing.day(row.issued), packing.day(row.expires))


def _origin(extra: Extra, use: str, commune: int | None, epoch: CodeEpoch) -> Address | None:
    """A place of a person's origin."""
    told = extra.places.get(use)
    if told is not None or commune is None:
        return told
    return packing.commune_address(commune, epoch)


def _staying(row: CitizenRow, around: Surroundings, kind: ResidenceKind) -> Residence | None:
    stays = around.stays.get(row.id, ())
    return next((_stay(stay, around) for stay in stays if stay.kind == kind), None)


Read = Callable[[CitizenRow, Extra, Surroundings, date], object]

"""Makes one field of a citizen."""

# every field between the identity and the history of the number, in the citizen's order
FIELDS: dict[str, Read] = {
    "sex": lambda row, *_: _SEX[row.sex],
    "other_names": lambda _row, extra, *_: extra.other_names,
    "ethnic_code": lambda row, *_: packing.code(row.ethnic, 2),
    "religion_code": lambda row, *_: packing.code(row.religion, 2),
    "nationality": lambda row, *_: "VN" if row.nationality is None else row.nationality,
    "blood_type": lambda row, *_: _BLOOD[row.blood or 0],
    "marital_status": lambda row, *_: _MARITAL[row.marital or 0],
    "birth_place": lambda row, extra, *_: _origin(
        extra, "birth_place", row.birth_commune, packing.birth_epoch(row.birth)
    ),
    "birth_registration_place": lambda row, extra, *_: _origin(
        extra, "birth_registration_place", row.registered_commune, packing.birth_epoch(row.birth)
    ),
    "native_place": lambda row, extra, *_: _origin(
        extra, "native_place", row.native_commune, CodeEpoch.LEGACY
    ),
    "permanent_residence": _permanent,
    "temporary_residence": lambda row, _extra, around, _: _staying(
        row, around, ResidenceKind.TEMPORARY
    ),
    "current_residence": lambda row, _extra, around, _: _staying(
        row, around, ResidenceKind.CURRENT
    ),
    "residence_file_number": lambda row, extra, *_: _file_number(row.household, extra),
    "father": lambda row, extra, around, _: _relative(row.father, "father", around, extra),
    "mother": lambda row, extra, around, _: _relative(row.mother, "mother", around, extra),
    "spouse": lambda row, extra, around, _: _relative(row.spouse, "spouse", around, extra),
    "representative": lambda _row, extra, *_: extra.representative,
    "documents": lambda row, extra, _, today: _documents(row, extra, today),
    "vital_date": lambda row, *_: (
        None if row.vital_date is None else PartialDate.from_int(row.vital_date)
    ),
    "phone": lambda _row, extra, *_: extra.phone,
    "email": lambda _row, extra, *_: extra.email,
}
