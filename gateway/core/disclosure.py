"""A citizen of the register as the contract's message, granted fields only.

With ``statement.py`` and ``confirmations.py`` the only module of the core that touches generated
messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from google.type.date_pb2 import Date

from dancu.v1 import citizen_pb2
from gateway.core.decision import person_status
from gateway.core.policy import FIELDS
from mock_population_db.citizen import (
    Address,
    Citizen,
    Document,
    NumberStep,
    PartialDate,
    PersonName,
    Relative,
    Residence,
)


def code(value: int) -> Any:
    """An enum's number. Generated stubs ask for classes that do not exist at run time."""
    return int(value)


def citizen_message(citizen: Citizen, shown: frozenset[str]) -> citizen_pb2.Citizen:
    """The fields of ``shown`` that the register has."""
    values: dict[str, Any] = {path: _READ[path](citizen) for path in FIELDS if path in shown}
    return citizen_pb2.Citizen(**{path: value for path, value in values.items() if value})


def disclosures(
    message: citizen_pb2.Citizen, paths: Sequence[str], shown: frozenset[str]
) -> tuple[list[citizen_pb2.FieldDisclosure], int]:
    """What became of each field asked for (all, if none was named), and the same as bits."""
    present = {descriptor.name for descriptor, _ in message.ListFields()}
    statuses, bits = [], 0
    for bit, path in enumerate(FIELDS):
        if paths and path not in paths:
            continue
        if path in present:
            bits |= 1 << bit
            status = citizen_pb2.FIELD_STATUS_PRESENT
        elif path in shown:
            status = citizen_pb2.FIELD_STATUS_NOT_RECORDED
        else:
            status = citizen_pb2.FIELD_STATUS_WITHHELD
        statuses.append(citizen_pb2.FieldDisclosure(path=path, status=status))
    return statuses, bits


def bits_of(paths: Iterable[str]) -> int:
    """Fields as the bits of an access row."""
    return sum(1 << FIELDS.index(path) for path in set(paths))


def number_step(step: NumberStep) -> citizen_pb2.NumberStep:
    """One step in the history of a number."""
    return citizen_pb2.NumberStep(
        former=step.former, successor=step.successor, date=day(step.on), reason=step.reason
    )


def _name(name: PersonName) -> citizen_pb2.PersonName | None:
    if not name.full:
        return None
    return citizen_pb2.PersonName(
        full=name.full, family=name.family, middle=name.middle, given=name.given
    )


def day(value: date | None) -> Date | None:
    """A day of the register."""
    if value is None:
        return None
    return Date(year=value.year, month=value.month, day=value.day)


def _partial(value: PartialDate | None) -> citizen_pb2.PartialDate | None:
    if value is None:
        return None
    known = 1 + bool(value.month) + bool(value.day)
    return citizen_pb2.PartialDate(
        date=Date(year=value.year, month=value.month, day=value.day), precision=code(known)
    )


def address(value: Address | None) -> citizen_pb2.Address | None:
    """An address of the register, with the epoch of its codes."""
    if value is None:
        return None
    return citizen_pb2.Address(
        province_code=value.province_code,
        commune_code=value.commune_code,
        code_epoch=code(value.epoch),
        conversion=code(value.conversion),
        former_commune_code=value.former_commune_code,
        detail=value.detail,
        country=value.country,
    )


def _residence(value: Residence | None) -> citizen_pb2.Residence | None:
    if value is None:
        return None
    return citizen_pb2.Residence(
        address=address(value.address),
        since=day(value.since),
        until=day(value.until),
        relation_to_head=code(value.relation or 0),
    )


def _relative(value: Relative | None) -> citizen_pb2.Relative | None:
    if value is None:
        return None
    return citizen_pb2.Relative(
        full_name=value.name,
        personal_id=value.personal_id,
        old_id_number=value.old_id_number,
        nationality=value.nationality,
    )


def _document(value: Document) -> citizen_pb2.Document:
    return citizen_pb2.Document(
        kind=code(value.kind),
        number=value.number,
        issued=day(value.issued),
        expires=day(value.expires),
        status=code(value.status),
    )


_READ: Mapping[str, Callable[[Citizen], object]] = {
    "personal_id": lambda c: c.identity.personal_id,
    "old_id_number": lambda c: c.identity.old_id_number,
    "name": lambda c: _name(c.identity.name),
    "other_names": lambda c: c.other_names,
    "birth_date": lambda c: _partial(c.identity.birth_date),
    "sex": lambda c: int(c.sex),
    "ethnic_code": lambda c: c.ethnic_code,
    "religion_code": lambda c: c.religion_code,
    "nationality": lambda c: c.nationality,
    "blood_type": lambda c: int(c.blood_type),
    "marital_status": lambda c: int(c.marital_status),
    "birth_place": lambda c: address(c.birth_place),
    "birth_registration_place": lambda c: address(c.birth_registration_place),
    "native_place": lambda c: address(c.native_place),
    "permanent_residence": lambda c: _residence(c.permanent_residence),
    "temporary_residence": lambda c: _residence(c.temporary_residence),
    "current_residence": lambda c: _residence(c.current_residence),
    "residence_file_number": lambda c: c.residence_file_number,
    "father": lambda c: _relative(c.father),
    "mother": lambda c: _relative(c.mother),
    "spouse": lambda c: _relative(c.spouse),
    "representative": lambda c: _relative(c.representative),
    "documents": lambda c: [_document(document) for document in c.documents],
    "person_status": lambda c: int(person_status(c.identity)),
    "vital_date": lambda c: _partial(c.vital_date),
    "phone": lambda c: c.phone,
    "email": lambda c: c.email,
}
