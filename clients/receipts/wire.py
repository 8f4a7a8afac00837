"""Strict reading of protobuf messages that hold only length-delimited fields.

An ordinary parser forgives: it skips unknown fields, lets the last of two win, takes longer
varints than needed. Then one statement has many encodings, and two verifiers can see two
different things in one file. Here each message has exactly one encoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clients.receipts.refusal import Refusal, RefusedError

_LENGTH_DELIMITED = 2
_MAX_LENGTH_BYTES = 4  # 4 * 7 bits: far above the longest input accepted


@dataclass(frozen=True, slots=True)
class Shape:
    """Which fields a message may have, by number. Single fields are required or optional."""

    name: str
    required: frozenset[int]
    optional: frozenset[int] = frozenset()
    repeated: frozenset[int] = frozenset()


def malformed(detail: str) -> RefusedError:
    """The refusal of everything on this level."""
    return RefusedError(Refusal.ENVELOPE_MALFORMED, detail)


def read_message(data: bytes, shape: Shape) -> dict[int, list[bytes]]:
    """Read all fields of one message.

    Returns:
        The contents by field number, in order. Required fields have exactly one, optional
        ones at most one.

    Raises:
        RefusedError: ENVELOPE_MALFORMED for any other encoding than the one exact one.
    """
    found: dict[int, list[bytes]] = {}
    last = 0
    for number, content in _fields(data, shape.name):
        _check_place(number, last, shape)
        found.setdefault(number, []).append(content)
        last = number
    missing = shape.required - found.keys()
    if missing:
        raise malformed(f"{shape.name} lacks field {min(missing)}")
    return found


def text(content: bytes, name: str) -> str:
    """Decode a string field; ENVELOPE_MALFORMED when it is not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed(f"{name} is not UTF-8") from None


def _check_place(number: int, last: int, shape: Shape) -> None:
    if number not in shape.required | shape.optional | shape.repeated:
        raise malformed(f"{shape.name} has an unknown field {number}")
    if number < last:
        raise malformed(f"{shape.name} has field {number} after field {last}")
    if number == last and number not in shape.repeated:
        raise malformed(f"{shape.name} repeats field {number}")


def _fields(data: bytes, name: str) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        tag, position = _varint(data, position, name)
        if tag & 7 != _LENGTH_DELIMITED:
            raise malformed(f"{name} has a field of wire type {tag & 7}")
        length, position = _varint(data, position, name)
        end = position + length
        if end > len(data):
            raise malformed(f"{name} ends inside a field")
        yield tag >> 3, data[position:end]
        position = end


def _varint(data: bytes, position: int, name: str) -> tuple[int, int]:
    """Read one minimal varint; returns it and the position after it."""
    value = 0
    for index in range(_MAX_LENGTH_BYTES):
        if position + index >= len(data):
            raise malformed(f"{name} ends inside a number")
        byte = data[position + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:  # noqa: PLR2004 - the continuation bit of a varint
            if byte == 0 and index > 0:
                raise malformed(f"{name} has a number longer than needed")
            return value, position + index + 1
    raise malformed(f"{name} has a number that is too long")
