"""Changes as scripts read them: one JSON object each."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from clients.sdk import CitizenChange

_encode = json.JSONEncoder(ensure_ascii=False).encode
_TEXTS_AND_FLAGS = frozenset(
    {
        FieldDescriptor.TYPE_STRING,
        FieldDescriptor.TYPE_BOOL,
        FieldDescriptor.TYPE_INT32,
        FieldDescriptor.TYPE_UINT32,
    }
)


def change_json(change: CitizenChange) -> dict[str, Any]:
    """A change; values as the contract's JSON has them."""
    citizen = change.citizen
    return {
        "revision": change.revision,
        "kind": change.kind.name,
        "personal_id": change.personal_id,
        "former_personal_id": change.former_personal_id,
        "recorded_at": change.recorded_at.isoformat(),
        "effective_date": change.effective_date,
        "paths": list(change.paths),
        "cause": change.cause.name,
        "event_id": change.event_id,
        "citizen": None if citizen is None else message_json(citizen),
        "fields": {path: status.name for path, status in change.fields.items()},
    }


def change_line(change: CitizenChange) -> bytes:
    """A change as one line of JSON Lines."""
    return _encode(change_json(change)).encode() + b"\n"


def message_json(message: Message) -> dict[str, Any]:
    """What ``MessageToDict`` makes of a message with the contract's names, in half of the time.

    A file is written as fast as the gateway sends changes, and that function is not.
    """
    told: dict[str, Any] = {}
    for field, value in message.ListFields():
        read = _reader(field)
        told[field.name] = value if read is None else read(value)
    return told


@cache  # the contract has few fields
def _reader(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    """What makes JSON of a field's value; None when it is JSON already."""
    one = _single(field)
    if not field.is_repeated:
        return one
    return list if one is None else lambda values: [one(value) for value in values]


def _single(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    if field.type in _TEXTS_AND_FLAGS:
        return None
    if field.enum_type is not None:
        names = {number: one.name for number, one in field.enum_type.values_by_number.items()}
        return lambda number: names.get(number, number)
    if field.message_type is not None:
        return message_json
    raise TypeError(f"{field.full_name}: its JSON is not written here")
