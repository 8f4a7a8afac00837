"""The key set as bytes: asked for, signed by a root key, read again.

A request is the envelope without signatures, so that the root's machine signs the very bytes
that were asked for, and adds nothing of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp

from dancu.v1.statement_pb2 import Key, KeySet, SignedStatement
from gateway.core import statement
from gateway.core.key_set import key_set
from gateway.core.signing import (
    Algorithm,
    PublicKey,
    Role,
    Signer,
    is_signed,
    pre_authentication_encoding,
)
from gateway.store.keys.book import Book

KEY_SET_LIFE = timedelta(days=365)
TYPE_URL = statement.TYPE_PREFIX + KeySet.DESCRIPTOR.full_name


class KeySetError(ValueError):
    """Bytes that are no key set, or one that no root signed."""


@dataclass(frozen=True, slots=True)
class Published:
    """A key set, and the bytes that it came in."""

    version: int
    issuer: str
    expires_at: datetime
    keys: tuple[PublicKey, ...]
    envelope: bytes  # a SignedStatement

    def __contains__(self, origin: str) -> bool:
        """Whether it lists a log."""
        return any(origin in key.note_names for key in self.keys)


def request(book: Book, now: datetime) -> bytes:
    """The key set of a book, not signed yet."""
    message = key_set(book.version, book.issuer, now, now + KEY_SET_LIFE, book.keys)
    envelope = SignedStatement()
    statement.write_envelope(envelope, statement.sign(message, ()))
    return envelope.SerializeToString(deterministic=True)


def sign(unsigned: bytes, root: Signer) -> bytes:
    """Sign the bytes of a request.

    Raises:
        KeySetError: it is no request for a key set, or does not list this root.
    """
    if root.key_id not in {key.key_id for key in read(unsigned).keys if key.role is Role.ROOT}:
        raise KeySetError(f"it does not list the root {root.key_id}")
    envelope = SignedStatement.FromString(unsigned)
    encoding = pre_authentication_encoding(TYPE_URL, envelope.statement.value)
    envelope.signatures.add(key_id=root.key_id, signature=root.sign(encoding))
    return envelope.SerializeToString(deterministic=True)


def read(raw: bytes) -> Published:
    """Read a key set, signed or not.

    Raises:
        KeySetError: the bytes are no key set.
    """
    try:
        envelope = SignedStatement.FromString(raw)
        if envelope.statement.type_url != TYPE_URL:
            raise KeySetError("the bytes are no key set")
        message = KeySet.FromString(envelope.statement.value)
        keys = tuple(map(_key, message.keys))
    except (DecodeError, ValueError) as error:
        raise KeySetError("the bytes are no key set") from error
    expires_at = message.expires_at.ToDatetime(UTC)
    return Published(message.version, message.issuer, expires_at, keys, raw)


def read_signed(raw: bytes, roots: Sequence[PublicKey]) -> Published:
    """Read a key set that one of these roots signed.

    Raises:
        KeySetError: the bytes are no key set, or none of the roots signed it.
    """
    published = read(raw)
    envelope = SignedStatement.FromString(raw)
    encoding = pre_authentication_encoding(TYPE_URL, envelope.statement.value)
    known = {root.key_id: root.raw for root in roots}
    if not any(
        one.key_id in known and is_signed(known[one.key_id], one.signature, encoding)
        for one in envelope.signatures
    ):
        raise KeySetError("no root of this data directory signed it")
    return published


def same(one: Iterable[PublicKey], other: Iterable[PublicKey]) -> bool:
    """Whether two lists say the same of the same keys."""
    return {key.key_id: key for key in one} == {key.key_id: key for key in other}


def _key(message: Key) -> PublicKey:
    return PublicKey(
        message.key_id,
        Role(message.role),
        message.public_key,
        _moment(message.not_before) if message.HasField("not_before") else None,
        _moment(message.not_after) if message.HasField("not_after") else None,
        _moment(message.revoked_at) if message.HasField("revoked_at") else None,
        tuple(key.name for key in message.note_keys),
        Algorithm(message.algorithm),
    )


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)
