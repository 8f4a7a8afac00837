"""The register's values in one line each, for people; scripts get the contract's JSON."""

from __future__ import annotations

import unicodedata
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.type import date_pb2

from clients.sdk.requests import date_text
from dancu.v1 import citizen_pb2

_PARTS_NOT_SHOWN = {
    "dancu.v1.PersonName": frozenset({"family", "middle", "given"}),  # parts of the full name
}


def printable(text: str) -> str:
    """A text that cannot play with a terminal: what moves the cursor or hides is escaped.

    A receipt shows what some caller claimed, to whoever checks it.
    """
    return "".join(repr(one)[1:-1] if _acts(one) else one for one in text)


def values_of(message: Message) -> dict[str, str]:
    """The fields that are set, by name, each in words."""
    hidden = _PARTS_NOT_SHOWN.get(message.DESCRIPTOR.full_name, frozenset())
    return {
        field.name: _field_text(field, value)
        for field, value in message.ListFields()
        if field.name not in hidden
    }


def _field_text(field: FieldDescriptor, value: Any) -> str:
    if field.is_repeated:
        return "; ".join(_text(field, each) for each in value)
    return _text(field, value)


def _text(field: FieldDescriptor, value: Any) -> str:
    """A date as YYYY[-MM[-DD]], a code by its name, a message as its parts."""
    if field.enum_type is not None:
        return _word(field.enum_type, value)
    match value:
        case date_pb2.Date():
            return date_text(value)
        case citizen_pb2.PartialDate():
            return date_text(value.date)
        case Message():
            parts = values_of(value)
            return _only(parts) or ", ".join(f"{name} {text}" for name, text in parts.items())
    return str(value)


def _acts(one: str) -> bool:
    """Whether a character is a control or format character, or a separator of lines."""
    kind = unicodedata.category(one)
    return kind[0] == "C" or kind in ("Zl", "Zp")


def _only(parts: dict[str, str]) -> str:
    """The one part of a message that has no other; else nothing."""
    return next(iter(parts.values())) if len(parts) == 1 else ""


def _word(kind: EnumDescriptor, number: int) -> str:
    """MARITAL_STATUS_MARRIED as "married"; a number that this version does not know as it is."""
    values = kind.values_by_number
    if number not in values:
        return str(number)
    prefix = values[0].name.removesuffix("UNSPECIFIED")
    return values[number].name.removeprefix(prefix).lower().replace("_", " ")
