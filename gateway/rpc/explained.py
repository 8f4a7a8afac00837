"""What a caller, and the operator, are told of a call that was refused or not verified.

Every refusal gets a trace. The caller finds it in ``ErrorInfo.metadata``; with it the operator
finds the whole decision (``dancu explain``). Nothing here is on the way of a verified answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from gateway.core.caller import Caller
from gateway.core.errors import CallError, MalformedRequest
from gateway.core.trail import CHECKS, Check, Explained, Result, code, mask, refused_at
from gateway.rpc.reasons import ABOUT

NOT_VERIFIED = "NOT_VERIFIED"
TRACE_KEY = "dancu-trace"  # trailing metadata of an answer that is explained
_TRACE_BYTES = 16
_VIOLATIONS = 10  # kept of one call

Keep = Callable[[Explained], None]
"""Takes a decision to be kept; never waits, never fails."""


class Asked(NamedTuple):
    """What is known of a call when it ends."""

    rpc: str
    caller: Caller | None  # None: nobody proved to be one
    context: Any  # its RequestContext, unchecked; None where it has none, or was not read
    trail: list[Check]


class Explainer:
    """Gives traces, and hands decisions over to be kept.

    With ``strict`` callers do not learn which rule decided; the operator does.
    """

    def __init__(self, keep: Keep, now: Callable[[], datetime], *, strict: bool) -> None:
        self._keep = keep
        self._now = now
        self._strict = strict

    def refused(self, asked: Asked, error: CallError) -> dict[str, str]:
        """What ``ErrorInfo.metadata`` says of a refusal."""
        about = ABOUT[error.reason]
        name = about.check if asked.caller else "authenticated"
        rule = error.rule or _first_rule(error)
        failed = Check(name, Result.FAILED, _detail(error), rule)
        checks = refused_at(failed, asked.trail)
        trace = self._explained(asked, error.reason, str(about.side), rule, checks)
        told = {"side": str(about.side), "officer_vi": about.officer_vi, "trace": trace}
        if rule and not self._strict:
            told["rule"] = rule.rpartition("/")[2]  # the file's name, not where it lies
        return told

    def not_verified(self, asked: Asked) -> str:
        """The trace of an answer whose checks were noted."""
        known = {check.name: check for check in asked.trail}
        checks = tuple(known.get(name) or Check(name, Result.PASSED) for name in CHECKS)
        return self._explained(asked, NOT_VERIFIED, "", "", checks)

    def _explained(
        self, asked: Asked, reason: str, side: str, rule: str, checks: tuple[Check, ...]
    ) -> str:
        trace = os.urandom(_TRACE_BYTES).hex()
        at = self._now().isoformat(timespec="milliseconds")
        caller = asked.caller.id if asked.caller else ""
        context = _context(asked.context)
        self._keep(Explained(trace, at, asked.rpc, caller, reason, side, rule, context, checks))
        return trace


def _first_rule(error: CallError) -> str:
    """Of a malformed request: the rule of its first mistake."""
    violations = error.violations if isinstance(error, MalformedRequest) else ()
    return violations[0].rule if violations else ""


def _detail(error: CallError) -> str:
    """The message, which never repeats what was sent; of violations, which and where."""
    violations = error.violations if isinstance(error, MalformedRequest) else ()
    shown = "; ".join(f"{one.field}: {one.rule}" for one in violations[:_VIOLATIONS])
    more = len(violations) - _VIOLATIONS
    return (f"{shown}; and {more} more" if more > 0 else shown) or error.message_en


def _context(sent: Any) -> dict[str, str]:
    if sent is None:
        return {}
    return {
        "procedure_code": code(sent.procedure_code),
        "unit_code": code(sent.unit_code),
        "officer_id": mask(sent.officer_id),
        "request_id": code(sent.request_id),
    }
