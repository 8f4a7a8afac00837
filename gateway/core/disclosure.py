"""A citizen of the register as the contract's message, granted fields only.

With ``statement.py`` and ``confirmations.py`` the only module of the core that touches generated
messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, overload

from google.type.date_pb2 import Date

from dancu.v1 import citizen_pb2
from gateway.core.decision import person_status
from gateway.core.policy import FIELDS
from mock_population_db.citizen import (
    Address,
    Citizen,
    Document,
    NumberStep,
    PersonName,
    Relative,
    Residence,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.snapshot import Part
from mock_population_db.stored import StoredResidence


def code(value: int) -> Any:
    """An enum's number. Generated stubs ask for classes that do not exist at run time."""
    return int(value)


def citizen_message(citizen: Citizen, shown: frozenset[str]) -> citizen_pb2.Citizen:
    """The fields of ``shown`` that the register has."""
    message = citizen_pb2.Citizen()
    write_fields(message, citizen, [path for path in FIELDS if path in shown])
    return message


def write_fields(
    message: citizen_pb2.Citizen, citizen: Citizen | Part, paths: Iterable[str]
) -> tuple[str, ...]:
    """Fill in the fields that these paths name; returns those that the register has.

    In place: a message made by keywords and put into another takes three times as long.
    """
    return tuple([path for path in paths if _WRITE[path](message, citizen)])


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


@overload
def day(value: date) -> Date: ...
@overload
def day(value: None) -> None: ...
@lru_cache(maxsize=65536)  # few dates recur in many records; whoever sets a field copies it
def day(value: date | None) -> Date | None:
    """A day of the register. Not to be changed: others have the same message."""
    if value is None:
        return None
    return Date(year=value.year, month=value.month, day=value.day)


def address(value: Address | None) -> citizen_pb2.Address | None:
    """An address of the register, with the epoch of its codes."""
    if value is None:
        return None
    message = citizen_pb2.Address()
    _fill_address(message, value)
    return message


def _fill_name(message: citizen_pb2.PersonName, name: PersonName) -> None:
    message.full = name.full
    message.family, message.middle, message.given = name.family, name.middle, name.given


def _fill_partial(message: citizen_pb2.PartialDate, value: PartialDate) -> None:
    date = message.date
    date.year, date.month, date.day = value
    message.precision = code(1 + bool(value.month) + bool(value.day))


def _fill_address(message: citizen_pb2.Address, value: Address) -> None:
    message.province_code = value.province_code
    message.commune_code = value.commune_code
    message.code_epoch = code(value.epoch)
    message.conversion = code(value.conversion)
    message.former_commune_code = value.former_commune_code
    message.detail = value.detail
    message.country = value.country


def _fill_residence(message: citizen_pb2.Residence, value: Residence | StoredResidence) -> None:
    _fill_address(message.address, value.address)
    if value.since is not None:
        message.since.MergeFrom(day(value.since))
    if value.until is not None:
        message.until.MergeFrom(day(value.until))
    message.relation_to_head = code(value.relation or 0)


def _fill_relative(message: citizen_pb2.Relative, value: Relative) -> None:
    message.full_name = value.name
    message.personal_id = value.personal_id
    message.old_id_number = value.old_id_number
    message.nationality = value.nationality


def _fill_document(message: citizen_pb2.Document, value: Document) -> None:
    message.kind = code(value.kind)
    message.number = value.number
    if value.issued is not None:
        message.issued.MergeFrom(day(value.issued))
    if value.expires is not None:
        message.expires.MergeFrom(day(value.expires))
    message.status = code(value.status)


_Citizen = Citizen | Part
_Write = Callable[[citizen_pb2.Citizen, _Citizen], bool]
"""Fills in one field, and says whether the register has it."""


def _plain(path: str, read: Callable[[_Citizen], Any] | None = None) -> _Write:
    """A field that is a text or a number; 0 and no text mean: not recorded."""
    value_of = read or attrgetter(path)

    def write(message: citizen_pb2.Citizen, citizen: _Citizen) -> bool:
        value = value_of(citizen)
        if value:
            setattr(message, path, value)
        return bool(value)

    return write


def _filled(
    path: str, fill: Callable[[Any, Any], None], read: Callable[[_Citizen], Any] | None = None
) -> _Write:
    """A field that is a message of its own; None means: not recorded."""
    value_of = read or attrgetter(path)

    def write(message: citizen_pb2.Citizen, citizen: _Citizen) -> bool:
        value = value_of(citizen)
        if value is None:
            return False
        part = getattr(message, path)
        part.SetInParent()  # it is there even if all of it is empty
        fill(part, value)
        return True

    return write


def _other_names(message: citizen_pb2.Citizen, citizen: _Citizen) -> bool:
    message.other_names.extend(citizen.other_names)
    return bool(citizen.other_names)


def _documents(message: citizen_pb2.Citizen, citizen: _Citizen) -> bool:
    for document in citizen.documents:
        _fill_document(message.documents.add(), document)
    return bool(citizen.documents)


def _name_of(citizen: _Citizen) -> PersonName | None:
    name: PersonName = citizen.identity.name
    return name if name.full else None


_WRITE: Mapping[str, _Write] = {
    "personal_id": _plain("personal_id", lambda c: c.identity.personal_id),
    "old_id_number": _plain("old_id_number", lambda c: c.identity.old_id_number),
    "name": _filled("name", _fill_name, _name_of),
    "other_names": _other_names,
    "birth_date": _filled("birth_date", _fill_partial, lambda c: c.identity.birth_date),
    "sex": _plain("sex"),
    "ethnic_code": _plain("ethnic_code"),
    "religion_code": _plain("religion_code"),
    "nationality": _plain("nationality"),
    "blood_type": _plain("blood_type"),
    "marital_status": _plain("marital_status"),
    "birth_place": _filled("birth_place", _fill_address),
    "birth_registration_place": _filled("birth_registration_place", _fill_address),
    "native_place": _filled("native_place", _fill_address),
    "permanent_residence": _filled("permanent_residence", _fill_residence),
    "temporary_residence": _filled("temporary_residence", _fill_residence),
    "current_residence": _filled("current_residence", _fill_residence),
    "residence_file_number": _plain("residence_file_number"),
    "father": _filled("father", _fill_relative),
    "mother": _filled("mother", _fill_relative),
    "spouse": _filled("spouse", _fill_relative),
    "representative": _filled("representative", _fill_relative),
    "documents": _documents,
    "person_status": _plain("person_status", lambda c: int(person_status(c.identity))),
    "vital_date": _filled("vital_date", _fill_partial),
    "phone": _plain("phone"),
    "email": _plain("email"),
}
