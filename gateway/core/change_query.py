"""Which changes a caller asks for: their shape, and the page token (AIP-158).

A token says where the next page begins and is bound to the request: sent with another filter it
would leave out changes unseen.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from gateway.core.errors import MalformedRequest, Violation, violations_found
from gateway.core.model import Call
from gateway.core.shapes import is_number, number_violation
from gateway.core.validation import COMMUNE_DIGITS, MAX_VIOLATIONS, PROVINCE_DIGITS, check_context
from mock_population_db.changes import Change, ChangeKind

DEFAULT_PAGE = 100  # changes
MAX_PAGE = 1000
MAX_CODES = 1000  # of a filter
DEFAULT_PROGRESS, MIN_PROGRESS, MAX_PROGRESS = 10, 1, 60  # seconds

_TOKEN = b"dancu.changes.v1\n"
_LAYOUT = struct.Struct(">Q16s")  # first revision of the page, what the token is bound to
_KINDS = frozenset(ChangeKind)


class Filter(NamedTuple):
    """Which changes; what is empty asks for all."""

    provinces: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    kinds: tuple[int, ...] = ()
    watched_only: bool = False

    def passes(self, change: Change, numbers: frozenset[str] | None, current: str) -> bool:
        """What the register's own search would say of a change.

        ``numbers`` are those of the caller's list, None for everybody; ``current`` is the number
        that the change's person has now.
        """
        if self.kinds and change.kind not in self.kinds:
            return False
        if self.communes and not any(one in self.communes for one in change.communes):
            return False
        if self.provinces and not any(one in self.provinces for one in change.provinces):
            return False
        return numbers is None or current in numbers


class Question(NamedTuple):
    """What WatchChanges or ListChanges is asked, decoded and not yet checked."""

    start: int
    filter: Filter
    paths: tuple[str, ...]  # of Citizen; none for all that are granted
    since: datetime | None = None
    before: datetime | None = None
    progress: float = 0.0  # seconds; 0 for the default


def check_question(call: Call, question: Question) -> None:
    """Check the shape of a question.

    Raises:
        MalformedRequest: naming every field of the wrong shape.
    """
    found: list[Violation] = []
    check_context(call.context, found)
    if question.start < 0:
        found.append(
            Violation("start_revision", "REVISION", "must not be negative", "không được là số âm")
        )
    _codes(question.filter.provinces, "filter.province_codes", PROVINCE_DIGITS, found)
    _codes(question.filter.communes, "filter.commune_codes", COMMUNE_DIGITS, found)
    if not _KINDS.issuperset(question.filter.kinds):
        found.append(
            Violation(
                "filter.kinds",
                "CHANGE_KIND",
                "must be kinds of the contract, none of them UNSPECIFIED",
                "phải là các loại biến động trong hợp đồng, không dùng UNSPECIFIED",
            )
        )
    _times(question, found)
    if question.progress and not MIN_PROGRESS <= question.progress <= MAX_PROGRESS:
        found.append(
            Violation(
                "progress_interval",
                "PROGRESS_INTERVAL",
                f"must be {MIN_PROGRESS} s to {MAX_PROGRESS} s, or left out",
                f"phải từ {MIN_PROGRESS} đến {MAX_PROGRESS} giây, hoặc bỏ trống",
            )
        )
    if found:
        raise violations_found(found[:MAX_VIOLATIONS])


def no_such_time(field: str) -> MalformedRequest:
    """The error for a time that is none."""
    return violations_found(
        [
            Violation(
                field,
                "NO_SUCH_TIME",
                "is out of the range of a Timestamp, years 1 to 9999",
                "nằm ngoài phạm vi của Timestamp, năm 1 đến 9999",
            )
        ]
    )


def read_token(call: Call, question: Question, size: int, token: str) -> tuple[int, int]:
    """How large a page is asked for, and with which revision it begins; 0 for the oldest.

    Raises:
        MalformedRequest: the size is negative, or the token another request's.
    """
    found: list[Violation] = []
    if size < 0:
        found.append(
            Violation("page_size", "PAGE_SIZE", "must not be negative", "không được là số âm")
        )
    start = _start_of(call, question, token) if token else question.start
    if start is None:
        found.append(
            Violation(
                "page_token",
                "PAGE_TOKEN",
                "is not a token of this request; send it as it was given, with the same filter, "
                "times, fields and procedure",
                "không phải mã trang của yêu cầu này; hãy gửi đúng mã đã nhận, với cùng bộ lọc, "
                "thời gian, trường dữ liệu và thủ tục",
            )
        )
    if found or start is None:
        raise violations_found(found)
    return min(size or DEFAULT_PAGE, MAX_PAGE), start


def next_token(call: Call, question: Question, start: int) -> str:
    """The token of the page that begins with this revision."""
    packed = _LAYOUT.pack(start, _bound(call, question, start))
    return base64.urlsafe_b64encode(packed).decode()


def _start_of(call: Call, question: Question, token: str) -> int | None:
    try:
        packed = base64.b64decode(token, b"-_", validate=True)
        start, bound = _LAYOUT.unpack(packed)
    except (binascii.Error, struct.error, ValueError):
        return None
    # one text for one token: base64 has bits that decoding drops
    same = token == base64.urlsafe_b64encode(packed).decode()
    return int(start) if same and bound == _bound(call, question, start) else None


def _bound(call: Call, question: Question, start: int) -> bytes:
    """Needs no key: a forged token opens nothing that the request itself does not open."""
    told = repr((call.caller, call.context.procedure_code, tuple(question), start))
    return hashlib.sha256(_TOKEN + told.encode("utf-8", "surrogatepass")).digest()[:16]


def _codes(codes: Iterable[str], path: str, digits: int, found: list[Violation]) -> None:
    codes = tuple(codes)
    if len(codes) > MAX_CODES:
        found.append(
            Violation(
                path,
                "TOO_MANY_CODES",
                f"has more than {MAX_CODES} codes; name provinces, or nothing for all",
                f"có hơn {MAX_CODES} mã; hãy dùng mã tỉnh, hoặc bỏ trống để lấy tất cả",
            )
        )
    for index, code in enumerate(codes[:MAX_CODES]):
        if not is_number(code, digits):
            found.append(number_violation(f"{path}[{index}]", "CODE_FORMAT", code, digits))


def _times(question: Question, found: list[Violation]) -> None:
    since, before = question.since, question.before
    if since is not None and before is not None and since >= before:
        found.append(
            Violation(
                "end_time",
                "TIME_RANGE",
                "must be after start_time",
                "phải sau start_time",
            )
        )
