"""The caller's list of citizens to watch: shapes, size and pages."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Collection, Sequence

from gateway.core.errors import QuotaExceeded, Violation, violations_found
from gateway.core.model import Call, Claim, Context, Decision, Outcome
from gateway.core.shapes import is_number, number_violation
from gateway.core.validation import (
    MAX_BATCH,
    MAX_VIOLATIONS,
    PERSONAL_ID_DIGITS,
    check_claim,
    check_context,
)

MAX_WATCHED = 100_000  # citizens on one list
DEFAULT_PAGE = 1_000  # numbers
MAX_PAGE = 10_000

_TOKEN = b"dancu.watched.v1\n"
_LAYOUT = struct.Struct(">Q16s")  # last number of the page before, what the token is bound to
_VERIFIED = Outcome.VERIFIED


def check_update(context: Context, add: Sequence[Claim], remove: Sequence[str]) -> None:
    """Check the shape of a change of the list.

    Raises:
        MalformedRequest: naming every field of the wrong shape.
    """
    found: list[Violation] = []
    check_context(context, found)
    for name, size in (("add", len(add)), ("remove", len(remove))):
        if size > MAX_BATCH:
            found.append(
                Violation(
                    name,
                    "BATCH_SIZE",
                    f"{size} entries; send at most {MAX_BATCH} at a time",
                    f"{size} mục; mỗi lần gửi tối đa {MAX_BATCH}",
                )
            )
    for index, claim in enumerate(add[:MAX_BATCH]):
        check_claim(claim, f"add[{index}]", found)
    for index, number in enumerate(remove[:MAX_BATCH]):
        if not is_number(number, PERSONAL_ID_DIGITS):
            path = f"remove[{index}]"
            found.append(number_violation(path, "PERSONAL_ID_FORMAT", number, PERSONAL_ID_DIGITS))
    if found:
        raise violations_found(found[:MAX_VIOLATIONS])


def listed(
    caller: str, numbers: frozenset[str], add: Collection[str], remove: Collection[str]
) -> frozenset[str]:
    """The list after a change.

    Raises:
        QuotaExceeded: it would hold too many.
    """
    after = (numbers - frozenset(remove)) | frozenset(add)
    if len(after) > max(MAX_WATCHED, len(numbers)):
        raise QuotaExceeded(
            "QUOTA_WATCHED_EXCEEDED",
            f"the list holds at most {MAX_WATCHED} citizens; take others off, or follow a "
            "province or commune instead",
            f"danh sách theo dõi tối đa {MAX_WATCHED} công dân; hãy bớt người khác, hoặc theo dõi "
            "theo tỉnh hoặc xã",
            caller,
        )
    return after


def verified_numbers(decisions: Sequence[Decision]) -> frozenset[str]:
    """The present numbers of those who were verified."""
    return frozenset(one.subject for one in decisions if one.outcome is _VERIFIED)


def check_page(call: Call, size: int, token: str) -> None:
    """Check the shape of a question for a page.

    Raises:
        MalformedRequest: the size is negative, or the token another request's.
    """
    found: list[Violation] = []
    check_context(call.context, found)
    if size < 0:
        found.append(
            Violation("page_size", "PAGE_SIZE", "must not be negative", "không được là số âm")
        )
    if _last_of(call, token) is None:
        found.append(
            Violation(
                "page_token",
                "PAGE_TOKEN",
                "is not a token of this request; send it as it was given, with the same procedure",
                "không phải mã trang của yêu cầu này; hãy gửi đúng mã đã nhận, với cùng thủ tục",
            )
        )
    if found:
        raise violations_found(found)


def page_of(call: Call, numbers: Collection[str], size: int, token: str) -> tuple[list[str], str]:
    """One page of a list, ascending, and the token of the next; empty on the last."""
    last = _last_of(call, token) or ""
    rest = sorted(number for number in numbers if number > last)
    page = rest[: min(size or DEFAULT_PAGE, MAX_PAGE)]
    return page, _token(call, page[-1]) if len(page) < len(rest) else ""


def _token(call: Call, last: str) -> str:
    return base64.urlsafe_b64encode(_LAYOUT.pack(int(last), _bound(call, last))).decode()


def _last_of(call: Call, token: str) -> str | None:
    """The last number of the page before, empty on the first; None when it is no such token."""
    if not token:
        return ""
    try:
        packed = base64.b64decode(token, b"-_", validate=True)
        number, bound = _LAYOUT.unpack(packed)
    except (binascii.Error, struct.error, ValueError):
        return None
    last = f"{number:012d}"
    # one text for one token: base64 has bits that decoding drops
    same = token == base64.urlsafe_b64encode(packed).decode()
    return last if same and bound == _bound(call, last) else None


def _bound(call: Call, last: str) -> bytes:
    """Needs no key: a forged token opens nothing that the request itself does not open."""
    told = repr((call.caller, call.context.procedure_code, last))
    return hashlib.sha256(_TOKEN + told.encode("utf-8", "surrogatepass")).digest()[:16]
