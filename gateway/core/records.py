"""A caller's own records: mended where only one reading fits, and checked."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from gateway.core.comparison import Others, check_others, mend_others
from gateway.core.errors import MalformedRequest, Violation, violations_found
from gateway.core.model import Claim, Context
from gateway.core.names import is_plain
from gateway.core.repair import mend_name, mend_numbers, read_date
from gateway.core.validation import check_claim, check_context, is_usual_but_for_letters
from mock_population_db.partial_date import PartialDate

MAX_ROW_KEY = 64  # characters
MAX_CHUNK = 1000  # records

_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NO_DATE = PartialDate(0)
_new = tuple.__new__  # a named tuple in half the time


class Record(NamedTuple):
    """One record as it came (``CitizenRecord``), decoded and not yet checked."""

    row_key: str
    claim: Claim
    birth_text: str = ""
    others: Others | None = None  # None when only the claim is given
    sent: bytes = b""  # the claim's message


class Asked(NamedTuple):
    """One record as it is asked: mended, and checked."""

    row_key: str
    claim: Claim
    sent: bytes = b""  # the claim's message, where nothing was mended
    repaired: bool = False
    others: Others | None = None
    violations: tuple[Violation, ...] = ()


def check_opening(context: Context, session_id: str) -> None:
    """Check how a session is opened.

    Raises:
        MalformedRequest: naming every field of the wrong shape.
    """
    found: list[Violation] = []
    check_context(context, found)
    if not _SESSION_ID.fullmatch(session_id):
        found.append(
            Violation(
                "session_id",
                "SESSION_ID",
                "must have 1 to 40 characters of A-Z a-z 0-9 - _",
                "phải gồm 1 đến 40 ký tự trong A-Z a-z 0-9 - _",
            )
        )
    if found:
        raise violations_found([_under("open", one) for one in found])


def check_chunk(number: int, records: int) -> None:
    """Check a chunk as a whole; what is wrong with a record is its own verdict.

    Raises:
        MalformedRequest: naming every field of the wrong shape.
    """
    found: list[Violation] = []
    if number < 0:
        found.append(
            Violation(
                "chunk.chunk_number",
                "CHUNK_NUMBER",
                "must not be negative; the first chunk is 0",
                "không được là số âm; khối đầu tiên là 0",
            )
        )
    if not 1 <= records <= MAX_CHUNK:
        found.append(
            Violation(
                "chunk.records",
                "CHUNK_SIZE",
                f"{records} records; send 1 to {MAX_CHUNK} in a chunk",
                f"{records} bản ghi; mỗi khối gửi từ 1 đến {MAX_CHUNK}",
            )
        )
    if found:
        raise violations_found(found)


def step_out_of_order() -> MalformedRequest:
    """The error for a message that may not come here."""
    return violations_found(
        [
            Violation(
                "step",
                "STEP_ORDER",
                "send open once and first, then chunks, then close",
                "gửi open một lần đầu tiên, sau đó là các chunk, cuối cùng là close",
            )
        ]
    )


def prepare(record: Record) -> Asked:
    """A record mended where only one reading fits, with what keeps it from being asked."""
    row_key, claim, birth_text, others, sent = record
    plain = (
        not birth_text
        and 0 < len(row_key) <= MAX_ROW_KEY
        and is_usual_but_for_letters(claim)
        and is_plain(claim.full_name)
    )
    if not plain:
        return _prepare_any(record)
    if others is None:
        return _new(Asked, (row_key, claim, sent, False, None, ()))
    said = mend_others(others)
    found: list[Violation] = []
    check_others(said, found)
    return Asked(row_key, claim, sent, said != others, said, tuple(found))


def _prepare_any(record: Record) -> Asked:
    row_key, claim, birth_text, others, _ = record
    birth = claim.birth_date
    if birth_text and birth == _NO_DATE:
        birth = read_date(birth_text) or _NO_DATE
    number, old = mend_numbers(claim.personal_id, claim.old_id_number)
    mended = Claim(number, old, mend_name(claim.full_name), birth)
    said = mend_others(others) if others is not None else None
    violations = _violations(row_key, mended, record, said)
    repaired = mended != claim or said != others
    return Asked(row_key, mended, b"", repaired, said, tuple(violations))


def _violations(
    row_key: str, mended: Claim, record: Record, others: Others | None
) -> list[Violation]:
    found: list[Violation] = []
    if not 0 < len(row_key) <= MAX_ROW_KEY:
        found.append(
            Violation(
                "row_key",
                "ROW_KEY",
                f"must have 1 to {MAX_ROW_KEY} characters",
                f"phải có từ 1 đến {MAX_ROW_KEY} ký tự",
            )
        )
    if record.birth_text and mended.birth_date in (_NO_DATE, record.claim.birth_date):
        found.append(_birth_text_violation(given=record.claim.birth_date != _NO_DATE))
        checked = mended._replace(birth_date=PartialDate(1))  # said already
    else:
        checked = mended
    check_claim(checked, "claim", found)
    if others is not None:
        check_others(others, found)
    return found


def _birth_text_violation(*, given: bool) -> Violation:
    if given:
        return Violation(
            "birth_date_text",
            "BIRTH_DATE_TWICE",
            "give claim.birth_date or birth_date_text, not both",
            "chỉ gửi claim.birth_date hoặc birth_date_text, không gửi cả hai",
        )
    return Violation(
        "birth_date_text",
        "BIRTH_DATE_TEXT",
        "is no date that reads in one way only; write YYYY, YYYY-MM-DD or DD/MM/YYYY",
        "không phải ngày chỉ có một cách hiểu; hãy viết YYYY, YYYY-MM-DD hoặc DD/MM/YYYY",
    )


def _under(path: str, violation: Violation) -> Violation:
    """A violation of a field that lies deeper."""
    return replace(violation, field=f"{path}.{violation.field}")
