"""Pages of the access history: where one begins, and the token that says so (AIP-158)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Sequence
from typing import NamedTuple

from gateway.core.errors import Violation, violations_found
from gateway.core.model import Access, AccessCall, Call, Claim

DEFAULT_PAGE = 50  # entries
MAX_PAGE = 200
_TOKEN = b"dancu.page.v1\n"
_LAYOUT = struct.Struct(">QI16s")  # leaf, row, what the token is bound to


class Position(NamedTuple):
    """One row of the access log."""

    leaf: int
    row: int


class Page(NamedTuple):
    """What of a history is asked for."""

    size: int
    before: Position | None  # None: from the newest on


class Touched(NamedTuple):
    """A row of the access log with all that it stands among."""

    position: Position
    call: AccessCall
    rows: Sequence[Access]  # of the whole leaf
    statement_digest: bytes


class Found(NamedTuple):
    """One page of a person's history, the newest first."""

    entries: Sequence[Touched]
    more: bool
    months: Sequence[str]  # whose keys exist, in order
    log_size: int  # leaves that were searched


def read_page(call: Call, claim: Claim, size: int, token: str) -> Page:
    """What a request asks for; 0 is the default size, and too large a one the largest.

    Raises:
        MalformedRequest: the size is negative, or the token another request's.
    """
    found: list[Violation] = []
    if size < 0:
        found.append(
            Violation("page_size", "PAGE_SIZE", "must not be negative", "không được là số âm")
        )
    before = _read_token(call, claim, token) if token else None
    if token and before is None:
        found.append(
            Violation(
                "page_token",
                "PAGE_TOKEN",
                "is not a token of this request; send it as it was given, with the same claim and "
                "procedure",
                "không phải mã trang của yêu cầu này; hãy gửi đúng mã đã nhận, với cùng thông tin "
                "công dân và thủ tục",
            )
        )
    if found:
        raise violations_found(found)
    return Page(min(size or DEFAULT_PAGE, MAX_PAGE), before)


def next_token(call: Call, claim: Claim, found: Found) -> str:
    """The token of the page after this one; empty when there is none."""
    if not found.more:
        return ""
    last = found.entries[-1].position
    return base64.urlsafe_b64encode(_LAYOUT.pack(*last, _bound(call, claim, last))).decode()


def _read_token(call: Call, claim: Claim, token: str) -> Position | None:
    try:
        packed = base64.b64decode(token, b"-_", validate=True)
        leaf, row, bound = _LAYOUT.unpack(packed)
    except (binascii.Error, struct.error, ValueError):
        return None
    position = Position(leaf, row)
    # one text for one token: base64 has bits that decoding drops
    same = token == base64.urlsafe_b64encode(packed).decode()
    return position if same and bound == _bound(call, claim, position) else None


def _bound(call: Call, claim: Claim, position: Position) -> bytes:
    """Needs no key: a forged token opens nothing that the request itself does not open."""
    told = repr((call.caller, call.context.procedure_code, tuple(claim), tuple(position)))
    return hashlib.sha256(_TOKEN + told.encode("utf-8", "surrogatepass")).digest()[:16]
