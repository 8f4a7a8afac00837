"""How a call was decided, check by check: what ``dancu explain`` shows.

Nobody keeps a list while a call goes well. When it is refused, the failed check follows from
the reason, and those before it passed; whoever knows more of one (which grant, what is left of
a quota) adds that. Details hold levels and masked values only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

CHECKS = (
    "authenticated",  # who calls
    "message",  # it is one of this contract
    "capacity",  # not too many calls at once
    "shape",  # every field has its shape
    "unit",  # the caller's own unit, and an officer of it
    "grant",  # caller, procedure, RPC, dates
    "quota",  # records a second and a day
    "fields",  # nothing beyond the grant
    "guesses",  # wrong claims about one number
    "register",  # it can be read
    "match",  # number, name and birth date
    "state",  # the number counts
    "record",  # signed, and durably recorded
    "answer",  # in time, and without a defect
)
_ALWAYS = 3  # the first ones precede every call; the others only calls about people
_SECRET = frozenset({"match", "state"})  # without a record, nothing of these leaves the house

_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")
_DIGITS = re.compile(r"\d{6,}")
_SHOWN = 3  # last characters of what is masked


class Result(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"
    NOT_KEPT = "not kept"  # it was made, and what came out may not be told


class Check(NamedTuple):
    """One check of one call."""

    name: str  # of CHECKS
    result: Result
    detail: str = ""
    rule: str = ""  # what decided, as file:line where it stands in a file


class Explained(NamedTuple):
    """A call that was refused, or not verified, with all that may be kept of it."""

    trace: str  # 128 bits, hexadecimal
    at: str  # RFC 3339
    rpc: str
    caller: str  # empty: nobody proved to be one
    reason: str  # or NOT_VERIFIED
    side: str  # caller, gateway or register; empty: it was answered
    rule: str
    context: dict[str, str]  # codes as sent, ids masked
    checks: tuple[Check, ...]


def mask(text: str) -> str:
    """An id with all but its last three characters hidden; all of it where that tells most."""
    shown = text[-_SHOWN:]
    return f"***{shown}" if len(text) > _SHOWN + 1 and _CODE.fullmatch(shown) else "***"


def code(text: str) -> str:
    """A code as it was sent, if it is one; else only how long it was. Digit runs are masked."""
    if not _CODE.fullmatch(text):
        return f"({len(text)} characters that are no code)" if text else ""
    return _DIGITS.sub(lambda found: mask(found.group()), text)


def refused_at(failed: Check, known: Sequence[Check]) -> tuple[Check, ...]:
    """All checks of a call that ended at one of them; ``known`` are those with more to tell."""
    by_name = {check.name: check for check in known} | {failed.name: failed}
    at = CHECKS.index(failed.name)
    # whoever is told that one of them failed was recorded as told
    shown = {*CHECKS} - _SECRET | {failed.name}
    sure = at if known and failed.name != "answer" else min(at, _ALWAYS)
    return tuple(
        (name in shown and by_name.get(name)) or _inferred(name, passed=index < sure)
        for index, name in enumerate(CHECKS)
    )


def _inferred(name: str, *, passed: bool) -> Check:
    if not passed:
        return Check(name, Result.NOT_REACHED)
    return Check(name, Result.NOT_KEPT if name in _SECRET else Result.PASSED)
