"""What can go wrong with a call, as values that the edge turns into gRPC statuses.

    CallError                     reason, message (English and Vietnamese)
    ├── MalformedRequest          the caller's mistake of shape; names every violation
    ├── Unauthenticated           who calls is not proved; counted, never recorded
    ├── Refused                   a known caller may not ask this; recorded
    ├── QuotaExceeded             a known caller has used up what it may ask; counted
    ├── Overloaded                too much at once; try again later
    ├── Simulated                 a profile of the simulator would have it so
    ├── TooSlow                   took longer than the gateway allows
    ├── OutOfRange                there is no such position
    ├── NotFound                  there is no such thing of the caller's
    ├── Conflict                  the same request id came before with another payload
    ├── Obstructed                the register's state, or the session's, stands in the way
    ├── Outdated                  what the caller decided by has changed since
    ├── Unavailable               register or records out of reach; nothing was answered
    └── Internal                  our mistake

"Not verified" is none of these: it is an answer. Reasons are stable names, each listed in
``rpc/status.py`` with its gRPC code and in ``docs/errors.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that has the wrong shape: which, by what rule, and how to mend it."""

    field: str  # path in the request, e.g. claim.personal_id
    rule: str  # stable name, e.g. PERSONAL_ID_FORMAT
    message_en: str
    message_vi: str


class CallError(Exception):
    """Ends a call without an answer. ``rule`` is what decided it: a grant's or a quota's place."""

    def __init__(self, reason: str, message_en: str, message_vi: str) -> None:
        super().__init__(message_en)
        self.rule = ""
        self.reason = reason
        self.message_en = message_en
        self.message_vi = message_vi

    def by(self, rule: str) -> Self:
        """This error, with the rule that decided it."""
        self.rule = rule
        return self


class MalformedRequest(CallError):
    """The request cannot be read, or fields of it have the wrong shape."""

    def __init__(
        self,
        reason: str,
        message_en: str,
        message_vi: str,
        violations: tuple[Violation, ...] = (),
    ) -> None:
        super().__init__(reason, message_en, message_vi)
        self.violations = violations


class Unauthenticated(CallError):
    """It is not proved who calls: certificate or session token does not hold."""


class Refused(CallError):
    """The caller is known and may not ask this. ``surplus`` names what it may not see."""

    def __init__(
        self, reason: str, message_en: str, message_vi: str, surplus: tuple[str, ...] = ()
    ) -> None:
        super().__init__(reason, message_en, message_vi)
        self.surplus = surplus


class QuotaExceeded(CallError):
    """The call does not fit into the caller's quota; nothing was counted.

    ``retry_after`` is in seconds, None where waiting does not help.
    """

    def __init__(
        self,
        reason: str,
        message_en: str,
        message_vi: str,
        caller: str,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason, message_en, message_vi)
        self.caller = caller
        self.retry_after = retry_after


class Overloaded(CallError):
    """Too many calls at once. ``retry_after`` is in seconds."""

    def __init__(
        self, reason: str, message_en: str, message_vi: str, retry_after: float = 1.0
    ) -> None:
        super().__init__(reason, message_en, message_vi)
        self.retry_after = retry_after


class Simulated(CallError):
    """A profile of the simulator lets the call fail. ``retry_after`` is in seconds, or None."""

    def __init__(
        self, reason: str, message_en: str, message_vi: str, retry_after: float | None = None
    ) -> None:
        super().__init__(reason, message_en, message_vi)
        self.retry_after = retry_after


class TooSlow(CallError):
    """The call ran into the gateway's own time limit; it may have been recorded."""


class OutOfRange(CallError):
    """A position that does not exist. ``told`` goes into ``ErrorInfo.metadata``."""

    def __init__(
        self,
        reason: str,
        message_en: str,
        message_vi: str,
        told: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(reason, message_en, message_vi)
        self.told = told


class NotFound(CallError):
    """There is no such thing of the caller's. Never said of people: they are NOT_VERIFIED."""


class Conflict(CallError):
    """The same request id came before with another payload; that one stands."""


class Obstructed(CallError):
    """The state of the register, or of a session, stands in the way; nothing was changed.

    ``subject`` is the field of the request that it is about; empty for the request as a whole.
    """

    def __init__(self, reason: str, message_en: str, message_vi: str, subject: str = "") -> None:
        super().__init__(reason, message_en, message_vi)
        self.subject = subject


class Outdated(CallError):
    """What the caller read and decided by has changed since; read again."""


class Unavailable(CallError):
    """Register or record store cannot be reached. No record, no answer."""

    retry_after = 1.0  # seconds


class Internal(CallError):
    """A defect of the gateway; the details are in its log, not in the answer."""


def violations_found(violations: list[Violation]) -> MalformedRequest:
    """The error for fields of the wrong shape; ``violations`` is not empty."""
    first = violations[0]
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    more_vi = f" (và {len(violations) - 1} lỗi khác)" if len(violations) > 1 else ""
    return MalformedRequest(
        "INVALID_FIELD",
        f"{first.field}: {first.message_en}{more}",
        f"{first.field}: {first.message_vi}{more_vi}",
        tuple(violations),
    )
