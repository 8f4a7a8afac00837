"""The access log's rows: whom a call touched, so that a citizen can be told.

A row knows its person by a keyed pseudonym of the month. The statement's ledger leaf
commits to the root over its rows, so none can vanish or change unseen.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from gateway.core.hmac_key import HmacKey
from gateway.core.ledger import NO_ACCESS, root_of
from gateway.core.model import Access, AccessCall, Context, Effect

PSEUDONYM_SIZE = 16  # bytes of the HMAC that are kept
_ROW = b"dancu.access.v1\n"
_ASKER = b"dancu.asker.v1\n"
_LAYOUT = struct.Struct(f">{PSEUDONYM_SIZE}sBI")  # subject, outcome, fields: an access row
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CALL_LINES = 9  # of a call's text, but for what was simulated, and refusals
_REFUSED = "REFUSED "
_LENGTHS = struct.Struct(">II")  # bytes of the call's text, number of rows


def month_of(at: datetime) -> str:
    """The pseudonym key's name: the month in UTC, ``YYYY-MM``."""
    return f"{at.year:04d}-{at.month:02d}"


def pseudonym(key: HmacKey, number: str) -> bytes:
    """How a person's number stands in the log (HMAC-SHA-256, 16 bytes)."""
    return key.digest(number.encode())[:PSEUDONYM_SIZE]


def pseudonyms(key: HmacKey, numbers: Iterable[str]) -> list[bytes]:
    """``pseudonym`` of each number."""
    return [one[:PSEUDONYM_SIZE] for one in key.digests(map(str.encode, numbers))]


def access_root(call: AccessCall, rows: Sequence[Access]) -> bytes:
    """RFC 6962 root over the rows; 32 zero bytes if nobody was touched."""
    if not rows:
        return NO_ACCESS
    return root_of(row_hashes(call, rows))


def row_hashes(call: AccessCall, rows: Sequence[Access]) -> list[bytes]:
    """The leaves of the tree over the rows."""
    context = call.context
    told = (
        _written(call.at, call.at.tzinfo),
        call.caller,
        call.rpc,
        context.procedure_code,
        context.unit_code,
        context.dossier_id,
        f"{call.register_revision}\n{_effects_line(call)}",
    )
    common = hashlib.sha256(_ROW + "\n".join(told).encode() + asker_digest(context)).digest()
    pack_row, sha256 = _LAYOUT.pack, hashlib.sha256
    # leaf_hash written out: a bulk call has a thousand rows
    return [sha256(b"\x00" + common + pack_row(*row)).digest() for row in rows]


def asker_digest(context: Context) -> bytes:
    """How request and officer stand in a row: a citizen sees the rest, and can check it.

    The request's id keeps an officer's from being guessed.
    """
    asker = f"{context.request_id}\n{context.officer_id}"
    return hashlib.sha256(_ASKER + asker.encode()).digest()


def pack(call: AccessCall, rows: Sequence[Access]) -> bytes:
    """What a call touched, as it is stored: lengths, the call's text, 21 bytes a person."""
    text = _call_text(call)
    return _LENGTHS.pack(len(text), len(rows)) + text + b"".join([_LAYOUT.pack(*r) for r in rows])


def unpack(stored: bytes) -> Iterator[tuple[AccessCall, tuple[Access, ...]]]:
    """Read what ``pack`` wrote, any number of calls in a row.

    Raises:
        ValueError: the bytes are not what ``pack`` writes.
    """
    at = 0
    try:
        while at < len(stored):
            length, count = _LENGTHS.unpack_from(stored, at)
            at += _LENGTHS.size
            text, at = stored[at : at + length], at + length
            rows, at = stored[at : at + count * _LAYOUT.size], at + count * _LAYOUT.size
            call = _call(text)
            if at > len(stored) or _call_text(call) != text:  # e.g. a moment written otherwise
                raise ValueError("no access rows")
            yield call, tuple(Access(*row) for row in _LAYOUT.iter_unpack(rows))
    except (struct.error, TypeError, KeyError) as error:
        raise ValueError("no access rows") from error


def skim(stored: bytes) -> Iterator[tuple[datetime, str, bytes]]:
    """Moment, caller and packed rows of each call, without checking them: a tenth of the time.

    Moments of one window are equal, and read once.
    """
    at = 0
    known, moment = b"", _EPOCH
    while at < len(stored):
        length, count = _LENGTHS.unpack_from(stored, at)
        at += _LENGTHS.size
        when, caller, _ = stored[at : at + length].split(b"\n", 2)
        if when != known:
            known, moment = when, datetime.fromisoformat(when.decode())
        at += length
        yield moment, caller.decode(), stored[at : at + count * _LAYOUT.size]
        at += count * _LAYOUT.size


def unpack_rows(packed: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Read the rows of one call: subject, outcome, fields."""
    return _LAYOUT.iter_unpack(packed)


def _call_text(call: AccessCall) -> bytes:
    """What the rows of one call have in common: one line a field.

    No field can hold a line break: validation lets only printable characters through.
    """
    at = _written(call.at, call.at.tzinfo)
    lines = (at, call.caller, call.rpc, *call.context, str(call.register_revision))
    simulated = f"\n{_effects_line(call)}"[:-1]  # a line that only few calls have
    refused = f"\n{_REFUSED}{call.refused}" if call.refused else ""
    return ("\n".join(lines) + simulated + refused).encode()


@lru_cache(maxsize=16)  # the calls of a window have one moment; equal ones may differ in zone
def _written(at: datetime, _zone: tzinfo | None) -> str:
    return at.isoformat()


def _effects_line(call: AccessCall) -> str:
    """What was simulated, as names with a blank between two; nothing as a rule."""
    return " ".join([effect.name for effect in call.effects]) + "\n" if call.effects else ""


def _call(text: bytes) -> AccessCall:
    lines = text.decode().split("\n")
    effects: tuple[Effect, ...] = ()
    refused = 0
    if len(lines) > _CALL_LINES and lines[-1].startswith(_REFUSED):
        refused = int(lines.pop().removeprefix(_REFUSED))
    if len(lines) > _CALL_LINES:
        effects = tuple([Effect[name] for name in lines.pop().split(" ")])
    at, caller, rpc, *context, revision = lines
    moment = datetime.fromisoformat(at)
    return AccessCall(moment, caller, rpc, Context(*context), int(revision), effects, refused)
