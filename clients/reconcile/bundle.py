"""Statements or answers one after the other in a file: each after its length, as a varint.

It is protobuf's usual form for many messages in a file (``parseDelimitedFrom`` reads it).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from google.protobuf.message import DecodeError

from clients.reconcile.errors import FileError
from dancu.v1 import sync_service_pb2

LONGEST = 16 * 1024 * 1024
_VARINT_BYTES = 4
_MORE, _BITS = 0x80, 7


def delimited(message: bytes) -> bytes:
    """A message after its length."""
    length, head = len(message), bytearray()
    while length >= _MORE:
        head.append(length & (_MORE - 1) | _MORE)
        length >>= _BITS
    head.append(length)
    return bytes(head) + message


def read_delimited(file: BinaryIO) -> Iterator[bytes]:
    """The messages of a file, one at a time; FileError where it breaks off."""
    while first := file.read(1):
        length = _length(first, file)
        message = file.read(length)
        if len(message) < length:
            raise FileError(f"{file.name}: it breaks off at byte {file.tell()}")
        yield message


def _length(first: bytes, file: BinaryIO) -> int:
    length, byte = 0, first
    for place in range(_VARINT_BYTES):
        if not byte:
            raise FileError(f"{file.name}: it breaks off at byte {file.tell()}")
        length |= (byte[0] & (_MORE - 1)) << (_BITS * place)
        if byte[0] < _MORE:
            break
        byte = file.read(1)
    else:
        raise FileError(f"{file.name}: no bundle of statements")
    if length > LONGEST:
        raise FileError(f"{file.name}: no bundle of statements")
    return length


def find_row(answers: Iterable[bytes], row: int) -> tuple[bytes, int] | None:
    """The answer that a row is in, and its place there; None when there is no such row.

    Args:
        answers: ReconciledChunkResult each, in their order.
        row: From 1, as in the result.

    Raises:
        FileError: These are no answers.
    """
    first = 1
    for answer in answers:
        try:
            rows = len(sync_service_pb2.ReconciledChunkResult.FromString(answer).items)
        except DecodeError:
            raise FileError("the file holds no answers") from None
        if first <= row < first + rows:
            return answer, row - first
        first += rows
    return None
